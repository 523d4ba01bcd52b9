package history

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/diff"
	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/render/term"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/theme"
)

// The widths of the parts, in columns.
const (
	leftWidth = 44
	bothFrom  = 96 // below, the list stands alone above what is shown
)

func clean(s string) string { return term.Clean(s) }

func (s *Screen) rightWidth() int {
	if s.size.Width < bothFrom {
		return max(s.size.Width-2, 1)
	}
	return s.size.Width - leftWidth - 4
}

// rows are the versions as a list.
type rows struct{ s *Screen }

func (r rows) Len() int       { return len(r.s.all) }
func (r rows) Height(int) int { return 1 }

func (r rows) Rows(i, _, _ int) []string {
	s, v, t := r.s, r.s.all[i], r.s.deps.Theme
	bar, when := "  ", v.Modified.Local().Format("2006-01-02 15:04")
	if i == s.at {
		bar, when = t.Accent("┃ "), t.Strong(when)
	} else {
		when = t.Text(when)
	}
	note := clean(v.Note)
	if v.Removed {
		note = "removed"
	}
	if note == "" && v.Author != "" {
		note = clean(v.Author)
	}
	width := leftWidth
	if s.size.Width < bothFrom {
		width = s.size.Width
	}
	row := bar + when + "  " + t.Accent(kit.Pad(v.From, 6)) + " " + t.Muted(note)
	return []string{ansi.Truncate(row, width, "…")}
}

// shown is what there is of the selected version; nil while it is on its way.
func (s *Screen) shown() []string {
	v, ok := s.selected()
	if !ok {
		return nil
	}
	return s.seen[s.key(v)]
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	t, h := s.deps.Theme, kit.BodyHeight(s.size.Height, true)
	f := kit.Frame{
		Title: t.Strong(s.deps.Name) + t.Muted("  history"), Right: t.Muted(s.what()), Notice: s.notice, Loud: s.loud,
		Hints: s.controls.Hints(keymap.Help, "help", keymap.HistoryBack, "put back", keymap.HistoryWhole, "changes or whole", keymap.ListPageDown, "scroll", keymap.Close, "close"),
	}
	if f.Notice == "" {
		f.Notice = " "
	}
	switch {
	case !s.known:
		f.Body = []string{"  " + t.Muted("looking …")}
	case len(s.all) == 0:
		f.Body = []string{"  " + t.Muted("There is no older version: nothing was saved over yet, and it is in no repository.")}
	case s.size.Width < bothFrom:
		s.list.SetHeight(min(h/3, len(s.all)))
		f.Body = append(s.list.Rows(), t.Faint(strings.Repeat("─", s.size.Width)))
		for _, r := range s.part(h - len(f.Body)) {
			f.Body = append(f.Body, " "+r)
		}
	default:
		s.list.SetHeight(h)
		right := s.part(h)
		for i, left := range s.list.Rows() {
			row := kit.Pad(left, leftWidth) + t.Faint(" │ ")
			if i < len(right) {
				row += right[i]
			}
			f.Body = append(f.Body, row)
		}
	}
	return f.Rows(t, s.size.Width, s.size.Height)
}

func (s *Screen) what() string {
	if s.whole {
		return "the version"
	}
	return "what has changed since"
}

// part is the rows of the version that fit into h.
func (s *Screen) part(h int) []string {
	shown := s.shown()
	if shown == nil {
		return []string{s.deps.Theme.Muted("…")}
	}
	from := min(s.top, len(shown))
	var out []string
	for _, r := range shown[from:min(from+h, len(shown))] {
		out = append(out, ansi.Truncate(r, s.rightWidth(), "…"))
	}
	return out
}

// drawChanges says what has become of a notebook's cells.
func drawChanges(old, now *notebook.Notebook, width int, t theme.Theme) []string {
	var out []string
	for _, c := range diff.Compare(old, now, diff.Options{}).Cells {
		if !c.Differs() {
			continue
		}
		out = append(out, changeHead(c, t))
		for _, l := range c.Source {
			switch {
			case l.InA && l.InB:
			case l.InA:
				out = append(out, t.Failed("− ")+t.Text(clean(l.Text)))
			default:
				out = append(out, t.Ok("+ ")+t.Text(clean(l.Text)))
			}
		}
		if c.Kind == diff.Added || c.Kind == diff.Removed {
			out = append(out, sourceOf(c, t)...)
		}
		if len(c.Outputs) > 0 {
			out = append(out, t.Muted("  its output is another"))
		}
		out = append(out, "")
	}
	if len(out) == 0 {
		out = wrap(t.Muted, "It is as it is now: no cell is another.", width)
	}
	return out
}

func changeHead(c diff.Cell, t theme.Theme) string {
	switch {
	case c.Kind == diff.Added:
		return t.Ok(fmt.Sprintf("cell %d is new since", c.B+1))
	case c.Kind == diff.Removed:
		return t.Failed(fmt.Sprintf("cell %d was removed since", c.A+1))
	case c.Kind == diff.Same:
		return t.Stale(fmt.Sprintf("cell %d was moved, now %d", c.A+1, c.B+1))
	}
	return t.Stale(fmt.Sprintf("cell %d has changed", c.B+1))
}

// sourceMost is how many lines of a cell that came or went are shown.
const sourceMost = 12

func sourceOf(c diff.Cell, t theme.Theme) []string {
	cell, mark := c.CellB, t.Ok("+ ")
	if c.Kind == diff.Removed {
		cell, mark = c.CellA, t.Failed("− ")
	}
	var out []string
	lines := strings.Split(cell.Source(), "\n")
	for _, l := range lines[:min(len(lines), sourceMost)] {
		out = append(out, mark+t.Text(clean(l)))
	}
	if n := len(lines) - sourceMost; n > 0 {
		out = append(out, t.Muted(fmt.Sprintf("  … %d lines more", n)))
	}
	return out
}

// drawWhole draws the sources of a version.
func drawWhole(doc *notebook.Notebook, width int, t theme.Theme) []string {
	ctx := render.Context{Width: width, Palette: t.Palette, Caps: render.Caps{Colors: render.TrueColor}}
	var out []string
	for _, c := range doc.Cells() {
		if c.Kind() == notebook.Markdown {
			out = append(out, render.Markdown(c.Source(), ctx).Lines...)
		} else {
			wide := ctx
			wide.Width = 500 // a line that is too long is cut
			for _, r := range render.Code(c.Source(), doc.Language(), wide).Lines {
				out = append(out, t.Faint("│ ")+r)
			}
		}
		out = append(out, "")
	}
	return out
}

func wrap(paint func(string) string, text string, width int) []string {
	lines := strings.Split(ansi.Wrap(text, max(width, 1), ""), "\n")
	for i, l := range lines {
		lines[i] = paint(l)
	}
	return lines
}
