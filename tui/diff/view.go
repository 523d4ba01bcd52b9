package diff

import (
	"strings"

	"fmt"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render/term"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
)

// margin is the columns of the bar that marks the selected item, and the blanks
// around it.
const margin = 3

// rows are the items as a list shows them.
type rows struct{ *Screen }

// Len implements list.Items.
func (r rows) Len() int { return len(r.items) }

// Height implements list.Items: an empty row follows each item.
func (r rows) Height(i int) int { return len(r.draw(i)) + 1 }

// Rows implements list.Items.
func (r rows) Rows(i, from, to int) []string {
	drawn := r.draw(i)
	out := make([]string, 0, to-from)
	for k := from; k < to; k++ {
		if k >= len(drawn) {
			out = append(out, "")
			continue
		}
		bar := "   "
		if i == r.at {
			bar = " " + r.deps.Theme.Accent("┃") + " "
		}
		out = append(out, bar+drawn[k])
	}
	return out
}

// draw gives the rows of an item, drawn once for a width.
func (s *Screen) draw(i int) []string {
	it := &s.items[i]
	if it.rows != nil {
		return it.rows
	}
	l := s.look()
	switch it.kind {
	case summary:
		it.rows = l.Summary(s.deps.Report)
	case alike:
		it.rows = []string{l.muted("⋯ " + plural(len(it.cells), "cell") + " the same")}
	case single:
		c := it.cells[0]
		l.Whole = s.unfolded && !c.Differs()
		it.rows = append([]string{l.Heading(c)}, l.Body(c)...)
	}
	for k, row := range it.rows {
		it.rows[k] = ansi.Truncate(row, l.Width, "…")
	}
	return it.rows
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	t := s.deps.Theme
	a, b := names(s.deps.A, s.deps.B)
	title := t.Failed("- ") + t.Strong(a) + t.Ok("  + ") + t.Strong(b)
	n, of := 0, 0
	for i := range s.items {
		if s.items[i].differs() {
			if of++; i <= s.at {
				n = of
			}
		}
	}
	f := kit.Frame{
		Title: title, Right: t.Muted(Stat(s.deps.Report)), Body: s.list.Rows(), Notice: s.notice,
		Mode: "DIFF", Place: fmt.Sprintf("%d/%d", n, of),
		Hints: s.controls.Hints(keymap.Help, "help", keymap.ListNext, "next", keymap.ListOpen, "open the cell",
			keymap.DiffFold, s.word(s.unfolded, "fold the same", "unfold the same"),
			keymap.DiffOutputs, s.word(s.outputs, "hide outputs", "show outputs"), keymap.Close, "close"),
	}
	return f.Rows(t, s.size.Width, s.size.Height)
}

func (s *Screen) word(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// names are both addresses, without the folder where they share one: the row has room
// for what tells them apart.
func names(a, b string) (string, string) {
	folder := a[:strings.LastIndexByte(a, '/')+1]
	if rest, same := strings.CutPrefix(b, folder); same && a != b && !strings.Contains(rest, "/") {
		a, b = a[len(folder):], rest
	}
	return term.Clean(a), term.Clean(b)
}
