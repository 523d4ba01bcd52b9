package latex

import (
	"strings"
)

// style is where a node stands: in a script there are no blanks around operators
// and fractions are slanted.
type style struct{ script bool }

// layout sets a node in two dimensions.
func layout(n *node, s style) box {
	if n == nil {
		return box{}
	}
	switch n.kind {
	case kindList:
		return list(n, s)
	case kindScripts:
		return scripts(n, s)
	case kindFrac:
		return frac(n, s)
	case kindRoot:
		return root(n, s)
	case kindAccent, kindLine:
		return over(n, s)
	case kindBrace:
		return brace(n, s)
	case kindStack:
		b := layout(n.kids[0], s)
		return limits(b, layout(n.kids[1], style{true}), layout(n.kids[2], style{true}))
	case kindFence:
		return fenced(n, s)
	case kindGrid:
		return matrix(n.grid, s)
	case kindBox:
		return framed(layout(n.kids[0], s))
	case kindTag:
		return text("    (" + n.text + ")")
	case kindSymbol:
		if b, ok := integral(n, s); ok {
			return b
		}
	}
	return text(inline(n))
}

// list sets atoms side by side.
func list(n *node, s style) box {
	boxes := make([]box, 0, 2*len(n.kids))
	for i, k := range n.kids {
		gap := gapBefore(n.kids, i, s.script)
		if gap == "" && i > 0 && !s.script && (roomy(k) && n.kids[i-1].class == ord || roomy(n.kids[i-1]) && (k.class == ord || k.class == inner)) {
			gap = " "
		}
		boxes = append(boxes, text(gap), layout(k, s))
	}
	return beside(boxes...)
}

// roomy reports a fraction in two dimensions, which keeps a blank to its sides.
func roomy(n *node) bool { return n.kind == kindFrac && n.text == "-" }

// tallSign reports an integral sign, which is drawn three rows high.
func tallSign(n *node) bool {
	return n.kind == kindSymbol && n.class == op && strings.Contains("∫∬∭∮∯", n.text)
}

// integral draws an integral sign.
func integral(n *node, s style) (box, bool) {
	if s.script || !tallSign(n) {
		return box{}, false
	}
	times := map[string]int{"∬": 2, "∭": 3, "∯": 2}[n.text]
	mid := map[string]string{"∮": "∮", "∯": "∯"}[n.text]
	times = max(times, 1)
	rows := []string{strings.Repeat("⌠", times), strings.Repeat("⎮", times), strings.Repeat("⌡", times)}
	if mid == "∮" {
		rows[1] = mid
	}
	return box{rows, times, 1}, true
}

// scripts sets sub and sup at the right of their base, or below and above it.
func scripts(n *node, s style) box {
	base := n.kids[0]
	b := layout(base, s)
	if n.limits && !s.script || base.kind == kindBrace {
		return limits(b, layout(n.sup, style{true}), layout(n.sub, style{true}))
	}
	if len(b.rows) <= 1 {
		if suffix, ok := scriptsOf(n); ok {
			return beside(b, text(suffix))
		}
	}
	sup, sub := layout(n.sup, style{true}), layout(n.sub, style{true})
	up, down := b.base, b.below()
	if len(b.rows) <= 1 { // scripts of one row hang a row off
		up, down = up+1, down+1
	}
	side := box{width: max(sup.width, sub.width)}
	sup, sub = sup.wide(side.width, leftAlign), sub.wide(side.width, leftAlign)
	empty := strings.Repeat(" ", side.width)
	if len(sup.rows) > 0 {
		side.rows = append(side.rows, sup.rows...)
		side.base = len(sup.rows) - 1 + up
	} else {
		side.rows = append(side.rows, empty)
	}
	for len(side.rows) < side.base+down {
		side.rows = append(side.rows, empty)
	}
	if len(sub.rows) > 0 {
		if len(side.rows) > side.base+down {
			side.rows = side.rows[:side.base+down]
		}
		side.rows = append(side.rows, sub.rows...)
	}
	return beside(b, side)
}

// scriptsOf writes scripts as characters of Unicode, if it has all.
func scriptsOf(n *node) (string, bool) {
	out := ""
	if n.sub != nil {
		s, ok := script(tight(inline(n.sub)), lowered)
		if !ok {
			return "", false
		}
		out = s
	}
	if n.sup != nil {
		s, ok := script(tight(inline(n.sup)), raised)
		if !ok {
			return "", false
		}
		out += s
	}
	return out, true
}

