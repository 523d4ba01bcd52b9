package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// What Decode refuses. A message refused is dropped, the connection goes on.
var (
	ErrFrames    = errors.New("not a Jupyter message")
	ErrSignature = errors.New("the signature does not match the key")
	ErrReplay    = errors.New("a message with this signature came before")
)

// delimiter parts routing identities (or an iopub topic) from the message.
var delimiter = []byte("<IDS|MSG>")

// remembered is how many signatures a Codec keeps to refuse replays, the number
// jupyter_client keeps. Half of each digest is stored: 1 MB for the ring and
// about 3 MB for the set, when full.
const remembered = 1 << 16

type mark [16]byte

// Codec turns messages into ZeroMQ frames and back for one connection key. All
// channels of a kernel share one, from any goroutine.
type Codec struct {
	key []byte

	mu   sync.Mutex // guards what follows
	seen map[mark]struct{}
	ring []mark // the same marks, oldest at next once full
	next int
}

// NewCodec makes a codec for a key; an empty key means unsigned messages, and
// then replays cannot be told either.
func NewCodec(key []byte) *Codec {
	return &Codec{key: bytes.Clone(key), seen: map[mark]struct{}{}}
}

// Encode gives the frames of m without routing identities, which a DEALER socket
// does not send: delimiter, signature, header, parent, metadata, content, buffers.
func (c *Codec) Encode(m *Message) [][]byte {
	header, parent := marshalHeader(m.Header), marshalHeader(m.Parent)
	metadata, content := orEmpty(m.Metadata), orEmpty(m.Content)
	frames := make([][]byte, 0, 6+len(m.Buffers))
	frames = append(frames, delimiter, Sign(c.key, header, parent, metadata, content),
		header, parent, metadata, content)
	return append(frames, m.Buffers...)
}

// Decode reads the frames of one message that came on ch, identities or topic
// first. The message keeps the frames: they must not be written to again.
// Metadata and content are valid JSON, or the message is refused; NaN and the
// infinities that Python's json writes have become null.
func (c *Codec) Decode(ch Channel, frames [][]byte) (*Message, error) {
	at := delimiterAt(frames)
	if at < 0 || len(frames)-at < 6 {
		return nil, fmt.Errorf("decode a message of %d frames on %s: %w", len(frames), ch, ErrFrames)
	}
	sig, signed, buffers := frames[at+1], frames[at+2:at+6], frames[at+6:]
	if !Verify(c.key, sig, signed...) {
		return nil, fmt.Errorf("decode a message on %s: %w", ch, ErrSignature)
	}
	if !c.fresh(sig) {
		return nil, fmt.Errorf("decode a message on %s: %w", ch, ErrReplay)
	}
	m := &Message{Channel: ch}
	var err error
	for i, field := range []string{"header", "parent header", "metadata", "content"} {
		switch i {
		case 0:
			m.Header, err = unmarshalHeader(signed[i])
		case 1:
			m.Parent, err = unmarshalHeader(signed[i])
		case 2:
			m.Metadata, err = tidy(signed[i])
		case 3:
			m.Content, err = tidy(signed[i])
		}
		if err != nil {
			return nil, fmt.Errorf("decode a message on %s: its %s is broken (%w): %w", ch, field, err, ErrFrames)
		}
	}
	if len(buffers) > 0 {
		m.Buffers = buffers
	}
	return m, nil
}

// delimiterAt is -1 where there is none.
func delimiterAt(frames [][]byte) int {
	for i, f := range frames {
		if bytes.Equal(f, delimiter) {
			return i
		}
	}
	return -1
}

// fresh remembers a verified signature and tells whether it was new.
func (c *Codec) fresh(sig []byte) bool {
	if len(c.key) == 0 {
		return true
	}
	var m mark // of the hex text, which Verify has checked to be 64 long
	for i := range m {
		m[i] = unhex(sig[2*i])<<4 | unhex(sig[2*i+1])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, old := c.seen[m]; old {
		return false
	}
	c.seen[m] = struct{}{}
	if len(c.ring) < remembered {
		c.ring = append(c.ring, m)
		return true
	}
	delete(c.seen, c.ring[c.next])
	c.ring[c.next] = m
	c.next = (c.next + 1) % remembered
	return true
}

// unhex gives the value of a hex digit of either case.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0xf + 9
}

func orEmpty(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// marshalHeader writes {} for the zero header, as the protocol wants of a parent.
func marshalHeader(h Header) []byte {
	if h == (Header{}) {
		return []byte("{}")
	}
	raw, err := json.Marshal(h)
	if err != nil {
		panic("wire: header: " + err.Error()) // six strings always marshal
	}
	return raw
}

// unmarshalHeader is forgiving: some kernels send a number as version or null as
// date, and none of it decides anything but the ids and the type.
func unmarshalHeader(raw []byte) (Header, error) {
	var h Header
	if json.Unmarshal(raw, &h) == nil {
		return h, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return Header{}, err
	}
	text := func(name string) string {
		var s string
		if json.Unmarshal(fields[name], &s) != nil {
			return string(fields[name])
		}
		return s
	}
	return Header{
		MsgID: text("msg_id"), Session: text("session"), Username: text("username"),
		Date: text("date"), MsgType: text("msg_type"), Version: text("version"),
	}, nil
}
