package highlight

import "strings"

// prose lexes markdown as it is written in a cell. Its state is the fence that is
// open: its length, with the low bit set for tildes; 0 is none.
type prose struct{}

// Line implements Lexer.
func (prose) Line(text string, state State) ([]Token, State) {
	body := strings.TrimLeft(text, " \t")
	indent := len(text) - len(body)
	if fence := fenceOf(body); state != 0 || fence != 0 {
		if state != 0 && (fence&1 != state&1 || fence < state || strings.Trim(body, "`~ \t") != "") {
			return add(nil, 0, len(text), String), state
		}
		if state != 0 {
			fence = 0
		}
		return add(nil, indent, len(text), Magic), fence
	}
	l := proseLine{s: text, i: indent}
	for l.i < len(text) && text[l.i] == '>' {
		l.take(l.i+1, Keyword)
		l.blanks()
	}
	rest := text[l.i:]
	level := len(rest) - len(strings.TrimLeft(rest, "#"))
	switch {
	case level > 0 && level <= 6 && (len(rest) == level || rest[level] == ' '):
		l.take(len(text), Function)
	case rule(rest):
		l.take(len(text), Comment)
	default:
		if n := bullet(rest); n > 0 {
			l.take(l.i+n, Keyword)
		}
	}
	for l.i < len(text) {
		l.next()
	}
	return l.tokens, 0
}

// fenceOf is the state that a fence opens, 0 when the line starts with none.
func fenceOf(body string) State {
	for i, c := range []string{"`", "~"} {
		if n := len(body) - len(strings.TrimLeft(body, c)); n >= 3 {
			if i == 0 && strings.Contains(body[n:], c) {
				return 0
			}
			return State(n)<<1 | State(i)
		}
	}
	return 0
}

// rule reports a line across the page, or the one under a heading or a table's head.
func rule(s string) bool {
	return len(s) >= 3 && strings.Trim(s, "-=*_|: ") == "" && strings.ContainsAny(s, "-=*_") && !strings.HasPrefix(s, "**")
}

// bullet is the length of a list item's mark, with its task box.
func bullet(s string) int {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n := 1
	switch {
	case len(s) > 1 && strings.IndexByte("-*+", s[0]) >= 0 && s[1] == ' ':
	case digits > 0 && digits < 10 && len(s) > digits+1 && (s[digits] == '.' || s[digits] == ')') && s[digits+1] == ' ':
		n = digits + 1
	default:
		return 0
	}
	for _, box := range []string{" [ ] ", " [x] ", " [X] "} {
		if strings.HasPrefix(s[n:], box) {
			return n + 4
		}
	}
	return n
}

// proseLine is one line of running text being lexed.
type proseLine struct {
	s      string
	i      int
	tokens []Token
}

func (l *proseLine) take(end int, c Class) {
	l.tokens = add(l.tokens, l.i, end, c)
	l.i = end
}

func (l *proseLine) blanks() {
	for l.i < len(l.s) && l.s[l.i] == ' ' {
		l.i++
	}
}

// next lexes what stands at i.
func (l *proseLine) next() {
	rest := l.s[l.i:]
	run := 1
	for run < len(rest) && rest[run] == rest[0] {
		run++
	}
	switch c := rest[0]; {
	case c == '\\':
		l.take(l.i+min(2, len(rest)), Escape)
	case c == '`':
		l.between(run, String)
	case c == '$' && run <= 2:
		l.between(run, Number)
	case (c == '*' || c == '_' || c == '~' && run == 2) && run <= 3:
		if c == '_' && l.i > 0 && wordByte(l.s[l.i-1]) {
			l.i += run
			return
		}
		l.between(run, Type)
	case c == '[':
		l.link(rest)
	case c == '<':
		if end := strings.IndexByte(rest, '>'); end > 1 && rest[1] != ' ' {
			l.take(l.i+end+1, Decorator)
			return
		}
		l.i++
	default:
		l.i += run
	}
}

// between takes a span that ends with the run of characters it starts with, which
// is skipped when it is alone.
func (l *proseLine) between(run int, c Class) {
	mark, inner := l.s[l.i:l.i+run], l.s[l.i+run:]
	end := strings.Index(inner, mark)
	if end <= 0 || c == Type && (inner[0] == ' ' || inner[end-1] == ' ') {
		l.i += run
		return
	}
	l.take(l.i+run+end+run, c)
}

// link takes [text](target) or [text][name], the target apart.
func (l *proseLine) link(rest string) {
	end := strings.IndexByte(rest, ']')
	if end < 0 || end+1 >= len(rest) || rest[end+1] != '(' && rest[end+1] != '[' {
		l.i++
		return
	}
	last := strings.IndexByte(rest[end+1:], ")]"[strings.IndexByte("([", rest[end+1])])
	if last < 0 {
		l.i++
		return
	}
	l.take(l.i+end+1, Function)
	l.take(l.i+last+1, Comment)
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
