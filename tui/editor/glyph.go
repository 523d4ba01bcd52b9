package editor

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render/term"
)

const (
	defaultTab = 4 // columns of a tab stop
	// maxDrawn bounds the bytes drawn for one cluster; what is cut are marks piled
	// on marks.
	maxDrawn = 48
)

// metric says how wide things are drawn: in rows of how many cells, by the method the
// terminal counts with.
type metric struct {
	method ansi.Method
	narrow bool // letters beyond ASCII take one cell, as nearly everywhere
	width  int  // cells of a row
	tab    int  // columns of a tab stop
	room   int  // those for text, at least 1: the last is the cursor's at the end of a line
}

// newMetric measures for rows of a width in cells.
func newMetric(method ansi.Method, tab, width int) metric {
	return metric{method: method, narrow: method.StringWidth("\u00e9\u044f") == 2, width: width, tab: tab, room: max(width-1, 1)}
}

// measure gives the end of the cluster at byte i of s and the cells it takes when
// drawn at column col of its row.
func (m metric) measure(s string, i, col int) (end, width int) {
	if c := s[i]; ' ' <= c && c < 0x7f && (i+1 == len(s) || s[i+1] < utf8.RuneSelf) {
		return i + 1, 1
	}
	end = nextCluster(s, i)
	if s[i] == '\t' {
		return end, min(m.tab-col%m.tab, max(m.room-col, 1))
	}
	if r, n := utf8.DecodeRuneInString(s[i:end]); n == end-i {
		if w := simple(r); w == 2 && m.room >= 2 || w == 1 && m.narrow {
			return end, w
		}
	}
	_, width = m.glyph(s[i:end])
	return end, width
}

// glyph is what is drawn for a cluster other than a tab, and its cells. It never
// holds a control character, a lone mark or anything invisible: those are shown as
// a picture, on a dotted circle, or by number as <200b>.
func (m metric) glyph(cluster string) (text string, width int) {
	r, n := utf8.DecodeRuneInString(cluster)
	switch {
	case r == utf8.RuneError && n == 1:
		text = number(int64(cluster[0]))
	case r < ' ':
		text = string(rune(0x2400) + r)
	case r == 0x7f:
		text = "\u2421"
	case r < 0x7f && len(cluster) == 1:
		return cluster, 1
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		text = number(int64(r))
	case unicode.In(r, unicode.Mn, unicode.Me):
		text = "\u25cc" + cut(cluster)
	default:
		text = cut(cluster)
	}
	if shown := term.Clean(text); shown != text { // hidden within a cluster, or a mark of our own
		text, width = shown, m.method.StringWidth(shown)
	} else if _, width = ansi.FirstGraphemeCluster(text, m.method); text[0] == '<' {
		width = len(text)
	}
	if width == 0 {
		text = number(int64(r))
		width = len(text)
	}
	if width > m.room {
		return "?", 1
	}
	return text, width
}

// number shows a rune or byte by its number.
func number(n int64) string { return "<" + strconv.FormatInt(n, 16) + ">" }

// cut keeps what can be drawn of a cluster without end.
func cut(cluster string) string {
	if len(cluster) <= maxDrawn {
		return cluster
	}
	end := maxDrawn
	for !utf8.RuneStart(cluster[end]) {
		end--
	}
	return cluster[:end]
}

// columns gives the cells that the bytes from start to end of s take in a row that
// begins at start.
func (m metric) columns(s string, start, end int) int {
	col := 0
	for i := start; i < end; {
		next, w := m.measure(s, i, col)
		col += w
		i = next
	}
	return col
}

// byteAt gives the boundary in the row s[start:end] whose cluster covers cell col,
// or the end of the row.
func (m metric) byteAt(s string, start, end, col int) int {
	at := 0
	for i := start; i < end; {
		next, w := m.measure(s, i, at)
		if at+w > col {
			return i
		}
		at += w
		i = next
	}
	return end
}
