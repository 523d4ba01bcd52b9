package editor

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render/highlight"
	"nbterm/render/ink"
)

func TestOtherLanguagesAreColouredInTheBackground(t *testing.T) {
	t.Parallel()
	e := New("", "r", ink.DarkPalette())
	long := "f <- function(x) 'a string'\n" + strings.Repeat("y <- 1 # one\n", 200)
	e.SetValue(long)
	plain := e.Rows(60, 0, 1)[0]
	_, cmd := press(e, "right")
	if cmd == nil {
		t.Fatal("no command looks at the text")
	}
	if _, again := press(e, "right"); again != nil {
		t.Error("it is looked at twice")
	}
	late := cmd()
	press(e, "home", "x")
	handled, cmd := e.Update(late)
	if !handled || cmd == nil {
		t.Fatal("what came too late is not looked for again")
	}
	if handled, next := e.Update(cmd()); !handled || next != nil {
		t.Error("it goes on looking")
	}
	coloured := e.Rows(60, 0, 1)[0]
	if !strings.Contains(coloured, highlight.Style(highlight.Keyword, ink.DarkPalette()).SGR()+"function") {
		t.Errorf("before %q, then %q", plain, coloured)
	}
	if handled, _ := New("", "r", &noColors).Update(late); handled {
		t.Error("another editor takes it")
	}
}

func TestShortTextsAreColouredAtOnceAndStaySoWhileTyping(t *testing.T) {
	t.Parallel()
	e := New("f <- function(x) 'abc'\ng <- 2", "r", ink.DarkPalette())
	before := e.Rows(60, 0, 2)
	if before[0] == ansi.Strip(before[0]) {
		t.Fatal("no colours")
	}
	e.SetCursorOffset(strings.Index(e.Value(), "bc'"))
	press(e, "x")
	after := e.Rows(60, 0, 2)
	if want := strings.Replace(before[0], "abc", "axbc", 1); after[0] != want {
		t.Errorf("typed in a string: %q, want %q", after[0], want)
	}
	press(e, "home", "enter")
	if after := e.Rows(60, 0, 3); after[2] != before[1] {
		t.Errorf("a line moved down: %q, was %q", after[2], before[1])
	}
}

func TestPreparedEditorsAreColouredHoweverLong(t *testing.T) {
	t.Parallel()
	e := New(strings.Repeat("f <- function(x) 'abc'\n", 500), "r", ink.DarkPalette())
	e.Prepare(60)
	if row := e.Rows(60, 400, 401)[0]; row == ansi.Strip(row) {
		t.Errorf("no colours: %q", row)
	}
	if _, cmd := press(e, "right"); cmd != nil {
		t.Error("it is looked at again")
	}
}

func TestTokensMoveAlongWithAnEdit(t *testing.T) {
	t.Parallel()
	tokens := []highlight.Token{{Start: 0, End: 3, Class: 1}, {Start: 4, End: 6, Class: 2}, {Start: 8, End: 9, Class: 3}}
	for name, c := range map[string]struct {
		change change
		want   [][2]int
	}{
		"before all":          {change{col: 0, cut: 0, grow: 2}, [][2]int{{2, 5}, {6, 8}, {10, 11}}},
		"within one":          {change{col: 5, cut: 0, grow: 1}, [][2]int{{0, 3}, {4, 7}, {9, 10}}},
		"at the end of one":   {change{col: 3, cut: 0, grow: 1}, [][2]int{{0, 4}, {5, 7}, {9, 10}}},
		"cutting one away":    {change{col: 4, cut: 2, grow: -2}, [][2]int{{0, 3}, {6, 7}}},
		"cutting into two":    {change{col: 2, cut: 3, grow: -3}, [][2]int{{0, 2}, {2, 3}, {5, 6}}},
		"putting more for it": {change{col: 4, cut: 2, grow: 3}, [][2]int{{0, 3}, {4, 9}, {11, 12}}},
	} {
		var got [][2]int
		for _, m := range moved(tokens, c.change) {
			got = append(got, [2]int{m.Start, m.End})
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
				break
			}
		}
	}
}
