package host

import (
	"encoding/binary"
	"time"

	"nbterm/engine/wire"
)

// saidHead is the head of an event of kind Said from version 2 on: the time as a
// varint of nanoseconds since 1970, then strings that begin with their length, in
// the order of saidFields. A later version may add strings behind them.

// saidFields are the strings of the head, in order. Do not reorder.
func saidFields(exec *string, m *wire.Message) [14]*string {
	h, p := &m.Header, &m.Parent
	return [...]*string{
		exec, (*string)(&m.Channel),
		&h.MsgID, &h.Session, &h.Username, &h.Date, &h.MsgType, &h.Version,
		&p.MsgID, &p.Session, &p.Username, &p.Date, &p.MsgType, &p.Version,
	}
}

func (e *Event) encodeSaid() []byte {
	fields := saidFields(&e.Exec, e.Message)
	size := binary.MaxVarintLen64
	for _, f := range fields {
		size += len(*f) + binary.MaxVarintLen16
	}
	head := binary.AppendVarint(make([]byte, 0, size), e.Time.UnixNano())
	for _, f := range fields {
		head = append(binary.AppendUvarint(head, uint64(len(*f))), *f...)
	}
	body := len(e.Message.Content) + len(e.Message.Metadata) + 4*binary.MaxVarintLen64
	out := make([]byte, 0, 1+len(head)+body)
	return appendBody(appendPart(append(out, codecVersion), head), e.Message)
}

func decodeSaid(seq uint64, head, rest []byte) (Event, error) {
	at, n := binary.Varint(head)
	if n <= 0 {
		return Event{}, errEvent
	}
	text := string(head[n:]) // once: the fields are parts of it
	head = head[n:]
	e := Event{Seq: seq, Time: time.Unix(0, at), Kind: Said, Message: &wire.Message{}}
	for _, f := range saidFields(&e.Exec, e.Message) {
		part, behind, err := cutPart(head)
		if err != nil {
			return Event{}, err
		}
		end := len(text) - len(behind)
		*f = text[end-len(part) : end]
		head = behind
	}
	return e, decodeBody(e.Message, rest)
}
