package host

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nbterm/engine/wire"
)

// Versions of an encoded Event, its first byte. A reader takes those up to its own,
// a writer writes the one its reader takes:
//
//	1  head as JSON, for every kind
//	2  the same, but what the kernel said as saidHead: a millionth line need not be
//	   found by a JSON parser
const (
	codecVersion = 2
	jsonHeads    = 1
)

// errEvent says that bytes are no event of a version we know.
var errEvent = errors.New("not an event that this nbterm can read")

// eventHead is what is small in an event; the message's JSON and buffers follow
// it as they came, so that 50 MB of output is copied and not re-encoded.
type eventHead struct {
	Time      int64 // nanoseconds since 1970
	Kind      Kind
	Exec      string          `json:",omitempty"`
	Execution *Execution      `json:",omitempty"`
	Outcome   Outcome         `json:",omitempty"`
	Reason    string          `json:",omitempty"`
	State     State           `json:",omitempty"`
	Info      json.RawMessage `json:",omitempty"`
	Exit      json.RawMessage `json:",omitempty"`
	Failure   string          `json:",omitempty"`
	Message   *messageHead    `json:",omitempty"`
}

type messageHead struct {
	Channel wire.Channel
	Header  wire.Header
	Parent  wire.Header
}

// Encode writes an event, without its number, for a journal or a socket: a
// version byte, then parts that begin with their length: head, and with a message
// its content, its metadata and each buffer.
func (e *Event) Encode() []byte { return e.EncodeAs(codecVersion) }

// EncodeAs is Encode for a reader that takes events up to a version.
func (e *Event) EncodeAs(version int) []byte {
	if version > jsonHeads && e.Kind == Said {
		return e.encodeSaid()
	}
	h := eventHead{
		Time: e.Time.UnixNano(), Kind: e.Kind, Exec: e.Exec, Execution: e.Execution, Outcome: e.Outcome,
		Reason: e.Reason, State: e.State, Failure: e.Failure,
	}
	if e.Info != nil {
		h.Info = mustJSON(e.Info)
	}
	if e.Exit != nil {
		h.Exit = mustJSON(e.Exit)
	}
	m := e.Message
	if m != nil {
		h.Message = &messageHead{m.Channel, m.Header, m.Parent}
	}
	out := appendPart([]byte{jsonHeads}, mustJSON(h))
	if m != nil {
		out = appendBody(out, m)
	}
	return out
}

func appendBody(out []byte, m *wire.Message) []byte {
	out = appendPart(appendPart(out, m.Content), m.Metadata)
	for _, b := range m.Buffers {
		out = appendPart(out, b)
	}
	return out
}

// DecodeEvent reads what Encode wrote and gives it its number. The parts of the
// result lie in data.
func DecodeEvent(seq uint64, data []byte) (Event, error) {
	if len(data) == 0 || data[0] == 0 || data[0] > codecVersion {
		return Event{}, errEvent
	}
	part, rest, err := cutPart(data[1:])
	if err != nil {
		return Event{}, err
	}
	if data[0] > jsonHeads {
		return decodeSaid(seq, part, rest)
	}
	var h eventHead
	if err := json.Unmarshal(part, &h); err != nil {
		return Event{}, fmt.Errorf("%w: %w", errEvent, err)
	}
	e := Event{
		Seq: seq, Time: time.Unix(0, h.Time), Kind: h.Kind, Exec: h.Exec, Execution: h.Execution,
		Outcome: h.Outcome, Reason: h.Reason, State: h.State, Failure: h.Failure,
	}
	if h.Info != nil {
		err = errors.Join(err, json.Unmarshal(h.Info, &e.Info))
	}
	if h.Exit != nil {
		err = errors.Join(err, json.Unmarshal(h.Exit, &e.Exit))
	}
	if h.Message != nil {
		e.Message, err = decodeMessage(h.Message, rest)
	}
	if err != nil {
		return Event{}, fmt.Errorf("%w: %w", errEvent, err)
	}
	return e, nil
}

func decodeMessage(h *messageHead, rest []byte) (*wire.Message, error) {
	m := &wire.Message{Channel: h.Channel, Header: h.Header, Parent: h.Parent}
	return m, decodeBody(m, rest)
}

func decodeBody(m *wire.Message, rest []byte) error {
	var content, metadata []byte
	var err error
	if content, rest, err = cutPart(rest); err != nil {
		return err
	}
	if metadata, rest, err = cutPart(rest); err != nil {
		return err
	}
	m.Content = content
	if len(metadata) > 0 {
		m.Metadata = metadata
	}
	for len(rest) > 0 {
		var b []byte
		if b, rest, err = cutPart(rest); err != nil {
			return err
		}
		m.Buffers = append(m.Buffers, b)
	}
	return nil
}

func appendPart(dst, part []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

func cutPart(data []byte) (part, rest []byte, err error) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return nil, nil, errEvent
	}
	return data[size : size+int(n)], data[size+int(n):], nil
}

// mustJSON is for our own structs, which always marshal.
func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("host: " + err.Error())
	}
	return data
}
