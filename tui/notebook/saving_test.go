package notebook_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// odd is a notebook that nobody but its owner would write like this: tabs, sources as
// strings and as lists, an unknown key, no newline at the end.
const odd = "{\n\t\"nbformat_minor\": 5, \"nbformat\":4,\n\t\"cells\": [\n" +
	"\t{\"cell_type\": \"code\", \"id\": \"a\", \"metadata\": { }, \"source\": \"x = 1\", \"outputs\": [], \"execution_count\": null},\n" +
	"\t{\"id\":\"b\",\"source\": [ \"y = 1\\n\",   \"z = \\u00e9\" ], \"cell_type\": \"code\", \"metadata\": {\"mine\": [1.50, 1e400]}, \"outputs\": [], \"execution_count\": 7},\n" +
	"\t{\"cell_type\": \"markdown\", \"id\": \"c\", \"metadata\": {}, \"source\": [\"# T\\u0000\"], \"later\": NaN}\n" +
	"],\n\t\"metadata\": {\"z\": 1, \"a\": 2}\n}"

func TestSavingWritesOnlyWhatWasTouched(t *testing.T) {
	t.Parallel()
	d := openBytes(t, 80, 24, []byte(odd))
	d.save()
	if got := string(d.read(d.path)); got != odd {
		t.Fatalf("saving without an edit changed the file to\n%s", got)
	}
	d.press("enter", "end", "0", "esc")
	d.save()
	if got, want := string(d.read(d.path)), strings.Replace(odd, `"x = 1"`, `"x = 10"`, 1); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	d.press("z")
	d.save()
	if got := string(d.read(d.path)); got != odd {
		t.Errorf("after the undo the file is\n%s", got)
	}
}

func TestARunTouchesOnlyItsCell(t *testing.T) {
	t.Parallel()
	d := openBytes(t, 80, 24, []byte(odd))
	d.press("ctrl+e")
	d.see("  1 │ x = 1", "○ idle")
	d.save()
	got := d.read(d.path)
	for _, part := range []string{
		`{"id":"b","source": [ "y = 1\n",   "z = \u00e9" ], "cell_type": "code", "metadata": {"mine": [1.50, 1e400]}, "outputs": [], "execution_count": 7}`,
		`{"cell_type": "markdown", "id": "c", "metadata": {}, "source": ["# T\u0000"], "later": NaN}`,
	} {
		if !bytes.Contains(got, []byte(part)) {
			t.Errorf("%s was touched:\n%s", part, got)
		}
	}
	if want := strings.Replace(odd, `"execution_count": null`, `"execution_count": 1`, 1); len(got) < len(want) {
		t.Errorf("the file is\n%s", got)
	}
}

func TestTheUnsavedMarkComesAndGoes(t *testing.T) {
	t.Parallel()
	d := open(t, "x = 1")
	if s := d.Screen(); strings.Contains(s, "•") || strings.Contains(s, "unsaved") {
		t.Fatalf("unsaved from the start:\n%s", s)
	}
	d.press("enter", "end", "0")
	d.see("nb.ipynb •", "unsaved")
	d.press("backspace")
	d.gone("unsaved")
	d.press("1")
	d.see("unsaved")
	d.save()
	d.gone("nb.ipynb •")
	d.press("2", "esc")
	d.see("nb.ipynb •")
	d.wantCells("x = 112")
}

// theirs changes the file as another program would.
func (d *desk) theirs() []byte {
	data := bytes.Replace(d.read(d.path), []byte("one"), []byte("theirs"), 1)
	d.write(data)
	return data
}

