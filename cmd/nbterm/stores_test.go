package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/storage"
)

// testApp is an app with nothing of this machine but dir, which is its home.
func testApp(t *testing.T, dir string, environ ...string) *app {
	t.Helper()
	return &app{
		in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now,
		environ: append([]string{"HOME=" + dir}, environ...),
	}
}

func TestAPathIsAPlaceOfTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := testApp(t, dir)
	for address, want := range map[string]string{
		filepath.Join(dir, "a.ipynb"):      filepath.Join(dir, "a.ipynb"),
		"~/a.ipynb":                        filepath.Join(dir, "a.ipynb"),
		"file://" + dir + "/a%20b.ipynb":   filepath.Join(dir, "a b.ipynb"),
		filepath.Join(dir, "s3:", "a", ""): "", // its folder is not there
	} {
		p, err := a.place(t.Context(), address)
		if want == "" {
			if !errors.Is(err, storage.ErrNotExist) || exitCode(t.Context(), err) != exitStorage {
				t.Errorf("place(%q): %v", address, err)
			}
			continue
		}
		if err != nil || p.url != want || p.kind != kindLocal || p.name != filepath.Base(want) || p.folder() != dir {
			t.Errorf("place(%q) = %+v, %v", address, p, err)
		}
		if got := p.beside("b.ipynb"); got != filepath.Join(dir, "b.ipynb") {
			t.Errorf("beside it is %s", got)
		}
	}
}

func TestAnAddressOfNoStoreIsAMistakeOfItsUser(t *testing.T) {
	t.Parallel()
	_, err := testApp(t, t.TempDir()).place(t.Context(), "gopher://host/a.ipynb")
	if !errors.Is(err, errNoPlace) || exitCode(t.Context(), err) != exitUsage {
		t.Errorf("place = %v", err)
	}
}

func TestEveryAddressHasItsPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".config/nbterm"), 0o755); err != nil {
		t.Fatal(err)
	}
	config := "[mounts]\nhome = \"" + dir + "\"\n[servers.lab]\nurl = \"https://hub.example/user/zoe/\"\n"
	if err := os.WriteFile(filepath.Join(dir, ".config/nbterm/config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	a := testApp(t, dir, "USER=zoe")
	for _, test := range []struct{ address, kind, name, url string }{
		{"efs://home/zoe/a.ipynb", kindMount, "zoe/a.ipynb", "efs://home/zoe/a.ipynb"},
		{"efs://home/~/a.ipynb", kindMount, "zoe/a.ipynb", "efs://home/zoe/a.ipynb"},
		{"efs://home", kindMount, "", "efs://home/"},
		{"efs://home/../../etc/passwd", kindMount, "../../etc/passwd", "efs://home/../../etc/passwd"},
		{"s3://team/runs/a b?.ipynb", kindS3, "runs/a b?.ipynb", "s3://team/runs/a b?.ipynb"},
		{"s3://team/runs/", kindS3, "runs", "s3://team/runs"},
		{"s3://team", kindS3, "", "s3://team/"},
		{"S3://team/a.ipynb?versionId=v1", kindS3, "a.ipynb", "s3://team/a.ipynb?versionId=v1"},
		{"http://localhost:8888/lab/tree/w/a%20b.ipynb?token=secret", kindJupyter, "w/a b.ipynb", "jupyter+http://localhost:8888/tree/w/a b.ipynb"},
		{"http://localhost:8888/", kindJupyter, "", "jupyter+http://localhost:8888/tree/"},
		{"http://127.0.0.1:8888/notebooks/a.ipynb", kindJupyter, "a.ipynb", "jupyter+http://127.0.0.1:8888/tree/a.ipynb"},
		{"jupyter+http://host:8888/w/a.ipynb", kindJupyter, "w/a.ipynb", "jupyter+http://host:8888/tree/w/a.ipynb"},
		{"jupyter+http://host:8888/tree/w/a.ipynb", kindJupyter, "w/a.ipynb", "jupyter+http://host:8888/tree/w/a.ipynb"},
		{"https://hub.example/user/zoe/lab/tree/a.ipynb", kindJupyter, "a.ipynb", "jupyter+https://hub.example/user/zoe/tree/a.ipynb"},
		{"https://other.example/user/ann/notebooks/a.ipynb", kindJupyter, "a.ipynb", "jupyter+https://other.example/user/ann/tree/a.ipynb"},
		{"http://localhost:8888/lab/tree/100%25%3F.ipynb", kindJupyter, "100%?.ipynb", "jupyter+http://localhost:8888/tree/100%25%3F.ipynb"},
		{"jupyter://lab/w/a.ipynb", kindJupyter, "w/a.ipynb", "jupyter+https://hub.example/user/zoe/tree/w/a.ipynb"},
		{"https://example.org/notebooks/a.ipynb?x=1", kindWeb, "notebooks/a.ipynb?x=1", "https://example.org/notebooks/a.ipynb?x=1"},
	} {
		p, err := a.place(t.Context(), test.address)
		if err != nil || p.kind != test.kind || p.name != test.name || p.url != test.url {
			t.Errorf("place(%q) = %s %q %q, %v; want %s %q %q", test.address, p.kind, p.name, p.url, err, test.kind, test.name, test.url)
			continue
		}
		again, err := a.place(t.Context(), p.url)
		if err != nil || again.url != p.url || again.name != p.name || again.kind != p.kind {
			t.Errorf("the address %q leads to %q, %v", p.url, again.url, err)
		}
	}
	if _, err := a.place(t.Context(), "efs://none/x"); exitCode(t.Context(), err) != exitUsage {
		t.Errorf("a mount that is not: %v", err)
	}
	p, err := a.place(t.Context(), "efs://home/../../etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.store.Read(t.Context(), p.name); !errors.Is(err, storage.ErrPermission) {
		t.Errorf("a path out of a mount: %v", err)
	}
	handed := 0
	for _, v := range a.childEnviron() {
		if !strings.Contains(v, "secret") {
			continue
		}
		if handed++; !strings.HasPrefix(v, "NBTERM_TOKEN_") {
			t.Errorf("the token is in %s", v)
		}
	}
	if handed != 1 {
		t.Errorf("the token is handed on %d times", handed)
	}
}
