package tuitest

import (
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Screen is what the terminal shows: its rows without trailing blanks, each ended by
// a newline but the last.
func (t *Terminal) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text()
}

// Rows are the rows of Screen.
func (t *Terminal) Rows() []string { return strings.Split(t.Screen(), "\n") }

// text is Screen with the lock held.
func (t *Terminal) text() string {
	var b strings.Builder
	for y := range t.screen.Height() {
		if y > 0 {
			b.WriteByte('\n')
		}
		var row strings.Builder
		for x := range t.screen.Width() {
			switch c := t.screen.CellAt(x, y); {
			case c == nil, c.Content == "" && c.Width > 0:
				row.WriteByte(' ')
			default:
				row.WriteString(c.Content) // of the right half of a wide one: ""
			}
		}
		b.WriteString(strings.TrimRight(row.String(), " "))
	}
	return b.String()
}

// Cell is what column x of row y shows, with its style.
func (t *Terminal) Cell(x, y int) uv.Cell {
	t.t.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.screen.CellAt(x, y)
	if c == nil {
		t.t.Fatalf("there is no column %d in row %d of %dx%d", x, y, t.screen.Width(), t.screen.Height())
		return uv.Cell{}
	}
	return *c
}

// Cursor is where the terminal's cursor stands, and whether it is shown.
func (t *Terminal) Cursor() (x, y int, shown bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.screen.CursorPosition()
	return p.X, p.Y, t.cursor
}

// Title is the title of the terminal's window.
func (t *Terminal) Title() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.title
}

// Find is the place of the first row that shows text: its column in cells and its
// row. It fails the test when none does.
func (t *Terminal) Find(text string) (x, y int) {
	t.t.Helper()
	for y, row := range t.Rows() {
		if before, _, found := strings.Cut(row, text); found {
			return ansi.StringWidth(before), y
		}
	}
	t.t.Fatalf("nothing shows %q; screen:\n%s", text, t.Screen())
	return 0, 0
}
