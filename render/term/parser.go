package term

import (
	"strings"
	"unicode/utf8"
)

// state is where in a sequence the parser stands.
type state uint8

const (
	ground  state = iota
	escape        // after ESC
	charset       // after ESC and an intermediate byte
	csi           // within CSI parameters
	osc           // within an OSC, which is collected
	oscEsc        // after ESC within an OSC
	strung        // within DCS, SOS, PM or APC, which are dropped
)

const (
	maxParams = 256               // bytes of CSI parameters
	maxOSC    = maxTarget + 1<<10 // bytes of an OSC that are looked at
)

// parser is what remains between two writes.
type parser struct {
	state state
	seq   []byte // parameters so far
	over  bool   // seq is too long: the sequence is dropped
	prev  byte   // in strings: the byte before, to see U+009C
	part  string // the first bytes of a character cut by the end of a write
}

// Write plays more of the output.
func (s *Screen) Write(text string) {
	if text == "" {
		return
	}
	if s.in.part != "" {
		text, s.in.part = s.in.part+text, ""
	}
	for i := 0; i < len(text); {
		if s.in.state != ground {
			i += s.sequence(text[i])
			continue
		}
		i += s.print(text[i:])
	}
}

// Flush says that nothing follows: a cut character is shown as U+FFFD, an open
// sequence is dropped.
func (s *Screen) Flush() {
	for range s.in.part {
		s.touch().rune(utf8.RuneError)
	}
	s.in = parser{seq: s.in.seq[:0]}
}

// touch gives the pen for a change to its line.
func (s *Screen) touch() *pen {
	s.fresh = false
	return &s.pen
}

// print plays what stands at the start of text outside of any sequence and
// returns its length.
func (s *Screen) print(text string) int {
	c := text[0]
	switch {
	case c >= 0x20 && c < 0x7f:
		n := 1
		for n < len(text) && text[n] >= 0x20 && text[n] < 0x7f {
			n++
		}
		if n < len(text) && text[n] == '\n' && s.whole(text[:n]) {
			return n + 1
		}
		s.touch().ascii(text[:n])
		return n
	case c < utf8.RuneSelf:
		s.control(c)
		return 1
	}
	r, n := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError && n == 1 && !utf8.FullRuneInString(text):
		s.in.part = strings.Clone(text)
		return len(text)
	case r >= 0x80 && r <= 0x9f:
		s.introduce(byte(r) - 0x40)
	default:
		s.touch().rune(r)
	}
	return n
}

// whole takes a plain line that stands alone between two line breaks without
// copying it: the way most of a long output goes.
func (s *Screen) whole(text string) bool {
	p := &s.pen
	if s.at != len(s.lines)-1 || p.editing || len(p.buf) > 0 || p.look != (look{}) {
		return false
	}
	l := &s.lines[s.at]
	l.text, l.plain = strings.TrimRight(text, " "), true
	s.known = min(s.known, s.at+1)
	s.lines = append(s.lines, line{})
	s.at++
	s.fresh = true
	return true
}

// control plays a C0 control.
func (s *Screen) control(c byte) {
	switch c {
	case '\n', '\v', '\f':
		s.move(s.at + 1)
	case '\r':
		s.pen.returns()
	case '\b':
		p := s.touch()
		p.edit()
		p.col = max(p.col-1, 0)
	case '\t':
		s.touch().tab()
	case '\x1b':
		s.in.state = escape
	}
}

// introduce starts the sequence that ESC and c introduce, or drops them.
func (s *Screen) introduce(c byte) {
	s.in.seq, s.in.over, s.in.prev = s.in.seq[:0], false, 0
	switch {
	case c == '[':
		s.in.state = csi
	case c == ']':
		s.in.state = osc
	case c == 'P' || c == 'X' || c == '^' || c == '_':
		s.in.state = strung
	case c >= 0x20 && c <= 0x2f:
		s.in.state = charset
	default:
		s.in.state = ground
	}
}

