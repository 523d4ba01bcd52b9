package notebook_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/notebook"
	screen "nbterm/tui/notebook"
)

// watchful is a desk that looks at its file all the time.
func watchful(t *testing.T, cells ...string) *desk {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "nb.ipynb")}
	d.write(book(cells...))
	return openFile(t, 80, 24, d.path, screen.Safety{LookEvery: 5 * time.Millisecond})
}

// elsewhere changes the file as another program does that replaces files.
func (d *desk) elsewhere(change func(doc *notebook.Notebook)) []byte {
	d.t.Helper()
	doc, err := notebook.Parse(d.read(d.path))
	if err != nil {
		d.t.Fatal(err)
	}
	change(doc)
	temp := d.path + ".theirs"
	if err := os.WriteFile(temp, doc.Bytes(), 0o600); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(temp, d.path); err != nil {
		d.t.Fatal(err)
	}
	return doc.Bytes()
}

func source(i int, text string) func(*notebook.Notebook) {
	return func(doc *notebook.Notebook) { doc.Replace(i, doc.Cell(i).WithSource(text)) }
}

func TestAFileChangedElsewhereIsReloadedWhereNothingWasEdited(t *testing.T) {
	t.Parallel()
	var cells []string
	for i := range 40 {
		cells = append(cells, fmt.Sprintf("cell%d = 1", i))
	}
	d := watchful(t, cells...)
	d.press("G", "up", "up")
	d.wantSelected(38, 40)
	theirs := d.elsewhere(func(doc *notebook.Notebook) {
		source(36, "theirs = 1")(doc)
		doc.Insert(0, notebook.NewCell(notebook.Code, "first"))
	})
	d.see("reloaded: changed on disk", "theirs = 1", "cell37 = 1")
	d.wantSelected(39, 41)
	if s := d.Screen(); strings.Contains(s, "unsaved") || strings.Contains(s, "•") {
		t.Errorf("unsaved after a reload:\n%s", s)
	}
	d.save()
	if got := d.read(d.path); !bytes.Equal(got, theirs) {
		t.Errorf("saving changed the file to\n%s", got)
	}
}

func TestOutputsDoNotStandInTheWayOfAReload(t *testing.T) {
	t.Parallel()
	d := watchful(t, "print('out' + 'put')", "two")
	d.press("ctrl+e")
	d.see("output", "○ idle", "unsaved")
	d.elsewhere(source(1, "theirs"))
	d.see("reloaded: changed on disk", "theirs", "output")
	d.wantCells("print('out' + 'put')", "theirs")
	if got := d.saved().Cell(0).Outputs(); len(got) != 1 || got[0].Text() != "output\n" {
		t.Errorf("the outputs are %v", got)
	}
}

func TestARunningCellGoesOnThroughAReload(t *testing.T) {
	t.Parallel()
	d := watchful(t, "print('begin'); open('gate').readline(); print('end')", "two")
	release := d.gate()
	d.press("ctrl+e")
	d.see("begin")
	d.elsewhere(func(doc *notebook.Notebook) { doc.Insert(0, notebook.NewCell(notebook.Code, "above")) })
	d.see("reloaded: changed on disk", "2/3")
	release()
	d.see("end", "○ idle")
	if out := d.saved().Cell(1).Outputs()[0].Text(); out != "begin\nend\n" {
		t.Errorf("the output is %q", out)
	}
}

func TestEditsOfOtherCellsMerge(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one", "two", "three")
	d.press("enter", "mine ")
	d.elsewhere(source(2, "theirs"))
	d.see("merged 1 cell changed on disk", "mine one", "theirs", "EDIT")
	d.press("more ", "esc")
	d.wantCells("mine more one", "two", "theirs")
	d.press("z", "z")
	d.wantCells("one", "two", "theirs")
}

func TestUndoBeginsAnewWhereTheListChanged(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one", "two")
	d.press("b", "G")
	d.elsewhere(func(doc *notebook.Notebook) { doc.Delete(0, 1) })
	d.see("merged 1 cell changed on disk", "undo begins anew")
	d.press("z")
	d.see("nothing to undo")
	d.wantCells("", "two")
}

func TestACellDeletedElsewhereClosesItsEditor(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one", "two", "three")
	d.press("j", "enter")
	d.see("EDIT")
	d.elsewhere(func(doc *notebook.Notebook) { doc.Delete(1, 1) })
	d.see("COMMAND", "reloaded")
	d.wantCells("one", "three")
}

func TestTheTextBeingLookedAtInTheEditorFollows(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one")
	d.press("enter")
	d.elsewhere(source(0, "theirs"))
	d.see("theirs", "EDIT", "reloaded")
	d.press("end", "!", "esc")
	d.wantCells("theirs!")
}

