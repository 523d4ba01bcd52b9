package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"nbterm/engine/notebook"
)

func TestWhoBrowsesLooksAtRecordsAndEditsNotebooks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := &workbench{app: &app{environ: []string{"HOME=" + dir}, now: time.Now}}
	plain, record, begun := notebook.New("python3", "Python 3", "python"), notebook.New("python3", "Python 3", "python"), notebook.New("python3", "Python 3", "python")
	record.SetMeta([]byte(`{"start_time":"2026-11-21T06:00:00","end_time":"2026-11-21T06:04:12","parameters":{}}`), "papermill")
	begun.SetMeta([]byte(`{"start_time":"2026-11-21T06:00:00","end_time":null,"parameters":{}}`), "papermill")
	for name, c := range map[string]struct {
		doc  *notebook.Notebook
		want bool
	}{"plain.ipynb": {plain, false}, "record.ipynb": {record, true}, "begun.ipynb": {begun, false}} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.doc.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.isRecord(t.Context(), path); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if w.isRecord(t.Context(), filepath.Join(dir, "none.ipynb")) {
		t.Error("what is not there is a record")
	}
}
