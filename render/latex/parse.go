package latex

import "strings"

type parser struct {
	stack   [][]token // what is to be read, the next last; macros put their bodies on top
	held    token     // looked at and put back
	holding bool
	macros  map[string]macro
	budget  int // tokens that may still be taken
	depth   int
	font    string
	failed  bool
}

func newParser(source string) *parser {
	return &parser{stack: [][]token{lex(source)}, macros: map[string]macro{}, budget: maxTokens}
}

// list reads atoms with their scripts up to a token that ends it, which is taken.
func (p *parser) list(ends func(token) bool) *node {
	n := &node{kind: kindList}
	if p.depth++; p.depth > maxDepth {
		p.failed = true
	}
	font := p.font
	defer func() { p.depth--; p.font = font }()
	for !p.failed {
		t := p.solid()
		switch {
		case ends(t):
			return n
		case t.kind == tokEnd:
			p.failed = true
			return n
		case t.kind == tokCommand && (t.text == "over" || t.text == "choose" || t.text == "atop"):
			return p.over(n, t.text, ends)
		case t.kind == tokCommand && (t.text == "limits" || t.text == "nolimits"):
			if len(n.kids) > 0 {
				n.kids[len(n.kids)-1].limits = t.text == "limits"
			}
		case t.kind == tokSup || t.kind == tokSub || t.text == "'" && t.kind == tokChar:
			p.script(n, t)
		default:
			if a := p.atom(t); a != nil {
				n.kids = append(n.kids, a)
			}
		}
	}
	return n
}

// over makes a fraction of all that is before it and all that follows.
func (p *parser) over(num *node, name string, ends func(token) bool) *node {
	den := p.list(ends)
	f := &node{kind: kindFrac, class: inner, kids: []*node{num, den}, text: "-"}
	if name != "over" {
		f.text = ""
	}
	if name == "choose" {
		f.size = 1
		f = &node{kind: kindFence, class: inner, left: "(", right: ")", kids: []*node{f}}
	}
	return &node{kind: kindList, kids: []*node{f}}
}

// script hangs a script on the last atom.
func (p *parser) script(n *node, t token) {
	var base *node
	if len(n.kids) > 0 {
		base = n.kids[len(n.kids)-1]
		n.kids = n.kids[:len(n.kids)-1]
	} else {
		base = &node{kind: kindList}
	}
	s := base
	if base.kind != kindScripts {
		s = &node{kind: kindScripts, class: base.class, limits: base.limits, kids: []*node{base}}
	}
	switch {
	case t.kind == tokSub:
		s.sub = join(s.sub, p.arg())
	case t.kind == tokSup:
		s.sup = join(s.sup, p.arg())
	default:
		s.sup = join(s.sup, symbol("′", ord))
	}
	n.kids = append(n.kids, s)
}

// join puts one script behind another: x'^2.
func join(a, b *node) *node {
	if a == nil {
		return b
	}
	return &node{kind: kindList, kids: []*node{a, b}}
}

// arg reads an argument: a group or one atom.
func (p *parser) arg() *node {
	t := p.solid()
	switch t.kind {
	case tokOpen:
		return p.group()
	case tokEnd, tokClose, tokAmp, tokRow, tokSup, tokSub:
		p.failed = true
		return &node{kind: kindList}
	}
	if p.depth++; p.depth > maxDepth {
		p.failed = true
		return &node{kind: kindList}
	}
	defer func() { p.depth-- }()
	if a := p.atom(t); a != nil {
		return a
	}
	return &node{kind: kindList}
}

func (p *parser) group() *node {
	n := p.list(func(t token) bool { return t.kind == tokClose })
	if len(n.kids) == 1 && n.kids[0].kind != kindScripts {
		n.kids[0].limits = false
		if k := n.kids[0]; k.kind != kindSymbol || k.class == ord {
			return k
		}
	}
	return n
}

// atom reads what a token begins; nil when that draws nothing.
func (p *parser) atom(t token) *node {
	switch t.kind {
	case tokChar:
		return p.char(t.text)
	case tokOpen:
		return p.group()
	case tokCommand:
		return p.command(t.text)
	case tokAmp, tokRow: // outside of an environment TeX would complain
		return &node{kind: kindSpace, size: 1}
	}
	p.failed = true
	return nil
}