func TestTheSameCellChangedOnBothSidesIsAsked(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) *desk {
		d := watchful(t, "a", "same 1\nold\nsame 2", "b", "c")
		d.press("j", "enter", "ctrl+home", "down", "home", "mine ")
		d.elsewhere(func(doc *notebook.Notebook) {
			source(1, "same 1\ntheirs\nsame 2")(doc)
			source(3, "c theirs")(doc)
		})
		d.see("Cell 2 was changed in both: here, and on disk.", "mine old", "theirs", "same 2", "m mine", "t theirs", "b both")
		return d
	}
	for key, want := range map[string][]string{
		"m": {"a", "same 1\nmine old\nsame 2", "b", "c theirs"},
		"t": {"a", "same 1\ntheirs\nsame 2", "b", "c theirs"},
		"b": {"a", "same 1\nmine old\nsame 2", "same 1\ntheirs\nsame 2", "b", "c theirs"},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			d := begin(t)
			if key == "m" {
				d.Golden("conflict-80x24")
				d.Resize(40, 16)
				d.Golden("conflict-40x16")
				d.Resize(80, 24)
			}
			d.press(key)
			d.see("merged 2 cells changed on disk")
			d.press("esc")
			d.wantCells(want...)
		})
	}
	t.Run("later", func(t *testing.T) {
		t.Parallel()
		d := begin(t)
		d.press("esc")
		d.see("saving asks again", "mine old")
		theirs := d.read(d.path)
		d.press("esc", "ctrl+s")
		d.see("m    merge theirs into mine")
		if !bytes.Equal(theirs, d.read(d.path)) {
			t.Error("the file was written")
		}
		d.press("m")
		d.see("Cell 2 was changed in both")
		d.press("b")
		d.see("saved 12:00:00")
		d.wantCells("a", "same 1\nmine old\nsame 2", "same 1\ntheirs\nsame 2", "b", "c theirs")
	})
}

func TestACellDeletedHereAndChangedThereIsAsked(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one", "two")
	d.press("d", "d")
	d.elsewhere(source(0, "one theirs"))
	d.see("here (deleted)", "one theirs", "m delete it")
	d.press("t")
	d.wantCells("one theirs", "two")
}

func TestASaveThatMeetsAChangeMerges(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two")
	d.theirs()
	d.press("j", "enter", "mine ", "esc", "ctrl+s")
	d.see("m    merge theirs into mine and save both")
	d.Golden("save-conflict-80x24")
	d.press("m")
	d.see("saved 12:00:00")
	d.wantCells("theirs", "mine two")
}

func TestTouchingAFileSaysNothing(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one")
	touches(d, 30)
}

// touches touches the file and checks that nothing is said; in the end a real change
// shows that it was looked at.
func touches(d *desk, n int) {
	d.t.Helper()
	d.press("enter", "mine ", "esc")
	for i := range n {
		at := time.Now().Add(time.Duration(i-n) * time.Second)
		if err := os.Chtimes(d.path, at, at); err != nil {
			d.t.Fatal(err)
		}
		d.press("down")
		if s := d.Screen(); strings.Contains(s, "disk") {
			d.t.Fatalf("touch %d shows:\n%s", i, s)
		}
	}
	d.elsewhere(func(doc *notebook.Notebook) { doc.Insert(1, notebook.NewCell(notebook.Code, "theirs")) })
	d.see("merged 1 cell changed on disk")
}

func TestAFileThatIsGoneOrNoNotebookIsToldOnce(t *testing.T) {
	t.Parallel()
	d := watchful(t, "one")
	whole := d.read(d.path)
	d.write([]byte(`{"cells": [`))
	d.see("on disk is no longer a notebook")
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	d.see("was removed from disk")
	d.write(bytes.Replace(whole, []byte("one"), []byte("back"), 1))
	d.see("reloaded", "back")
}

func TestTwoWorkbenchesMeetAtTheFile(t *testing.T) {
	t.Parallel()
	a := watchful(t, "one", "two", "three")
	b := openFile(t, 80, 24, a.path, screen.Safety{LookEvery: 5 * time.Millisecond})
	a.press("enter", "a ", "esc")
	b.press("G", "enter", "b ", "esc")
	a.save()
	b.see("merged 1 cell changed on disk", "a one", "unsaved")
	b.save()
	a.see("reloaded", "b three")
	a.press("b", "enter", "between", "esc")
	a.save()
	b.see("between", "reloaded")
	b.wantCells("a one", "between", "two", "b three")
}
