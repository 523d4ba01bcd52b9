package tuitest

import (
	"io"
	"sync"
)

// inbox is a pipe that never blocks its writer, so that a program busy drawing and a
// terminal busy answering cannot wait for one another.
type inbox struct {
	mu     sync.Mutex
	filled *sync.Cond
	data   []byte
	closed bool
}

func newInbox() *inbox {
	b := &inbox{}
	b.filled = sync.NewCond(&b.mu)
	return b
}

func (b *inbox) put(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	b.filled.Signal()
}

func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.filled.Broadcast()
}

// Read implements io.Reader; io.EOF comes after close.
func (b *inbox) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.data) == 0 {
		if b.closed {
			return 0, io.EOF
		}
		b.filled.Wait()
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}
