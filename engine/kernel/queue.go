package kernel

import (
	"sync"

	"nbterm/engine/wire"
)

// Queue stands between a transport and the reader of Kernel.Messages. Put never
// waits and nothing is ever dropped: a transport that waited for its reader would
// lose messages, idle included, to the kernel's own high-water mark. It is full
// when memory is.
type Queue struct {
	out  chan *wire.Message
	more chan struct{} // holds one token while there may be something to move

	mu     sync.Mutex // guards what follows
	items  []*wire.Message
	closed bool
}

// NewQueue makes a queue and starts the goroutine that moves messages to Out. The
// goroutine ends when Close was called and the reader took everything.
func NewQueue() *Queue {
	q := &Queue{out: make(chan *wire.Message, 64), more: make(chan struct{}, 1)}
	go q.pump()
	return q
}

// Put appends m. After Close it does nothing.
func (q *Queue) Put(m *wire.Message) {
	q.mu.Lock()
	if !q.closed {
		q.items = append(q.items, m)
	}
	q.mu.Unlock()
	q.wake()
}

// Close lets Out close once everything that was put has been read. It may be repeated.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.wake()
}

// Out delivers in the order of Put.
func (q *Queue) Out() <-chan *wire.Message { return q.out }

func (q *Queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// pump takes all that waits at once, so that the two sides share the lock seldom.
func (q *Queue) pump() {
	defer close(q.out)
	var batch []*wire.Message
	for {
		q.mu.Lock()
		if cap(batch) > 4096 {
			batch = nil // a burst's slice is not kept for ever
		}
		batch, q.items = q.items, batch[:0]
		ended := q.closed && len(batch) == 0
		q.mu.Unlock()
		if ended {
			return
		}
		for i, m := range batch {
			q.out <- m
			batch[i] = nil // the reader owns it now
		}
		if len(batch) > 0 {
			continue
		}
		<-q.more
	}
}