// limits centres boxes above and below another.
func limits(b, up, low box) box {
	out := b
	if len(up.rows) > 0 {
		base := len(up.rows) + b.base
		out = above(up, b, center)
		out.base = base
	}
	if len(low.rows) > 0 {
		out = above(out, low, center)
	}
	return out
}

func frac(n *node, s style) box {
	if s.script && n.text == "-" {
		return text(tight(fracLine(n)))
	}
	num, den := layout(n.kids[0], s), layout(n.kids[1], s)
	width := max(num.width, den.width)
	line := text(strings.Repeat("─", width+2))
	if n.text == "" {
		line = blank(width)
		if n.size == 1 { // \binom has no room to lose
			line = box{}
		}
	}
	if len(num.rows) == 0 || len(den.rows) == 0 {
		return text(inline(n))
	}
	out := above(num, line, center)
	out = above(out, den, center)
	out.base = min(len(num.rows), len(out.rows)-1)
	if len(line.rows) == 0 {
		out.base = len(num.rows) - 1
	}
	return out
}

func root(n *node, s style) box {
	b := layout(n.kids[0], s)
	if s.script || b.width <= 1 && len(b.rows) <= 1 {
		return text(inline(n))
	}
	h := len(b.rows)
	sign := column(h, b.base, func(i int) string {
		if i == h-1 {
			if h == 1 {
				return "√"
			}
			return "╲│"
		}
		return " │"
	})
	out := beside(sign, b)
	roof := text(strings.Repeat(" ", sign.width) + strings.Repeat("_", b.width))
	out.rows = append(roof.rows, out.rows...)
	out.base++
	if index := strings.TrimSpace(inline(n.kids[1])); index != "" { // it stands before the sign
		return beside(text(Superscript(index)), out)
	}
	return out
}

// over sets accents and lines.
func over(n *node, s style) box {
	b := layout(n.kids[0], s)
	flat := len(b.rows) == 1
	if flat && (b.width == 1 || s.script || n.text == "\u0338") {
		return text(inline(n))
	}
	if len(b.rows) == 0 {
		return b
	}
	mark := ""
	switch n.text {
	case "under":
		return above(b, text(strings.Repeat("‾", b.width)), center)
	case "over", "\u0304":
		mark = strings.Repeat("_", b.width)
	case "\u20d7":
		mark = strings.Repeat("─", b.width-1) + "→"
	case "\u20d6":
		mark = "←" + strings.Repeat("─", b.width-1)
	case "\u0302":
		mark = "^"
	case "\u0303":
		mark = "~"
	default:
		return text(inline(n))
	}
	return limits(b, text(mark), box{})
}

func brace(n *node, s style) box {
	b := layout(n.kids[0], s)
	if b.width < 3 {
		return b
	}
	line := []rune("╰" + strings.Repeat("─", b.width-2) + "╯")
	line[b.width/2] = '┬'
	if n.text == "under" {
		return above(b, text(string(line)), center)
	}
	line[0], line[len(line)-1], line[b.width/2] = '╭', '╮', '┴'
	return limits(b, text(string(line)), box{})
}

func fenced(n *node, s style) box {
	bodies := make([]box, len(n.kids))
	for i, k := range n.kids {
		bodies[i] = layout(k, s)
	}
	all := beside(bodies...)
	if len(all.rows) == 0 {
		return text(n.left + n.right)
	}
	if len(all.rows) == 2 && (n.left == "{" || n.right == "}") { // braces have a middle
		for i, b := range bodies {
			if len(b.rows) == 2 {
				bodies[i] = box{[]string{b.rows[0], strings.Repeat(" ", b.width), b.rows[1]}, b.width, 1}
			}
		}
		all = beside(bodies...)
	}
	boxes := []box{delimiter(n.left, all)}
	if n.kids[0].kind == kindGrid && n.left == "{" {
		boxes = append(boxes, blank(1))
	}
	for i, b := range bodies {
		if i > 0 {
			boxes = append(boxes, blank(1), delimiter(n.middles[i-1], all), blank(1))
		}
		boxes = append(boxes, b)
	}
	return beside(append(boxes, delimiter(n.right, all))...)
}

func framed(b box) box {
	side := column(max(len(b.rows), 1), b.base, func(int) string { return "│" })
	b = beside(side, blank(1), b, blank(1), side)
	line := strings.Repeat("─", b.width-2)
	b.rows = append(append([]string{"┌" + line + "┐"}, b.rows...), "└"+line+"┘")
	b.base++
	return b
}
