package browser

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/keymap"
)

// The widths of the screen's parts, in columns.
const (
	previewFrom = 72 // from here on there is a preview
	treeLeast   = 34
	treeMost    = 64
)

// chrome is the rows that are not the tree's: title, rule, notice, rule, footer.
const chrome = 5

func (s *Screen) tall() bool { return s.size.h >= 8 }

func (s *Screen) bodyHeight() int {
	if !s.tall() {
		return max(s.size.h-2, 1)
	}
	return s.size.h - chrome
}

func (s *Screen) treeWidth() int {
	if s.size.w < previewFrom {
		return s.size.w
	}
	return max(min(s.size.w*2/5, treeMost), treeLeast)
}

// previewWidth is 0 where there is no room for a preview.
func (s *Screen) previewWidth() int {
	if s.size.w < previewFrom {
		return 0
	}
	return s.size.w - s.treeWidth() - 4
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	w := s.size.w
	rule := s.Theme.Faint(strings.Repeat("─", w))
	rows := append(make([]string, 0, s.size.h), s.title())
	if s.tall() {
		rows = append(rows, rule)
	}
	left, tw := s.left(), s.treeWidth()
	var right []string
	if s.previewWidth() > 0 {
		right = s.right()
	}
	for i := range s.bodyHeight() {
		row := ""
		if i < len(left) {
			row = left[i]
		}
		if s.previewWidth() > 0 {
			row = pad(ansi.Truncate(row, tw, "…"), tw) + s.Theme.Faint(" │ ")
			if i < len(right) {
				row += ansi.Truncate(right[i], s.previewWidth(), "…")
			}
		}
		rows = append(rows, ansi.Truncate(row, w, "…"))
	}
	if s.tall() {
		rows = append(rows, s.noticeRow(), rule)
	}
	rows = append(rows, s.footer())
	return rows[:max(min(len(rows), s.size.h), 0)]
}

// title is the folder at the left and the order at the right.
func (s *Screen) title() string {
	t := s.Theme
	left := " " + t.Strong(clean(s.Namer.Short(s.folder())))
	right := ""
	if f := s.tree.filter; f != "" {
		right += t.Accent("⌕ " + clean(f) + "  ")
	}
	if n := len(s.tree.marked); n > 0 {
		right += t.Accent(fmt.Sprintf("%d marked  ", n))
	}
	right += t.Muted("by " + s.tree.order.String() + " ")
	return sides(left, right, s.size.w)
}

// left is the tree, or what a finder found.
func (s *Screen) left() []string {
	if s.finder != nil {
		return s.foundRows()
	}
	t := s.tree
	var rows []string
	for i := t.top; i < min(t.top+s.bodyHeight(), len(t.rows)); i++ {
		rows = append(rows, s.treeRow(t.rows[i], i == t.at))
	}
	return rows
}

// treeRow is "┃ ▾ name     note".
func (s *Screen) treeRow(n *node, here bool) string {
	t, w := s.Theme, s.treeWidth()
	bar, name := "  ", clean(n.Name)
	if here {
		bar = t.Accent("┃ ")
	}
	glyph := "  "
	switch {
	case n.Dir && n.open:
		glyph = "▾ "
	case n.Dir:
		glyph = "▸ "
	case s.tree.marked[n.URL]:
		glyph = t.Accent("✓ ")
	}
	if n.Dir && s.tree.marked[n.URL] {
		glyph = t.Accent("✓ ")
	}
	note := s.note(n)
	lead := bar + strings.Repeat("  ", min(n.depth, 12)) + glyph
	room := w - ansi.StringWidth(lead) - ansi.StringWidth(note) - 2
	name = middle(name, max(room, 4))
	switch {
	case here || s.tree.marked[n.URL]:
		name = t.Strong(name)
	case n.Dir, strings.HasSuffix(n.Name, ".ipynb"):
		name = t.Text(name)
	default:
		name = t.Muted(name)
	}
	return sides(lead+name, note, w)
}

// note is what stands at the right of an entry.
func (s *Screen) note(n *node) string {
	t := s.Theme
	switch {
	case n.fault != "":
		return t.Failed("✗ ")
	case n.loading && len(n.kids) > 0:
		return t.Muted(thousands(len(n.kids)) + " … ")
	case n.loading:
		return t.Muted("… ")
	case n.Dir && n.listed:
		return t.Muted(thousands(len(n.kids)) + " ")
	case n.Dir:
		return ""
	}
	if state, ok := s.live[n.URL]; ok {
		return t.Running("● " + clean(state) + " ")
	}
	if s.tree.order == bySize {
		return t.Muted(size(n.Size) + " ")
	}
	return t.Muted(age(n.Modified, s.Now()) + " ")
}

func (s *Screen) foundRows() []string {
	f, t, h := s.finder, s.Theme, s.bodyHeight()
	f.top = max(min(f.top, f.at), f.at-h+2, 0)
	state := plural(len(f.all), "name") + " looked at"
	switch {
	case f.full:
		state = "the first " + state
	case !f.done:
		state += " …"
	}
	rows := []string{"  " + t.Muted(state)}
	for i := f.top; i < min(f.top+h-1, len(f.found)); i++ {
		bar, name := "  ", middle(clean(f.below(f.found[i].Entry)), s.treeWidth()-6)
		if f.found[i].Dir {
			name += "/"
		}
		if i == f.at {
			rows = append(rows, t.Accent("┃ ")+bar+t.Strong(name))
			continue
		}
		rows = append(rows, "  "+bar+t.Text(name))
	}
	return rows
}