func (p *parser) char(c string) *node {
	switch c {
	case "+", "*", "·", "×", "÷", "±":
		return symbol(strings.Replace(c, "*", "∗", 1), bin)
	case "-":
		return symbol("−", bin)
	case "=", "<", ">", ":", "≤", "≥", "≠", "≈", "→", "∈":
		return symbol(c, rel)
	case "(", "[":
		return symbol(c, opening)
	case ")", "]", "!", "?":
		return symbol(c, closing)
	case ",", ";":
		return symbol(c, punct)
	}
	return symbol(fontLetter(p.font, c), ord)
}

// command reads what a command begins.
func (p *parser) command(name string) *node {
	if s, ok := symbols()[name]; ok {
		return &node{kind: kindSymbol, text: s.text, class: s.class, limits: s.limits}
	}
	if n, ok := spaces[name]; ok {
		if n == 0 {
			return nil
		}
		return &node{kind: kindSpace, size: n}
	}
	if mark, ok := accents[name]; ok {
		return &node{kind: kindAccent, text: mark, kids: []*node{p.arg()}}
	}
	if font, ok := fonts[name]; ok {
		return p.inFont(font, name)
	}
	if skipped[name] {
		return nil
	}
	if n, ok := p.structure(name); ok {
		return n
	}
	return p.remark(name)
}

// inFont reads the argument of a font command, or with the old ones (\bf) the
// rest of the group.
func (p *parser) inFont(font, name string) *node {
	if len(name) == 2 || name == "boldmath" || name == "cal" && p.peekSolid().kind != tokOpen {
		p.font = font
		return nil
	}
	before := p.font
	p.font = font
	n := p.arg()
	p.font = before
	return n
}

// structure reads commands with parts.
func (p *parser) structure(name string) (*node, bool) {
	switch name {
	case "frac", "dfrac", "tfrac", "cfrac":
		if name == "cfrac" {
			p.optional()
		}
		return &node{kind: kindFrac, class: inner, text: "-", kids: []*node{p.arg(), p.arg()}}, true
	case "binom", "dbinom", "tbinom":
		f := &node{kind: kindFrac, size: 1, kids: []*node{p.arg(), p.arg()}}
		return &node{kind: kindFence, class: inner, left: "(", right: ")", kids: []*node{f}}, true
	case "sqrt":
		var index *node
		if toks, ok := p.optional(); ok {
			index = p.sub(toks)
		}
		return &node{kind: kindRoot, kids: []*node{p.arg(), index}}, true
	case "overline", "underline":
		return &node{kind: kindLine, text: name[:len(name)-4], kids: []*node{p.arg()}}, true
	case "overbrace", "underbrace":
		return &node{kind: kindBrace, class: inner, limits: true, text: name[:len(name)-5], kids: []*node{p.arg()}}, true
	case "overset", "stackrel":
		top, base := p.arg(), p.arg()
		return &node{kind: kindStack, class: stackClass(name, base), kids: []*node{base, top, nil}}, true
	case "underset":
		low, base := p.arg(), p.arg()
		return &node{kind: kindStack, class: stackClass(name, base), kids: []*node{base, nil, low}}, true
	case "xrightarrow", "xleftarrow":
		low, _ := p.optional()
		arrow := map[string]string{"xrightarrow": "⟶", "xleftarrow": "⟵"}[name]
		n := &node{kind: kindStack, class: rel, kids: []*node{symbol(arrow, rel), p.arg(), nil}}
		if len(low) > 0 {
			n.kids[2] = p.sub(low)
		}
		return n, true
	case "left":
		return p.fence(), true
	case "begin":
		return p.environment(), true
	case "boxed", "fbox":
		return &node{kind: kindBox, kids: []*node{p.arg()}}, true
	case "cancel", "bcancel", "xcancel", "sout":
		return &node{kind: kindStrike, kids: []*node{p.arg()}}, true
	case "substack":
		g := &grid{rows: p.rowsOf(p.raw()), cols: "c"}
		return &node{kind: kindGrid, grid: g}, true
	case "not":
		n := p.arg()
		return &node{kind: kindAccent, class: n.class, text: "\u0338", kids: []*node{n}}, true
	}
	return nil, false
}

