package latex

import (
	"strings"
	"unicode/utf8"
)

// inline writes a node on one line.
func inline(n *node) string {
	if n == nil {
		return ""
	}
	switch n.kind {
	case kindStack:
		return stackLine(n)
	case kindRoot:
		return rootLine(n)
	case kindList:
		var b strings.Builder
		for i, k := range n.kids {
			if i > 0 && (n.kids[i-1].kind == kindFrac && k.class == ord || k.kind == kindFrac && n.kids[i-1].class == ord) {
				b.WriteByte(' ')
			}
			b.WriteString(gapBefore(n.kids, i, false))
			b.WriteString(inline(k))
		}
		return b.String()
	case kindSymbol:
		return n.text
	case kindText:
		return n.text
	case kindSpace:
		return strings.Repeat(" ", n.size)
	case kindScripts:
		return scriptsLine(n)
	case kindFrac:
		return fracLine(n)
	case kindAccent:
		return accented(inline(n.kids[0]), n.text)
	case kindLine, kindBrace:
		mark := map[string]string{"over": "\u0305", "under": "\u0332"}[n.text]
		if n.kind == kindBrace {
			mark = ""
		}
		return marked(inline(n.kids[0]), mark)
	case kindStrike:
		return marked(inline(n.kids[0]), "\u0336")
	case kindFence:
		return fenceLine(n)
	case kindGrid:
		return gridLine(n.grid)
	case kindBox:
		return "[" + inline(n.kids[0]) + "]"
	case kindTag:
		return "  (" + n.text + ")"
	}
	return ""
}

func rootLine(n *node) string {
	index := inline(n.kids[1])
	sign := map[string]string{"": "√", "3": "∛", "4": "∜"}[index]
	if sign == "" {
		sign = Superscript(index) + "√"
	}
	return sign + group(n.kids[0], inline(n.kids[0]))
}

func stackLine(n *node) string {
	s := inline(n.kids[0])
	if n.kids[1] != nil {
		s += Superscript(inline(n.kids[1]))
	}
	if n.kids[2] != nil {
		s += Subscript(inline(n.kids[2]))
	}
	return s
}

func scriptsLine(n *node) string {
	s := inline(n.kids[0])
	if k := n.kids[0].kind; k == kindFrac || k == kindScripts || k == kindList && len(n.kids[0].kids) > 1 {
		s = "(" + s + ")"
	}
	if n.sub != nil {
		s += Subscript(tight(inline(n.sub)))
	}
	if n.sup != nil {
		s += Superscript(tight(inline(n.sup)))
	}
	return s
}

// tight leaves out the blanks that scripts do without.
func tight(s string) string {
	for _, c := range []string{" = ", " + ", " − ", ", ", " → ", " ≤ ", " ≥ ", " < ", " > ", " ∈ ", " ⋅ "} {
		s = strings.ReplaceAll(s, c, strings.TrimSpace(c))
	}
	return s
}

// vulgar are the fractions that have a character.
var vulgar = map[string]string{
	"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "1/6": "⅙", "1/8": "⅛",
}

func fracLine(n *node) string {
	num, den := inline(n.kids[0]), inline(n.kids[1])
	if n.size == 1 {
		return num + " over " + den
	}
	if n.text == "" {
		return num + " " + den
	}
	if v, ok := vulgar[num+"/"+den]; ok {
		return v
	}
	if !closed(num) && strings.ContainsAny(num, "+−=/±,") {
		num = "(" + num + ")"
	}
	return num + "/" + group(n.kids[1], den)
}

// closed reports text within one pair of brackets, with scripts at most behind it.
func closed(s string) bool {
	if !strings.HasPrefix(s, "(") {
		return false
	}
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			_, ok := script(s[i+1:], swapped)
			return ok
		}
	}
	return false
}

// group puts brackets around what is more than one thing: n, written as s.
func group(n *node, s string) string {
	if utf8.RuneCountInString(s) == 1 || n.kind == kindFence && n.left != "" || n.kind == kindScripts || n.kind == kindAccent {
		return s
	}
	if word := strings.TrimFunc(s, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' }); word == "" {
		return s
	}
	if closed(s) || len(s) == 2 && s[0] >= 'a' && s[1] >= 'a' {
		return s
	}
	if n.kind == kindText || n.kind == kindSymbol || n.kind == kindRoot {
		return s
	}
	return "(" + s + ")"
}

// accented puts a combining character behind the one character it belongs to, or
// the last of several.
func accented(s, mark string) string {
	if s == "" {
		return ""
	}
	if mark == "\u0338" { // \not strikes the first
		_, n := utf8.DecodeRuneInString(s)
		return s[:n] + mark + s[n:]
	}
	if utf8.RuneCountInString(s) > 1 && mark == "\u0304" {
		return marked(s, "\u0305")
	}
	return s + mark
}

// marked puts a combining character behind every character.
func marked(s, mark string) string {
	if mark == "" {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
		b.WriteString(mark)
	}
	return b.String()
}

func fenceLine(n *node) string {
	var b strings.Builder
	b.WriteString(n.left)
	if n.kids[0].kind == kindGrid && n.left == "{" && n.right == "" {
		b.WriteByte(' ')
	}
	for i, k := range n.kids {
		if i > 0 {
			b.WriteString(" " + n.middles[i-1] + " ")
		}
		b.WriteString(inline(k))
	}
	b.WriteString(n.right)
	return b.String()
}

// gridLine writes rows with semicolons between, as Matlab does.
func gridLine(g *grid) string {
	var rows []string
	for _, row := range g.rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, inline(c))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, "; ")
}

// gapBefore is the blank between an atom and the one before it: a cell where TeX
// has space and a reader needs it, none in scripts.
func gapBefore(kids []*node, i int, script bool) string {
	if i == 0 || script {
		return ""
	}
	a, b := kids[i-1], kids[i]
	if a.kind == kindSpace || b.kind == kindSpace || a.kind == kindText || b.kind == kindText {
		return ""
	}
	if apart(actual(kids, i-1), actual(kids, i), wordy(b)) {
		return " "
	}
	return ""
}

// apart reports classes between which there is a blank; wordy tells that the
// right is spelled with letters.
func apart(left, right class, wordy bool) bool {
	thing := right == ord || right == inner || right == op
	switch {
	case left == rel, right == rel, left == bin, right == bin, left == punct:
		return true
	case left == inner && right == op:
		return true
	case left == op:
		return thing
	}
	return right == op && wordy && (left == ord || left == closing)
}

// wordy reports an operator spelled with letters.
func wordy(n *node) bool {
	for n.kind == kindScripts || n.kind == kindStack {
		n = n.kids[0]
	}
	return n.kind == kindSymbol && len(n.text) > 1 && n.text[0] < utf8.RuneSelf
}

// actual is the class of an atom where it stands: an operator with nothing before
// it to work on is a sign.
func actual(kids []*node, i int) class {
	c := kids[i].class
	if c != bin {
		return c
	}
	if i == 0 || i == len(kids)-1 {
		return ord
	}
	switch kids[i-1].class {
	case bin, rel, opening, punct, op:
		return ord
	}
	return bin
}
