package params

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind tells the tokens of Python apart as far as assignments need it.
type tokenKind uint8

const (
	tokName tokenKind = iota
	tokNumber
	tokString // with its prefix and quotes
	tokOp
	tokComment
	tokNewline // ends a statement; a line end within brackets is none
)

// token is a piece of source. It is at source[start:end].
type token struct {
	kind       tokenKind
	text       string
	start, end int
	column     int // of the first token of a line: its indentation in characters
}

// pythonTokens cuts Python into tokens. It never fails: what it cannot read is an
// operator of one character, and an open string ends with its line or the source.
func pythonTokens(src string) []token {
	l := &lexer{src: src}
	for l.at < len(src) {
		l.next()
	}
	return append(l.out, token{tokNewline, "", len(src), len(src), 0})
}

type lexer struct {
	src   string
	at    int
	line  int // where the line began
	depth int // open brackets
	out   []token
}

func (l *lexer) add(kind tokenKind, end int) {
	text := l.src[l.at:end]
	l.out = append(l.out, token{kind, text, l.at, end, l.at - l.line})
	l.at = end
}

// fresh tells that a statement may begin here.
func (l *lexer) fresh() bool {
	return l.depth == 0 && (len(l.out) == 0 || l.out[len(l.out)-1].kind == tokNewline)
}

func (l *lexer) next() {
	rest := l.src[l.at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case r == '\n':
		if l.depth == 0 {
			l.add(tokNewline, l.at+1)
		} else {
			l.at++
		}
		l.line = l.at
	case r == '\\' && strings.HasPrefix(rest, "\\\n"):
		l.at += 2
		l.line = l.at
	case unicode.IsSpace(r):
		l.at += size
	case r == '#' || strings.ContainsRune("%!?", r) && l.fresh():
		// A line of IPython's own is as good as a comment.
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		l.add(tokComment, l.at+end)
	case stringStart(rest) >= 0:
		l.add(tokString, l.at+stringEnd(rest))
	case r == '_' || unicode.IsLetter(r):
		l.add(tokName, l.at+span(rest, func(r rune) bool {
			return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mn, r)
		}))
	case isDigit(rest[0]) || r == '.' && len(rest) > 1 && isDigit(rest[1]):
		l.add(tokNumber, l.at+numberEnd(rest))
	default:
		l.operator(rest, size)
	}
}

func (l *lexer) operator(rest string, size int) {
	for _, op := range [...]string{"**=", "//=", ">>=", "<<=", "...", "==", "!=", "<=", ">=", ":=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**", "//", "<<", ">>"} {
		if strings.HasPrefix(rest, op) {
			l.add(tokOp, l.at+len(op))
			return
		}
	}
	switch rest[0] {
	case '(', '[', '{':
		l.depth++
	case ')', ']', '}':
		l.depth = max(l.depth-1, 0)
	}
	l.add(tokOp, l.at+size)
}

func span(s string, in func(rune) bool) int {
	for i, r := range s {
		if !in(r) {
			return i
		}
	}
	return len(s)
}

// stringStart is the length of the prefix of a string that s begins with, or -1.
func stringStart(s string) int {
	for i := 0; i < 3 && i < len(s); i++ {
		if s[i] == '"' || s[i] == '\'' {
			return i
		}
		if strings.IndexByte("rRbBuUfFtT", s[i]) < 0 {
			return -1
		}
	}
	return -1
}

// stringEnd is where the string that s begins with ends.
func stringEnd(s string) int {
	open := stringStart(s)
	quote := s[open : open+1]
	if strings.HasPrefix(s[open:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	for i := open + len(quote); i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], quote):
			return i + len(quote)
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '\n' && len(quote) == 1:
			return i
		}
	}
	return len(s)
}

func numberEnd(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		hex := len(s) > 1 && s[0] == '0' && (s[1]|0x20) == 'x'
		signed := (c == '+' || c == '-') && i > 0 && (s[i-1]|0x20) == 'e' && !hex
		if !isDigit(c) && !letter && c != '.' && c != '_' && !signed {
			return i
		}
	}
	return len(s)
}
