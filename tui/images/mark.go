package images

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi/kitty"
)

// placeholder is a cell of a picture in kitty's protocol. Three combining characters
// on it give the row, the column and the high byte of the picture's number; the
// colour, one of 256, gives the low byte.
const placeholder = string(kitty.Placeholder)

// maxSpan is the number of rows and columns that can be told apart.
const maxSpan = 297

// Numbers have a low byte of 16 and more, so that it is written as one of 256 colours
// and never as one of the first sixteen, and a high byte of 1 and more.
const (
	lows    = 256 - 16
	highs   = 255
	numbers = lows * highs
)

func numbered(i uint32) uint32 { return i%lows + 16 | (i/lows%highs+1)<<24 }

// Row marks row r of the picture.
func (p *Picture) Row(r int) string {
	var b strings.Builder
	b.WriteString("\x1b[38;5;" + strconv.Itoa(int(p.id&0xff)) + "m")
	row, high := kitty.Diacritic(r), kitty.Diacritic(int(p.id>>24))
	for c := range p.cols {
		b.WriteString(placeholder)
		b.WriteRune(row)
		b.WriteRune(kitty.Diacritic(c))
		b.WriteRune(high)
	}
	b.WriteString("\x1b[m")
	return b.String()
}

// Size is the picture's, in cells.
func (p *Picture) Size() (cols, rows int) { return p.cols, p.rows }

// mark is what a row says of a picture in it.
type mark struct {
	id        uint32
	row       int
	from, to  int // its columns that are shown, to not included
	start, at int // of the mark with its colour, and of its first cell, in bytes
	end       int // after the mark and what ends its colour
}

// diacriticValues gives the value of each combining character.
func diacriticValues() map[rune]int {
	values := make(map[rune]int, maxSpan)
	for i := range maxSpan {
		values[kitty.Diacritic(i)] = i
	}
	return values
}

// reader reads marks.
type reader struct{ values map[rune]int }

// find gives the first mark in row at or after byte from; false when there is none.
func (d reader) find(row string, from int) (mark, bool) {
	i := strings.Index(row[from:], placeholder)
	if i < 0 {
		return mark{}, false
	}
	i += from
	m := mark{at: i, start: i, end: i}
	colour := strings.LastIndex(row[:i], "\x1b[38;5;")
	if colour < 0 {
		return mark{}, false
	}
	low, err := strconv.Atoi(strings.TrimSuffix(row[colour+len("\x1b[38;5;"):i], "m"))
	if err != nil {
		return mark{}, false
	}
	m.start = colour
	for n := 0; strings.HasPrefix(row[m.end:], placeholder); n++ {
		rest := row[m.end+len(placeholder):]
		var v [3]int
		for k := range v {
			r, size := utf8.DecodeRuneInString(rest)
			v[k], rest = d.values[r], rest[size:]
		}
		if n == 0 {
			m.row, m.from, m.to, m.id = v[0], v[1], v[1], uint32(low)|uint32(v[2])<<24
		}
		m.to++
		m.end = len(row) - len(rest)
	}
	if strings.HasPrefix(row[m.end:], "\x1b[m") {
		m.end += len("\x1b[m")
	}
	return m, true
}