// sequence takes one byte within a sequence and returns how many it used: none
// when the byte broke the sequence and belongs to what follows.
func (s *Screen) sequence(c byte) int {
	in := &s.in
	if c == 0x18 || c == 0x1a { // CAN and SUB end any sequence
		in.state = ground
		return 1
	}
	switch in.state {
	case osc, oscEsc, strung:
		return s.stringByte(c)
	}
	switch {
	case c < 0x20 || c >= 0x7f:
		in.state = ground
		return 0
	case in.state == escape:
		s.introduce(c)
	case in.state == charset:
		if c >= 0x30 {
			in.state = ground
		}
	case c >= 0x40: // the end of a CSI
		in.state = ground
		if !in.over {
			s.dispatch(c, string(in.seq))
		}
	default:
		in.collect(c, maxParams)
	}
	return 1
}

// stringByte takes one byte within a string sequence: ST, BEL or the end of the
// line end it.
func (s *Screen) stringByte(c byte) int {
	in := &s.in
	prev := in.prev
	in.prev = c
	switch {
	case in.state == oscEsc:
		if c != '\\' {
			in.state = escape
			return 0
		}
		s.hyperlink()
	case c == '\a':
		if in.state == osc {
			s.hyperlink()
		}
	case c == 0x9c && prev == 0xc2: // U+009C is ST too
		if in.state == osc && len(in.seq) > 0 {
			in.seq = in.seq[:len(in.seq)-1]
			s.hyperlink()
		}
	case c == '\x1b' && in.state == osc:
		in.state = oscEsc
		return 1
	case c == '\x1b':
		in.state = escape
		return 1
	case c == '\n':
		in.state = ground
		return 0
	default:
		if in.state == osc {
			in.collect(c, maxOSC)
		}
		return 1
	}
	in.state = ground
	return 1
}

func (in *parser) collect(c byte, limit int) {
	if len(in.seq) >= limit {
		in.over = true
		return
	}
	in.seq = append(in.seq, c)
}

// hyperlink plays a collected OSC: only OSC 8 with an http(s) target means
// anything, and any other target ends the link before it.
func (s *Screen) hyperlink() {
	rest, ok := strings.CutPrefix(string(s.in.seq), "8;")
	if !ok || !s.opts.Links {
		return
	}
	_, url, _ := strings.Cut(rest, ";")
	if s.in.over || !target(url) {
		url = ""
	}
	s.pen.look.link = url
}

// dispatch plays one CSI sequence.
func (s *Screen) dispatch(final byte, params string) {
	if final == 'm' {
		if strings.Trim(params, "0123456789;:") == "" {
			s.pen.look.Style = applySGR(s.pen.look.Style, params).Within(s.opts.Colors)
		}
		return
	}
	first, _, _ := strings.Cut(params, ";")
	n := number(first) // private parameters such as ?25 are none
	if n < 0 {
		return
	}
	switch step := max(n, 1); final {
	case 'A':
		s.vertical(-step)
	case 'B':
		s.vertical(step)
	case 'C':
		s.horizontal(step)
	case 'D':
		s.horizontal(-step)
	case 'G':
		s.touch().column(min(step-1, s.edge()))
	case 'K':
		s.touch().eraseLine(n)
	case 'J':
		s.eraseScreen(n)
	}
}

// horizontal moves within the line; to the right no further than its end or the
// screen's edge.
func (s *Screen) horizontal(by int) {
	p := s.touch()
	p.edit()
	p.column(min(p.col+by, max(s.edge(), p.col)))
}

// edge is the last column a move may reach.
func (s *Screen) edge() int { return max(s.opts.Width-1, len(s.pen.cells)) }

// vertical moves between the lines there are, in the same column.
func (s *Screen) vertical(by int) {
	to := min(max(s.at+by, 0), len(s.lines)-1)
	if to == s.at {
		return
	}
	s.touch().edit()
	col := s.pen.col
	s.move(to)
	if col > 0 {
		s.touch().column(col)
	}
}

// eraseScreen is CSI J: 0 from the cursor on, 1 up to the cursor, 2 and 3 all,
// which brings the cursor home too: there is no screen to keep it on.
func (s *Screen) eraseScreen(mode int) {
	p := s.touch()
	switch mode {
	case 0:
		p.eraseLine(0)
		clear(s.lines[s.at+1:])
		s.lines = s.lines[:s.at+1]
		s.known = min(s.known, s.at+1)
	case 1:
		for i := range s.at {
			s.lines[i] = line{plain: true}
		}
		s.known = 0
		p.eraseLine(1)
	case 2, 3:
		s.erase()
	}
}
