package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

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
	gapIn   *string          // the execution that lost output last; nil since output is kept
	refusal string           // why the journal refused output, "" when it took it last
	refused time.Time        // when
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

// append numbers e and makes it visible to every feed. Output for which the journal
// has no room is dropped, with a Gap in each execution that loses some; what tells
// of states is always kept.
func (l *log) append(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.journal != nil && !l.broken && !l.keep(&e) {
		return
	}
	l.add(e)
	close(l.grown)
	l.grown = make(chan struct{})
}

// keep puts e into the journal, or the Gap that takes its place. It is false for
// what is to be forgotten.
func (l *log) keep(e *Event) bool {
	if isOutput(*e) {
		taken, why := l.offer(e)
		switch {
		case taken:
			return true
		case why == "": // the disk fails and is not full: no reason to give output up
		case l.gapIn != nil && *l.gapIn == e.Exec:
			return false // said already
		default:
			exec := e.Exec
			l.gapIn = &exec
			*e = Event{Time: e.Time, Kind: Gap, Exec: exec, Reason: why}
		}
	}
	data := e.Encode()
	err := l.journal.Append(data)
	if err != nil && !isFull(err) {
		err = l.journal.Append(data) // what failed once need not fail twice
	}
	if err != nil {
		l.broken = true
		l.add(Event{Time: e.Time, Kind: Gap, Reason: err.Error() + "; what comes is kept in memory only"})
	}
	return true
}

// tryAgain is how long a journal that refused output is left in peace.
const tryAgain = time.Second

// isFull is true for a disk without room, for us at least.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// offer puts output into the journal, or says why it cannot be kept; why is empty where
// the journal failed for another reason than room.
func (l *log) offer(e *Event) (taken bool, why string) {
	if l.journal.Size() > l.limit {
		return false, fmt.Sprintf("the journal has reached its limit of %d MB; output is no longer kept", l.limit>>20)
	}
	if l.refusal != "" && e.Time.Sub(l.refused) < tryAgain {
		return false, l.refusal
	}
	err := l.journal.Offer(e.Encode())
	switch {
	case err == nil:
		l.refusal, l.gapIn = "", nil
		return true, ""
	case isFull(err):
		l.refused, l.refusal = e.Time, "output is not kept until there is room: "+err.Error()
	}
	return false, l.refusal
}

// isOutput is true for what a kernel may produce without end: not the states, the
// number of a cell and the error that ends it.
func isOutput(e Event) bool {
	if e.Kind != Said || e.Message.Channel != wire.IOPub {
		return false
	}
	switch e.Message.Type() {
	case "status", "execute_input", "error":
		return false
	}
	return true
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

// size is about what an event takes in memory: its two headers are strings of some
// 40 bytes each.
func size(e Event) int {
	n := 1000
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
	// host has ended and everything was read. It never gives events and an error
	// together: what was read before a failure comes first.
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
	batch, old, from, err := f.wait(ctx)
	if old != nil {
		return f.reread(old, from), nil
	}
	return batch, err
}

// wait waits for events, or gives the journal where they have to be read, and from
// which number on.
func (f *feed) wait(ctx context.Context) (batch []Event, old *journal.Journal, from uint64, err error) {
	for {
		f.log.mu.Lock()
		batch, old := f.take()
		if batch != nil {
			f.log.trim()
			f.log.mu.Unlock()
			return batch, nil, 0, nil
		}
		from, closed, grown := f.next, f.log.closed, f.log.grown
		f.log.mu.Unlock()
		if old != nil {
			return nil, old, from, nil
		}
		if closed {
			return nil, nil, 0, ErrClosed
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, nil, 0, ctx.Err()
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
