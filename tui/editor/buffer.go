package editor

import (
	"slices"
	"strings"
)

// Pos is a place in the text: a line and a byte column within it, from zero.
type Pos struct{ Line, Col int }

// Before reports whether p comes before q.
func (p Pos) Before(q Pos) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col
}

// Span is the text from From up to, not including, To.
type Span struct{ From, To Pos }

// Empty reports whether the span holds nothing.
func (s Span) Empty() bool { return s.From == s.To }

// Buffer is text with a cursor, a selection and a history. The zero value is not
// ready: use NewBuffer. It is not safe for concurrent use.
type Buffer struct {
	lines     []string // at least one; without their newlines
	cursor    Pos
	anchor    Pos // where the selection began; means something while selecting
	selecting bool
	version   uint64
	history   history
	value     string // the joined lines, when joined is the version
	joined    uint64

	lang      language
	pairs     pairs // closers put in automatically
	AutoClose bool  // an opening bracket or quote brings its closing one

	changed func(change) // told of every change of lines; may be nil
}

// change tells which lines took the place of which: del lines from at on became
// ins lines. When both are one, the line kept its first col bytes and its last
// tail bytes, lost cut bytes between them and grew by grow in all.
type change struct{ at, del, ins, col, tail, grow, cut int }

// NewBuffer holds text with the cursor at its start.
func NewBuffer(text string) *Buffer {
	return &Buffer{lines: strings.Split(text, "\n"), version: 1, lang: languageOf("text"), AutoClose: true}
}

// Value is the whole text.
func (b *Buffer) Value() string {
	if b.joined != b.version {
		b.value, b.joined = strings.Join(b.lines, "\n"), b.version
	}
	return b.value
}

// Version grows with every change of the text, undo and redo included.
func (b *Buffer) Version() uint64 { return b.version }

// Len is the number of lines, at least 1.
func (b *Buffer) Len() int { return len(b.lines) }

// Line is line i without its newline.
func (b *Buffer) Line(i int) string { return b.lines[i] }

// Cursor is where typed text goes.
func (b *Buffer) Cursor() Pos { return b.cursor }

// SetCursor moves the cursor to the nearest valid place and ends the selection.
func (b *Buffer) SetCursor(p Pos) { b.move(p, false) }

// Select selects from anchor to cursor.
func (b *Buffer) Select(anchor, cursor Pos) {
	b.move(anchor, false)
	b.move(cursor, true)
}

// Selection is the selected span; ok is false when there is none.
func (b *Buffer) Selection() (s Span, ok bool) {
	if !b.selecting || b.anchor == b.cursor {
		return Span{b.cursor, b.cursor}, false
	}
	if b.cursor.Before(b.anchor) {
		return Span{b.cursor, b.anchor}, true
	}
	return Span{b.anchor, b.cursor}, true
}

// move puts the cursor at p; extend keeps or begins a selection.
func (b *Buffer) move(p Pos, extend bool) {
	if extend && !b.selecting {
		b.anchor = b.cursor
	}
	b.selecting = extend
	b.cursor = b.valid(p)
	b.pairs = pairs{}
	b.history.seal()
}

// end is the place after the last byte.
func (b *Buffer) end() Pos {
	last := len(b.lines) - 1
	return Pos{last, len(b.lines[last])}
}

// clamp puts p inside the text.
func (b *Buffer) clamp(p Pos) Pos {
	if p.Line < 0 {
		return Pos{}
	}
	if p.Line >= len(b.lines) {
		return b.end()
	}
	return Pos{p.Line, min(max(p.Col, 0), len(b.lines[p.Line]))}
}

// valid puts p inside the text and between two clusters.
func (b *Buffer) valid(p Pos) Pos {
	p = b.clamp(p)
	p.Col = snap(b.lines[p.Line], p.Col)
	return p
}

// Offset is the byte offset of p in Value.
func (b *Buffer) Offset(p Pos) int {
	p = b.clamp(p)
	n := p.Line + p.Col
	for _, l := range b.lines[:p.Line] {
		n += len(l)
	}
	return n
}

// At is the place of a byte offset in Value, clamped; it may be inside a cluster.
func (b *Buffer) At(offset int) Pos {
	if offset <= 0 {
		return Pos{}
	}
	for i, l := range b.lines {
		if offset <= len(l) {
			return Pos{i, offset}
		}
		offset -= len(l) + 1
	}
	return b.end()
}

// Text is the text of a span.
func (b *Buffer) Text(s Span) string {
	s = Span{b.clamp(s.From), b.clamp(s.To)}
	if s.To.Before(s.From) {
		s.From, s.To = s.To, s.From
	}
	if s.From.Line == s.To.Line {
		return b.lines[s.From.Line][s.From.Col:s.To.Col]
	}
	var t strings.Builder
	t.WriteString(b.lines[s.From.Line][s.From.Col:])
	for _, l := range b.lines[s.From.Line+1 : s.To.Line] {
		t.WriteByte('\n')
		t.WriteString(l)
	}
	t.WriteByte('\n')
	t.WriteString(b.lines[s.To.Line][:s.To.Col])
	return t.String()
}

// Replace puts text in the place of a span, as one step of undo, with the cursor
// after it.
func (b *Buffer) Replace(s Span, text string) {
	b.step(plainStep, func() { b.cursor = b.replace(s, text) })
}

// replace is the one way text changes: it records the edit in the open step and
// returns the end of what was put in, which may be inside a cluster.
func (b *Buffer) replace(s Span, text string) Pos {
	s = Span{b.clamp(s.From), b.clamp(s.To)}
	if s.To.Before(s.From) {
		s.From, s.To = s.To, s.From
	}
	removed := b.Text(s)
	if removed == text {
		return s.To
	}
	// A clone: a piece of a long line would keep the whole line in memory.
	b.history.record(edit{at: s.From, removed: strings.Clone(removed), inserted: text})
	return b.splice(s, text)
}

// splice changes the lines and records nothing.
func (b *Buffer) splice(s Span, text string) Pos {
	head := b.lines[s.From.Line][:s.From.Col]
	tail := b.lines[s.To.Line][s.To.Col:]
	c := change{at: s.From.Line, del: s.To.Line - s.From.Line + 1, ins: 1, col: s.From.Col, tail: len(tail)}
	c.cut = s.To.Col - s.From.Col
	c.grow = len(text) - c.cut
	to := Pos{s.From.Line, s.From.Col + len(text)}
	if !strings.Contains(text, "\n") {
		line := head + text + tail
		if c.del == 1 {
			b.lines[s.From.Line] = line
		} else {
			b.lines = slices.Replace(b.lines, c.at, c.at+c.del, line)
		}
	} else {
		fresh := strings.Split(text, "\n")
		last := len(fresh) - 1
		to = Pos{s.From.Line + last, len(fresh[last])}
		fresh[0] = head + fresh[0]
		fresh[last] += tail
		c.ins = len(fresh)
		b.lines = slices.Replace(b.lines, c.at, c.at+c.del, fresh...)
	}
	b.version++
	if b.changed != nil {
		b.changed(c)
	}
	return to
}