// right is the preview of what the cursor is on.
func (s *Screen) right() []string {
	t := s.Theme
	e, ok := s.under()
	if !ok {
		return nil
	}
	head := t.Strong(clean(e.Name))
	if e.Dir {
		return s.folderFacts(e, head)
	}
	facts := size(e.Size)
	if !e.Modified.IsZero() {
		facts += " · " + e.Modified.Local().Format("2006-01-02 15:04")
	}
	rows := []string{sides(head, t.Muted(facts), s.previewWidth())}
	p, ok := s.peek.cache[s.peek.at]
	if !ok {
		return append(rows, t.Muted("…"))
	}
	rows = append(rows, p.about...)
	if p.fault != "" {
		return append(rows, wrapped(t.Failed, p.fault, s.previewWidth())...)
	}
	rows = append(rows, t.Faint(strings.Repeat("─", s.previewWidth())))
	return append(rows, p.rows...)
}

func (s *Screen) folderFacts(e Entry, head string) []string {
	t := s.Theme
	rows := []string{head}
	if where := clean(s.Namer.Short(e.URL)); where != clean(e.Name) { // of a root they are one
		rows = append(rows, t.Muted(middle(where, s.previewWidth())))
	}
	n := s.tree.current()
	if s.finder != nil || n == nil || n.URL != e.URL {
		return rows
	}
	if n.fault != "" {
		return append(append(rows, ""), wrapped(t.Failed, n.fault, s.previewWidth())...)
	}
	if len(n.kids) == 0 {
		if n.listed {
			rows = append(rows, "", t.Muted("empty · n makes a notebook here"))
		}
		return rows
	}
	sum := n.sum
	return append(rows, t.Muted(fmt.Sprintf("%s · %s · %s · %s", plural(sum.dirs, "folder"),
		plural(sum.books, "notebook"), plural(sum.others, "other file"), size(sum.bytes))))
}

func (s *Screen) noticeRow() string {
	t := s.Theme
	switch {
	case s.work.cancel != nil:
		return " " + t.Running(ansi.Truncate(s.work.line(s.Now()), s.size.w-2, "…"))
	case s.notice.loud:
		return " " + t.Failed(ansi.Truncate(s.notice.text, s.size.w-2, "…"))
	}
	return " " + t.Muted(ansi.Truncate(s.notice.text, s.size.w-2, "…"))
}

// footer is what can be pressed, or what is being typed.
func (s *Screen) footer() string {
	if s.prompt != nil {
		return " " + s.prompt.in.Row(max(s.size.w-2, 1))
	}
	var hints []string
	for _, h := range []struct{ id, text string }{
		{keymap.BrowserHelp, "help"}, {keymap.BrowserOpen, "open"}, {keymap.BrowserView, "view"}, {keymap.BrowserForm, "parameters"}, {keymap.BrowserFilter, "filter"},
		{keymap.BrowserFind, "find"}, {keymap.BrowserMark, "mark"}, {keymap.BrowserCopy, "copy"}, {keymap.BrowserDelete, "delete"}, {keymap.BrowserNew, "new"}, {keymap.Palette, "actions"},
	} {
		if keys := s.Keys.Keys(keymap.Browser, h.id, false); len(keys) > 0 {
			hints = append(hints, keys[0]+" "+h.text)
		}
	}
	if !s.pending.Empty() {
		hints = []string{s.pending.String() + " …"}
	}
	text := ""
	for n := 1; n <= len(hints); n++ {
		longer := strings.Join(append(append([]string(nil), hints[1:n]...), hints[0]), " · ")
		if ansi.StringWidth(longer) > s.size.w-2 && n > 1 {
			break
		}
		text = longer
	}
	return " " + s.Theme.Muted(text)
}

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor {
	if s.prompt == nil {
		return nil
	}
	c := tea.NewCursor(min(1+s.prompt.in.CursorCol(max(s.size.w-2, 1)), s.size.w-1), s.size.h-1)
	c.Shape = tea.CursorBar
	return c
}

// sides puts left and right on one row; the left gives way.
func sides(left, right string, w int) string {
	room := w - ansi.StringWidth(right)
	if room < 1 {
		return ansi.Truncate(left, w, "…")
	}
	left = ansi.Truncate(left, room-1, "…")
	return left + strings.Repeat(" ", max(room-ansi.StringWidth(left), 0)) + right
}

func pad(s string, w int) string { return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0)) }

// middle cuts a name in its middle: beginnings and endings tell names apart.
func middle(s string, w int) string {
	width := ansi.StringWidth(s)
	if width <= w || w < 5 {
		return ansi.Truncate(s, max(w, 1), "…")
	}
	back := (w - 1) / 2
	return ansi.Truncate(s, w-1-back, "") + "…" + ansi.TruncateLeft(s, width-back, "")
}

func wrapped(paint func(string) string, text string, w int) []string {
	rows := strings.Split(ansi.Wrap(text, max(w, 1), ""), "\n")
	for i, r := range rows {
		rows[i] = paint(r)
	}
	return rows
}
