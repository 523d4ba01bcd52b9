package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

func TestE2EALargeNotebookIsLookedAtBeforeItIsWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	doc := notebook.New("python3", "Python 3", "python")
	for i := range 24 {
		c := notebook.NewCell(notebook.Code, fmt.Sprintf("cell = %d", i))
		doc.Insert(i, c.WithOutputs([]*notebook.Output{notebook.NewStream("stdout", strings.Repeat("a line of output\n", 30_000))}))
	}
	if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, sandbox(t, dir), "nbterm", "view", "nb.ipynb")
	p.see("cell = 0", "VIEW", "loading…")
	p.see("1/24", "all 24 cells are here")
	p.keys("G")
	p.see("cell = 23", "24/24")
}
