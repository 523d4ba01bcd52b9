package editor

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
)

var update = flag.Bool("update", false, "write the golden files")

var noColors = ink.Palette{Dark: true}

// golden compares what was drawn with testdata/NAME.golden, escapes made visible.
func golden(t *testing.T, name string, rows []string) {
	t.Helper()
	got := strings.ReplaceAll(strings.Join(rows, "\n"), "\x1b", "␛") + "\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\n got:\n%s\nwant:\n%s", file, got, want)
	}
}

// press sends keys by name; a single character types itself.
func press(e *Editor, names ...string) (handled bool, cmd tea.Cmd) {
	for _, n := range names {
		handled, cmd = e.Update(keyPress(n))
	}
	return handled, cmd
}

func keyPress(name string) tea.KeyPressMsg {
	k := tea.KeyPressMsg{}
	for _, m := range []struct {
		name string
		mod  tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, m.name); ok {
			name, k.Mod = rest, k.Mod|m.mod
		}
	}
	codes := map[string]rune{
		"enter": tea.KeyEnter, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "esc": tea.KeyEscape,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "space": tea.KeySpace,
	}
	if code, ok := codes[name]; ok {
		k.Code = code
		if name == "space" && k.Mod == 0 {
			k.Text = " "
		}
		return k
	}
	k.Code = []rune(name)[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

func TestRowsAreDrawnInColourAndSafely(t *testing.T) {
	t.Parallel()
	python := "@cache\ndef f(x):\n    \"\"\"Long text that goes\n    over lines.\"\"\"\n\treturn f\"{x!r}\" + 1.5  # done\n%time f(2)"
	for name, draw := range map[string]func() []string{
		"python": func() []string {
			e := New(python, "python", ink.DarkPalette())
			return e.Rows(40, 0, e.Height(40))
		},
		"selection": func() []string {
			e := New("ab\n\ncd", "python", ink.DarkPalette())
			e.Buffer().Select(Pos{0, 1}, Pos{2, 1})
			return e.Rows(40, 0, 3)
		},
		"selection-without-colours": func() []string {
			e := New("abc", "python", &noColors)
			e.Buffer().Select(Pos{0, 1}, Pos{0, 2})
			return e.Rows(40, 0, 1)
		},
		"brackets": func() []string {
			e := New("f(a[1])", "text", ink.DarkPalette())
			e.SetCursorOffset(7)
			return e.Rows(40, 0, 1)
		},
		"odd": func() []string {
			e := New("esc \x1b[31m nul \x00 c1 \u009b bidi \u202e byte \xff mark \u0301 zero \u200b tab \t| nbsp\u00a0 漢 e\u0301", "text", ink.DarkPalette())
			return e.Rows(30, 0, e.Height(30))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, draw())
		})
	}
}

func TestOnlyAskedRowsAreDrawn(t *testing.T) {
	t.Parallel()
	e := New(source(1000), "python", ink.DarkPalette())
	all := e.Rows(60, 0, e.Height(60))
	if got := e.Rows(60, 500, 510); strings.Join(got, "\n") != strings.Join(all[500:510], "\n") {
		t.Errorf("rows 500 to 510 are not those of the whole: %q", got)
	}
	if got := e.Rows(60, len(all)-1, len(all)+10); len(got) != 1 {
		t.Errorf("%d rows past the end", len(got)-1)
	}
	if got := e.Rows(60, 5, 5); len(got) != 0 {
		t.Errorf("%d rows of none", len(got))
	}
}

func TestUpAndDownKeepTheColumnOverWrappedRows(t *testing.T) {
	t.Parallel()
	const width = 11
	e := New("abcdefghijklmnop\nxy\n漢字漢字漢", "text", ink.DarkPalette())
	e.Height(width)
	e.SetCursorOffset(6)
	var seen [][2]int
	for range 3 {
		press(e, "down")
		row, col := e.Cursor(width)
		seen = append(seen, [2]int{row, col})
	}
	if want := [][2]int{{1, 6}, {2, 2}, {3, 6}}; seen[0] != want[0] || seen[1] != want[1] || seen[2] != want[2] {
		t.Errorf("went over %v, want %v", seen, want)
	}
	press(e, "up", "up", "up")
	if e.CursorOffset() != 6 {
		t.Errorf("came back to %d", e.CursorOffset())
	}
}

