package editor

import (
	"strings"
	"unicode/utf8"
)

// edit is one replacement: inserted stands at at where removed stood.
type edit struct {
	at                Pos
	removed, inserted string
}

// stepKind says which steps of undo may grow: typing joins typing, and so on.
type stepKind uint8

const (
	plainStep stepKind = iota // never joined
	typeStep
	backspaceStep
	deleteStep
)

// maxJoined is the size at which a step stops growing: joining copies it.
const maxJoined = 4096

// place is the cursor and selection a step began or ended with.
type place struct {
	cursor, anchor Pos
	selecting      bool
}

// step is what one undo takes back.
type step struct {
	kind          stepKind
	edits         []edit
	before, after place
}

// history is every step since the text was opened, without limit.
type history struct {
	past, future []step
	sealed       bool // the last step may not grow
}

// seal ends the growing of the last step: the cursor was moved, say.
func (h *history) seal() { h.sealed = true }

// record adds an edit to the open step.
func (h *history) record(e edit) {
	last := &h.past[len(h.past)-1]
	last.edits = append(last.edits, e)
}

// step runs do as one step of undo, joined with the one before when both are of
// the same kind and the later goes on where the earlier stopped. Steps do not
// nest; one that changes nothing leaves no trace. do sets the cursor; it is made
// valid here and the selection ends unless do selects.
func (b *Buffer) step(kind stepKind, do func()) {
	h := &b.history
	before := place{b.cursor, b.anchor, b.selecting}
	grown := h.grows(kind, before)
	version := b.version
	h.past = append(h.past, step{kind: kind, before: before})
	b.selecting = false
	do()
	b.cursor, b.anchor = b.valid(b.cursor), b.valid(b.anchor)
	last := &h.past[len(h.past)-1]
	if b.version == version {
		h.past = h.past[:len(h.past)-1]
		return
	}
	h.future = nil
	h.sealed = false
	last.after = place{b.cursor, b.anchor, b.selecting}
	if grown && join(&h.past[len(h.past)-2], last) {
		h.past[len(h.past)-1] = step{}
		h.past = h.past[:len(h.past)-1]
	}
}

// grows reports whether a step of this kind may join the last one.
func (h *history) grows(kind stepKind, now place) bool {
	if h.sealed || kind == plainStep || len(h.past) == 0 || now.selecting {
		return false
	}
	last := h.past[len(h.past)-1]
	return last.kind == kind && last.after.cursor == now.cursor && !last.after.selecting
}

// join adds the one edit of next to the one edit of last and reports whether that
// could be: typing joins up to the end of a word, removing without such limit.
func join(last, next *step) bool {
	if len(last.edits) != 1 || len(next.edits) != 1 {
		return false
	}
	l, n := &last.edits[0], next.edits[0]
	if len(l.inserted)+len(l.removed) > maxJoined {
		return false
	}
	switch next.kind {
	case typeStep:
		follows := n.removed == "" && n.at == advance(l.at, l.inserted)
		if !follows || strings.Contains(n.inserted, "\n") || startsWord(l.inserted, n.inserted) {
			return false
		}
		l.inserted += n.inserted
	case backspaceStep:
		if l.inserted != "" || n.inserted != "" || advance(n.at, n.removed) != l.at {
			return false
		}
		l.at, l.removed = n.at, n.removed+l.removed
	case deleteStep:
		if l.inserted != "" || n.inserted != "" || n.at != l.at {
			return false
		}
		l.removed += n.removed
	default:
		return false
	}
	last.after = next.after
	return true
}

// startsWord reports whether next begins a word after the spaces that end typed.
func startsWord(typed, next string) bool {
	if typed == "" || next == "" {
		return false
	}
	_, n := utf8.DecodeLastRuneInString(typed)
	return classOf(typed, len(typed)-n) == spaceClass && classOf(next, 0) != spaceClass
}

// advance is the end of text that starts at p.
func advance(p Pos, text string) Pos {
	newlines := strings.Count(text, "\n")
	if newlines == 0 {
		return Pos{p.Line, p.Col + len(text)}
	}
	return Pos{p.Line + newlines, len(text) - strings.LastIndexByte(text, '\n') - 1}
}

// Undo takes the last step back and reports whether there was one.
func (b *Buffer) Undo() bool {
	h := &b.history
	if len(h.past) == 0 {
		return false
	}
	s := h.past[len(h.past)-1]
	h.past = h.past[:len(h.past)-1]
	for i := len(s.edits) - 1; i >= 0; i-- {
		e := s.edits[i]
		b.splice(Span{e.at, advance(e.at, e.inserted)}, e.removed)
	}
	h.future = append(h.future, s)
	b.restore(s.before)
	return true
}

// Redo does the step again that was taken back last and reports whether there was
// one. A new edit forgets what could be done again.
func (b *Buffer) Redo() bool {
	h := &b.history
	if len(h.future) == 0 {
		return false
	}
	s := h.future[len(h.future)-1]
	h.future = h.future[:len(h.future)-1]
	for _, e := range s.edits {
		b.splice(Span{e.at, advance(e.at, e.removed)}, e.inserted)
	}
	h.past = append(h.past, s)
	b.restore(s.after)
	return true
}

func (b *Buffer) restore(p place) {
	b.cursor, b.anchor, b.selecting = p.cursor, p.anchor, p.selecting
	b.history.seal()
}
