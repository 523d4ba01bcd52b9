package host

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"nbterm/engine/host/journal"
	"nbterm/engine/wire"
)

// ErrClosed is returned by Feed.Next after the last event of a closed host.
var ErrClosed = errors.New("the kernel host has ended")

// How much of the past a log keeps in memory: with a journal only what readers
// that keep up will want next, without one as much as can be afforded.
const (
	keepBytes   = 32 << 20
	recentBytes = 4 << 20
)

// DefaultCap is how large a journal may grow before output is no longer kept.
const DefaultCap = 2 << 30

// log is the numbered past. Appending never waits for a reader.
type log struct {
	limit int64 // bytes of journal from which output is dropped

	mu      sync.Mutex       // guards all below
	journal *journal.Journal // all events up to journal.Count(); nil keeps the past in memory
	broken  bool             // the journal could not be written: it ends where it is
	full    bool             // the limit was reached and said
	events  []Event          // events[0] has number first
	first   uint64
	bytes   int // approximate size of events
	closed  bool
	grown   chan struct{} // closed and replaced when events or closed change
	feeds   map[*feed]struct{}
	syncing bool
}

func newLog(j *journal.Journal, limit int64) *log {
	return &log{journal: j, limit: limit, first: 1, grown: make(chan struct{}), feeds: map[*feed]struct{}{}}
}

// append numbers e and makes it visible to every feed. Output over the limit of
// the journal is dropped, once with a Gap; what tells of states is always kept.
func (l *log) append(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal != nil && !l.broken {
		if l.journal.Size() > l.limit && isOutput(e) {
			if l.full {
				return
			}
			l.full = true
			e = Event{Time: e.Time, Kind: Gap, Exec: e.Exec, Reason: fmt.Sprintf(
				"the journal has reached its limit of %d MB; output is no longer kept", l.limit>>20)}
		}
		if err := l.journal.Append(e.Encode()); err != nil {
			l.broken = true
			l.add(Event{Time: e.Time, Kind: Gap, Reason: err.Error() + "; what comes is kept in memory only"})
		}
	}
	l.add(e)
	close(l.grown)
	l.grown = make(chan struct{})
}

// isOutput is true for what a kernel may produce without end.
func isOutput(e Event) bool {
	return e.Kind == Said && e.Message.Channel == wire.IOPub && e.Message.Type() != "status"
}

func (l *log) add(e Event) {
	e.Seq = l.first + uint64(len(l.events))
	l.events = append(l.events, e)
	l.bytes += size(e)
	if l.journal != nil {
		l.trim()
	}
}

// sync has the journal written to the disk, so that what a finished cell said
// survives a power cut. Called without the lock.
func (l *log) sync() {
	l.mu.Lock()
	j := l.journal
	if j == nil || l.syncing || l.closed {
		l.mu.Unlock()
		return
	}
	l.syncing = true
	l.mu.Unlock()
	_ = j.Sync() // a disk that cannot sync still has what it has
	l.mu.Lock()
	l.syncing = false
	l.mu.Unlock()
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

// trim forgets the oldest events in memory: those the journal has, or those that
// every feed has read.
func (l *log) trim() {
	keep, low := keepBytes, l.first+uint64(len(l.events))
	switch {
	case l.journal != nil && !l.broken:
		keep = recentBytes
	case l.journal != nil: // nobody may hold up a log that has lost its journal
	default:
		for f := range l.feeds {
			low = min(low, f.next)
		}
	}
	if l.bytes < 2*keep {
		return // trimming copies what is kept: do it seldom
	}
	n := 0
	for l.bytes > keep && l.first+uint64(n) < low {
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
type Feed interface {
	// Next waits for events that were not read yet and returns all there are, at
	// most a few thousand. It fails with ctx's error, or with ErrClosed when the
	// host has ended and everything was read.
	Next(ctx context.Context) ([]Event, error)
	// Close lets the host forget what was not read.
	Close()
}

// feed is a Feed in the host's own process.
type feed struct {
	log  *log
	next uint64 // guarded by log.mu
}

// Next implements Feed.
func (f *feed) Next(ctx context.Context) ([]Event, error) {
	for {
		f.log.mu.Lock()
		batch, old := f.take()
		if batch != nil {
			f.log.trim()
			f.log.mu.Unlock()
			return batch, nil
		}
		from, closed, grown := f.next, f.log.closed, f.log.grown
		f.log.mu.Unlock()
		if old != nil {
			return f.reread(old, from), nil
		}
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

// One reading is bounded, so that a client that comes back to a million events
// folds them in steps and stays alive to keys.
const (
	maxBatch     = 4096
	maxBatchSize = 4 << 20
)

// take gives what is in memory, or the journal where it has to be read. Called
// with the lock held.
func (f *feed) take() (batch []Event, old *journal.Journal) {
	l := f.log
	if f.next < l.first {
		if l.journal != nil && f.next <= l.journal.Count() {
			return nil, l.journal
		}
		lost := l.first - f.next
		f.next = l.first
		return []Event{{Seq: l.first - 1, Kind: Gap, Reason: gapReason(lost)}}, nil
	}
	from := f.next - l.first
	if from >= uint64(len(l.events)) {
		return nil, nil
	}
	batch = l.events[from:min(uint64(len(l.events)), from+maxBatch)]
	f.next += uint64(len(batch))
	return append([]Event(nil), batch...), nil
}

// reread takes events from the journal; what it cannot read becomes one Gap.
func (f *feed) reread(j *journal.Journal, from uint64) []Event {
	batch, next := readBatch(j, from)
	f.log.mu.Lock()
	f.next = next
	f.log.mu.Unlock()
	return batch
}

// readBatch reads events from number `from` on and says which comes next.
func readBatch(j *journal.Journal, from uint64) ([]Event, uint64) {
	records, err := j.Read(from, maxBatchSize)
	batch := make([]Event, 0, len(records)+1)
	next := from
	for _, rec := range records {
		e, decodeErr := DecodeEvent(next, rec)
		if decodeErr != nil {
			e = Event{Seq: next, Kind: Gap, Reason: decodeErr.Error()}
		}
		batch = append(batch, e)
		next++
	}
	if err != nil {
		batch = append(batch, Event{Seq: j.Count(), Kind: Gap, Reason: err.Error()})
		next = j.Count() + 1
	}
	return batch, next
}

// Replay reads all events of a journal whose host may be gone, in batches.
func Replay(j *journal.Journal, fold func([]Event)) {
	for from := uint64(1); from <= j.Count(); {
		batch, next := readBatch(j, from)
		if len(batch) == 0 {
			return
		}
		fold(batch)
		from = next
	}
}

// Close implements Feed.
func (f *feed) Close() {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	delete(f.log.feeds, f)
}