func TestKeysAtTheEdgesAreLeftToTheCaller(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		at         int
		key        string
		want       bool
	}{
		{"up on the first row", "ab\ncd", 1, "up", false},
		{"up on the second", "ab\ncd", 4, "up", true},
		{"down on the last row", "ab\ncd", 4, "down", false},
		{"left at the start", "ab", 0, "left", false},
		{"tab after text", "ab", 2, "tab", false},
		{"tab in indentation", "  ab", 2, "tab", true},
		{"shift+tab after text", "  ab", 4, "shift+tab", false},
		{"undo with nothing done", "ab", 0, "ctrl+z", false},
		{"copy with nothing selected", "ab", 0, "ctrl+c", false},
		{"escape", "ab", 0, "esc", false},
		{"shift+enter", "ab", 0, "shift+enter", false},
		{"ctrl+s", "ab", 0, "ctrl+s", false},
		{"alt with a letter", "ab", 0, "alt+q", false},
		{"a letter", "ab", 0, "x", true},
	} {
		e := New(c.text, "python", &noColors)
		e.SetCursorOffset(c.at)
		if got, _ := press(e, c.key); got != c.want {
			t.Errorf("%s: handled %v", c.name, got)
		}
	}
}

func TestClicksAndDragsSelect(t *testing.T) {
	t.Parallel()
	e := New("one two three\nfour", "text", &noColors)
	e.Click(9, 1, 2)
	if e.CursorOffset() != 10 {
		t.Errorf("clicked at %d", e.CursorOffset())
	}
	e.Click(9, 9, 99)
	if e.CursorOffset() != len(e.Value()) {
		t.Errorf("clicked past the end at %d", e.CursorOffset())
	}
	e.Click(9, 0, 4)
	e.Drag(9, 1, 1)
	if e.SelectedText() != "two t" {
		t.Errorf("dragged over %q", e.SelectedText())
	}
	e.DoubleClick(9, 0, 5)
	if e.SelectedText() != "two" {
		t.Errorf("double click selected %q", e.SelectedText())
	}
	e.Drag(9, 1, 1)
	if e.SelectedText() != "two three" {
		t.Errorf("dragged by words over %q", e.SelectedText())
	}
	e.Drag(9, 0, 0)
	if e.SelectedText() != "one two" {
		t.Errorf("dragged back over %q", e.SelectedText())
	}
}

func TestWhatIsCopiedCanBePastedElsewhere(t *testing.T) {
	t.Parallel()
	shared := &Registers{}
	a, b := New("one two", "text", &noColors), New("", "text", &noColors)
	a.SetRegisters(shared)
	b.SetRegisters(shared)
	if handled, cmd := press(a, "ctrl+a", "ctrl+x"); !handled || cmd == nil {
		t.Error("cut gives no command for the clipboard")
	}
	press(b, "ctrl+v")
	if a.Value() != "" || b.Value() != "one two" {
		t.Errorf("%q and %q", a.Value(), b.Value())
	}
	a = New("x\ny\nz", "text", &noColors)
	press(a, "ctrl+x", "end", "ctrl+v")
	if a.Value() != "yx\n\nz" {
		t.Errorf("a line cut and pasted: %q", a.Value())
	}
}

