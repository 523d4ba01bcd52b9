package latex

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd     tokenKind = iota
	tokCommand           // \name, text is the name
	tokChar
	tokOpen
	tokClose
	tokSup
	tokSub
	tokAmp
	tokRow // \\
	tokSpace
)

type token struct {
	kind tokenKind
	text string
}

// lex splits a source. Comments are left out; runs of blanks are one token.
func lex(s string) []token {
	var out []token
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		t := token{tokChar, s[:n]}
		switch r {
		case '\\':
			t, n = command(s)
		case '{':
			t.kind = tokOpen
		case '}':
			t.kind = tokClose
		case '^':
			t.kind = tokSup
		case '_':
			t.kind = tokSub
		case '&':
			t.kind = tokAmp
		case '~':
			t = token{tokCommand, " "}
		case ' ', '\t', '\n', '\r':
			n = len(s) - len(strings.TrimLeft(s, " \t\r\n"))
			t = token{tokSpace, " "}
		case '%':
			if n = strings.IndexByte(s, '\n'); n < 0 {
				n = len(s)
			}
			s = s[n:]
			continue
		}
		out = append(out, t)
		s = s[n:]
	}
	return out
}

// command reads \name, \, and their like.
func command(s string) (token, int) {
	n := 1
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z') {
		n++
	}
	if n > 1 {
		name := s[1:n]
		if n < len(s) && s[n] == '*' && (name == "operatorname" || name == "tag" || name == "DeclareMathOperator") {
			n++
			if name == "operatorname" {
				name += "*"
			}
		}
		return token{tokCommand, name}, n
	}
	if len(s) == 1 {
		return token{tokChar, `\`}, 1
	}
	r, size := utf8.DecodeRuneInString(s[1:])
	switch {
	case r == '\\':
		return token{tokRow, `\\`}, 2
	case r == '\n' || r == '\t' || r == '\r':
		return token{tokCommand, " "}, 2
	}
	return token{tokCommand, s[1 : 1+size]}, 1 + size
}

// macro is what \newcommand defines.
type macro struct {
	args int
	body []token
}

// take is the next token as it stands.
func (p *parser) take() token {
	if p.budget--; p.budget < 0 {
		p.failed = true
		return token{}
	}
	if p.holding {
		p.holding = false
		return p.held
	}
	for n := len(p.stack); n > 0; n = len(p.stack) {
		if top := p.stack[n-1]; len(top) > 0 {
			p.stack[n-1] = top[1:]
			return top[0]
		}
		p.stack = p.stack[:n-1]
	}
	return token{}
}

// next takes a token, macros expanded.
func (p *parser) next() token {
	for {
		t := p.take()
		m, ok := p.macros[t.text]
		if t.kind != tokCommand || !ok || p.failed {
			return t
		}
		p.expand(m)
	}
}

func (p *parser) back(t token) { p.held, p.holding = t, t.kind != tokEnd }

// solid is the next token that is no blank.
func (p *parser) solid() token {
	for {
		if t := p.next(); t.kind != tokSpace {
			return t
		}
	}
}

// peekSolid looks at the next token that is no blank and drops blanks before it.
func (p *parser) peekSolid() token {
	t := p.solid()
	p.back(t)
	return t
}

// raw takes the tokens of an argument as they stand.
func (p *parser) raw() []token {
	t := p.take()
	for t.kind == tokSpace {
		t = p.take()
	}
	if t.kind != tokOpen {
		if t.kind == tokEnd {
			p.failed = true
			return nil
		}
		return []token{t}
	}
	var out []token
	for depth := 1; ; {
		t := p.take()
		switch t.kind {
		case tokEnd:
			p.failed = true
			return out
		case tokOpen:
			depth++
		case tokClose:
			if depth--; depth == 0 {
				return out
			}
		}
		out = append(out, t)
	}
}

// expand puts the body of a macro before what follows.
func (p *parser) expand(m macro) {
	args := make([][]token, m.args)
	for i := range args {
		args[i] = p.raw()
	}
	var out []token
	for i := 0; i < len(m.body); i++ {
		t := m.body[i]
		if t.text == "#" && i+1 < len(m.body) {
			if n := int(m.body[i+1].text[0]) - '1'; n >= 0 && n < len(args) {
				out = append(out, args[n]...)
				i++
				continue
			}
		}
		out = append(out, t)
	}
	if p.budget -= len(out); p.budget < 0 {
		p.failed = true
		return
	}
	p.stack = append(p.stack, out)
}

// optional reads [text]; ok is false when there is none.
func (p *parser) optional() (toks []token, ok bool) {
	if t := p.peekSolid(); t.kind != tokChar || t.text != "[" {
		return nil, false
	}
	p.solid()
	for depth := 0; ; {
		t := p.take()
		switch {
		case t.kind == tokEnd:
			p.failed = true
			return toks, true
		case t.kind == tokOpen:
			depth++
		case t.kind == tokClose:
			depth--
		case t.text == "]" && depth == 0:
			return toks, true
		}
		toks = append(toks, t)
	}
}

// plain writes tokens as they were.
func plain(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		if t.kind == tokCommand && t.text != " " {
			b.WriteByte('\\')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// define reads \newcommand, \def and \DeclareMathOperator.
func (p *parser) define(name string) {
	of := p.raw()
	if len(of) != 1 || of[0].kind != tokCommand {
		p.failed = true
		return
	}
	m := macro{}
	switch name {
	case "DeclareMathOperator":
		m.body = append(append([]token{{tokCommand, "operatorname"}, {tokOpen, "{"}}, p.raw()...), token{tokClose, "}"})
		p.macros[of[0].text] = m
		return
	case "def":
		for t := p.take(); ; t = p.take() {
			if t.text != "#" {
				p.back(t)
				break
			}
			p.take()
			m.args++
		}
	default:
		if count, ok := p.optional(); ok && len(count) == 1 && len(count[0].text) == 1 {
			m.args = int(count[0].text[0] - '0')
		}
	}
	if m.args < 0 || m.args > 9 {
		p.failed = true
		return
	}
	m.body = p.raw()
	p.macros[of[0].text] = m
}
