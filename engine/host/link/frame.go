package link

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// writer sends frames; its methods may be called from any goroutine.
type writer struct {
	mu sync.Mutex // guards w
	w  *bufio.Writer
}

func newWriter(w io.Writer) *writer { return &writer{w: bufio.NewWriterSize(w, 64<<10)} }

// put sends one frame made of parts.
func (w *writer) put(kind byte, parts ...[]byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.add(kind, parts...); err != nil {
		return err
	}
	return w.w.Flush()
}

// add writes a frame without flushing. Called with the lock held.
func (w *writer) add(kind byte, parts ...[]byte) error {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	var head [5]byte
	binary.LittleEndian.PutUint32(head[:], uint32(size))
	head[4] = kind
	if _, err := w.w.Write(head[:]); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := w.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) putJSON(kind byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a frame: %w", err)
	}
	return w.put(kind, data)
}

// readFrame reads one frame.
func readFrame(r *bufio.Reader) (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int64(binary.LittleEndian.Uint32(head[:]))
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes is too large", n)
	}
	if n <= 1<<20 {
		payload = make([]byte, n)
		_, err = io.ReadFull(r, payload)
		return head[4], payload, err
	}
	// Memory grows with what arrives, not with what was announced.
	payload, err = io.ReadAll(io.LimitReader(r, n))
	if err == nil && int64(len(payload)) < n {
		err = io.ErrUnexpectedEOF
	}
	return head[4], payload, err
}
