package zmq

import (
	"sync"

	"nbterm/engine/wire"
)

// inbox holds what came from the sockets until it is decoded. Readers do nothing
// but read: a kernel drops what it publishes, idle included, when some 1,000
// messages wait for us, and checking signatures and JSON takes ten times as long
// as reading. All channels share one, in the order of arrival; it is full when
// memory is.
type inbox struct {
	mu     sync.Mutex // guards what follows
	more   sync.Cond  // items grew, or closed
	items  []arrival
	closed bool
}

// arrival is a message as it came.
type arrival struct {
	channel wire.Channel
	frames  [][]byte
}

func newInbox() *inbox {
	b := &inbox{}
	b.more.L = &b.mu
	return b
}

func (b *inbox) put(a arrival) {
	b.mu.Lock()
	b.items = append(b.items, a)
	b.mu.Unlock()
	b.more.Signal()
}

func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.more.Signal()
}

// take waits for all that has come; nil after close.
func (b *inbox) take() []arrival {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 && !b.closed {
		b.more.Wait()
	}
	all := b.items
	b.items = nil
	return all
}
