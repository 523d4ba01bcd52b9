package ink

import "strconv"

// Attr is a set of text attributes. Conceal is missing on purpose: text that
// hides itself is never wanted.
type Attr uint16

// The attributes of ECMA-48 that outputs use.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Underline
	Blink
	Reverse
	Strike
	Overline
)

var attrCodes = [...]struct {
	attr Attr
	code string
}{
	{Bold, "1"}, {Faint, "2"}, {Italic, "3"}, {Underline, "4"}, {Blink, "5"}, {Reverse, "7"}, {Strike, "9"}, {Overline, "53"},
}

// Style is how a character looks. The zero value is plain.
type Style struct {
	Fg, Bg Color
	Attr   Attr
}

// Reset ends every style.
const Reset = "\x1b[m"

// Within gives the style with colours that a terminal of n colours can show.
func (s Style) Within(n Colors) Style {
	s.Fg, s.Bg = s.Fg.Within(n), s.Bg.Within(n)
	return s
}

// SGR is the sequence that turns a plain terminal to s: "" for the plain style.
func (s Style) SGR() string {
	if s == (Style{}) {
		return ""
	}
	return string(s.append(make([]byte, 0, 24), false))
}

// AppendChange appends the sequence that leads from one style to another,
// nothing when they are equal. Equal arguments give equal bytes.
func AppendChange(dst []byte, from, to Style) []byte {
	switch {
	case from == to:
		return dst
	case to == (Style{}):
		return append(dst, Reset...)
	}
	return to.append(dst, from != (Style{}))
}

// Paint wraps text in s, for a terminal of n colours.
func (s Style) Paint(text string, n Colors) string {
	s = s.Within(n)
	if s == (Style{}) || text == "" {
		return text
	}
	return s.SGR() + text + Reset
}

// append writes the whole of s in one sequence, starting from plain when reset.
func (s Style) append(dst []byte, reset bool) []byte {
	dst = append(dst, '\x1b', '[')
	start := len(dst)
	if reset {
		dst = append(dst, '0', ';')
	}
	for _, a := range attrCodes {
		if s.Attr&a.attr != 0 {
			dst = append(append(dst, a.code...), ';')
		}
	}
	dst = s.Fg.append(dst, 30)
	dst = s.Bg.append(dst, 40)
	if len(dst) > start {
		dst = dst[:len(dst)-1]
	}
	return append(dst, 'm')
}

// append writes the parameters of a colour, each followed by a semicolon; ground
// is 30 for the foreground and 40 for the background.
func (c Color) append(dst []byte, ground int64) []byte {
	n := int64(uint8(c))
	switch {
	case c&kindMask == kindRGB:
		r, g, b := c.Channels()
		dst = strconv.AppendInt(dst, ground+8, 10)
		dst = append(dst, ";2;"...)
		dst = strconv.AppendInt(dst, int64(r), 10)
		dst = strconv.AppendInt(append(dst, ';'), int64(g), 10)
		dst = strconv.AppendInt(append(dst, ';'), int64(b), 10)
	case c&kindMask == kindIndex && n < 8:
		dst = strconv.AppendInt(dst, ground+n, 10)
	case c&kindMask == kindIndex && n < 16:
		dst = strconv.AppendInt(dst, ground+60+n-8, 10)
	case c&kindMask == kindIndex:
		dst = strconv.AppendInt(dst, ground+8, 10)
		dst = append(dst, ";5;"...)
		dst = strconv.AppendInt(dst, n, 10)
	default:
		return dst
	}
	return append(dst, ';')
}
