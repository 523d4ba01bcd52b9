package term

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"nbterm/render/ink"
)

// Options is what a Screen draws for.
type Options struct {
	Width  int        // columns; at least 1
	Colors ink.Colors // colours the terminal shows; others become the nearest
	Links  bool       // OSC 8 links with http(s) targets are kept
}

// Screen plays the output of a program and gives it back as rows that satisfy
// Verify. Text may be written in pieces cut anywhere, even inside a sequence: the
// rows are those of the whole. Writing n bytes costs about n, reading rows costs
// about what is read. One goroutine owns a Screen.
type Screen struct {
	opts  Options
	lines []line // never empty once written to; lines[at] is a copy of the pen's line
	at    int    // the line of the pen
	fresh bool   // lines[at] is as the pen left it
	known int    // lines whose first row is known
	pen   pen
	in    parser
}

// line is one line as printed, in canonical form, of any length.
type line struct {
	text  string
	start int32 // its first row at the current width; valid below Screen.known
	plain bool  // ASCII only, no sequences
}

// NewScreen makes an empty screen.
func NewScreen(o Options) *Screen {
	o.Width = max(o.Width, 1)
	return &Screen{opts: o, lines: make([]line, 1), pen: pen{plain: true}}
}

// Lines plays text and returns its rows. A last line without a line break counts.
func Lines(text string, o Options) []string {
	s := NewScreen(o)
	s.Write(text)
	s.Flush()
	s.sync()
	lines := s.lines
	if lines[len(lines)-1].text == "" {
		lines = lines[:len(lines)-1]
	}
	rows := make([]string, 0, len(lines))
	for _, l := range lines {
		if len(l.text) <= s.opts.Width {
			rows = append(rows, l.text)
			continue
		}
		wrap(l.text, s.opts.Width, l.plain, func(row string) bool {
			rows = append(rows, row)
			return true
		})
	}
	return rows
}

// Resize changes the width. Lines are cut anew when rows are read; cursor moves
// already played stay as they were.
func (s *Screen) Resize(width int) {
	if width = max(width, 1); width != s.opts.Width {
		s.opts.Width, s.known = width, 0
	}
}

// Len is the number of rows. An empty last line, where the cursor waits after a
// line break, is not counted.
func (s *Screen) Len() int {
	s.sync()
	s.index(len(s.lines))
	last := len(s.lines) - 1
	if s.lines[last].text == "" {
		return int(s.lines[last].start)
	}
	return int(s.lines[last].start) + s.rowsOf(last)
}

// Rows returns rows from (included) to to (not included), clamped to what there
// is. Each is at most Width cells and stands for itself.
func (s *Screen) Rows(from, to int) []string {
	to = min(to, s.Len())
	from = max(from, 0)
	if from >= to {
		return nil
	}
	rows := make([]string, 0, to-from)
	i := s.lineAt(from)
	skip := from - int(s.lines[i].start)
	for ; len(rows) < cap(rows); i++ {
		l := &s.lines[i]
		if skip == 0 && len(l.text) <= s.opts.Width {
			rows = append(rows, l.text)
			continue
		}
		wrap(l.text, s.opts.Width, l.plain, func(row string) bool {
			if skip--; skip < 0 {
				rows = append(rows, row)
			}
			return len(rows) < cap(rows)
		})
		skip = 0
	}
	return rows
}

