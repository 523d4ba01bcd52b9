package notebook_test

import (
	"strings"
	"testing"
)

func TestEnterEditsAndEscapeKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := open(t, "a = 1", "b = 2")
	d.press("enter")
	d.see("EDIT")
	d.press("end", "0", "enter", "c = 3")
	d.see("a = 10", "c = 3", "unsaved")
	d.press("esc")
	d.see("COMMAND")
	d.wantCells("a = 10\nc = 3", "b = 2")
}

func TestCellsAreInsertedAboveAndBelow(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two")
	d.press("j", "a")
	d.wantSelected(2, 3)
	d.press("enter", "above", "esc", "j", "b")
	d.wantSelected(4, 4)
	d.press("enter", "below", "esc")
	d.wantCells("one", "above", "two", "below")
}

func TestDeletedCellsComeBackByUndo(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two", "three")
	before := string(d.read(d.path))
	d.press("j", "d", "d")
	d.see("1 cell deleted")
	d.wantCells("one", "three")
	d.press("z")
	d.wantCells("one", "two", "three")
	if got := string(d.read(d.path)); got != before {
		t.Errorf("after the undo the file is\n%s\nwant\n%s", got, before)
	}
	d.press("Z")
	d.wantCells("one", "three")
}

func TestTheLastCellDeletedLeavesAnEmptyOne(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	d.press("d", "d")
	d.wantCells("")
	d.press("z")
	d.wantCells("one")
}

func TestASingleDDeletesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two")
	d.press("d", "j", "d")
	d.press("esc")
	d.wantCells("one", "two")
}

func TestCellsAreCutCopiedAndPasted(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two", "three")
	d.press("x")
	d.wantCells("two", "three")
	d.press("v")
	d.wantCells("two", "one", "three")
	d.press("c", "G", "V")
	d.wantCells("two", "one", "one", "three")
	d.press("v")
	d.wantCells("two", "one", "one", "one", "three")
	ids := map[string]bool{}
	for _, c := range d.saved().Cells() {
		ids[c.ID()] = true
	}
	if len(ids) != 5 {
		t.Errorf("5 cells have %d ids", len(ids))
	}
}

func TestCellsChangeTheirKind(t *testing.T) {
	t.Parallel()
	d := open(t, "# Title", "two", "three")
	d.press("m")
	d.gone("# Title")
	d.see("Title")
	d.press("j", "r", "j", "2")
	d.wantCells("md:# Title", "raw:two", "md:## three")
	d.press("g", "g", "y", "j", "y", "j", "y")
	d.wantCells("# Title", "two", "## three")
}

func TestACellIsSplitAtTheCursorAndMergedAgain(t *testing.T) {
	t.Parallel()
	d := open(t, "one\ntwo\nthree")
	d.press("enter", "down", "ctrl+g")
	d.wantSelected(2, 2)
	d.press("esc")
	d.wantCells("one", "two\nthree")
	d.press("k", "M")
	d.wantCells("one\n\ntwo\nthree") // an empty line between, as in JupyterLab
}

func TestASplitOfTypedTextLosesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	d.press("enter", "end", "enter", "two", "home", "ctrl+g", "esc")
	d.wantCells("one", "two")
	d.press("z")
	d.wantCells("one\ntwo")
}

func TestARangeOfCellsIsDeletedAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two", "three", "four")
	d.press("j", "shift+down")
	d.see("2 cells selected")
	if got := strings.Count(d.Screen(), "┃"); got != 2 {
		t.Errorf("%d cells are marked; screen:\n%s", got, d.Screen())
	}
	d.press("d", "d")
	d.wantCells("one", "four")
	d.press("z")
	d.wantCells("one", "two", "three", "four")
}

func TestSelectedCellsMoveTogether(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two", "three", "four")
	d.press("j", "J", "alt+j")
	d.wantCells("one", "four", "two", "three")
	d.press("alt+k", "alt+k")
	d.wantCells("two", "three", "one", "four")
	d.press("alt+k")
	d.wantCells("two", "three", "one", "four")
	d.press("z", "z", "z")
	d.wantCells("one", "two", "three", "four")
}

func TestTextIsPastedIntoTheCell(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	d.press("enter", "end", "enter")
	d.Paste("if x:\n    y = 'ünï 漢字'\n\n    dd\x07z")
	d.Idle()
	d.press("esc")
	d.see("漢字")
	if src := d.saved().Cell(0).Source(); !strings.HasPrefix(src, "one\nif x:\n    y = 'ünï 漢字'\n\n    dd") {
		t.Errorf("the cell is %q", src)
	}
}

func TestAPasteInCommandModeDoesNotActAsKeys(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two")
	d.Paste("ddx")
	d.Idle()
	d.wantCells("one", "two")
}

func TestTheCursorGoesOnInTheNextCell(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "two", "three")
	d.press("enter", "end", "down")
	d.wantSelected(2, 3)
	d.press("X", "down", "down", "Y", "up", "up", "up", "Z", "esc")
	cells := d.saved().Cells()
	for i, mark := range []string{"Z", "X", "Y"} {
		if !strings.Contains(cells[i].Source(), mark) {
			t.Errorf("cell %d is %q, without %s", i+1, cells[i].Source(), mark)
		}
	}
}

func TestUndoInTheEditorIsOfTheText(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	d.press("enter", "end", " two")
	d.see("one two")
	d.press("ctrl+z", "ctrl+z")
	d.gone("one two")
	d.press("esc")
	d.wantCells("one")
}

func TestAHundredEditsAreUndoneToTheSameBytes(t *testing.T) {
	t.Parallel()
	d := open(t, "one", "md:# two", "three\nfour")
	before := string(d.read(d.path))
	keys := []string{"b", "a", "j", "m", "M", "x", "v", "c", "v", "y", "alt+j", "r", "k", "J", "d", "d", "V", "1", "alt+k", "K"}
	for range 5 {
		d.press(keys...)
	}
	for range 100 {
		d.Type("z")
	}
	d.Idle()
	d.see("nothing to undo")
	d.save()
	if got := string(d.read(d.path)); got != before {
		t.Errorf("after all undos the file is\n%s\nwant\n%s", got, before)
	}
}
