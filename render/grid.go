package render

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// Bounds of a table that is drawn whole; more is counted, not drawn.
const (
	maxGridRows = 1000
	maxGridCols = 256
	maxCell     = 60 // columns of one cell
	minCell     = 8  // a cell is not cut narrower than this before columns are hidden
)

// align says where a column's text stands.
type align uint8

const (
	alignAuto align = iota // right for numbers, left otherwise
	alignLeft
	alignRight
	alignCenter
)

// grid is a table of styled cells, one line each.
type grid struct {
	head   [][]string
	rows   [][]string
	index  int // leading columns that name the rows
	aligns []align
	wrap   bool // cells that are too wide are filled over rows, not cut
}

// gap stands between two columns.
const gap = "  "

// draw lays the table out: header, a thin rule, rows. Columns that do not fit are
// hidden and counted.
func (g *grid) draw(ctx Context) []string {
	widths := g.widths()
	shown := g.fit(widths, ctx.Width)
	aligns := g.align(len(widths))
	var out []string
	for _, row := range g.head {
		out = append(out, g.row(row, widths[:shown], aligns, shown < len(widths), ink.Style{Attr: ink.Bold}, ctx))
	}
	if len(g.head) > 0 {
		total := len(gap) * (shown - 1)
		for _, w := range widths[:shown] {
			total += w
		}
		if shown < len(widths) {
			total += len(gap) + 1
		}
		out = append(out, ctx.rule("─", min(total, ctx.Width)))
	}
	rows := g.rows[:min(len(g.rows), maxGridRows)]
	for _, row := range rows {
		for _, line := range g.filled(row, widths[:shown]) {
			out = append(out, g.row(line, widths[:shown], aligns, shown < len(widths), ink.Style{}, ctx))
		}
	}
	if hidden := len(g.rows) - len(rows); hidden > 0 {
		out = append(out, ctx.muted(fmt.Sprintf("… %d more rows", hidden)))
	}
	if hidden := len(widths) - shown; hidden > 0 {
		out = append(out, ctx.muted(g.hiddenNote(shown, hidden)))
	}
	return term.Lines(strings.Join(out, "\n"), ctx.options())
}

// hiddenNote counts the hidden columns and names them as far as a line goes.
func (g *grid) hiddenNote(shown, hidden int) string {
	note := fmt.Sprintf("… %d more column", hidden)
	if hidden > 1 {
		note += "s"
	}
	var names []string
	if n := len(g.head); n > 0 {
		for _, name := range g.head[n-1][min(shown, len(g.head[n-1])):] {
			if name = ansi.Strip(name); name != "" {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return note
	}
	return ansi.Truncate(note+": "+strings.Join(names, ", "), 72, "…")
}

// widths gives the natural width of each column.
func (g *grid) widths() []int {
	var widths []int
	for _, rows := range [][][]string{g.head, g.rows[:min(len(g.rows), maxGridRows)]} {
		for _, row := range rows {
			for i, c := range row[:min(len(row), maxGridCols)] {
				if i == len(widths) {
					widths = append(widths, 1)
				}
				if len(c) > widths[i] {
					widths[i] = max(widths[i], min(cells(c), g.widest()))
				}
			}
		}
	}
	return widths
}

// widest is the most a cell may take.
func (g *grid) widest() int {
	if g.wrap {
		return 1 << 16
	}
	return maxCell
}

// narrowest is the width to which columns are cut before any is hidden.
func (g *grid) narrowest() int {
	if g.wrap {
		return minCell
	}
	return 2 * minCell
}

// filled spreads a row over lines where its cells are to be filled.
func (g *grid) filled(row []string, widths []int) [][]string {
	if !g.wrap {
		return [][]string{row}
	}
	var lines [][]string
	for i, cell := range row[:min(len(row), len(widths))] {
		if cells(cell) <= widths[i] {
			lines = put(lines, 0, i, cell)
			continue
		}
		for n, part := range term.Lines(ansi.Wrap(cell, widths[i], ""), term.Options{Width: widths[i], Colors: ink.TrueColor, Links: true}) {
			lines = put(lines, n, i, part)
		}
	}
	return lines
}

// put sets a cell of a row that grows as needed.
func put(rows [][]string, row, col int, text string) [][]string {
	for len(rows) <= row {
		rows = append(rows, nil)
	}
	for len(rows[row]) <= col {
		rows[row] = append(rows[row], "")
	}
	rows[row][col] = text
	return rows
}

// cells measures styled text.
func cells(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// fit narrows the widest columns and says how many fit into width. What is hidden
// leaves room for its mark.
func (g *grid) fit(widths []int, width int) int {
	total := len(gap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for total > width {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if len(widths) == 0 || widths[widest] <= g.narrowest() || len(widths)*(minCell+len(gap)) > 2*width {
			break
		}
		widths[widest]--
		total--
	}
	if total <= width {
		return len(widths)
	}
	used := 1 // the mark
	for i, w := range widths {
		if used += w + len(gap); used > width {
			if i == 0 {
				widths[0] = max(min(widths[0], width-len(gap)-1), 1)
			}
			return max(i, 1)
		}
	}
	return len(widths)
}

// align settles the columns: what is number in every row stands right.
func (g *grid) align(columns int) []align {
	out := make([]align, columns)
	copy(out, g.aligns)
	for col := range out {
		if out[col] != alignAuto {
			continue
		}
		numbers := 0
		out[col] = alignRight
		for _, row := range g.rows[:min(len(g.rows), maxGridRows)] {
			if col >= len(row) {
				continue
			}
			switch text := ansi.Strip(row[col]); {
			case numeric(text):
				numbers++
			case !missing(text):
				out[col] = alignLeft
			}
		}
		if numbers == 0 {
			out[col] = alignLeft
		}
	}
	return out
}

// numeric reports text that reads as a number, a percentage or a time span.
func numeric(s string) bool {
	s = strings.TrimSpace(s)
	s = strings.TrimLeft(s, "+-−$€£")
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("., _%\u00a0\u202f", r), (r == 'e' || r == 'E' || r == '+' || r == '-') && i > 0 && digits > 0 && strings.ContainsAny(s, "eE"):
		default:
			return s == "inf"
		}
	}
	return digits > 0
}

// missing reports what tables write for no value.
func missing(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "NaN", "nan", "<NA>", "NA", "NaT", "None", "null", "...", "…", "⋮", "-", "—":
		return true
	}
	return false
}

// row draws one row; more marks columns that are hidden.
func (g *grid) row(row []string, widths []int, aligns []align, more bool, base ink.Style, ctx Context) string {
	var b strings.Builder
	for i, width := range widths {
		if i > 0 {
			b.WriteString(gap)
		}
		text := ""
		if i < len(row) {
			text = row[i]
		}
		n := cells(text)
		if n > width {
			text = ansi.Truncate(text, width, "…")
			n = cells(text)
		}
		left, right := 0, width-n
		switch aligns[i] {
		case alignRight:
			left, right = right, 0
		case alignCenter:
			left, right = right/2, right-right/2
		}
		style := base
		switch {
		case i < g.index, missing(text):
			style.Fg = ink.Of(ctx.Palette.Muted)
		case base.Attr != 0:
			style.Fg = ink.Of(ctx.Palette.Heading)
		}
		b.WriteString(strings.Repeat(" ", left))
		b.WriteString(ctx.paint(style, text))
		b.WriteString(strings.Repeat(" ", right))
	}
	if more {
		b.WriteString(gap + ctx.muted("…"))
	}
	return b.String()
}
