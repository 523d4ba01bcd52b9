package pager

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
	"nbterm/render/term"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
)

// rows are the lines as a list shows them.
type rows struct{ *Screen }

// Len implements list.Items.
func (r rows) Len() int { return len(r.lines) }

// Height implements list.Items.
func (r rows) Height(i int) int { return r.height(i) }

// Rows implements list.Items.
func (r rows) Rows(i, from, to int) []string {
	cut := r.cut(i)
	out := make([]string, 0, to-from)
	for _, row := range cut[from:to] {
		out = append(out, " "+r.marked(row))
	}
	return out
}

// width is the room for text.
func (s *Screen) width() int { return max(s.size.Width-2, 1) }

func (s *Screen) height(i int) int {
	if !s.wrap || len(s.lines[i]) <= s.width() {
		return 1
	}
	return len(s.cut(i))
}

// cut makes rows of a line.
func (s *Screen) cut(i int) []string {
	line, w := s.lines[i], s.width()
	switch {
	case len(line) <= w && s.left == 0:
		return []string{line}
	case s.wrap:
		return strings.Split(ansi.Hardwrap(line, w, true), "\n")
	}
	return []string{ansi.Cut(line, s.left, s.left+w)}
}

// marked shows in a row what is looked for.
func (s *Screen) marked(row string) string {
	query := s.search.query
	if query == "" {
		return row
	}
	plain := ansi.Strip(row)
	at, end := match(plain, query, 0)
	if at < 0 {
		return row
	}
	out, col := "", 0
	for ; at >= 0; at, end = match(plain, query, end) {
		begin, stop := ansi.StringWidth(plain[:at]), ansi.StringWidth(plain[:end])
		hit := ink.Style{Fg: ink.Of(s.deps.Theme.Palette.Accent), Attr: ink.Reverse}.Paint(plain[at:end], ink.TrueColor)
		out += ansi.Cut(row, col, begin) + hit
		col = stop
	}
	return out + ansi.Cut(row, col, ansi.StringWidth(plain))
}

func (s *Screen) layout() {
	s.list.SetHeight(kit.BodyHeight(s.size.Height, s.notice != "" || s.finding))
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	t, w, h := s.deps.Theme, s.size.Width, s.size.Height
	s.layout()
	f := kit.Frame{
		Title: t.Strong(term.Clean(s.deps.Title)), Right: t.Muted(s.status()), Notice: s.notice,
		Hints: s.controls.Hints(keymap.Help, "help", keymap.ListFind, "find", keymap.ListNext, "next", keymap.ListPageDown, "page", keymap.PagerWrap, "wrap", keymap.Close, "close"),
		State: t.Muted(s.place()),
	}
	switch {
	case s.lines == nil:
		f.Body = []string{t.Muted(" …")}
	default:
		f.Body = s.list.Rows()
	}
	if s.finding {
		f.Field = " " + s.find.Row(max(w-2, 1))
		f.Hints = []string{"⏎ keep", "esc forget"}
	}
	return f.Rows(t, w, h)
}

// place says which lines are on the screen.
func (s *Screen) place() string {
	n := len(s.lines)
	if n == 0 {
		return ""
	}
	first, last := s.list.Top().Item, n-1
	if p, ok := s.list.At(s.list.Height() - 1); ok {
		last = p.Item
	}
	if first == 0 && last == n-1 {
		return kit.Plural(n, "line")
	}
	return kit.Thousands(first+1) + "–" + kit.Thousands(last+1) + " of " + kit.Plural(n, "line")
}

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor {
	if !s.finding || s.size.Height < 3 {
		return nil
	}
	c := tea.NewCursor(min(1+s.find.CursorCol(max(s.size.Width-2, 1)), s.size.Width-1), kit.FieldRow(s.size.Height))
	c.Shape, c.Blink = tea.CursorBar, true
	return c
}
