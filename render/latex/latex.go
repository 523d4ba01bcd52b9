// Package latex sets TeX mathematics in characters: on one line for running text,
// and in two dimensions, with fractions, roots, limits and matrices, for formulas
// on lines of their own. It reads what MathJax reads by default, as far as papers
// and notebooks use it; what it does not know it says, so that the caller can show
// the source. Cost is bounded by limits on size, depth and expansion of macros.
//
//	lex.go     characters to tokens, macros expanded
//	parse.go   tokens to nodes; environment.go for \begin
//	inline.go  nodes to one line
//	box.go     rows of characters around a baseline
//	layout.go  nodes to boxes
package latex

import "strings"

// Bounds of one formula. What exceeds them is not set.
const (
	maxSource = 1 << 13 // bytes
	maxTokens = 1 << 14 // after macros
	maxDepth  = 48      // groups within each other
	maxHeight = 120     // rows
)

// Inline sets a formula on one line. ok is false for what it cannot read.
func Inline(source string) (line string, ok bool) {
	n, ok := read(source)
	if !ok {
		return "", false
	}
	line = strings.Join(strings.Fields(inline(n)), " ")
	return line, line != ""
}

// Display sets a formula in rows of at most width cells, centred within it, each
// ended by a line break but the last. A formula that is too wide is broken at its
// relations and operators. ok is false for what it cannot read or fit.
func Display(source string, width int) (rows string, ok bool) {
	n, ok := read(source)
	if !ok {
		return "", false
	}
	b := layout(n, style{})
	if b.width > width {
		if b, ok = broken(n, width); !ok {
			return "", false
		}
	}
	if len(b.rows) == 0 || len(b.rows) > maxHeight || b.width == 0 {
		return "", false
	}
	left := strings.Repeat(" ", (width-b.width)/2)
	for i, row := range b.rows {
		if row = strings.TrimRight(row, " "); row != "" {
			row = left + row
		}
		b.rows[i] = row
	}
	return strings.Join(b.rows, "\n"), true
}

// read parses a source.
func read(source string) (*node, bool) {
	if len(source) > maxSource {
		return nil, false
	}
	p := newParser(source)
	n := p.list(func(t token) bool { return t.kind == tokEnd })
	return n, !p.failed
}

// broken lays a list out over several lines, each starting with a relation or an
// operator.
func broken(n *node, width int) (box, bool) {
	kids := n.kids
	if n.kind != kindList {
		kids = []*node{n}
	}
	var out box
	for start, indent := 0, 0; start < len(kids); indent = 4 {
		end, best := start, box{}
		for i := start + 1; i <= len(kids); i++ {
			if i < len(kids) && kids[i].class != rel && kids[i].class != bin {
				continue
			}
			b := layout(&node{kind: kindList, kids: append([]*node{{kind: kindList}}, kids[start:i]...)}, style{})
			if start == 0 {
				b = layout(&node{kind: kindList, kids: kids[:i]}, style{})
			}
			if b.width+indent > width {
				break
			}
			end, best = i, b
		}
		if end == start {
			return box{}, false
		}
		out = above(out, beside(blank(indent), best), leftAlign)
		start = end
	}
	return out, true
}
