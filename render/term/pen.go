package term

import (
	"unicode/utf8"

	"nbterm/render/ink"
)

// maxColumn bounds the columns that a cursor move may reach beyond a line.
const maxColumn = 4096

// pen writes one line. As long as things are only added at its end it keeps the
// canonical text itself; the first move within the line turns it into cells.
type pen struct {
	look look // of what is written next

	buf      []byte // appending: the line so far
	last     look   // appending: of the end of buf
	plain    bool   // appending: ASCII only, no sequences
	tail     int    // appending: where the last character in buf starts
	width    int    // appending: cells in buf[:seen]
	seen     int
	returned bool // appending: a \r waits to see what follows

	editing bool
	cells   []cell
	col     int
}

// cell is one column: a character, or nothing right of a wide one.
type cell struct {
	text  string
	width uint8 // 0 for the right half of a wide character
	look  look
}

var blank = cell{text: " ", width: 1}

const asciiChars = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// open starts at column 0 of a line.
func (p *pen) open(l line) {
	p.clear()
	if l.text != "" {
		p.buf = append(p.buf, l.text...)
		p.plain, p.returned = l.plain, true
	}
}

// clear empties the line.
func (p *pen) clear() {
	p.buf, p.last, p.plain, p.tail, p.width, p.seen, p.returned = p.buf[:0], look{}, true, 0, 0, 0, false
	p.editing, p.cells, p.col = false, p.cells[:0], 0
}

// text is the line in canonical form: looks closed, blanks at its end left out.
func (p *pen) text() string {
	if p.editing {
		return string(p.joinCells())
	}
	return closeRow(p.buf[:len(p.buf):len(p.buf)], p.last)
}

func (p *pen) joinCells() []byte {
	end := len(p.cells)
	for end > 0 && p.cells[end-1] == blank {
		end--
	}
	var out []byte
	var now look
	for _, c := range p.cells[:end] {
		if c.width > 0 {
			out = append(appendLook(out, now, c.look), c.text...)
			now = c.look
		}
	}
	return appendLook(out, now, look{})
}

// edit turns the line into cells, with the cursor at its end or, after a \r, at
// its start.
func (p *pen) edit() {
	if p.editing {
		return
	}
	p.editing = true
	p.cells = p.cells[:0]
	text, l := string(p.buf), look{}
	for text != "" {
		if text[0] == '\x1b' {
			l, text = readLook(l, text)
			continue
		}
		n, w := cluster(text)
		p.cells = append(p.cells, cell{text[:n], uint8(w), l})
		if w == 2 {
			p.cells = append(p.cells, cell{look: l})
		}
		text = text[n:]
	}
	p.col = len(p.cells)
	if p.returned {
		p.col, p.returned = 0, false
	}
}

// returns handles \r.
func (p *pen) returns() {
	p.col = 0
	p.returned = !p.editing && len(p.buf) > 0
}

// ascii writes printable ASCII.
func (p *pen) ascii(s string) {
	if p.returned {
		p.edit()
	}
	if p.editing {
		for i := range len(s) {
			c := s[i] - ' '
			p.put(cell{asciiChars[c : c+1], 1, p.look})
		}
		return
	}
	p.style(p.look)
	p.buf = append(p.buf, s...)
	p.tail = len(p.buf) - 1
}

// style brings the end of the text to a look.
func (p *pen) style(l look) {
	if p.last != l {
		p.buf = appendLook(p.buf, p.last, l)
		p.last, p.plain = l, false
	}
}

// rune writes one character of any kind.
func (p *pen) rune(r rune) {
	if p.returned {
		p.edit()
	}
	var room [4]byte
	char := utf8.AppendRune(room[:0], r)
	switch judge(r, p.base()) {
	case stands:
		p.char(string(char))
	case joined:
		p.join(string(char))
	case carried:
		p.char(string(dotted))
		p.join(string(char))
	case marked:
		before := p.look
		p.look.Attr ^= ink.Reverse
		p.ascii(marker(r))
		p.look = before
	}
}

// base is the character left of the cursor.
func (p *pen) base() []byte {
	switch {
	case !p.editing && len(p.buf) > 0:
		return p.buf[p.tail:]
	case !p.editing || p.col == 0 || p.col > len(p.cells):
		return nil
	}
	return []byte(p.cells[p.left()].text)
}

// left is the cell left of the cursor, past the right half of a wide one.
func (p *pen) left() int {
	if i := p.col - 1; p.cells[i].width > 0 || i == 0 {
		return i
	}
	return p.col - 2
}

// char writes a character that stands for itself.
func (p *pen) char(s string) {
	if !p.editing {
		p.style(p.look)
		p.tail = len(p.buf)
		p.buf = append(p.buf, s...)
		p.plain = false
		return
	}
	_, w := cluster(s)
	p.put(cell{s, uint8(w), p.look})
}

// join adds a mark to the character left of the cursor.
func (p *pen) join(s string) {
	if !p.editing {
		p.buf = append(p.buf, s...)
		p.plain = false
		p.seen = min(p.seen, p.tail)
		if p.seen == p.tail {
			p.width, p.seen = 0, 0
		}
		return
	}
	at := p.left()
	c := p.cells[at]
	c.text += s
	_, w := cluster(c.text)
	c.width = uint8(w)
	p.col = at
	p.put(c)
}

// put writes one cell at the cursor and moves behind it. Halves of wide
// characters that are hit become blanks.
func (p *pen) put(c cell) {
	for len(p.cells) < p.col {
		p.cells = append(p.cells, blank)
	}
	p.halve(p.col)
	p.set(p.col, c)
	if c.width == 2 {
		p.set(p.col+1, cell{look: c.look})
	}
	p.col += int(c.width)
	if p.col < len(p.cells) && p.cells[p.col].width == 0 {
		p.cells[p.col] = blank
	}
}

func (p *pen) set(i int, c cell) {
	if i < len(p.cells) {
		p.cells[i] = c
		return
	}
	p.cells = append(p.cells, c)
}

// halve blanks the left half of a wide character whose right half is at i.
func (p *pen) halve(i int) {
	if i > 0 && i < len(p.cells) && p.cells[i].width == 0 {
		p.cells[i-1] = blank
		p.cells[i-1].look = p.cells[i].look
	}
}

// tab moves to the next multiple of eight, writing spaces at the end of a line.
func (p *pen) tab() {
	if p.returned {
		p.edit()
	}
	if p.editing {
		p.column(p.col - p.col%8 + 8)
		for len(p.cells) < p.col {
			p.cells = append(p.cells, blank)
		}
		return
	}
	p.width += measure(p.buf[p.seen:])
	p.seen = len(p.buf)
	p.ascii("        "[p.width%8:])
}

// column moves within the line, or a bounded way beyond its end.
func (p *pen) column(n int) {
	p.edit()
	p.col = min(max(n, 0), max(len(p.cells), maxColumn))
}

// eraseLine is CSI K: 0 from the cursor on, 1 up to the cursor, 2 all.
func (p *pen) eraseLine(mode int) {
	switch {
	case mode == 0 && !p.editing && !p.returned:
		return
	case mode == 0 && p.returned:
		p.clear()
		return
	}
	p.edit()
	switch mode {
	case 0:
		if p.col < len(p.cells) {
			p.halve(p.col)
			p.cells = p.cells[:p.col]
		}
	case 1:
		for i := range min(p.col+1, len(p.cells)) {
			p.cells[i] = blank
		}
		if p.col+1 < len(p.cells) && p.cells[p.col+1].width == 0 {
			p.cells[p.col+1] = blank
		}
	case 2:
		p.cells = p.cells[:0]
	}
}
