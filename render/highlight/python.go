package highlight

import (
	"strings"
	"unicode/utf8"
)

// python lexes Python 3 (reference, chapter 2) as a notebook has it: with line
// magics (%x, %%x, !x), help (x?) and, below a %%cell magic of another language,
// nothing.
type python struct{}

// The state of python: a string that goes on over lines, how deep in brackets we
// are, and what was left open.
const (
	pyQuoteShift  = 0      // bits 0-1: 0 none, 1 ', 2 "
	pyTriple      = 1 << 2 // the open string is a triple one
	pyRaw         = 1 << 3
	pyFormat      = 1 << 4 // f or t: braces are replacement fields
	pyContinued   = 1 << 5 // the line before ended in a backslash
	pyOther       = 1 << 6 // below %%magic of another language
	pyShell       = 1 << 7 // below %%bash and its like
	pyBody        = 1 << 8 // a line with content has been seen
	pyFieldShift  = 9      // bits 9-12: braces open within an f-string's field
	pyFieldMask   = 15 << pyFieldShift
	pyDepthShift  = 16 // bits 16-31: open brackets
	pyDepthMask   = 0xffff << pyDepthShift
	pyShellShift  = 32 // bits 32-63: state of the shell lexer below %%bash
	pyStringMask  = 3<<pyQuoteShift | pyTriple | pyRaw | pyFormat
	pyMaxBrackets = 0xffff
)

// Line implements Lexer.
func (python) Line(text string, state State) ([]Token, State) {
	switch {
	case state&pyShell != 0:
		tokens, next := shell{}.Line(text, state>>pyShellShift)
		return tokens, pyShell | pyBody | next<<pyShellShift
	case state&pyOther != 0:
		return nil, state
	}
	l := pyLine{s: text, state: state &^ pyContinued}
	whole := !l.inString() && l.depth() == 0 && state&pyContinued == 0
	if !whole || !l.magic() {
		l.code(whole)
	}
	if l.inString() && l.state&pyTriple == 0 && !l.continues {
		l.closeString() // not ended: as far as it goes
	}
	if strings.TrimSpace(text) != "" {
		l.state |= pyBody
	}
	return l.tokens, l.state
}

// pyLine is one line being lexed.
type pyLine struct {
	s      string
	i      int
	state  State
	tokens []Token
	expect Class // class of the next name: after def and class

	continues bool // a string goes on in the next line by a backslash
}

func (l *pyLine) inString() bool { return l.state&3 != 0 }
func (l *pyLine) field() int     { return int(l.state&pyFieldMask) >> pyFieldShift }
func (l *pyLine) depth() int     { return int(l.state&pyDepthMask) >> pyDepthShift }

func (l *pyLine) setField(n int) {
	l.state = l.state&^pyFieldMask | State(min(max(n, 0), 15))<<pyFieldShift
}

func (l *pyLine) setDepth(n int) {
	l.state = l.state&^pyDepthMask | State(min(max(n, 0), pyMaxBrackets))<<pyDepthShift
}

// add appends a token, joined with the one before when they touch and agree.
func (l *pyLine) add(start, end int, c Class) { l.tokens = add(l.tokens, start, end, c) }

func add(tokens []Token, start, end int, c Class) []Token {
	if start >= end || c == Plain {
		return tokens
	}
	if n := len(tokens); n > 0 && tokens[n-1].End == start && tokens[n-1].Class == c {
		tokens[n-1].End = end
		return tokens
	}
	return append(tokens, Token{start, end, c})
}

// magic takes a whole line that IPython reads before Python does.
func (l *pyLine) magic() bool {
	trimmed := strings.TrimLeft(l.s, " \t")
	at := len(l.s) - len(trimmed)
	switch {
	case strings.HasPrefix(trimmed, "%%") && at == 0 && l.state&pyBody == 0 && !strings.HasPrefix(trimmed, "%%%"):
		name := firstWord(trimmed[2:])
		l.add(0, 2+len(name), Magic)
		switch name {
		case "bash", "sh", "script", "system", "sx", "!":
			l.state |= pyShell
		case "time", "timeit", "capture", "prun", "memit", "mprun", "python", "python3", "pypy":
			l.i = 2 + len(name)
			l.code(false)
		default:
			l.state |= pyOther
		}
		return true
	case strings.HasPrefix(trimmed, "%") && len(trimmed) > 1 && nameStart(trimmed[1]):
		name := firstWord(trimmed[1:])
		l.add(at, at+1+len(name), Magic)
		if name == "time" || name == "timeit" {
			l.i = at + 1 + len(name)
			l.code(false)
		}
	case strings.HasPrefix(trimmed, "!"):
		n := 1
		if strings.HasPrefix(trimmed, "!!") {
			n = 2
		}
		l.add(at, at+n, Magic)
		rest, _ := shell{}.Line(trimmed[n:], 0)
		for _, t := range rest {
			l.add(t.Start+at+n, t.End+at+n, t.Class)
		}
	case strings.HasPrefix(trimmed, "?"), helpEnd(trimmed):
		l.add(at, len(l.s), Magic)
	default:
		return false
	}
	return true
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i]
	}
	return s
}

// helpEnd reports "name?" and "name??": nothing but a dotted name before.
func helpEnd(s string) bool {
	s = strings.TrimRight(s, " \t")
	name := strings.TrimRight(s, "?")
	if name == s || len(s)-len(name) > 2 || name == "" {
		return false
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; !nameStart(c) && c != '.' && c != '*' && c != '%' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func nameStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}
