package notebook_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/tuitest"
)

// tour is the shipped example with the one thing taken out that differs between
// machines.
func tour(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../../examples/tour.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(data, []byte("platform.python_version()"), []byte(`\"3.14.2\"`))
}

func TestTheScreensLookAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		name := func(s string) string { return fmt.Sprintf("%s-%dx%d", s, size.w, size.h) }
		show := func(what string, data []byte, act func(*desk)) {
			t.Run(name(what), func(t *testing.T) {
				t.Parallel()
				d := openBytes(t, size.w, size.h, data)
				act(d)
				d.Golden(name(what))
			})
		}
		tour := tour(t)
		show("tour", tour, func(*desk) {})
		show("tour-run", tour, func(d *desk) {
			d.press("alt+r")
			d.see("◐ busy")
			d.see("○ idle")
		})
		show("edit", tour, func(d *desk) { d.press("j", "enter", "down", "down", "end") })
		show("error", book("def f(x):\n    return 1 / x", "f(0)", "'not reached'"), func(d *desk) {
			d.press("alt+r")
			d.see("ZeroDivisionError", "✗ 2", "○ idle")
		})
		show("input", book("name = input('Your name? ')", "name"), func(d *desk) {
			d.press("ctrl+e")
			d.see("INPUT")
			d.press("Zoë")
		})
		show("help", tour, func(d *desk) { d.press("?"); d.see("Keys of the notebook") })
		show("quit", book("x = 1", "md:# Notes"), func(d *desk) {
			d.press("enter", "end", "0", "esc", "q")
			d.see("has unsaved changes")
		})
	}
}

func TestHelpOpensScrollsAndCloses(t *testing.T) {
	t.Parallel()
	d := open(t, "one")
	for _, c := range []struct{ open, close string }{{"?", "esc"}, {"h", "q"}, {"f1", "?"}} {
		d.press(c.open)
		d.see("Keys of the notebook", "save")
		top := d.Screen()
		d.press("j", "pgdown", "G")
		d.WaitFor("another part of the help", func(s string) bool { return s != top })
		d.press("home")
		d.WaitFor("the top", func(s string) bool { return s == top })
		d.press(c.close)
		d.gone("Keys of the notebook")
	}
	d.press("x", "z")
	d.wantCells("one")
}

func TestAnySizeIsFineAndNothingIsLost(t *testing.T) {
	t.Parallel()
	d := open(t, "one = 1\ntwo = '"+strings.Repeat("long ", 40)+"'", "md:# Title\n\n- a\n- b", "print('x' * 300)")
	d.press("G", "ctrl+e", "g", "g")
	d.see("xxxx")
	d.press("enter")
	for i, size := range []struct{ w, h int }{{40, 12}, {20, 5}, {1, 1}, {3, 2}, {2, 24}, {300, 3}, {80, 7}, {80, 8}, {200, 50}, {1, 1}, {80, 24}} {
		d.Resize(size.w, size.h)
		d.press(string(rune('a' + i)))
		if size.w < 20 {
			continue
		}
		if _, y, shown := d.Cursor(); !shown || y >= size.h {
			t.Errorf("%dx%d: the cursor is in row %d, shown %v; screen:\n%s", size.w, size.h, y, shown, d.Screen())
		}
	}
	d.press("f1")
	d.see("Keys of the notebook")
	for _, w := range []int{40, 7, 1, 80} {
		d.Resize(w, 24)
		d.press("j", "pgdown", "G", "k")
	}
	d.press("esc")
	d.gone("Keys of the notebook")
	d.press("esc")
	src := d.saved().Cell(0).Source()
	if !strings.HasPrefix(src, "abcdefghijkone = 1\ntwo = 'long ") {
		t.Errorf("the cell is %q", src)
	}
}

func TestAClickSelectsAndThenPlacesTheCursor(t *testing.T) {
	t.Parallel()
	d := open(t, "one = 1", "two = 2\nthree = 3", "md:# Title")
	x, y := d.Find("three")
	d.Click(x+2, y)
	d.Idle()
	d.wantSelected(2, 3)
	d.Click(x+2, y)
	d.Idle()
	d.see("EDIT")
	if cx, cy, shown := d.Cursor(); cx != x+2 || cy != y || !shown {
		t.Errorf("the cursor is at %d,%d (shown %v), want %d,%d", cx, cy, shown, x+2, y)
	}
	d.press("X")
	_, y = d.Find("one = 1")
	d.Click(x, y)
	d.Idle()
	d.wantSelected(1, 3)
	d.see("COMMAND")
	d.wantCells("one = 1", "two = 2\nthXree = 3", "md:# Title")
}

func TestAClickOutsideTheCellsDoesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, "one = 1")
	for y := range 24 {
		if y != 2 {
			d.Click(3, y)
		}
	}
	d.Idle()
	d.wantSelected(1, 1)
	d.see("COMMAND")
}

func TestTheWheelScrollsAndKeysComeBack(t *testing.T) {
	t.Parallel()
	var cells []string
	for i := range 40 {
		cells = append(cells, fmt.Sprintf("cell_%02d = 1", i))
	}
	d := open(t, cells...)
	for range 6 {
		d.Wheel(tuitest.WheelDown, 10, 10)
	}
	d.Idle()
	d.gone("cell_00")
	d.see("cell_15")
	for range 60 {
		d.Wheel(tuitest.WheelDown, 10, 10)
	}
	d.Idle()
	if rows := d.Rows(); !strings.Contains(rows[20], "cell_39") && !strings.Contains(rows[21], "cell_39") {
		t.Errorf("the last cell is not at the bottom; screen:\n%s", d.Screen())
	}
	d.press("down")
	d.see("cell_01")
	for range 90 {
		d.Wheel(tuitest.WheelUp, 10, 10)
	}
	d.Idle()
	d.see("cell_00")
}

func TestWideAndCombiningCharactersKeepTheColumns(t *testing.T) {
	t.Parallel()
	d := open(t, "a = 'plain'", "b = '漢字かな'", "c = 'e\u0301a\u0308'", "d = '🙂🚀'", "print(b * 20)", "md:# 漢字 *é* `ｆｕｌｌ`")
	d.press("alt+r", "g", "g")
	d.see("  5 │", "○ idle")
	var ends []int
	for i := range d.Rows() {
		row := d.Rows()[i]
		if before, found := strings.CutSuffix(row, "0.0 s"); found {
			ends = append(ends, ansi.StringWidth(before))
		}
	}
	if len(ends) != 5 || slices.Min(ends) != slices.Max(ends) {
		t.Errorf("the times stand in columns %v; screen:\n%s", ends, d.Screen())
	}
	d.press("j", "enter", "end", "left", "left")
	x, y := d.Find("漢字かな")
	if cx, cy, _ := d.Cursor(); cx != x+6 || cy != y {
		t.Errorf("the cursor is at %d,%d, want %d,%d; screen:\n%s", cx, cy, x+6, y, d.Screen())
	}
	d.press("Z", "esc")
	d.see("漢字かZな")
}

func TestAHundredThousandLinesLeaveTheKeysAlive(t *testing.T) {
	t.Parallel()
	d := open(t, "for i in range(100_000): print('line', i)", "'two'", "'three'")
	d.press("ctrl+e")
	d.see("line 0")
	var took []time.Duration
	for n := range 30 {
		key, cell := "j", "  2/3 "
		if n%2 == 1 {
			key, cell = "k", "  1/3 "
		}
		begun := time.Now()
		d.Type(key)
		d.WaitFor("cell"+cell, func(s string) bool { return strings.Contains(s, cell) })
		took = append(took, time.Since(begun))
	}
	d.press("g", "g")
	d.see("  1 │ for", "○ idle")
	slices.Sort(took)
	t.Logf("a key was answered in %v (median), %v (worst)", took[len(took)/2], took[len(took)-1])
	if median := took[len(took)/2]; median > time.Second {
		t.Errorf("a key takes %v (median) while output streams in", median)
	}
	lines := 0
	for _, o := range d.saved().Cell(0).Outputs() {
		lines += strings.Count(o.Text(), "\n")
	}
	if lines != 100_000 {
		t.Errorf("%d lines are saved", lines)
	}
}

func TestWhatAKernelSaysCannotActOnTheTerminal(t *testing.T) {
	t.Parallel()
	d := open(t, `print('\x1b]0;evil\x07\x1b[2J\x1b[1;1HGONE\x1b[?1049l\x90q\x9c ok')`, "md:\x1b]0;evil2\x07 text")
	d.press("ctrl+e")
	d.see("ok", "nb.ipynb", "COMMAND")
	if d.Title() != "nb.ipynb · nbterm" {
		t.Errorf("the title is %q", d.Title())
	}
}
