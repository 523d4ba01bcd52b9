package wire

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// SubprotocolV1 is the WebSocket subprotocol by which a Jupyter Server passes a
// kernel's frames on as they are; without it messages travel as JSON.
// https://jupyter-server.readthedocs.io/en/stable/developers/websocket-protocols.html
const SubprotocolV1 = "v1.kernel.websocket.jupyter.org"

// maxParts of one WebSocket message: more buffers than any widget sends.
const maxParts = 1 << 16

// EncodeV1 gives m as one binary frame of SubprotocolV1:
//
//	uint64le  number of offsets, n
//	uint64le  n offsets from the start of the frame; the last is its end
//	          channel, header, parent, metadata, content, buffers...
func EncodeV1(m *Message) []byte {
	parts := append([][]byte{
		[]byte(m.Channel), marshalHeader(m.Header), marshalHeader(m.Parent), orEmpty(m.Metadata), orEmpty(m.Content),
	}, m.Buffers...)
	n := len(parts) + 1
	at, size := 8*(n+1), 8*(n+1)
	for _, p := range parts {
		size += len(p)
	}
	out := make([]byte, 0, size)
	out = binary.LittleEndian.AppendUint64(out, uint64(n))
	out = binary.LittleEndian.AppendUint64(out, uint64(at))
	for _, p := range parts {
		at += len(p)
		out = binary.LittleEndian.AppendUint64(out, uint64(at))
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// DecodeV1 reads a frame of SubprotocolV1. The message keeps the frame: it must not
// be written to again. What is said of Codec.Decode about JSON holds here too.
func DecodeV1(frame []byte) (*Message, error) {
	if len(frame) < 8 {
		return nil, fmt.Errorf("decode a WebSocket message of %d bytes: %w", len(frame), ErrFrames)
	}
	n := binary.LittleEndian.Uint64(frame)
	if n < 6 || n > maxParts || uint64(len(frame)) < 8*(n+1) {
		return nil, fmt.Errorf("decode a WebSocket message of %d parts: %w", n, ErrFrames)
	}
	parts, err := cut(frame, int(n), 8*(n+1), func(i int) uint64 {
		return binary.LittleEndian.Uint64(frame[8*(i+1):])
	})
	if err != nil {
		return nil, err
	}
	m, err := fromParts(Channel(parts[0]), parts[1], parts[2], parts[3], parts[4])
	if err != nil {
		return nil, err
	}
	if len(parts) > 5 {
		m.Buffers = parts[5:]
	}
	return m, nil
}

// cut gives the n-1 parts between n offsets, the first of which is not before from.
func cut(frame []byte, n int, from uint64, offset func(i int) uint64) ([][]byte, error) {
	parts := make([][]byte, n-1)
	at := offset(0)
	for i := range parts {
		end := offset(i + 1)
		if at < from || end < at || end > uint64(len(frame)) {
			return nil, fmt.Errorf("decode a WebSocket message: its part %d lies from byte %d to %d of %d: %w",
				i, at, end, len(frame), ErrFrames)
		}
		parts[i] = frame[at:end:end]
		at = end
	}
	return parts, nil
}

// jsonMessage is a message of the default WebSocket protocol.
type jsonMessage struct {
	Channel  Channel         `json:"channel"`
	Header   json.RawMessage `json:"header"`
	Parent   json.RawMessage `json:"parent_header"`
	Metadata json.RawMessage `json:"metadata"`
	Content  json.RawMessage `json:"content"`
	Buffers  [0]struct{}     `json:"buffers"` // binary ones lie outside
}

// EncodeJSON gives m as one frame of the default protocol: text, or with buffers
// binary:
//
//	uint32be  number of parts, n
//	uint32be  n offsets from the start of the frame
//	          JSON, buffers...
func EncodeJSON(m *Message) (frame []byte, binaryFrame bool) {
	raw, err := json.Marshal(jsonMessage{
		Channel: m.Channel, Header: marshalHeader(m.Header), Parent: marshalHeader(m.Parent),
		Metadata: orEmpty(m.Metadata), Content: orEmpty(m.Content),
	})
	if err != nil {
		panic("wire: " + m.Type() + ": " + err.Error()) // Metadata and Content are JSON
	}
	if len(m.Buffers) == 0 {
		return raw, false
	}
	parts := append([][]byte{raw}, m.Buffers...)
	at := 4 * (len(parts) + 1)
	out := binary.BigEndian.AppendUint32(nil, uint32(len(parts)))
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		at += len(p)
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out, true
}

// DecodeJSON reads a frame of the default protocol. The message keeps the frame.
func DecodeJSON(frame []byte, binaryFrame bool) (*Message, error) {
	var buffers [][]byte
	if binaryFrame {
		if len(frame) < 4 {
			return nil, fmt.Errorf("decode a WebSocket message of %d bytes: %w", len(frame), ErrFrames)
		}
		n := uint64(binary.BigEndian.Uint32(frame))
		if n < 1 || n > maxParts || uint64(len(frame)) < 4*(n+1) {
			return nil, fmt.Errorf("decode a WebSocket message of %d parts: %w", n, ErrFrames)
		}
		parts, err := cut(frame, int(n)+1, 4*(n+1), func(i int) uint64 {
			if i == int(n) {
				return uint64(len(frame))
			}
			return uint64(binary.BigEndian.Uint32(frame[4*(i+1):]))
		})
		if err != nil {
			return nil, err
		}
		frame, buffers = parts[0], parts[1:]
	}
	tidied, err := tidy(frame)
	if err != nil {
		return nil, fmt.Errorf("decode a WebSocket message: %w: %w", err, ErrFrames)
	}
	var j struct {
		jsonMessage
		Buffers json.RawMessage `json:"buffers"` // an empty list, or anything
	}
	if err := json.Unmarshal(tidied, &j); err != nil {
		return nil, fmt.Errorf("decode a WebSocket message: %w: %w", err, ErrFrames)
	}
	m, err := fromParts(j.Channel, j.Header, j.Parent, orEmpty(j.Metadata), orEmpty(j.Content))
	if err != nil {
		return nil, err
	}
	if len(buffers) > 0 {
		m.Buffers = buffers
	}
	return m, nil
}

// fromParts reads the four JSON parts of a message.
func fromParts(ch Channel, header, parent, metadata, content []byte) (*Message, error) {
	switch ch {
	case Shell, Control, IOPub, Stdin:
	default:
		return nil, fmt.Errorf("decode a WebSocket message on channel %.20q: %w", string(ch), ErrFrames)
	}
	m := &Message{Channel: ch}
	var err error
	if m.Header, err = unmarshalHeader(header); err == nil {
		m.Parent, err = unmarshalHeader(orEmpty(parent))
	}
	if err == nil {
		m.Metadata, err = tidy(metadata)
	}
	if err == nil {
		m.Content, err = tidy(content)
	}
	if err != nil {
		return nil, fmt.Errorf("decode a WebSocket message on %s: %w: %w", ch, err, ErrFrames)
	}
	return m, nil
}
