package term

import (
	"strings"
	"unicode/utf8"
)

// Clean makes one line of text that others wrote (a file name, a kernel's name, an
// error) fit to stand anywhere on the screen: no escapes, no line breaks, nothing
// invisible. What is left out is shown: controls as ^X, line breaks as ⏎, hidden
// characters by number, bytes that are no UTF-8 as U+FFFD. Cleaning twice changes
// nothing.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	var tail []byte
	for _, r := range s {
		tail = cleanRune(&b, tail, r)
	}
	return b.String()
}

// cleanRune writes one rune and returns the character it ended up in.
func cleanRune(b *strings.Builder, tail []byte, r rune) []byte {
	start := b.Len()
	switch {
	case r == '\n':
		b.WriteRune('⏎')
	case r < 0x20 || r == 0x7f:
		b.WriteByte('^')
		start++
		b.WriteByte(byte(r) ^ 0x40)
	default:
		switch judge(r, tail) {
		case stands:
			b.WriteRune(r)
		case joined:
			b.WriteRune(r)
			return utf8.AppendRune(tail, r)
		case carried:
			b.WriteRune(dotted)
			b.WriteRune(r)
		case marked:
			b.WriteString(marker(r))
			start = b.Len() - 1
		case dropped:
			return tail
		}
	}
	return append(tail[:0], b.String()[start:]...)
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
