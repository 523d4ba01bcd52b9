package editor

import (
	"slices"

	"github.com/charmbracelet/x/ansi"
)

const (
	// longLine is the length from which an edit lays out only the rows about it.
	longLine = 8 << 10
	// settleRows is how many rows past an edit in a long line may move before the
	// old row starts are kept, at the price of one short row.
	settleRows = 64
)

// rowEnd gives where the row ends that starts at byte start of s: after the last
// blank that fits, or in the middle of a word when no blank comes in the later two
// thirds of the row. The blank after a word that fills the row may hang over, into
// the cell that is kept free for the cursor.
func (m metric) rowEnd(s string, start int) int {
	if end := start + m.room; plain(s, start, min(end+1, len(s))) {
		if end >= len(s) {
			return len(s)
		}
		if s[end] == ' ' && end+1 < len(s) && m.room < m.width {
			return end + 1
		}
		for i := end - 1; i >= start+m.room/3; i-- {
			if s[i] == ' ' {
				return i + 1
			}
		}
		return end
	}
	col, at := 0, start
	blank, blankCol := start, 0 // after the last blank in the row
	for at < len(s) {
		next, w := m.measure(s, at, col)
		if col+w > m.room && at > start {
			if s[at] == ' ' && next < len(s) && m.room < m.width {
				return next
			}
			if blankCol > m.room/3 {
				return blank
			}
			return at
		}
		col += w
		if s[at] == ' ' || s[at] == '\t' || w == 2 {
			blank, blankCol = next, col
		}
		at = next
	}
	return at
}

// plain reports whether s[from:to] is printable ASCII and no mark follows it.
func plain(s string, from, to int) bool {
	for i := from; i < to; i++ {
		if s[i]-' ' >= 0x7f-' ' {
			return false
		}
	}
	return to == len(s) || s[to] < 0x80
}

// wrap gives the starts of the rows of s after the first; nil when it is one row.
func (m metric) wrap(s string) []int32 {
	var starts []int32
	for at := m.rowEnd(s, 0); at < len(s); at = m.rowEnd(s, at) {
		if starts == nil {
			starts = make([]int32, 0, len(s)/m.room+1)
		}
		starts = append(starts, int32(at))
	}
	return starts
}

// rewrap gives the starts of s, that had the starts old before an edit which left
// its first col and its last tail bytes alone and made it grow bytes longer.
func (m metric) rewrap(s string, old []int32, col, tail, grow int) []int32 {
	if len(s) < longLine || len(old) < settleRows {
		return m.wrap(s)
	}
	// A row depends on what follows it up to one word: begin one row early.
	keep, _ := slices.BinarySearch(old, int32(col))
	keep = max(keep-2, 0)
	at := 0
	if keep > 0 {
		at = int(old[keep-1])
	}
	edited := len(s) - tail
	rest, _ := slices.BinarySearch(old, int32(edited-grow+1))
	fresh := make([]int32, 0, settleRows+8)
	for past := 0; ; {
		at = m.rowEnd(s, at)
		if at >= len(s) {
			return append(old[:keep:keep], fresh...)
		}
		for rest < len(old) && int(old[rest])+grow < at {
			rest++
		}
		settled := rest < len(old) && int(old[rest])+grow == at
		if !settled && past >= settleRows && rest > 0 && rest < len(old) {
			// Not again in step: end this row early, where the old rows go on.
			if early := int(old[rest-1]) + grow; early > lastOf(fresh, edited) && early > edited {
				at, rest, settled = early, rest-1, true
			}
		}
		if settled {
			return splice(old, keep, rest, fresh, int32(grow))
		}
		fresh = append(fresh, int32(at))
		if at > edited {
			past++
		}
	}
}

func lastOf(starts []int32, or int) int {
	if len(starts) == 0 {
		return or
	}
	return int(starts[len(starts)-1])
}

