package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/engine/notebook"
	"nbterm/storage"
)

// Numbers 12 and 13 of the reliability matrix, through every store: opening and saving a
// notebook leaves each byte, and an edit of one cell leaves those of the others.
func TestNotebooksPassEveryStoreUnchanged(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../engine/notebook/testdata/corpus/*.ipynb")
	if err != nil || len(files) < 40 {
		t.Fatalf("only %d files: %v", len(files), err)
	}
	for name, address := range map[string]func(*testing.T) (*app, string){
		"local": func(t *testing.T) (*app, string) { dir := t.TempDir(); return testApp(t, dir), dir + "/" },
		"mount": mounted, "s3": inMemory,
		"jupyter": func(t *testing.T) (*app, string) {
			s := gatewaytest.Serve(t)
			return testApp(t, t.TempDir(), "JUPYTER_TOKEN="+gatewaytest.Token), "jupyter+" + strings.TrimSuffix(s.URL, "/") + "/tree/"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, root := address(t)
			for i, file := range files {
				through(t, a, fmt.Sprintf("%s%d.ipynb", root, i), file)
			}
			t.Logf("%d notebooks are byte-identical", len(files))
		})
	}
}

func mounted(t *testing.T) (*app, string) {
	dir := t.TempDir()
	writeConfig(t, dir, "[mounts]\nwork = \""+dir+"\"\n")
	return testApp(t, dir), "efs://work/"
}

// inMemory is a bucket, behind the cache as everywhere.
func inMemory(t *testing.T) (*app, string) {
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	dir := t.TempDir()
	writeConfig(t, dir, "[s3.bucket]\nendpoint = \""+server.URL+"\"\nanonymous = true\n")
	return testApp(t, dir), "s3://bucket/deep in/"
}

func writeConfig(t *testing.T, home, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(home, ".config/nbterm"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".config/nbterm/config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func through(t *testing.T, a *app, address, file string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.place(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	info, err := p.store.Write(t.Context(), p.name, want, storage.None)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(want)
	if err != nil {
		return // a file that is none is never written
	}
	o, err := a.openNotebook(t.Context(), address, false)
	if err != nil || o.was != info.Revision {
		t.Fatalf("%s: opened with revision %s of %s: %v", file, o.was, info.Revision, err)
	}
	if info, err = a.kept(p).Write(t.Context(), p.name, o.doc.Bytes(), o.was); err != nil {
		t.Fatal(err)
	}
	got, _, err := p.store.Read(t.Context(), p.name)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s: %d bytes came back of %d: %v", file, len(got), len(want), err)
	}
	if doc.Len() == 0 {
		return
	}
	at := doc.Len() / 2
	before := doc.Cell(at).Source()
	doc.Replace(at, doc.Cell(at).WithSource(before+"# one more line"))
	if _, err := a.kept(p).Write(t.Context(), p.name, doc.Bytes(), info.Revision); err != nil {
		t.Fatal(err)
	}
	got, _, err = p.store.Read(t.Context(), p.name)
	if err != nil {
		t.Fatal(err)
	}
	again, err := notebook.Parse(got)
	if err != nil || again.Len() != doc.Len() || again.Cell(at).Source() != before+"# one more line" {
		t.Fatalf("%s: the edit is not there: %v", file, err)
	}
	for i := range doc.Len() {
		if i != at && again.Cell(i).Source() != doc.Cell(i).Source() {
			t.Errorf("%s: an edit of cell %d changed cell %d", file, at, i)
		}
	}
}
