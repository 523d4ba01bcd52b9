package dialog

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/theme"
)

// Compare asks for a choice between two texts and shows both: beside each other, or
// one under the other where that is too narrow.
type Compare struct {
	Title   string
	Heads   [2]string // what the left and the right text are
	Lines   []Line
	Options []Option
	top     int
	page    int
}

// Line is a line of the left text, of the right one, or of both.
type Line struct {
	Text        string // fit for the terminal
	Left, Right bool
}

// Press implements Dialog.
func (c *Compare) Press(key string) (tea.Cmd, bool) {
	switch key {
	case "down", "j":
		c.top++
	case "up", "k":
		c.top--
	case "pgdown", "space":
		c.top += c.page
	case "pgup":
		c.top -= c.page
	case "home", "g":
		c.top = 0
	case "end", "G":
		c.top += 2 * len(c.Lines)
	default:
		return Choice{Options: c.Options}.Press(key)
	}
	return nil, false
}

// beside is the width from which two texts fit beside each other.
const beside = 60

// Rows implements Dialog.
func (c *Compare) Rows(t theme.Theme, w, h int) []string {
	width := max(w-4, 1)
	body := append(paragraph(t.Strong, c.Title, width), "")
	texts := c.under(t)
	if w >= beside {
		half := (width - 3) / 2
		texts = c.beside(t, half)
		body = append(body, t.Muted(pad(cut(c.Heads[0], half), half)+" │ "+cut(c.Heads[1], half)))
	}
	var keys []string
	for _, o := range c.Options {
		keys = append(keys, t.Accent(o.Key)+" "+t.Text(o.Text))
	}
	end := strings.Split(ansi.Wrap(strings.Join(keys, t.Faint(" · ")), width, ""), "\n")
	c.page = max(h-len(body)-len(end)-4, 1) // two rules, a row that says where, an empty one
	c.top = max(min(c.top, len(texts)-c.page), 0)
	shown := texts[c.top:min(c.top+c.page, len(texts))]
	for _, r := range shown {
		body = append(body, ansi.Truncate(r, width, "…"))
	}
	where := ""
	if len(shown) < len(texts) {
		where = t.Muted(fmt.Sprintf("lines %d to %d of %d · j k scroll", c.top+1, c.top+len(shown), len(texts)))
	}
	return frame(t, append(append(body, where), end...), w, h)
}

// beside draws the texts as two columns. What takes the place of what stands in one
// row with it.
func (c *Compare) beside(t theme.Theme, half int) []string {
	var rows []string
	row := func(left, right string, paint func(string) string, mark string) {
		l, r := pad(cut(left, half), half), cut(right, half)
		rows = append(rows, paint(l)+t.Faint(" "+mark+" ")+paint(r))
	}
	for i := 0; i < len(c.Lines); {
		if l := c.Lines[i]; l.Left && l.Right {
			row(l.Text, l.Text, t.Muted, "│")
			i++
			continue
		}
		var left, right []string
		for ; i < len(c.Lines) && c.Lines[i].Left != c.Lines[i].Right; i++ {
			if l := c.Lines[i]; l.Left {
				left = append(left, l.Text)
			} else {
				right = append(right, l.Text)
			}
		}
		for n := range max(len(left), len(right)) {
			l, r, mark := at(left, n), at(right, n), "≠"
			switch {
			case n >= len(left):
				mark = ">"
			case n >= len(right):
				mark = "<"
			}
			row(l, r, t.Text, mark)
		}
	}
	return rows
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// under draws the texts one after the other.
func (c *Compare) under(t theme.Theme) []string {
	var rows []string
	for side, head := range c.Heads {
		rows = append(rows, t.Muted("── "+head))
		for _, l := range c.Lines {
			switch {
			case l.Left && l.Right:
				rows = append(rows, "  "+t.Muted(l.Text))
			case l.Left == (side == 0):
				rows = append(rows, t.Text("≠ "+l.Text))
			}
		}
	}
	return rows
}

func cut(s string, w int) string { return ansi.Truncate(s, max(w, 1), "…") }
