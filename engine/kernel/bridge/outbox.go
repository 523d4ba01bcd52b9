package bridge

import "sync"

// outbox is the unbounded queue of frames on their way to a worker, so that Send
// never waits for an interpreter that is busy in C code. One goroutine takes.
type outbox struct {
	mu     sync.Mutex // guards what follows
	more   *sync.Cond
	frames [][]byte
	closed bool
}

func newOutbox() *outbox {
	o := &outbox{}
	o.more = sync.NewCond(&o.mu)
	return o
}

func (o *outbox) put(frame []byte) {
	o.mu.Lock()
	if !o.closed {
		o.frames = append(o.frames, frame)
	}
	o.mu.Unlock()
	o.more.Signal()
}

// take waits for a frame; false when closed and empty.
func (o *outbox) take() ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.frames) == 0 && !o.closed {
		o.more.Wait()
	}
	if len(o.frames) == 0 {
		return nil, false
	}
	frame := o.frames[0]
	o.frames = o.frames[1:]
	return frame, true
}

// close lets take end after what waits. It may be repeated.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.more.Broadcast()
}
