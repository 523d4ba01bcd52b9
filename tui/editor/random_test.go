package editor

import (
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
)

// scraps are what random edits are made of.
var scraps = []string{
	"a", "word ", "(", ")", "\"", "'", "\n", "\t", "    ", ":", "漢字", "e\u0301", "\u0301", "👩‍👩‍👧", "🇩🇪", "\u200d", "\xff", "\xe2\x82",
	"\u202e", "\r", "\x1b[31m", "if x:", "return", "\"\"\"", "#", strings.Repeat("long ", 40), strings.Repeat("\u0302", 300),
}

// checkPlaces fails when the cursor or the selection is not at a valid place.
func checkPlaces(t testing.TB, b *Buffer) {
	t.Helper()
	for _, p := range []Pos{b.cursor, b.anchor} {
		if p == b.anchor && !b.selecting {
			continue
		}
		if p != b.clamp(p) || snap(b.Line(p.Line), p.Col) != p.Col {
			t.Fatalf("%v is no place in %q", p, b.Line(min(p.Line, b.Len()-1)))
		}
	}
	if got := strings.Count(b.Value(), "\n") + 1; got != b.Len() {
		t.Fatalf("%d lines, value has %d", b.Len(), got)
	}
}

// checkView fails when what is remembered about the looks is not what a fresh look
// gives, or when a row is unsafe or too wide.
func checkView(t testing.TB, e *Editor, width int) {
	t.Helper()
	settle(e)
	rows := e.Rows(width, 0, e.Height(width))
	if len(rows) != e.Height(width) {
		t.Fatalf("%d rows, height %d", len(rows), e.Height(width))
	}
	fresh := New(e.Value(), e.language, e.palette)
	fresh.b.lang = e.b.lang
	fresh.Buffer().Select(e.b.anchor, e.b.cursor)
	if !e.b.selecting {
		fresh.Buffer().SetCursor(e.b.cursor)
	}
	settle(fresh)
	want := fresh.Rows(width, 0, fresh.Height(width))
	for i := range max(len(rows), len(want)) {
		if i >= len(rows) || i >= len(want) || rows[i] != want[i] {
			t.Fatalf("row %d of %d, %d differs at width %d:\n%q\n%q", i, len(rows), len(want), width, at(rows, i), at(want, i))
		}
		if w := ansi.StringWidthWc(rows[i]); w > width {
			t.Fatalf("row %d is %d wide of %d: %q", i, w, width, rows[i])
		}
		if bad := strings.IndexFunc(ansi.Strip(rows[i]), func(r rune) bool { return r < ' ' || 0x7f <= r && r < 0xa0 || r == '\u202e' }); bad >= 0 {
			t.Fatalf("row %d has a control: %q", i, rows[i])
		}
	}
	row, col := e.Cursor(width)
	if row < 0 || row >= len(rows) || col < 0 || col >= width {
		t.Fatalf("cursor at %d, %d of %d rows, width %d", row, col, len(rows), width)
	}
}

// settle lets the lexer of whole texts look.
func settle(e *Editor) {
	if w := e.v.lexing.whole; w != nil {
		w.asked = false // the commands of earlier keys were not run
	}
	for cmd := e.colour(); cmd != nil; {
		_, cmd = e.Update(cmd())
	}
}

func at(rows []string, i int) string {
	if i < len(rows) {
		return rows[i]
	}
	return "(none)"
}

// act does one random thing.
func act(e *Editor, r *rand.Rand, commands []Binding) {
	switch scrap := scraps[r.IntN(len(scraps))]; r.IntN(10) {
	case 0, 1, 2:
		e.Update(tea.KeyPressMsg{Text: scrap, Code: tea.KeyExtended})
	case 3:
		e.Update(tea.PasteMsg{Content: scrap})
	case 4:
		e.Click(1+r.IntN(60), r.IntN(30), r.IntN(60))
		e.Drag(1+r.IntN(60), r.IntN(30), r.IntN(60))
	case 5:
		n := len(e.Value()) + 1
		from := r.IntN(n)
		e.Replace(from, min(from+r.IntN(20), n), scrap)
	default:
		e.Do(commands[r.IntN(len(commands))].Command)
	}
}

func TestRandomEditsUndoneGiveTheOriginal(t *testing.T) {
	t.Parallel()
	for seed := range uint64(16) {
		r := rand.New(rand.NewPCG(seed, 1))
		original := ""
		for range r.IntN(12) {
			original += scraps[r.IntN(len(scraps))]
		}
		language := []string{"python", "markdown", "r", "bash"}[r.IntN(4)]
		e := New(original, language, ink.DarkPalette())
		for range 150 {
			act(e, r, Bindings())
			checkPlaces(t, e.b)
			if r.IntN(4) == 0 {
				checkView(t, e, 1+r.IntN(50))
			}
		}
		for e.b.Redo() {
		}
		edited := e.Value()
		for e.b.Undo() {
			checkPlaces(t, e.b)
		}
		if e.Value() != original {
			t.Fatalf("seed %d: undone to %q, was %q", seed, e.Value(), original)
		}
		checkView(t, e, 20)
		for e.b.Redo() {
		}
		if e.Value() != edited {
			t.Fatalf("seed %d: redone to %q, was %q", seed, e.Value(), edited)
		}
	}
}

func FuzzEditor(f *testing.F) {
	f.Add("def f(x):\n    return 'é漢👩‍👩‍👧'\n", []byte("abc\x01\x02\x03"), uint8(20))
	f.Add("\xff\x00\u202e\t\u0301", []byte{200, 201, 202, 203, 9, 8, 7}, uint8(1))
	commands := Bindings()
	f.Fuzz(func(t *testing.T, text string, ops []byte, width uint8) {
		e := New(text, "python", ink.LightPalette())
		if e.Value() != text {
			t.Fatalf("opened as %q, is %q", text, e.Value())
		}
		for _, op := range ops {
			if int(op) < len(commands) {
				e.Do(commands[op].Command)
			} else {
				e.Update(tea.KeyPressMsg{Text: scraps[int(op)%len(scraps)]})
			}
			checkPlaces(t, e.b)
		}
		checkView(t, e, int(width)+1)
		for e.b.Undo() {
		}
		if e.Value() != text {
			t.Fatalf("undone to %q, was %q", e.Value(), text)
		}
	})
}
