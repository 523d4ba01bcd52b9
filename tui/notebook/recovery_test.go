package notebook_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/notebook"
	"nbterm/engine/recovery"
	"nbterm/storage/local"
	screen "nbterm/tui/notebook"
)

// safe opens a notebook whose edits are kept in place.
func safe(t *testing.T, path string, place recovery.Place) *desk {
	t.Helper()
	left, faults := place.Find()
	for _, err := range faults {
		t.Error(err)
	}
	return openFile(t, 80, 24, path, screen.Safety{
		Keeper: place.Keep("me", noon), Left: left, KeepAfter: time.Millisecond, LookEvery: 5 * time.Millisecond,
	})
}

// crashed is a notebook that a program died with, and where its edits are.
func crashed(t *testing.T, edit func(*notebook.Notebook), cells ...string) (string, recovery.Place) {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "nb.ipynb")}
	d.write(book(cells...))
	base, err := notebook.Parse(d.read(d.path))
	if err != nil {
		t.Fatal(err)
	}
	doc := base.Clone()
	edit(doc)
	place := recovery.Place{Dir: filepath.Join(t.TempDir(), "recovery"), Path: d.path}
	k := place.Keep("dead", noon)
	store, name, err := local.Open(d.path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := store.Stat(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Write(1, string(info.Revision), base, doc); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	return d.path, place
}

// kept waits until the edits on disk are as ok wants them. "" is none.
func kept(t *testing.T, place recovery.Place, what string, ok func(text string) bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	deadline := time.Now().Add(20 * time.Second)
	for {
		var text string
		paths, err := filepath.Glob(filepath.Join(place.Dir, "*.edits"))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			text += string((&desk{t: t}).read(p))
		}
		if ok(text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s; on disk:\n%s", what, text)
		}
		<-look.C
	}
}

func holds(words ...string) func(string) bool {
	return func(text string) bool {
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
}

func none(text string) bool { return text == "" }

func TestWhatIsTypedReachesTheDiskUnsaved(t *testing.T) {
	t.Parallel()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "nb.ipynb")}
	d.write(book("one", "two"))
	place := recovery.Place{Dir: filepath.Join(t.TempDir(), "recovery"), Path: d.path}
	d = safe(t, d.path, place)
	d.press("enter", "typed ")
	kept(t, place, "what is being typed", holds("typed one"))
	d.press("esc", "j", "b")
	kept(t, place, "a new cell", func(s string) bool { return strings.Count(s, "cell_type") == 3 })
	d.save()
	kept(t, place, "the end of it after a save", none)
	d.press("k", "enter", "x")
	kept(t, place, "the next edit", holds("xtwo"))
	d.press("backspace")
	kept(t, place, "the end of it when it is taken back", none)
	d.press("y", "esc", "q")
	kept(t, place, "another", holds("ytwo"))
	d.Type("d")
	d.WaitEnd()
	kept(t, place, "the end of it when it is discarded", none)
}

func TestOutputsAloneAreNotKept(t *testing.T) {
	t.Parallel()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "nb.ipynb")}
	d.write(book("print('out' + 'put')"))
	place := recovery.Place{Dir: filepath.Join(t.TempDir(), "recovery"), Path: d.path}
	d = safe(t, d.path, place)
	d.press("ctrl+e")
	d.see("output", "○ idle")
	kept(t, place, "nothing", none)
	d.press("b")
	kept(t, place, "an edit, with the outputs", holds("output\\n"))
}

func TestEditsThatWereLeftAreOffered(t *testing.T) {
	t.Parallel()
	edit := func(doc *notebook.Notebook) {
		doc.Replace(0, doc.Cell(0).WithSource("one\nedited"))
		doc.Insert(2, notebook.NewCell(notebook.Code, "new"))
	}
	t.Run("restore", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		d := safe(t, path, place)
		d.see("There are unsaved edits of nb.ipynb", "2 cells differ", "r    restore")
		d.Golden("recovery-80x24")
		d.press("r")
		d.see("Restored 2 cells", "edited", "new", "unsaved")
		kept(t, place, "our own copy in the place of theirs", func(s string) bool {
			return strings.Count(s, "nbterm_recovery") == 1 && strings.Contains(s, "edited")
		})
		d.wantCells("one\nedited", "two", "new")
		kept(t, place, "the end of it after a save", none)
	})
	t.Run("view", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		d := safe(t, path, place)
		d.see("There are unsaved edits")
		d.press("v")
		d.see("cell 1", "+ edited", "a new cell", "+ new")
		d.Golden("recovery-view-80x24")
		d.press("esc")
		d.see("There are unsaved edits")
		d.press("r")
		d.see("Restored")
	})
	t.Run("discard", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		d := safe(t, path, place)
		d.see("There are unsaved edits")
		d.press("d")
		kept(t, place, "their end", none)
		d.wantCells("one", "two")
	})
	t.Run("later", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		d := safe(t, path, place)
		d.see("There are unsaved edits")
		d.press("esc", "enter", "mine ", "esc")
		d.wantCells("mine one", "two")
		kept(t, place, "theirs alone", holds("edited"))
	})
	t.Run("changed since", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		(&desk{t: t, path: path}).elsewhere(source(1, "two theirs"))
		d := safe(t, path, place)
		d.see("There are unsaved edits", "file was changed since")
		d.press("r")
		d.wantCells("one\nedited", "two theirs", "new")
	})
	t.Run("changed in the same cell", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		(&desk{t: t, path: path}).elsewhere(source(0, "one theirs"))
		d := safe(t, path, place)
		d.see("There are unsaved edits")
		d.press("r")
		d.see("Cell 1 was changed in both: unsaved edits, and the file", "one theirs", "edited")
		d.press("b")
		d.wantCells("one\nedited", "one theirs", "two", "new")
	})
	t.Run("saved since", func(t *testing.T) {
		t.Parallel()
		path, place := crashed(t, edit, "one", "two")
		left, _ := place.Find()
		e, err := left[0].Read()
		if err != nil {
			t.Fatal(err)
		}
		(&desk{t: t, path: path}).write(e.Doc)
		if err := left[0].Close(); err != nil {
			t.Fatal(err)
		}
		safe(t, path, place)
		kept(t, place, "their end without a word", none)
	})
}