func TestKillsAddUpAndComeBack(t *testing.T) {
	t.Parallel()
	e := New("one two three\nfour", "text", &noColors)
	press(e, "ctrl+k", "ctrl+k", "ctrl+k", "alt+y", "alt+y")
	if e.Value() != "one two three\nfour" {
		t.Errorf("yanked %q", e.Value())
	}
	e = New("one two three", "text", &noColors)
	press(e, "end", "ctrl+w", "ctrl+w", "home", "ctrl+k", "alt+y")
	if e.Value() != "one " {
		t.Errorf("the last kill is %q", e.Value())
	}
	press(e, "alt+y")
	if e.Value() != "two three" {
		t.Errorf("the kill before is %q", e.Value())
	}
	press(e, "ctrl+z", "ctrl+z")
	if e.Value() != "" {
		t.Errorf("undone: %q", e.Value())
	}
}

func TestShiftSelectsAndMotionsLetGo(t *testing.T) {
	t.Parallel()
	e := New("one two\nthree", "text", &noColors)
	press(e, "ctrl+shift+right", "shift+down")
	if e.SelectedText() != "one two\nthr" {
		t.Errorf("selected %q", e.SelectedText())
	}
	press(e, "left")
	if e.SelectedText() != "" || e.CursorOffset() != 0 {
		t.Errorf("left: %q at %d", e.SelectedText(), e.CursorOffset())
	}
	press(e, "shift+end", "right")
	if e.CursorOffset() != 7 {
		t.Errorf("right: at %d", e.CursorOffset())
	}
}

func TestAReadOnlyEditorMovesAndCopies(t *testing.T) {
	t.Parallel()
	e := New("abc", "python", &noColors)
	e.SetReadOnly(true)
	for _, k := range []string{"x", "enter", "backspace", "ctrl+k", "ctrl+v"} {
		if handled, _ := press(e, k); handled {
			t.Errorf("%s is handled", k)
		}
	}
	e.Update(tea.PasteMsg{Content: "x"})
	if _, cmd := press(e, "ctrl+a", "ctrl+x"); cmd == nil || e.Value() != "abc" || e.Version() != 1 {
		t.Errorf("value %q", e.Value())
	}
}

func TestVersionGrowsWithTheTextOnly(t *testing.T) {
	t.Parallel()
	e := New("abc", "python", &noColors)
	press(e, "right", "shift+right", "ctrl+a", "ctrl+c", "end")
	if e.Version() != 1 {
		t.Errorf("version %d after motions", e.Version())
	}
	press(e, "x")
	before := e.Version()
	press(e, "ctrl+z")
	if before == 1 || e.Version() <= before {
		t.Errorf("versions %d, %d", before, e.Version())
	}
}

func TestCompletionReplacesBytes(t *testing.T) {
	t.Parallel()
	e := New("é = np.arr", "python", &noColors)
	e.Replace(8, 11, "array")
	if e.Value() != "é = np.array" || e.CursorOffset() != len(e.Value()) {
		t.Errorf("%q at %d", e.Value(), e.CursorOffset())
	}
}

func TestTheWidthMethodDecidesWhereTheCursorIs(t *testing.T) {
	t.Parallel()
	e := New("👩‍👩‍👧x", "text", &noColors)
	e.SetCursorOffset(len("👩‍👩‍👧"))
	if _, col := e.Cursor(20); col != 6 {
		t.Errorf("by runes: column %d", col)
	}
	e.SetWidthMethod(ansi.GraphemeWidth)
	if _, col := e.Cursor(20); col != 2 {
		t.Errorf("by clusters: column %d", col)
	}
}

func TestColoursFollowAnEditThatOpensAString(t *testing.T) {
	t.Parallel()
	e := New("a = 1\nif b:\n    pass\n", "python", ink.DarkPalette())
	plain := strings.Join(e.Rows(40, 0, 4), "\n")
	e.Buffer().Paste("\"\"\"")
	if strings.Join(e.Rows(40, 0, 4), "\n") == `"""`+plain {
		t.Error("the lines below kept their colours")
	}
	press(e, "ctrl+z")
	if strings.Join(e.Rows(40, 0, 4), "\n") != plain {
		t.Error("undone, the colours did not come back")
	}
}
