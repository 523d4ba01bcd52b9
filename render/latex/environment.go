package latex

import "strings"

// environment reads \begin{name} … \end{name}.
func (p *parser) environment() *node {
	name := plain(p.raw())
	g := &grid{}
	n := &node{kind: kindGrid, class: inner, grid: g}
	switch base := strings.TrimSuffix(name, "*"); base {
	case "matrix", "smallmatrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix":
		g.cols, g.gap = "c", 2
		n.left, n.right = matrixFence(base)
		p.optional()
	case "cases", "dcases", "rcases":
		g.cols, g.gap = "l", 2
		n.left = "{"
		if base == "rcases" {
			n.left, n.right = "", "}"
		}
	case "array":
		g.gap = 2
		p.optional()
		g.cols = columns(plain(p.raw()))
	case "align", "aligned", "alignat", "alignedat", "split", "eqnarray", "flalign", "eqalign":
		if strings.HasPrefix(base, "alignat") || base == "alignedat" {
			p.raw()
		}
		p.optional()
		g.cols, g.pairs, g.gap = "rl", true, 3
		if base == "eqnarray" {
			g.cols, g.pairs, g.gap = "rcl", false, 1
		}
	case "gather", "gathered", "multline":
		g.cols = "c"
	case "equation", "displaymath", "math":
		g.cols = "c"
	case "subarray":
		g.cols = columns(plain(p.raw()))
	default:
		p.failed = true
		return nil
	}
	p.cells(g, name)
	if n.left == "" && n.right == "" {
		return n
	}
	return &node{kind: kindFence, class: inner, left: n.left, right: n.right, kids: []*node{n}}
}

func matrixFence(name string) (left, right string) {
	switch name[0] {
	case 'p':
		return "(", ")"
	case 'b':
		return "[", "]"
	case 'B':
		return "{", "}"
	case 'v':
		return "|", "|"
	case 'V':
		return "‖", "‖"
	}
	return "", ""
}

// columns keeps of an array's preamble what we draw.
func columns(s string) string {
	cols := strings.Map(func(r rune) rune {
		if strings.ContainsRune("lcr|", r) {
			return r
		}
		return -1
	}, s)
	if strings.Trim(cols, "|") == "" {
		cols += "c"
	}
	return cols
}

// cells reads rows up to the end of the environment.
func (p *parser) cells(g *grid, name string) {
	row := []*node{}
	for !p.failed {
		above := p.rules()
		for len(g.lines) <= len(g.rows) {
			g.lines = append(g.lines, false)
		}
		g.lines[len(g.rows)] = g.lines[len(g.rows)] || above && len(row) == 0
		var last token
		row = append(row, p.list(func(t token) bool {
			last = t
			return t.kind == tokAmp || t.kind == tokRow || t.kind == tokCommand && (t.text == "end" || t.text == "cr")
		}))
		switch {
		case last.kind == tokAmp:
			continue
		case last.text == "end":
			if plain(p.raw()) != name {
				p.failed = true
			}
			if len(row) > 1 || len(row[0].kids) > 0 {
				g.rows = append(g.rows, row)
			}
			for len(g.lines) <= len(g.rows) {
				g.lines = append(g.lines, false)
			}
			return
		}
		p.optional()
		g.rows = append(g.rows, row)
		row = nil
	}
}

// rules takes \hline and its like; true when there was one.
func (p *parser) rules() bool {
	any := false
	for {
		t := p.peekSolid()
		if t.kind != tokCommand || t.text != "hline" && t.text != "hdashline" && t.text != "toprule" && t.text != "midrule" && t.text != "bottomrule" {
			return any
		}
		p.solid()
		any = true
	}
}

// rowsOf reads lines parted by \\, each a single cell.
func (p *parser) rowsOf(toks []token) [][]*node {
	var rows [][]*node
	start := 0
	for i := 0; i <= len(toks); i++ {
		if i == len(toks) || toks[i].kind == tokRow {
			rows = append(rows, []*node{p.sub(toks[start:i])})
			start = i + 1
		}
	}
	return rows
}
