package highlight

import (
	"strings"
	"unicode/utf8"
)

// code lexes the rest of the line; first says that a statement starts here.
func (l *pyLine) code(first bool) {
	for l.i < len(l.s) {
		if l.inString() && l.field() == 0 {
			l.inside()
			continue
		}
		c := l.s[l.i]
		switch {
		case c == ' ' || c == '\t':
			l.i++
			continue
		case l.inString() && l.fieldByte(c):
		case c == '#' && !l.inString():
			l.add(l.i, len(l.s), Comment)
			l.i = len(l.s)
		case c == '"' || c == '\'':
			l.openString(l.i)
		case c >= '0' && c <= '9', c == '.' && l.i+1 < len(l.s) && digit(l.s[l.i+1]):
			l.number()
		case nameStart(c):
			l.name(first)
		case c == '\\' && l.i == len(l.s)-1:
			l.state |= pyContinued
			l.i++
		case c == '@' && first:
			end := l.i + 1
			for end < len(l.s) && (nameByte(l.s[end]) || l.s[end] == '.') {
				end++
			}
			l.add(l.i, end, Decorator)
			l.i = end
		default:
			l.operator(c)
		}
		first = false
	}
}

func digit(c byte) bool    { return c >= '0' && c <= '9' }
func nameByte(c byte) bool { return nameStart(c) || digit(c) }

// number takes integers, floats, imaginary and based numbers.
func (l *pyLine) number() {
	start := l.i
	for l.i < len(l.s) {
		c := l.s[l.i]
		sign := (c == '+' || c == '-') && l.i > start && (l.s[l.i-1]|0x20) == 'e' && !strings.HasPrefix(strings.ToLower(l.s[start:]), "0x")
		if !nameByte(c) && c != '.' && !sign || c >= utf8.RuneSelf {
			break
		}
		l.i++
	}
	l.add(start, l.i, Number)
}

// name takes an identifier, a keyword or the prefix of a string.
func (l *pyLine) name(first bool) {
	start := l.i
	for l.i < len(l.s) && nameByte(l.s[l.i]) {
		l.i++
	}
	word := l.s[start:l.i]
	if l.i < len(l.s) && (l.s[l.i] == '"' || l.s[l.i] == '\'') && stringPrefix(word) {
		l.openString(start)
		return
	}
	class := pyWords[word]
	attribute := start > 0 && l.s[start-1] == '.'
	switch {
	case l.expect != Plain:
		class, l.expect = l.expect, Plain
	case class == Builtin && attribute:
		class = Plain
	case first && pySoft[word] && l.softly(word):
		class = Keyword
	}
	if class == Keyword {
		switch word {
		case "def":
			l.expect = Function
		case "class":
			l.expect = Type
		}
	}
	l.add(start, l.i, class)
}

// softly reports whether a soft keyword is one here: "match x:" and "type X = …",
// but not "match = 1" or "match(x)".
func (l *pyLine) softly(word string) bool {
	rest := strings.TrimLeft(l.s[l.i:], " \t")
	if len(rest) == len(l.s[l.i:]) || rest == "" || strings.IndexByte("=.,)]:+*/%<>&|^;", rest[0]) >= 0 {
		return false
	}
	if word == "type" {
		return nameStart(rest[0]) && strings.Contains(rest, "=")
	}
	code, _, _ := strings.Cut(rest, " #")
	return strings.Contains(code, ":")
}

// operator takes brackets and operators; = and := may be followed by a magic.
func (l *pyLine) operator(c byte) {
	start := l.i
	l.i++
	switch c {
	case '(', '[', '{':
		l.setDepth(l.depth() + 1)
	case ')', ']', '}':
		l.setDepth(l.depth() - 1)
	case '=', '+', '-', '*', '/', '%', '<', '>', '!', '&', '|', '^', '~', '@':
		l.add(start, l.i, Operator)
		if c == '=' && l.depth() == 0 && !l.inString() {
			l.assigned()
		}
	}
}

// assigned looks for "x = !command" and "x = %magic".
func (l *pyLine) assigned() {
	rest := strings.TrimLeft(l.s[l.i:], " \t")
	at := len(l.s) - len(rest)
	if len(rest) > 1 && (rest[0] == '!' && rest[1] != '=' || rest[0] == '%' && nameStart(rest[1])) {
		sub := pyLine{s: rest, state: l.state}
		sub.magic()
		for _, t := range sub.tokens {
			l.add(at+t.Start, at+t.End, t.Class)
		}
		l.i = len(l.s)
	}
}

