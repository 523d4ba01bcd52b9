package term

import (
	"strconv"
	"strings"

	"nbterm/render/ink"
)

// applySGR gives the style after the parameters of one SGR sequence (ECMA-48
// 8.3.117, ITU T.416 for colours, with ; or : between them). Conceal, fonts and
// what nobody knows are left out.
func applySGR(s ink.Style, params string) ink.Style {
	for more := true; more; {
		var group string
		group, params, more = strings.Cut(params, ";")
		if code, sub, ok := strings.Cut(group, ":"); ok {
			s = subparams(s, code, strings.Split(sub, ":"))
			continue
		}
		n := number(group)
		if n != 38 && n != 48 && n != 58 {
			s = attribute(s, n)
			continue
		}
		var c ink.Color
		var ok bool
		if c, params, more, ok = legacyColor(params); ok {
			s = setColor(s, n, c)
		}
	}
	return s
}

// attribute applies one parameter that stands alone.
func attribute(s ink.Style, n int) ink.Style {
	switch {
	case n == 0:
		return ink.Style{}
	case n == 22:
		s.Attr &^= ink.Bold | ink.Faint
	case n == 39:
		s.Fg = 0
	case n == 49:
		s.Bg = 0
	case n >= 30 && n <= 37:
		s.Fg = ink.Index(uint8(n - 30))
	case n >= 40 && n <= 47:
		s.Bg = ink.Index(uint8(n - 40))
	case n >= 90 && n <= 97:
		s.Fg = ink.Index(uint8(n - 90 + 8))
	case n >= 100 && n <= 107:
		s.Bg = ink.Index(uint8(n - 100 + 8))
	default:
		s.Attr = s.Attr&^attrOff(n) | attrOn(n)
	}
	return s
}

func attrOn(n int) ink.Attr {
	switch n {
	case 1:
		return ink.Bold
	case 2:
		return ink.Faint
	case 3:
		return ink.Italic
	case 4, 21: // 21 is double underline
		return ink.Underline
	case 5, 6:
		return ink.Blink
	case 7:
		return ink.Reverse
	case 9:
		return ink.Strike
	case 53:
		return ink.Overline
	}
	return 0
}

func attrOff(n int) ink.Attr {
	switch n {
	case 23:
		return ink.Italic
	case 24:
		return ink.Underline
	case 25:
		return ink.Blink
	case 27:
		return ink.Reverse
	case 29:
		return ink.Strike
	case 55:
		return ink.Overline
	}
	return 0
}

// legacyColor reads "5;n" or "2;r;g;b" and returns what is left.
func legacyColor(params string) (c ink.Color, rest string, more, ok bool) {
	kind, rest, more := strings.Cut(params, ";")
	var v [3]int
	want := 0
	switch kind {
	case "5":
		want = 1
	case "2":
		want = 3
	}
	for i := range want {
		var p string
		p, rest, more = strings.Cut(rest, ";")
		v[i] = number(p)
	}
	c, ok = colorOf(kind, v[:want])
	return c, rest, more, ok
}

// subparams applies a group with colons: "38:5:n", "38:2::r:g:b", "38:2:r:g:b",
// "4:3".
func subparams(s ink.Style, code string, sub []string) ink.Style {
	n := number(code)
	switch {
	case n == 4:
		s.Attr &^= ink.Underline
		if number(sub[0]) > 0 {
			s.Attr |= ink.Underline
		}
	case n == 38 || n == 48:
		values := sub[1:]
		if sub[0] == "2" && len(values) > 3 { // a colour space comes first
			values = values[1:]
		}
		v := make([]int, 0, 3)
		for _, p := range values[:min(len(values), 3)] {
			v = append(v, number(p))
		}
		if c, ok := colorOf(sub[0], v); ok {
			s = setColor(s, n, c)
		}
	}
	return s
}

func colorOf(kind string, v []int) (ink.Color, bool) {
	for _, n := range v {
		if n < 0 || n > 255 {
			return 0, false
		}
	}
	switch {
	case kind == "5" && len(v) >= 1:
		return ink.Index(uint8(v[0])), true
	case kind == "2" && len(v) == 3:
		return ink.RGB(uint8(v[0]), uint8(v[1]), uint8(v[2])), true
	}
	return 0, false
}

// setColor sets the ground that 38 or 48 names; 58, the colour of an underline,
// is left out.
func setColor(s ink.Style, ground int, c ink.Color) ink.Style {
	switch ground {
	case 38:
		s.Fg = c
	case 48:
		s.Bg = c
	}
	return s
}

// number reads a parameter: an empty one is 0, what is none or absurd is -1.
func number(p string) int {
	if p == "" {
		return 0
	}
	n, err := strconv.Atoi(p)
	if err != nil || n < 0 || n > 1<<20 {
		return -1
	}
	return n
}
