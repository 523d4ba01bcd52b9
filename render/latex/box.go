package latex

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// box is rows of characters, all of the same width in cells. Row base is the one
// that lines up with its neighbours.
type box struct {
	rows  []string
	width int
	base  int
}

// text is a box of one row.
func text(s string) box {
	if s == "" {
		return box{}
	}
	return box{[]string{s}, displaywidth.String(s), 0}
}

func blank(n int) box {
	if n <= 0 {
		return box{}
	}
	return text(strings.Repeat(" ", n))
}

// below counts the rows under the base line.
func (b box) below() int { return max(len(b.rows)-1-b.base, 0) }

// beside sets boxes side by side on one base line.
func beside(boxes ...box) box {
	up, down, width := 0, 0, 0
	some := false
	for _, b := range boxes {
		up, down, width = max(up, b.base), max(down, b.below()), width+b.width
		some = some || len(b.rows) > 0
	}
	if !some {
		return box{}
	}
	out := box{make([]string, up+1+down), width, up}
	var row strings.Builder
	for i := range out.rows {
		row.Reset()
		for _, b := range boxes {
			if at := i - up + b.base; at >= 0 && at < len(b.rows) {
				row.WriteString(b.rows[at])
			} else {
				pad(&row, b.width)
			}
		}
		out.rows[i] = row.String()
	}
	return out
}

func pad(b *strings.Builder, n int) {
	const blanks = "                                                                "
	for ; n > len(blanks); n -= len(blanks) {
		b.WriteString(blanks)
	}
	b.WriteString(blanks[:max(n, 0)])
}

// aligning says where a narrow box stands in a wide one.
type aligning byte

const (
	leftAlign aligning = 'l'
	center    aligning = 'c'
	rightSide aligning = 'r'
)

// wide pads a box to a width.
func (b box) wide(width int, a aligning) box {
	left := 0
	switch extra := max(width-b.width, 0); a {
	case center:
		left = extra / 2
	case rightSide:
		left = extra
	}
	var row strings.Builder
	out := box{make([]string, len(b.rows)), max(width, b.width), b.base}
	for i, s := range b.rows {
		row.Reset()
		pad(&row, left)
		row.WriteString(s)
		pad(&row, width-b.width-left)
		out.rows[i] = row.String()
	}
	return out
}

// above puts one box on another; the base line is that of the upper.
func above(a, b box, al aligning) box {
	w := max(a.width, b.width)
	a, b = a.wide(w, al), b.wide(w, al)
	return box{append(a.rows[:len(a.rows):len(a.rows)], b.rows...), w, a.base}
}

// column is a box of the same string in every row.
func column(n, base int, at func(i int) string) box {
	b := box{rows: make([]string, n), base: base}
	for i := range b.rows {
		b.rows[i] = at(i)
		b.width = max(b.width, displaywidth.String(b.rows[i]))
	}
	return b
}

// tall are the parts of delimiters of several rows: top, middle of three (or the
// piece), bottom, piece.
var tall = map[string][4]string{
	"(": {"⎛", "⎜", "⎝", "⎜"}, ")": {"⎞", "⎟", "⎠", "⎟"}, "[": {"⎡", "⎢", "⎣", "⎢"}, "]": {"⎤", "⎥", "⎦", "⎥"},
	"{": {"⎧", "⎨", "⎩", "⎪"}, "}": {"⎫", "⎬", "⎭", "⎪"}, "⌊": {"⎢", "⎢", "⎣", "⎢"}, "⌋": {"⎥", "⎥", "⎦", "⎥"},
	"⌈": {"⎡", "⎢", "⎢", "⎢"}, "⌉": {"⎤", "⎥", "⎥", "⎥"}, "|": {"│", "│", "│", "│"}, "‖": {"║", "║", "║", "║"}, "/": {"╱", "╱", "╱", "╱"},
	"⟦": {"⎡", "⎢", "⎣", "⎢"}, "⟧": {"⎤", "⎥", "⎦", "⎥"},
}

// delimiter draws a delimiter as high as b.
func delimiter(d string, b box) box {
	n := len(b.rows)
	parts, ok := tall[d]
	switch {
	case d == "":
		return box{}
	case n <= 1:
		return text(d)
	case !ok:
		one := text(d)
		return one
	}
	return column(n, b.base, func(i int) string {
		switch i {
		case 0:
			return parts[0]
		case n - 1:
			return parts[2]
		case (n - 1) / 2:
			return parts[1]
		}
		return parts[3]
	})
}
