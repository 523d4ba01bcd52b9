package diff

import (
	"image/color"
	"strings"

	"github.com/charmbracelet/x/ansi"

	delta "nbterm/engine/diff"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// around is how many lines that are the same stand before and behind those that
// differ.
const around = 3

// lines draws two texts, one below the other or side by side.
func (l Look) lines(all []delta.Line) []string {
	cut := 0
	if l.Most > 0 && len(all) > l.Most {
		cut = len(all) - l.Most
		all = all[:l.Most]
	}
	var rows []string
	for _, part := range l.parts(all) {
		switch {
		case part.hidden > 0:
			rows = append(rows, l.muted("  ⋯ "+plural(part.hidden, "line")+" the same"))
		case l.Beside:
			rows = append(rows, l.beside(part.lines)...)
		default:
			for _, line := range part.lines {
				rows = append(rows, l.line(line, l.Width)...)
			}
		}
	}
	if cut > 0 {
		rows = append(rows, l.muted("  ⋯ "+plural(cut, "line")+" more"))
	}
	return rows
}

// part is some lines, or a number of lines that are left out.
type part struct {
	lines  []delta.Line
	hidden int
}

// parts leaves out what is far from any difference.
func (l Look) parts(all []delta.Line) []part {
	if l.Whole {
		return []part{{lines: all}}
	}
	near := make([]bool, len(all))
	for i, line := range all {
		if line.InA && line.InB {
			continue
		}
		for k := max(i-around, 0); k <= min(i+around, len(all)-1); k++ {
			near[k] = true
		}
	}
	var out []part
	for i := 0; i < len(all); {
		end := i
		for end < len(all) && near[end] == near[i] {
			end++
		}
		if near[i] || end-i == 1 {
			out = append(out, part{lines: all[i:end]})
		} else {
			out = append(out, part{hidden: end - i})
		}
		i = end
	}
	return out
}

// mark is the sign and the colour of a line.
func (l Look) mark(line delta.Line) (string, color.Color) {
	switch {
	case line.InA && line.InB:
		return "  ", l.Palette.Muted
	case line.InA:
		return "- ", l.Palette.Failed
	}
	return "+ ", l.Palette.Ok
}

// line draws one line in as many rows as it takes.
func (l Look) line(line delta.Line, width int) []string {
	sign, c := l.mark(line)
	var rows []string
	room := max(width-ansi.StringWidth(sign), 1)
	row, used := "", 0
	put := func(text string, attr ink.Attr) {
		text = term.Clean(strings.ReplaceAll(text, "\t", "    "))
		for text != "" {
			head := ansi.Truncate(text, room-used, "")
			if head == "" && used == 0 {
				return // not even one character fits
			}
			row += l.paint(c, attr, head)
			used += ansi.StringWidth(head)
			if text = text[len(head):]; text != "" {
				rows, row, used = append(rows, row), "", 0
			}
		}
	}
	at := 0
	for _, m := range line.Marks {
		put(line.Text[at:m[0]], 0)
		put(line.Text[m[0]:m[1]], ink.Reverse)
		at = m[1]
	}
	put(line.Text[at:], 0)
	rows = append(rows, row)
	for i := range rows {
		if i > 0 {
			sign = "  "
		}
		rows[i] = l.paint(c, 0, sign) + rows[i]
	}
	return rows
}

// The columns between the two sides.
const between = " │ "

// column is the width of one side.
func (l Look) column() int { return max((l.Width-ansi.StringWidth(between))/2, 10) }

// beside draws lines in two columns: those that took the place of others stand at
// their side.
func (l Look) beside(all []delta.Line) []string {
	var rows []string
	for i := 0; i < len(all); {
		gone := i
		for gone < len(all) && all[gone].InA && !all[gone].InB {
			gone++
		}
		came := gone
		for came < len(all) && !all[came].InA {
			came++
		}
		if came == i {
			rows = append(rows, l.pair(&all[i], &all[i])...)
			i++
			continue
		}
		for n := range max(gone-i, came-gone) {
			var a, b *delta.Line
			if i+n < gone {
				a = &all[i+n]
			}
			if gone+n < came {
				b = &all[gone+n]
			}
			rows = append(rows, l.pair(a, b)...)
		}
		i = came
	}
	return rows
}

func (l Look) pair(a, b *delta.Line) []string {
	var left, right []string
	if a != nil {
		left = l.line(*a, l.column())
	}
	if b != nil {
		right = l.line(*b, l.column())
	}
	return l.join(left, right)
}

// join puts rows beside each other.
func (l Look) join(left, right []string) []string {
	rows := make([]string, max(len(left), len(right)))
	bar := l.paint(l.Palette.Faint, 0, between)
	for i := range rows {
		a, b := "", ""
		if i < len(left) {
			a = left[i]
		}
		if i < len(right) {
			b = right[i]
		}
		rows[i] = a + strings.Repeat(" ", max(l.column()-ansi.StringWidth(a), 0)) + bar + b
	}
	return rows
}