func stackClass(name string, base *node) class {
	switch {
	case name == "stackrel":
		return rel
	case base.kind == kindList && len(base.kids) == 1:
		return base.kids[0].class
	}
	return base.class
}

// remark reads text, names and definitions.
func (p *parser) remark(name string) *node {
	switch name {
	case "text", "textrm", "textit", "textbf", "textsf", "texttt", "textnormal", "mbox", "hbox", "emph":
		return &node{kind: kindText, text: untex(plain(p.raw()))}
	case "operatorname", "operatorname*":
		n := symbol(untex(plain(p.raw())), op)
		n.limits = strings.HasSuffix(name, "*") || strings.HasPrefix(n.text, "arg")
		return n
	case "mathop":
		n := p.arg()
		return &node{kind: kindList, class: op, limits: true, kids: []*node{n}}
	case "mathrel", "mathbin", "mathord", "mathopen", "mathclose", "mathpunct", "mathinner":
		c := map[string]class{"rel": rel, "bin": bin, "ord": ord, "open": opening, "close": closing, "punct": punct, "inner": inner}[name[4:]]
		return &node{kind: kindList, class: c, kids: []*node{p.arg()}}
	case "tag":
		return &node{kind: kindTag, text: plain(p.raw())}
	case "label", "ref", "eqref", "cite", "color", "hspace", "vspace", "require":
		p.raw()
		return nil
	case "textcolor", "colorbox", "class", "style", "href", "cssId":
		p.raw()
		return p.arg()
	case "phantom", "hphantom", "vphantom":
		p.arg()
		return nil
	case "pmod":
		return &node{kind: kindList, kids: []*node{{kind: kindSpace, size: 1}, symbol("(", opening), symbol("mod", op), p.arg(), symbol(")", closing)}}
	case "newcommand", "renewcommand", "providecommand", "def", "DeclareMathOperator":
		p.define(name)
		return nil
	case "big", "Big", "bigg", "Bigg", "bigl", "Bigl", "biggl", "Biggl", "bigr", "Bigr", "biggr", "Biggr", "bigm", "Bigm", "biggm", "Biggm", "middle":
		c := ord
		switch name[len(name)-1] {
		case 'l':
			c = opening
		case 'r':
			c = closing
		case 'm':
			c = rel
		}
		return symbol(p.delimiter(), c)
	}
	p.failed = true
	return nil
}

// sub parses tokens that were taken as they stand.
func (p *parser) sub(toks []token) *node {
	stack, held, holding := p.stack, p.held, p.holding
	p.stack, p.holding = [][]token{toks}, false
	n := p.list(func(t token) bool { return t.kind == tokEnd })
	p.stack, p.held, p.holding = stack, held, holding
	return n
}

// untex takes what TeX needs out of text.
func untex(s string) string {
	return strings.NewReplacer("{", "", "}", "", "$", "", `\ `, " ", `\,`, " ", `\&`, "&", `\%`, "%", `\_`, "_", `\#`, "#", `\`, "").Replace(s)
}

// delimiter reads one delimiter; "" stands for none, which is a dot.
func (p *parser) delimiter() string {
	t := p.solid()
	switch {
	case t.kind == tokChar && t.text == ".":
		return ""
	case t.kind == tokChar && strings.Contains("()[]|/<>", t.text):
		return strings.NewReplacer("<", "⟨", ">", "⟩").Replace(t.text)
	case t.kind == tokCommand:
		if s, ok := symbols()[t.text]; ok && len([]rune(s.text)) == 1 {
			return s.text
		}
	}
	p.failed = true
	return ""
}

// fence reads \left … \right.
func (p *parser) fence() *node {
	n := &node{kind: kindFence, class: inner, left: p.delimiter()}
	for !p.failed {
		var last token
		n.kids = append(n.kids, p.list(func(t token) bool {
			last = t
			return t.kind == tokCommand && (t.text == "right" || t.text == "middle")
		}))
		d := ""
		if !p.failed {
			d = p.delimiter()
		}
		if last.text == "right" {
			n.right = d
			break
		}
		n.middles = append(n.middles, d)
	}
	return n
}
