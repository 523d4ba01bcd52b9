package latex

import "strings"

// maxCells bounds a matrix.
const maxCells = 4096

// preamble is the columns of a grid, spelled out.
type preamble struct {
	aligns []aligning
	bars   []bool // a bar before column i; one more than columns
}

// columnsFor repeats the last of the columns given, or all of a pair, as far as
// needed.
func (g *grid) columnsFor(n int) preamble {
	var p preamble
	bar := false
	for _, c := range g.cols {
		if c == '|' {
			bar = true
			continue
		}
		p.aligns, p.bars = append(p.aligns, aligning(c)), append(p.bars, bar)
		bar = false
	}
	given := len(p.aligns)
	for len(p.aligns) < n {
		from := given - 1
		if g.pairs {
			from = len(p.aligns) % 2
		}
		p.aligns, p.bars = append(p.aligns, p.aligns[from]), append(p.bars, false)
	}
	p.bars = append(p.bars[:n:n], bar && given == n)
	return p
}

// matrix sets the cells of a grid in rows and columns.
func matrix(g *grid, s style) box {
	cells, widths := g.layout(s)
	if len(cells) == 0 {
		return box{}
	}
	pre := g.columnsFor(len(widths))
	var out box
	high := false
	rows := make([]box, len(cells))
	for r, row := range cells {
		var parts []box
		for c := range widths {
			if gap := g.gapBefore(c); gap > 0 && !pre.bars[c] {
				parts = append(parts, blank(gap))
			}
			if pre.bars[c] {
				parts = append(parts, bar(row, c > 0))
			}
			parts = append(parts, row[c].wide(widths[c], pre.aligns[c]))
			if len(row[c].rows) == 0 {
				parts = append(parts, blank(widths[c]))
			}
		}
		if pre.bars[len(widths)] {
			parts = append(parts, bar(row, true))
		}
		rows[r] = beside(parts...)
		high = high || len(rows[r].rows) > 1
	}
	for r, row := range rows {
		if r < len(g.lines) && g.lines[r] {
			out = above(out, text(strings.Repeat("─", row.width)), leftAlign)
		} else if r > 0 && high {
			out = above(out, blank(row.width), leftAlign)
		}
		out = above(out, row, leftAlign)
	}
	if n := len(rows); n < len(g.lines) && g.lines[n] {
		out = above(out, text(strings.Repeat("─", out.width)), leftAlign)
	}
	out.base = len(out.rows) / 2
	if len(rows) == 1 && len(out.rows) == len(rows[0].rows) {
		out.base = rows[0].base
	}
	return out
}

// layout sets each cell and measures the columns.
func (g *grid) layout(s style) (cells [][]box, widths []int) {
	count := 0
	for _, row := range g.rows {
		if count += len(row); count > maxCells {
			break
		}
		boxes := make([]box, len(row))
		for c, n := range row {
			boxes[c] = layout(n, s)
			if g.pairs && c%2 == 1 && n.kind == kindList && len(n.kids) > 0 && (n.kids[0].class == rel || n.kids[0].class == bin) {
				boxes[c] = beside(blank(1), boxes[c])
				if n.kids[0].class == bin && len(n.kids) > 1 { // it follows the column before
					boxes[c] = spaced(n, s)
				}
			}
			if c == len(widths) {
				widths = append(widths, 0)
			}
			widths[c] = max(widths[c], boxes[c].width)
		}
		cells = append(cells, boxes)
	}
	for r, row := range cells {
		for len(row) < len(widths) {
			row = append(row, box{})
		}
		cells[r] = row
	}
	return cells, widths
}

// spaced sets a list as if something stood before it, so that a sign at its start
// is an operator.
func spaced(n *node, s style) box {
	kids := append([]*node{{kind: kindList}}, n.kids...)
	return list(&node{kind: kindList, kids: kids}, s)
}

// gapBefore is the room before a column.
func (g *grid) gapBefore(c int) int {
	if c == 0 || g.pairs && c%2 == 1 {
		return 0
	}
	return g.gap
}

// bar is the rule between two columns, as high as their row.
func bar(row []box, left bool) box {
	all := beside(row...)
	mark := "│ "
	if left {
		mark = " │ "
	}
	return column(max(len(all.rows), 1), all.base, func(int) string { return mark })
}
