package latex

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MathML writes a formula as MathML Core, which browsers set themselves. All text in
// it is escaped. ok is false for what cannot be read.
func MathML(source string, display bool) (markup string, ok bool) {
	n, ok := read(source)
	if !ok {
		return "", false
	}
	var m mathML
	if display {
		m.b.WriteString(`<math display="block">`)
	} else {
		m.b.WriteString(`<math>`)
	}
	m.node(n)
	m.b.WriteString(`</math>`)
	return m.b.String(), true
}

type mathML struct{ b strings.Builder }

// element writes children between tags; a nil child is an empty row, so that elements
// keep their number of children.
func (m *mathML) element(name, attributes string, kids ...*node) {
	m.b.WriteString("<" + name + attributes + ">")
	for _, k := range kids {
		if k == nil {
			m.b.WriteString("<mrow></mrow>")
			continue
		}
		m.node(k)
	}
	m.b.WriteString("</" + name + ">")
}

func (m *mathML) leaf(name, attributes, text string) {
	m.b.WriteString("<" + name + attributes + ">" + html.EscapeString(text) + "</" + name + ">")
}

func (m *mathML) node(n *node) {
	switch n.kind {
	case kindList:
		m.element("mrow", "", n.kids...)
	case kindSymbol:
		m.symbol(n)
	case kindText:
		m.leaf("mtext", "", n.text)
	case kindSpace:
		m.b.WriteString(fmt.Sprintf(`<mspace width="%.2fem"></mspace>`, float64(n.size)*0.3))
	case kindScripts:
		m.scripts(n)
	case kindFrac:
		m.fraction(n)
	case kindRoot:
		if n.kids[1] != nil {
			m.element("mroot", "", n.kids[0], n.kids[1])
		} else {
			m.element("msqrt", "", n.kids[0])
		}
	case kindAccent:
		m.accent(n)
	case kindLine, kindBrace:
		m.line(n)
	case kindStack:
		m.stack(n)
	case kindFence:
		m.fence(n)
	case kindGrid:
		m.grid(n.grid)
	case kindBox:
		m.element("mrow", ` style="border:1px solid;padding:.2em"`, n.kids[0])
	case kindStrike:
		m.element("mrow", ` style="text-decoration:line-through"`, n.kids[0])
	case kindTag:
		m.leaf("mtext", "", "\u2003("+n.text+")")
	}
}

// symbol tells numbers, names and operators apart.
func (m *mathML) symbol(n *node) {
	r, size := utf8.DecodeRuneInString(n.text)
	switch {
	case n.text == "":
	case unicode.IsDigit(r):
		m.leaf("mn", "", n.text)
	case n.class == op && unicode.IsLetter(r) && size < len(n.text):
		m.leaf("mi", "", n.text)
	case n.class == opening || n.class == closing:
		m.leaf("mo", ` stretchy="false"`, n.text)
	case n.class != ord && n.class != inner || !unicode.IsLetter(r):
		m.leaf("mo", "", n.text)
	default:
		m.leaf("mi", "", n.text)
	}
}

func (m *mathML) scripts(n *node) {
	base := n.kids[0]
	below, above, both := "msub", "msup", "msubsup"
	if base != nil && (base.limits || n.limits) {
		below, above, both = "munder", "mover", "munderover"
	}
	switch {
	case n.sub != nil && n.sup != nil:
		m.element(both, "", base, n.sub, n.sup)
	case n.sub != nil:
		m.element(below, "", base, n.sub)
	case n.sup != nil:
		m.element(above, "", base, n.sup)
	case base != nil:
		m.node(base)
	}
}

func (m *mathML) fraction(n *node) {
	rule := ""
	if n.text != "-" {
		rule = ` linethickness="0"`
	}
	if n.size == 1 {
		m.b.WriteString("<mrow><mo>(</mo>")
		m.element("mfrac", rule, n.kids[0], n.kids[1])
		m.b.WriteString("<mo>)</mo></mrow>")
		return
	}
	m.element("mfrac", rule, n.kids[0], n.kids[1])
}

func (m *mathML) accent(n *node) {
	m.b.WriteString(`<mover accent="true">`)
	m.node(n.kids[0])
	// A combining character stands on a blank of its own.
	m.leaf("mo", ` stretchy="false"`, "\u00a0"+n.text)
	m.b.WriteString("</mover>")
}

func (m *mathML) line(n *node) {
	name, mark := "mover", "\u203e"
	if n.text == "under" {
		name, mark = "munder", "_"
	}
	if n.kind == kindBrace {
		mark = map[string]string{"over": "\u23de", "under": "\u23df"}[n.text]
	}
	m.b.WriteString("<" + name + ">")
	m.node(n.kids[0])
	m.leaf("mo", ` stretchy="true"`, mark)
	m.b.WriteString("</" + name + ">")
}

func (m *mathML) stack(n *node) {
	above, below := n.kids[1], n.kids[2]
	switch {
	case above != nil && below != nil:
		m.element("munderover", "", n.kids[0], below, above)
	case above != nil:
		m.element("mover", "", n.kids[0], above)
	case below != nil:
		m.element("munder", "", n.kids[0], below)
	default:
		m.node(n.kids[0])
	}
}

func (m *mathML) fence(n *node) {
	m.b.WriteString("<mrow>")
	if n.left != "" {
		m.leaf("mo", ` fence="true" stretchy="true"`, n.left)
	}
	for i, k := range n.kids {
		if i > 0 && i-1 < len(n.middles) {
			m.leaf("mo", ` stretchy="true"`, n.middles[i-1])
		}
		if k != nil {
			m.node(k)
		}
	}
	if n.right != "" {
		m.leaf("mo", ` fence="true" stretchy="true"`, n.right)
	}
	m.b.WriteString("</mrow>")
}

func (m *mathML) grid(g *grid) {
	columns := 0
	for _, row := range g.rows {
		columns = max(columns, len(row))
	}
	pre := g.columnsFor(columns)
	m.b.WriteString("<mtable>")
	for _, row := range g.rows {
		m.b.WriteString("<mtr>")
		for c, cell := range row {
			align := "center"
			switch byte(pre.aligns[c]) {
			case 'l':
				align = "left"
			case 'r':
				align = "right"
			}
			m.element("mtd", ` style="text-align:`+align+`"`, cell)
		}
		m.b.WriteString("</mtr>")
	}
	m.b.WriteString("</mtable>")
}