func stringPrefix(w string) bool {
	switch strings.ToLower(w) {
	case "r", "b", "u", "f", "t", "br", "rb", "fr", "rf", "tr", "rt":
		return true
	}
	return false
}

// openString starts the string literal whose prefix starts at start and whose
// quote is at l.i.
func (l *pyLine) openString(start int) {
	quote := l.s[l.i]
	prefix := strings.ToLower(l.s[start:l.i])
	if l.inString() { // within a replacement field: to its end in this line
		l.nested(start, quote)
		return
	}
	l.state |= 1 << pyQuoteShift
	if quote == '"' {
		l.state += 1 << pyQuoteShift
	}
	if strings.Contains(prefix, "r") {
		l.state |= pyRaw
	}
	if strings.ContainsAny(prefix, "ft") {
		l.state |= pyFormat
	}
	l.i++
	if strings.HasPrefix(l.s[l.i:], string([]byte{quote, quote})) {
		l.state |= pyTriple
		l.i += 2
	}
	l.add(start, l.i, String)
}

func (l *pyLine) closeString() { l.state &^= pyStringMask | pyFieldMask }

// nested takes a string within a replacement field, up to its closing quote.
func (l *pyLine) nested(start int, quote byte) {
	l.i++
	for l.i < len(l.s) && l.s[l.i] != quote {
		if l.s[l.i] == '\\' {
			l.i++
		}
		l.i++
	}
	l.i = min(l.i+1, len(l.s))
	l.add(start, l.i, String)
}

// quote is what closes the open string.
func (l *pyLine) quote() string {
	q := "'"
	if l.state&3 == 2 {
		q = `"`
	}
	if l.state&pyTriple != 0 {
		return q + q + q
	}
	return q
}

// inside takes the text of the open string up to its end, a replacement field or
// the end of the line.
func (l *pyLine) inside() {
	start, quote := l.i, l.quote()
	for l.i < len(l.s) {
		c, rest := l.s[l.i], l.s[l.i:]
		switch {
		case c == '\\':
			if l.state&pyRaw == 0 {
				l.add(start, l.i, String)
				start = min(l.i+2, len(l.s))
				l.add(l.i, start, Escape)
			}
			l.continues = l.i == len(l.s)-1
			l.i = min(l.i+2, len(l.s))
			continue
		case strings.HasPrefix(rest, quote):
			l.i += len(quote)
			l.add(start, l.i, String)
			l.closeString()
			return
		case l.state&pyFormat != 0 && (c == '{' || c == '}'):
			l.add(start, l.i, String)
			double := len(rest) > 1 && rest[1] == c
			start = l.i + 1
			if double {
				start++
			}
			l.add(l.i, start, Escape)
			l.i = start
			if c == '{' && !double {
				l.setField(1)
				return
			}
			continue
		}
		l.i++
	}
	l.add(start, l.i, String)
}

// fieldByte takes a bracket of a replacement field, and the quote that ends its
// string; it reports whether it did.
func (l *pyLine) fieldByte(c byte) bool {
	switch c {
	case '{', '(', '[':
		l.setField(l.field() + 1)
	case '}', ')', ']':
		l.setField(l.field() - 1)
		if l.field() == 0 {
			l.add(l.i, l.i+1, Escape)
		}
	default:
		quote := l.quote()
		if !strings.HasPrefix(l.s[l.i:], quote) || l.reused(quote) {
			return false
		}
		l.setField(0) // the string ends with its field open
		return true
	}
	l.i++
	return true
}

// maxAhead bounds, in bytes, how far a line is read ahead.
const maxAhead = 256

// reused reports that the quote at l.i opens a string of its own within the field,
// as Python 3.12 allows: one that ends before a closing brace does.
func (l *pyLine) reused(quote string) bool {
	rest := l.s[l.i+len(quote):]
	_, after, ok := strings.Cut(rest[:min(len(rest), maxAhead)], quote)
	return ok && len(quote) == 1 && strings.Contains(after, "}")
}
