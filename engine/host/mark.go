package host

import (
	"crypto/sha256"
	"fmt"
	"sync"
)

// Mark is what a host remembers for its clients: how much of its events the file
// of the notebook holds. The host gives it no meaning.
type Mark struct {
	Seq      uint64   // last event that was folded into the file
	Revision string   // of the file then
	Open     []string // executions that had not ended then: their outputs are whole only in the events
	// Next is the mark to come, set before the file is written and taken for the mark
	// when the writer was killed after that: its Revision is the Content to be written.
	Next *Mark `json:",omitempty"`
}

// Content names what is in a file, whatever its store calls the revision.
func Content(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// Of is the mark of a file that is read now: the mark itself, or the one that was to
// come, if it is that which was written. ok is false for a file of another revision.
func (m Mark) Of(data []byte, revision string) (of Mark, ok bool) {
	if next := m.Next; next != nil && next.Revision == Content(data) {
		return Mark{Seq: next.Seq, Open: next.Open, Revision: revision}, true
	}
	return m, m.Revision == revision
}

// marker holds the mark.
type marker struct {
	keep func(Mark) // puts it where it outlives the host; may be nil

	mu   sync.Mutex // guards mark, and the order of calls of keep
	mark Mark
}

func (k *marker) get() Mark {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mark
}

// change replaces the mark by what f makes of it, unless f declines.
func (k *marker) change(f func(Mark) (Mark, bool)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, ok := f(k.mark)
	if !ok {
		return
	}
	k.mark = m
	if k.keep != nil {
		k.keep(m)
	}
}

// SetMark remembers m.
func (h *Host) SetMark(m Mark) error {
	h.mark.change(func(Mark) (Mark, bool) { return m, true })
	return nil
}

// Intend remembers the mark to come, whose Revision is the Content that is about to be
// written.
func (h *Host) Intend(next Mark) error {
	h.mark.change(func(m Mark) (Mark, bool) { m.Next = &next; return m, true })
	return nil
}

// Moved says that somebody changed the file from one revision to another, which a
// client has taken in: where the mark was of the first, it is now of the second. What
// the file held of the events it holds still, or whoever changed it wanted it gone.
func (h *Host) Moved(from, to string) error {
	h.mark.change(func(m Mark) (Mark, bool) {
		if from == "" || m.Revision != from {
			return m, false
		}
		m.Revision = to
		return m, true
	})
	return nil
}
