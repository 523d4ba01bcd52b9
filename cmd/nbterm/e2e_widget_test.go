package main

import (
	"os"
	"path/filepath"
	"testing"

	"nbterm/engine/notebook"
)

func TestE2EWidgetsOnIpykernel(t *testing.T) {
	t.Parallel()
	needKernel(t, "python3")
	operatesWidgets(t, "python3")
}

func TestE2EWidgetsOnTheEmbedded(t *testing.T) {
	t.Parallel()
	operatesWidgets(t, "nbterm-python")
}

// operatesWidgets runs cells with widgets that speak as ipywidgets 8 does, moves their
// sliders by keys and reads what their callbacks print.
func operatesWidgets(t *testing.T, kernel string) {
	t.Helper()
	needProgram(t, "tmux")
	dir := t.TempDir()
	env := sandbox(t, dir)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "engine", "widget", "testdata"))); err != nil {
		t.Fatal(err)
	}
	doc := notebook.New("python3", "Python 3", "python")
	for i, src := range []string{
		"from widgets8 import *\nspeed = IntSlider(description='speed', value=40)\nspeed.observe(lambda change: print('speed is', change['new']))\nspeed",
		"_ = interact(lambda n: print('square of', n, 'is', n * n), n=IntSlider(value=7, description='n'))",
	} {
		doc.Insert(i, notebook.NewCell(notebook.Code, src))
	}
	path := filepath.Join(dir, "widgets.ipynb")
	if err := os.WriteFile(path, doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "widgets.ipynb", "--kernel", kernel)
	p.see("○ idle")
	p.keys("C-e")
	p.see("speed ━━━", "●───", " 40")
	p.keys("Tab")
	p.see("WIDGETS")
	p.keys("Right")
	p.see("speed is 41")
	p.keys("End")
	p.see("speed is 100")
	p.keys("Escape")
	p.see("COMMAND")
	p.keys("j", "C-e")
	p.see("square of 7 is 49")
	p.keys("Tab")
	p.see("WIDGETS")
	p.keys("Right", "Right")
	p.see("square of 9 is 81")
	p.gone("square of 7")
	p.keys("Escape")
	p.see("COMMAND")
	p.keys("q")
	p.see("unsaved changes")
	p.keys("d")
	p.ended()
}
