package render

import (
	"strings"

	"nbterm/render/ink"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// table collects an HTML table, as pandas and its kin write them: header rows in
// thead or made of th, index columns as th in body rows. Tables within a table
// become the text of their cell.
type table struct {
	grid   grid
	nested int // open tables within this one
	inHead bool
	inRow  bool
	inCell bool
	header bool // the cell is a th
	plain  int  // td cells of the row so far
	row    []cell
	names  int // th cells before the first td of the row
	text   strings.Builder
	look   ink.Style // of the cell
	place  align
	span   [2]int // columns and rows the cell covers
	held   []int  // per column: the rows that a cell above still covers
}

// open handles a start tag within a table; it reports whether it did. A nil table
// handles none.
func (t *table) open(r *page, tok html.Token) bool {
	if t == nil {
		return false
	}
	switch tok.DataAtom {
	case atom.Table:
		t.nested++
	case atom.Thead:
		t.inHead = t.nested == 0
	case atom.Tbody, atom.Tfoot:
		if t.nested == 0 {
			t.endRow()
			t.inHead = false
		}
	case atom.Tr:
		if t.nested == 0 {
			t.endRow()
			t.inRow = true
		}
		r.space = true
	case atom.Td, atom.Th:
		r.space = t.nested > 0
		if t.nested > 0 {
			break
		}
		t.endCell()
		r.style = r.style[:0]
		t.inRow, t.inCell, t.header = true, true, tok.DataAtom == atom.Th
		t.span = [2]int{span(tok, "colspan"), span(tok, "rowspan")}
		t.fill()
		if t.look, t.place = r.sheet.cellStyle(tok); t.look != (ink.Style{}) {
			look := t.look
			r.enter(tok.DataAtom, func(s *ink.Style) { *s = look })
		}
	case atom.Script, atom.Style, atom.Template, atom.Svg, atom.Select, atom.Iframe, atom.Caption:
		return false
	case atom.Br, atom.P, atom.Div, atom.Li, atom.Pre, atom.Hr, atom.H1, atom.H2, atom.H3, atom.H4, atom.Ul, atom.Ol:
		r.space = true
	default:
		return false
	}
	return true
}

// close handles an end tag within a table.
func (t *table) close(r *page, tag atom.Atom) bool {
	if t == nil {
		return false
	}
	switch tag {
	case atom.Table:
		if t.nested > 0 {
			t.nested--
			return true
		}
		t.endRow()
		r.table = nil
		r.space, r.style, r.links = false, nil, nil
		if b := t.grid.draw(r.ctx); len(b.Lines) > 0 {
			r.push(b.Lines)
			r.hidden = max(r.hidden, b.Hidden)
		}
		r.empty = true
	case atom.Thead:
		if t.nested == 0 {
			t.endRow()
			t.inHead = false
		}
	case atom.Tr:
		if t.nested == 0 {
			t.endRow()
		}
	case atom.Td, atom.Th:
		if t.nested == 0 {
			t.endCell()
		}
	case atom.Br, atom.P, atom.Div, atom.Li, atom.Pre, atom.Tbody, atom.Tfoot, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4:
	default:
		return false
	}
	return true
}

func span(t html.Token, name string) int { return min(max(attrNumber(t, name, 1), 1), maxSpan) }

// fill puts what rows above hold in front of the next cell.
func (t *table) fill() {
	for len(t.row) < len(t.held) && t.held[len(t.row)] > 0 {
		t.held[len(t.row)]--
		t.row = append(t.row, cell{})
		if t.plain == 0 {
			t.names++
		}
	}
}

func (t *table) endCell() {
	if !t.inCell {
		return
	}
	t.inCell = false
	text := strings.TrimSpace(t.text.String())
	t.text.Reset()
	if t.header && t.plain == 0 {
		t.names += t.span[0]
	} else if !t.header {
		t.plain++
	}
	for i := range t.span[0] {
		if len(t.row) >= maxGridCols {
			return
		}
		if at := len(t.row); t.span[1] > 1 {
			for len(t.held) <= at {
				t.held = append(t.held, 0)
			}
			t.held[at] = t.span[1] - 1
		}
		if i > 0 {
			t.row = append(t.row, cell{})
			continue
		}
		t.row = append(t.row, cell{text: text, look: t.look, align: t.place, span: t.span[0]})
	}
}

func (t *table) endRow() {
	t.endCell()
	if !t.inRow {
		return
	}
	t.fill()
	t.inRow = false
	switch {
	case len(t.row) == 0:
	case t.inHead || t.plain == 0 && len(t.grid.rows) == 0:
		t.grid.head = append(t.grid.head, t.row)
	default:
		t.grid.rows = append(t.grid.rows, t.row)
		if t.plain > 0 {
			t.grid.index = max(t.grid.index, t.names)
		}
	}
	t.row, t.names, t.plain = nil, 0, 0
}
