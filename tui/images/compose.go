package images

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// spot is a part of a picture on the screen: rows [row, row+height) of the picture,
// its columns [from, to), with the top left cell at x, y.
type spot struct {
	id               uint32
	row, height      int
	from, to         int
	x, y             int
	pic              *Picture // so that it stays while it is shown
	screenW, screenH int      // of a screen of this size nothing is where it was
}

// same is true when the pixels on the screen are the same.
func (s spot) same(o spot) bool { return s == o }

// Compose makes a frame of rows: marks of pictures that kitty holds stay, all others
// become block characters. It notes what is visible where.
func (l *Layer) Compose(rows []string, width int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.round++
	var spots []spot
	var out []string
	for y, row := range rows {
		if !strings.Contains(row, placeholder) {
			continue
		}
		if out == nil {
			out = slices.Clone(rows)
		}
		out[y], spots = l.row(row, y, spots)
	}
	for i := range spots {
		spots[i].screenW, spots[i].screenH = width, len(rows)
	}
	l.look(spots)
	if out == nil {
		return rows
	}
	return out
}

// row composes one row and adds the parts of pictures in it to spots.
func (l *Layer) row(row string, y int, spots []spot) (string, []spot) {
	var b strings.Builder
	done := 0
	for {
		m, ok := l.marks().find(row, done)
		if !ok {
			break
		}
		b.WriteString(row[done:m.start])
		pic := l.known[m.id].Value()
		x := ansi.StringWidth(row[:m.start])
		switch {
		case pic == nil || m.row >= len(pic.under):
		case l.holds(m.id):
			b.WriteString(row[m.start:m.end])
		default:
			b.WriteString(pic.cut(m))
		}
		if pic != nil {
			spots = extend(spots, spot{id: m.id, row: m.row, height: 1, from: m.from, to: m.to, x: x, y: y, pic: pic})
		}
		done = m.end
	}
	b.WriteString(row[done:])
	return b.String(), spots
}

// cut gives the block characters of a mark.
func (p *Picture) cut(m mark) string {
	under := p.under[m.row]
	if m.from > 0 || m.to < p.cols {
		under = ansi.Cut(under, m.from, m.to)
	}
	return under
}

// holds is true when the terminal shows the marks of a picture itself.
func (l *Layer) holds(id uint32) bool {
	s, there := l.sent[id]
	if there {
		s.seen = l.round
		l.sent[id] = s
	}
	return there
}

// extend adds the part of a picture in one row to the part in the row above, if it
// goes on from there.
func extend(spots []spot, s spot) []spot {
	for i := len(spots) - 1; i >= 0; i-- {
		o := &spots[i]
		if o.id == s.id && o.x == s.x && o.from == s.from && o.to == s.to && o.y+o.height == s.y && o.row+o.height == s.row {
			o.height++
			return spots
		}
	}
	return append(spots, s)
}

// look compares what is visible with what was, and has done what is to be done.
func (l *Layer) look(spots []spot) {
	if slices.EqualFunc(spots, l.shown, spot.same) {
		return
	}
	l.shown = spots
	l.erase()
	l.stir()
}

// erase writes what is under the overlays over them again: the terminal then shows
// what the program believes it shows, before the next frame changes it.
func (l *Layer) erase() {
	if len(l.drawn) == 0 {
		return
	}
	var b bytes.Buffer
	w := colorprofile.Writer{Forward: &b, Profile: l.colors}
	b.WriteString("\x1b7")
	for _, s := range l.drawn {
		for r := range s.height {
			fmt.Fprintf(&w, "\x1b[%d;%dH\x1b[m%s", s.y+r+1, s.x+1, s.pic.cut(mark{row: s.row + r, from: s.from, to: s.to}))
		}
	}
	b.WriteString("\x1b8")
	l.drawn, l.repair = nil, append(l.repair, b.Bytes()...)
}

// mend writes what erase left. Called with the lock.
func (l *Layer) mend() {
	if len(l.repair) > 0 {
		_, _ = l.out.Write(l.repair)
		l.repair = nil
	}
}

// clears is true for output that erases the whole screen, and overlays with it.
func clears(p []byte) bool {
	return bytes.Contains(p, []byte("\x1b[2J")) || bytes.Contains(p, []byte("\x1b[?1049"))
}
