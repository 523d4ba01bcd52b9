package widget

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render"
)

// box is a drawn part: rows of any width up to its own.
type box struct {
	lines  []string
	images []render.Placement
	areas  []Area
	cursor *Point
}

// width is that of its widest row.
func (b box) width() int {
	w := 0
	for _, line := range b.lines {
		w = max(w, ansi.StringWidth(line))
	}
	return w
}

// put draws c over b, whose rows must reach that column.
func (b *box) put(c box, row, col int) {
	for _, image := range c.images {
		image.Row, image.Col = image.Row+row, image.Col+col
		b.images = append(b.images, image)
	}
	for _, a := range c.areas {
		a.Row, a.Col = a.Row+row, a.Col+col
		b.areas = append(b.areas, a)
	}
	if c.cursor != nil {
		b.cursor = &Point{c.cursor.Row + row, c.cursor.Col + col}
	}
}

// below stacks boxes, indented.
func below(indent int, boxes ...box) box {
	var all box
	for _, b := range boxes {
		all.put(b, len(all.lines), indent)
		for _, line := range b.lines {
			if line != "" {
				line = strings.Repeat(" ", indent) + line
			}
			all.lines = append(all.lines, line)
		}
	}
	return all
}

// beside puts boxes in a row, gap columns apart; empty ones take no room.
func beside(gap int, boxes ...box) box {
	var all box
	used := 0
	for _, b := range boxes {
		if len(b.lines) == 0 {
			continue
		}
		if used > 0 {
			used += gap
		}
		all.put(b, 0, used)
		for len(all.lines) < len(b.lines) {
			all.lines = append(all.lines, "")
		}
		for i, line := range b.lines {
			if line != "" {
				all.lines[i] = pad(all.lines[i], used) + line
			}
		}
		used += b.width()
	}
	return all
}

// cut gives the rows, none wider than width.
func (b box) cut(width int) []string {
	lines := make([]string, len(b.lines))
	for i, line := range b.lines {
		if lines[i] = line; ansi.StringWidth(line) > width {
			lines[i] = ansi.Truncate(line, width, "…")
		}
	}
	return lines
}

// pad fills a row with blanks up to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-ansi.StringWidth(s), 0))
}

// cut shortens clean text to a width.
func cut(s string, width int) string { return ansi.Truncate(s, max(width, 0), "…") }

// fit makes clean text exactly that wide.
func fit(s string, width int) string { return pad(cut(s, width), width) }

// number reads what begins with one, 0 where nothing does.
func number(s string) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || v < 0 || v > 1e6 {
		return 0
	}
	return v
}