func TestAFileChangedMeanwhileIsNotOverwritten(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*desk, []byte) {
		d := open(t, "one", "two")
		theirs := d.theirs()
		d.press("b", "enter", "mine", "esc", "ctrl+s")
		d.see("nb.ipynb was changed by someone else", "Nothing has been written")
		if !bytes.Equal(d.read(d.path), theirs) {
			t.Error("the file was written")
		}
		return d, theirs
	}
	t.Run("stay", func(t *testing.T) {
		t.Parallel()
		d, theirs := begin(t)
		d.press("esc")
		d.gone("was changed by someone else")
		d.see("unsaved", "mine")
		if !bytes.Equal(d.read(d.path), theirs) {
			t.Error("the file was written")
		}
	})
	t.Run("copy", func(t *testing.T) {
		t.Parallel()
		d, theirs := begin(t)
		d.press("c")
		d.see("Saved as nb.mine-1.ipynb")
		if !bytes.Equal(d.read(d.path), theirs) {
			t.Error("the file was written")
		}
		mine := d.read(filepath.Join(d.dir, "nb.mine-1.ipynb"))
		if !bytes.Contains(mine, []byte(`"mine"`)) || !bytes.Contains(mine, []byte(`"one"`)) {
			t.Errorf("the copy is\n%s", mine)
		}
	})
	t.Run("overwrite", func(t *testing.T) {
		t.Parallel()
		d, _ := begin(t)
		d.press("o")
		d.see("saved 12:00:00")
		if got := d.read(d.path); !bytes.Contains(got, []byte(`"mine"`)) || !bytes.Contains(got, []byte(`"one"`)) {
			t.Errorf("the file is\n%s", got)
		}
	})
}

func TestAFileRemovedMeanwhileIsAConflict(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	d.press("enter", "x", "esc", "ctrl+s")
	d.see("someone else", "overwrite")
	d.press("o")
	d.see("saved 12:00:00")
	d.wantCells("xone")
}

func TestASaveThatFailsIsLoudAndLosesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	if err := os.RemoveAll(d.dir); err != nil {
		t.Fatal(err)
	}
	d.press("enter", "x", "esc", "ctrl+s")
	d.see("someone else")
	d.press("o")
	d.see("Not saved", "xone", "unsaved")
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.press("ctrl+s")
	d.see("someone else")
	d.press("o")
	d.gone("Not saved")
	d.wantCells("xone")
}

func TestQuitAsksOnlyWhereSomethingWouldBeLost(t *testing.T) {
	t.Parallel()
	edited := func(t *testing.T) *desk {
		d := open(t, "one")
		d.press("enter", "x", "esc", "q")
		d.see("nb.ipynb has unsaved changes")
		return d
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		d := open(t, "one")
		d.Type("q")
		d.WaitEnd()
	})
	t.Run("stay", func(t *testing.T) {
		t.Parallel()
		d := edited(t)
		d.press("esc")
		d.gone("has unsaved changes")
		d.see("xone", "unsaved")
	})
	t.Run("discard", func(t *testing.T) {
		t.Parallel()
		d := edited(t)
		before := d.read(d.path)
		d.Type("d")
		d.WaitEnd()
		if !bytes.Equal(before, d.read(d.path)) {
			t.Error("the file was written")
		}
	})
	t.Run("save", func(t *testing.T) {
		t.Parallel()
		d := edited(t)
		d.Type("s")
		d.WaitEnd()
		if got := d.read(d.path); !bytes.Contains(got, []byte("xone")) {
			t.Errorf("the file is\n%s", got)
		}
	})
	t.Run("save, but the file was changed", func(t *testing.T) {
		t.Parallel()
		d := edited(t)
		theirs := d.theirs()
		d.press("s")
		d.see("was changed by someone else")
		if !bytes.Equal(d.read(d.path), theirs) || d.Ended() {
			t.Error("the file was written, or the program has ended")
		}
	})
	t.Run("from the editor", func(t *testing.T) {
		t.Parallel()
		d := open(t, "one")
		d.press("enter", "x", "ctrl+q")
		d.see("has unsaved changes")
	})
	t.Run("a running cell", func(t *testing.T) {
		t.Parallel()
		d := open(t, "while True: pass")
		d.press("ctrl+e")
		d.see("  * │ while")
		d.save()
		d.press("q") // the kernel goes on without us: nothing is lost
		d.WaitEnd()
	})
}
