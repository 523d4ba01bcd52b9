package host

import (
	"context"
	"sync"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// outbox carries messages to a kernel, so that a kernel that does not read holds
// up nobody who writes. It grows as it must.
type outbox struct {
	mu     sync.Mutex // guards all below
	queue  []*wire.Message
	closed bool
	ready  chan struct{} // holds one token when there is something to do
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

func (o *outbox) put(m *wire.Message) {
	o.mu.Lock()
	o.queue = append(o.queue, m)
	o.mu.Unlock()
	o.wake()
}

func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.wake()
}

func (o *outbox) wake() {
	select {
	case o.ready <- struct{}{}:
	default: // a token is there already
	}
}

// pump sends until close is called. A failed send needs no report of its own: the
// only cause is a dead kernel, whose end the host is told by Messages.
func (o *outbox) pump(k kernel.Kernel) {
	for range o.ready {
		o.mu.Lock()
		batch, closed := o.queue, o.closed
		o.queue = nil
		o.mu.Unlock()
		for _, m := range batch {
			if k.Send(context.Background(), m) != nil {
				break
			}
		}
		if closed {
			return
		}
	}
}