// lineAt finds the line that row belongs to.
func (s *Screen) lineAt(row int) int {
	low, high := 0, len(s.lines)
	for high-low > 1 {
		if mid := (low + high) / 2; int(s.lines[mid].start) <= row {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// index makes the first rows of lines below n known.
func (s *Screen) index(n int) {
	if s.known == 0 {
		s.lines[0].start = 0
		s.known = 1
	}
	for ; s.known < n; s.known++ {
		i := s.known - 1
		s.lines[s.known].start = s.lines[i].start + int32(s.rowsOf(i))
	}
}

// rowsOf counts the rows of one line. No character is wider than its bytes are
// many, so short lines need no measuring.
func (s *Screen) rowsOf(i int) int {
	l := &s.lines[i]
	switch {
	case len(l.text) <= s.opts.Width:
		return 1
	case l.plain:
		return (len(l.text) + s.opts.Width - 1) / s.opts.Width
	}
	n := 0
	wrap(l.text, s.opts.Width, false, func(string) bool { n++; return true })
	return n
}

// sync copies the pen's line into lines, where rows are read from.
func (s *Screen) sync() {
	if s.fresh {
		return
	}
	s.fresh = true
	l := &s.lines[s.at]
	l.text, l.plain = s.pen.text(), s.pen.plain && !s.pen.editing
	s.known = min(s.known, s.at+1)
}

// move leaves the pen's line for another, which exists or is the next after the
// last, and keeps no column.
func (s *Screen) move(to int) {
	s.sync()
	s.at = to
	if to == len(s.lines) {
		s.lines = append(s.lines, line{})
	}
	s.pen.open(s.lines[to])
}

// erase drops all lines.
func (s *Screen) erase() {
	s.lines, s.at, s.known, s.fresh = s.lines[:1], 0, 0, false
	s.lines[0] = line{}
	s.pen.open(line{})
}

// wrap cuts one canonical line into rows of at most width cells and yields them
// until told to stop. A character wider than the screen gets a row of its own
// replaced by a space. Looks are closed at the end of each row and opened again.
func wrap(text string, width int, plain bool, yield func(string) bool) {
	if plain {
		for len(text) > width {
			if !yield(strings.TrimRight(text[:width], " ")) {
				return
			}
			text = text[width:]
		}
		yield(strings.TrimRight(text, " "))
		return
	}
	var row []byte
	var now, want look
	used := 0
	for text != "" {
		if text[0] == '\x1b' {
			want, text = readLook(want, text)
			continue
		}
		n := printable(text, width-used)
		w := n
		if n == 0 {
			n, w = cluster(text)
		}
		piece := text[:n]
		text = text[n:]
		if w > width {
			piece, w = " ", 1
		}
		if used+w > width {
			if !yield(closeRow(row, now)) {
				return
			}
			row, now, used = row[:0], look{}, 0
		}
		row = append(appendLook(row, now, want), piece...)
		now, used = want, used+w
	}
	yield(closeRow(row, now))
}

// printable counts the ASCII characters at the start of s, at most limit, that
// surely stand for themselves: nothing that could be a mark follows them.
func printable(s string, limit int) int {
	n := 0
	for n < len(s) && n < limit && s[n] >= 0x20 && s[n] < 0x7f {
		n++
	}
	if n > 0 && n < len(s) && s[n] >= utf8.RuneSelf {
		n--
	}
	return n
}

// closeRow ends the look of a row. Blanks at its end that show nothing are left
// out.
func closeRow(row []byte, now look) string {
	if now == (look{}) {
		return string(bytes.TrimRight(row, " "))
	}
	return string(appendLook(row, now, look{}))
}

// readLook reads one canonical sequence at the start of text.
func readLook(l look, text string) (look, string) {
	if strings.HasPrefix(text, linkStart) {
		url, rest, _ := strings.Cut(text[len(linkStart):], linkEnd)
		l.link = url
		return l, rest
	}
	params, rest, _ := strings.Cut(text[2:], "m")
	l.Style = applySGR(l.Style, params)
	return l, rest
}

// measure gives the cells of canonical text.
func measure(text []byte) int {
	n := 0
	for len(text) > 0 {
		if text[0] == '\x1b' {
			end := []byte("m")
			if text[1] == ']' {
				end = []byte(linkEnd)
			}
			_, text, _ = bytes.Cut(text[1:], end)
			continue
		}
		if text[0] < 0x80 && (len(text) == 1 || text[1] < 0x80) {
			n, text = n+1, text[1:]
			continue
		}
		g := displaywidth.BytesGraphemes(text)
		g.Next()
		n, text = n+g.Width(), text[len(g.Value()):]
	}
	return n
}
