package host

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed is returned by Feed.Next after the last event of a closed host.
var ErrClosed = errors.New("the kernel host has ended")

// keepBytes is how much of the past a log keeps once every feed has read it.
const keepBytes = 32 << 20

// log is the numbered past. Appending never waits for a reader.
type log struct {
	mu     sync.Mutex // guards all below
	events []Event    // events[0] has number first
	first  uint64
	bytes  int // approximate size of events
	closed bool
	grown  chan struct{} // closed and replaced when events or closed change
	feeds  map[*Feed]struct{}
}

func newLog() *log {
	return &log{first: 1, grown: make(chan struct{}), feeds: map[*Feed]struct{}{}}
}

// append numbers e and makes it visible to every feed.
func (l *log) append(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Seq = l.first + uint64(len(l.events))
	l.events = append(l.events, e)
	l.bytes += size(e)
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	close(l.grown)
	l.grown = make(chan struct{})
}

// trim forgets the oldest events that every feed has read, down to keepBytes.
func (l *log) trim() {
	low := l.first + uint64(len(l.events))
	for f := range l.feeds {
		low = min(low, f.next)
	}
	n := 0
	for l.bytes > keepBytes && l.first+uint64(n) < low {
		l.bytes -= size(l.events[n])
		n++
	}
	if n > 0 {
		l.events = append([]Event(nil), l.events[n:]...)
		l.first += uint64(n)
	}
}

func size(e Event) int {
	n := 200
	if e.Message != nil {
		n += len(e.Message.Content) + len(e.Message.Metadata)
		for _, b := range e.Message.Buffers {
			n += len(b)
		}
	}
	return n
}

// Feed reads a host's events in order. It belongs to one goroutine.
type Feed struct {
	log  *log
	next uint64 // guarded by log.mu
}

// Next waits for events that were not read yet and returns all there are, at most
// a few thousand. It fails with ctx's error, or with ErrClosed when the host has
// ended and everything was read.
func (f *Feed) Next(ctx context.Context) ([]Event, error) {
	for {
		f.log.mu.Lock()
		if batch := f.take(); batch != nil {
			f.log.trim()
			f.log.mu.Unlock()
			return batch, nil
		}
		closed, grown := f.log.closed, f.log.grown
		f.log.mu.Unlock()
		if closed {
			return nil, ErrClosed
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// maxBatch bounds one reading, so that a client that comes back to a million
// events folds them in steps and stays alive to keys.
const maxBatch = 4096

// take is called with the lock held.
func (f *Feed) take() []Event {
	l := f.log
	if f.next < l.first {
		lost := l.first - f.next
		f.next = l.first
		return []Event{{Seq: l.first - 1, Kind: Gap, Reason: gapReason(lost)}}
	}
	from := f.next - l.first
	if from >= uint64(len(l.events)) {
		return nil
	}
	batch := l.events[from:min(uint64(len(l.events)), from+maxBatch)]
	f.next += uint64(len(batch))
	return append([]Event(nil), batch...)
}

// Close lets the host forget what this feed has not read.
func (f *Feed) Close() {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	delete(f.log.feeds, f)
}