// splice puts fresh in the place of old[keep:rest] and moves what follows by grow.
func splice(old []int32, keep, rest int, fresh []int32, grow int32) []int32 {
	for i := rest; i < len(old); i++ {
		old[i] += grow
	}
	return slices.Replace(old, keep, rest, fresh...)
}

// layout knows the rows of every line of a buffer at one width.
type layout struct {
	b     *Buffer
	m     metric
	lines [][]int32 // per line the starts of its rows after the first
	total int       // rows of all lines
	// A finger on the last line asked for: the next question is mostly near.
	line, row int
}

// fit lays everything out when the width or the method changed.
func (l *layout) fit(width, tab int, method ansi.Method) {
	if l.lines != nil && l.m.width == width && l.m.tab == tab && l.m.method == method {
		return
	}
	l.m = newMetric(method, tab, width)
	m := l.m
	l.lines = make([][]int32, l.b.Len())
	l.total, l.line, l.row = len(l.lines), 0, 0
	for i, s := range l.b.lines {
		l.lines[i] = m.wrap(s)
		l.total += len(l.lines[i])
	}
}

// changed lays the lines out that an edit touched.
func (l *layout) changed(c change) {
	if l.lines == nil {
		return
	}
	if c.at < l.line {
		l.rowOf(c.at)
	}
	for _, s := range l.lines[c.at : c.at+c.del] {
		l.total -= len(s) + 1
	}
	if c.del == 1 && c.ins == 1 {
		s, old := l.b.lines[c.at], l.lines[c.at]
		l.lines[c.at] = l.m.rewrap(s, old, c.col, c.tail, c.grow)
		l.total += len(l.lines[c.at]) + 1
		return
	}
	fresh := make([][]int32, c.ins)
	for i := range fresh {
		fresh[i] = l.m.wrap(l.b.lines[c.at+i])
		l.total += len(fresh[i]) + 1
	}
	l.lines = slices.Replace(l.lines, c.at, c.at+c.del, fresh...)
}

// rowOf is the row on which a line starts.
func (l *layout) rowOf(line int) int {
	for l.line < line {
		l.row += len(l.lines[l.line]) + 1
		l.line++
	}
	for l.line > line {
		l.line--
		l.row -= len(l.lines[l.line]) + 1
	}
	return l.row
}

// lineAt gives the line a row belongs to and which of the line's rows it is; rows
// outside of the text are the first and the last.
func (l *layout) lineAt(row int) (line, part int) {
	row = min(max(row, 0), l.total-1)
	for l.row > row {
		l.line--
		l.row -= len(l.lines[l.line]) + 1
	}
	for l.row+len(l.lines[l.line]) < row {
		l.row += len(l.lines[l.line]) + 1
		l.line++
	}
	return l.line, row - l.row
}

// bounds gives the bytes of row part of a line.
func (l *layout) bounds(line, part int) (start, end int) {
	starts := l.lines[line]
	if part > 0 {
		start = int(starts[part-1])
	}
	if part < len(starts) {
		return start, int(starts[part])
	}
	return start, len(l.b.lines[line])
}

// cell gives the row and the column of a place.
func (l *layout) cell(p Pos) (row, col int) {
	part, found := slices.BinarySearch(l.lines[p.Line], int32(p.Col))
	if found {
		part++
	}
	start, _ := l.bounds(p.Line, part)
	return l.rowOf(p.Line) + part, min(l.m.columns(l.b.lines[p.Line], start, p.Col), l.m.width-1)
}

// place gives the place at a cell: the cluster that covers it, or the end of its
// row. The end of a row that another follows is not a place of its own, the start
// of the next row is: then it is the last cluster.
func (l *layout) place(row, col int) Pos {
	line, part := l.lineAt(row)
	start, end := l.bounds(line, part)
	s := l.b.lines[line]
	at := l.m.byteAt(s, start, end, max(col, 0))
	if at == end && part < len(l.lines[line]) && end > start {
		at = max(prevCluster(s, end), start)
	}
	return Pos{line, at}
}
