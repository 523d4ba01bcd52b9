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

// cell is one cell of a grid.
type cell struct {
	text  string    // styled, one line
	look  ink.Style // of its ground, from edge to edge
	align align     // over that of its column
	span  int       // columns it covers; 0 is 1. Those covered follow, empty
}

// grid is a table of styled cells, one line each.
type grid struct {
	head   [][]cell
	rows   [][]cell
	index  int // leading columns that name the rows
	aligns []align
	wrap   bool // cells that are too wide are filled over rows, not cut
	total  int  // rows there are, when not all of them are in rows
}

// gap stands between two columns.
const gap = "  "

// view is the columns of a grid that are drawn.
type view struct {
	at     []int // their indices: those of the index, then what fits from the scroll on
	widths []int
	aligns []align
	left   int // columns scrolled off
	right  int // columns that do not fit
}

// draw lays the table out: header, a thin rule, rows. Columns that do not fit are
// hidden and counted; ctx.Left skips so many behind the index.
func (g *grid) draw(ctx Context) Block {
	widths := g.widths()
	if len(widths) == 0 {
		return Block{}
	}
	v := g.view(widths, ctx)
	var out []string
	for _, row := range g.head {
		out = append(out, g.row(row, v, ink.Style{Attr: ink.Bold}, ctx))
	}
	if len(g.head) > 0 {
		total := len(gap) * (len(v.at) - 1)
		for _, w := range v.widths {
			total += w
		}
		if v.right > 0 {
			total += len(gap) + 1
		}
		out = append(out, ctx.rule("─", min(total, ctx.Width)))
	}
	rows := g.rows[:min(len(g.rows), maxGridRows)]
	for _, row := range rows {
		for _, line := range g.filled(row, v) {
			out = append(out, g.row(line, v, ink.Style{}, ctx))
		}
	}
	if hidden := max(len(g.rows), g.total) - len(rows); hidden > 0 {
		out = append(out, ctx.muted(fmt.Sprintf("… %s", count(hidden, "more row"))))
	}
	if v.left+v.right > 0 {
		out = append(out, ctx.muted(g.hiddenNote(v)))
	}
	return Block{Lines: term.Lines(strings.Join(out, "\n"), ctx.options()), Hidden: v.right}
}

// count writes a number of things, thousands apart.
func count(n int, thing string) string {
	s := itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n != 1 {
		thing += "s"
	}
	return s + " " + thing
}

// hiddenNote counts the hidden columns and names them as far as a line goes.
func (g *grid) hiddenNote(v view) string {
	note := ""
	if v.left > 0 {
		note = "◂ " + count(v.left, "column")
	}
	if v.right == 0 {
		return note
	}
	if note != "" {
		note += " · "
	}
	note += "… " + count(v.right, "more column")
	var names []string
	if n := len(g.head); n > 0 {
		for _, c := range g.head[n-1][min(v.at[len(v.at)-1]+1, len(g.head[n-1])):] {
			if name := ansi.Strip(c.text); name != "" {
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
	for _, rows := range [][][]cell{g.head, g.rows[:min(len(g.rows), maxGridRows)]} {
		for _, row := range rows {
			for i, c := range row[:min(len(row), maxGridCols)] {
				if i == len(widths) {
					widths = append(widths, 1)
				}
				if c.span <= 1 && len(c.text) > widths[i] {
					widths[i] = max(widths[i], min(cells(c.text), g.widest()))
				}
			}
		}
	}
	return widths
}

// view chooses the columns that fit, narrowing the widest first.
func (g *grid) view(widths []int, ctx Context) view {
	aligns := g.align(len(widths))
	left := min(max(ctx.Left, 0), max(len(widths)-g.index-1, 0))
	v := view{left: left}
	for i := range widths {
		if i < g.index || i >= g.index+left {
			v.at, v.widths, v.aligns = append(v.at, i), append(v.widths, widths[i]), append(v.aligns, aligns[i])
		}
	}
	shown := g.fit(v.widths, ctx.Width)
	v.right = len(v.at) - shown
	v.at, v.widths, v.aligns = v.at[:shown], v.widths[:shown], v.aligns[:shown]
	return v
}

// widest is the most a cell may take.
func (g *grid) widest() int {
	if g.wrap {
		return 1 << 12
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
func (g *grid) filled(row []cell, v view) [][]cell {
	if !g.wrap {
		return [][]cell{row}
	}
	var lines [][]cell
	for i, at := range v.at {
		if at >= len(row) {
			break
		}
		parts := []string{row[at].text}
		if cells(row[at].text) > v.widths[i] {
			parts = term.Lines(ansi.Wrap(row[at].text, v.widths[i], ""), term.Options{Width: v.widths[i], Colors: ink.TrueColor, Links: true})
		}
		for n, part := range parts {
			for len(lines) <= n {
				lines = append(lines, make([]cell, len(row)))
			}
			lines[n][at] = cell{text: part, look: row[at].look, align: row[at].align}
		}
	}
	return lines
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
		if widths[widest] <= g.narrowest() || len(widths)*(minCell+len(gap)) > 2*width {
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
			if col >= len(row) || row[col].text == "" {
				continue
			}
			switch text := bare(row[col].text); {
			case numeric(text):
				numbers++
			case !missing(text):
				out[col] = alignLeft
			}
			if out[col] == alignLeft {
				break
			}
		}
		if numbers == 0 {
			out[col] = alignLeft
		}
	}
	return out
}

// bare is text without its looks.
func bare(s string) string {
	if strings.IndexByte(s, '\x1b') < 0 {
		return s
	}
	return ansi.Strip(s)
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

// row draws one row, with a mark where columns are hidden.
func (g *grid) row(row []cell, v view, base ink.Style, ctx Context) string {
	var b strings.Builder
	for i := 0; i < len(v.at); i++ {
		if i > 0 {
			b.WriteString(gap)
		}
		at, width, place := v.at[i], v.widths[i], v.aligns[i]
		var c cell
		if at < len(row) {
			c = row[at]
		}
		if c.align != alignAuto {
			place = c.align
		}
		for span := c.span; span > 1 && i+1 < len(v.at) && v.at[i+1] == v.at[i]+1; span-- {
			i++
			width += len(gap) + v.widths[i]
		}
		style := base
		switch {
		case base.Attr != 0:
			style.Fg = ink.Of(ctx.Palette.Heading)
		case at < g.index, missing(bare(c.text)):
			style.Fg = ink.Of(ctx.Palette.Muted)
		}
		if c.look != (ink.Style{}) {
			style = c.look
		}
		writeCell(&b, c.text, width, place, style, ctx)
	}
	if v.right > 0 {
		b.WriteString(gap + ctx.muted("…"))
	}
	return b.String()
}

// writeCell writes text into so many cells. A coloured ground fills all of them.
func writeCell(b *strings.Builder, text string, width int, place align, style ink.Style, ctx Context) {
	n := cells(text)
	if n > width {
		text = ansi.Truncate(text, width, "…")
		n = cells(text)
	}
	left, right := 0, max(width-n, 0)
	switch place {
	case alignRight:
		left, right = right, 0
	case alignCenter:
		left, right = right/2, right-right/2
	}
	pad := ink.Style{Bg: style.Bg}
	b.WriteString(ctx.paint(pad, strings.Repeat(" ", left)))
	b.WriteString(ctx.paint(style, text))
	b.WriteString(ctx.paint(pad, strings.Repeat(" ", right)))
}
