package highlight

import "strings"

// shell lexes POSIX shell and bash. Its state is the quote left open: 0, 1 for '
// and 2 for ".
type shell struct{}

// Line implements Lexer.
func (shell) Line(text string, state State) ([]Token, State) {
	l := shLine{s: text}
	switch state & 3 {
	case 1:
		l.quote = '\''
	case 2:
		l.quote = '"'
	}
	for l.i < len(text) {
		l.next()
	}
	switch l.quote {
	case '\'':
		return l.tokens, 1
	case '"':
		return l.tokens, 2
	}
	return l.tokens, 0
}

// shLine is one line being lexed.
type shLine struct {
	s      string
	i      int
	quote  byte // the quote we are in, or 0
	tokens []Token
}

func (l *shLine) take(end int, c Class) {
	l.tokens = add(l.tokens, l.i, end, c)
	l.i = end
}

func (l *shLine) next() {
	c := l.s[l.i]
	switch {
	case l.quote == '\'':
		end := strings.IndexByte(l.s[l.i:], '\'')
		if end < 0 {
			l.take(len(l.s), String)
			return
		}
		l.quote = 0
		l.take(l.i+end+1, String)
	case c == '\\':
		l.take(min(l.i+2, len(l.s)), Escape)
	case c == '$':
		l.take(l.variable(), Name)
	case l.quote == '"':
		end := l.i + 1
		for end < len(l.s) && c != '"' && strings.IndexByte("\"$\\", l.s[end]) < 0 {
			end++
		}
		if c == '"' {
			l.quote = 0
		}
		l.take(end, String)
	case c == '"' || c == '\'':
		l.quote = c
		l.take(l.i+1, String)
	case c == '#' && (l.i == 0 || l.s[l.i-1] == ' ' || l.s[l.i-1] == '\t'):
		l.take(len(l.s), Comment)
	case strings.IndexByte("|&;<>=!", c) >= 0:
		l.take(l.i+1, Operator)
	case strings.IndexByte(" \t()[]{}`", c) >= 0:
		l.i++
	default:
		end := l.i
		for end < len(l.s) && strings.IndexByte(" \t()[]{}`|&;<>=\"'$\\", l.s[end]) < 0 {
			end++
		}
		l.take(end, shWords[l.s[l.i:end]])
	}
}

// variable gives the end of $x, ${x}, $1 or a lone $.
func (l *shLine) variable() int {
	rest := l.s[l.i+1:]
	switch {
	case rest == "":
		return l.i + 1
	case rest[0] == '{':
		if end := strings.IndexByte(rest, '}'); end >= 0 {
			return l.i + 1 + end + 1
		}
		return len(l.s)
	case !nameStart(rest[0]):
		if strings.IndexByte("0123456789@*#?!-$", rest[0]) >= 0 {
			return l.i + 2
		}
		return l.i + 1
	}
	end := 0
	for end < len(rest) && nameByte(rest[end]) {
		end++
	}
	return l.i + 1 + end
}
