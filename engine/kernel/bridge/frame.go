package bridge

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"nbterm/engine/wire"
)

// A frame is, little-endian: u32 length of what follows, u32 number of parts, u32
// length of each part, the parts. They are channel, header, parent header,
// metadata, content, then the buffers. It is private to us and worker/link.py.
const (
	fixedParts = 5
	maxFrame   = 1<<32 - 1
)

// appendFrame appends m as a frame to b.
func appendFrame(b []byte, m *wire.Message) ([]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return b, fmt.Errorf("encode header of %s: %w", m.Type(), err)
	}
	parent, err := json.Marshal(m.Parent)
	if err != nil {
		return b, fmt.Errorf("encode parent header of %s: %w", m.Type(), err)
	}
	parts := append([][]byte{[]byte(m.Channel), header, parent, orEmpty(m.Metadata), orEmpty(m.Content)}, m.Buffers...)
	size := 4 + 4*len(parts)
	for _, p := range parts {
		size += len(p)
	}
	if size > maxFrame {
		return b, fmt.Errorf("send %s: %d bytes are more than a message may have (4 GB)", m.Type(), size)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(parts)))
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b, nil
}

func orEmpty(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// frameReader reads messages off a pipe. Most messages of a cell carry the same
// parent header, which is therefore decoded once.
type frameReader struct {
	r         io.Reader
	rawParent []byte
	parent    wire.Header
}

// next returns io.EOF at the end of the pipe, io.ErrUnexpectedEOF within a frame.
func (f *frameReader) next() (*wire.Message, error) {
	var head [4]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return nil, err
	}
	body, err := readBody(f.r, int64(binary.LittleEndian.Uint32(head[:])))
	if err != nil {
		return nil, err
	}
	parts, err := split(body)
	if err != nil {
		return nil, err
	}
	m := &wire.Message{Channel: wire.Channel(parts[0]), Metadata: parts[3], Content: parts[4]}
	if len(parts) > fixedParts {
		m.Buffers = parts[fixedParts:]
	}
	if err := json.Unmarshal(parts[1], &m.Header); err != nil {
		return nil, fmt.Errorf("decode header: %w", err)
	}
	if !bytes.Equal(parts[2], f.rawParent) {
		f.parent = wire.Header{}
		if err := json.Unmarshal(parts[2], &f.parent); err != nil {
			return nil, fmt.Errorf("decode parent header: %w", err)
		}
		f.rawParent = bytes.Clone(parts[2])
	}
	m.Parent = f.parent
	return m, nil
}

// readBody does not trust the length: memory grows with what really comes.
func readBody(r io.Reader, size int64) ([]byte, error) {
	const trusted = 1 << 20
	if size <= trusted {
		body := make([]byte, size)
		_, err := io.ReadFull(r, body)
		return body, midFrame(err)
	}
	var b bytes.Buffer
	b.Grow(trusted)
	n, err := io.CopyN(&b, r, size)
	if n < size && err == nil {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), midFrame(err)
}

func midFrame(err error) error {
	if err == io.EOF { //nolint:errorlint // io.ReadFull returns it bare
		return io.ErrUnexpectedEOF
	}
	return err
}

// split cuts a body into its parts, which share its memory.
func split(body []byte) ([][]byte, error) {
	if len(body) < 4 {
		return nil, fmt.Errorf("frame of %d bytes has no part count", len(body))
	}
	count := int64(binary.LittleEndian.Uint32(body))
	at := 4 + 4*count
	if count < fixedParts || at > int64(len(body)) {
		return nil, fmt.Errorf("frame of %d bytes cannot have %d parts", len(body), count)
	}
	parts := make([][]byte, count)
	for i := range parts {
		size := int64(binary.LittleEndian.Uint32(body[4+4*i:]))
		if at+size > int64(len(body)) {
			return nil, fmt.Errorf("part %d of a frame is longer than the frame", i)
		}
		parts[i] = body[at : at+size : at+size]
		at += size
	}
	return parts, nil
}
