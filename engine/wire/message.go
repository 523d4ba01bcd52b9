package wire

import (
	"encoding/json"
	"time"
)

// Channel names the Jupyter socket a message travels on.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#introduction
type Channel string

// The channels of the messaging protocol; the heartbeat carries no messages.
const (
	Shell   Channel = "shell"
	Control Channel = "control"
	IOPub   Channel = "iopub"
	Stdin   Channel = "stdin"
)

// Version is the messaging protocol version that our headers carry.
const Version = "5.3"

// Header is a message header (messaging spec, "General Message Format").
type Header struct {
	MsgID    string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"` // ISO 8601
	MsgType  string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one Jupyter message, the same whichever way it travelled.
// Metadata and Content stay as the raw JSON that was sent.
type Message struct {
	Channel  Channel         `json:"channel"`
	Header   Header          `json:"header"`
	Parent   Header          `json:"parent_header"` // zero when the sender named none
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Content  json.RawMessage `json:"content"`
	Buffers  [][]byte        `json:"buffers,omitempty"`
}

// Type is the message type, such as "execute_request".
func (m *Message) Type() string { return m.Header.MsgType }

// Decode reads the content into v.
func (m *Message) Decode(v any) error { return json.Unmarshal(m.Content, v) }

// Stamp makes headers for one client session. The zero value is not usable:
// set all three fields.
type Stamp struct {
	Session  string           // session id, a UUID
	Username string           // shown by kernels, has no other meaning
	Now      func() time.Time // injected clock
	NewID    func() string    // message ids, unique in the session
}

// Request makes a message of the given type and content, ready to send.
// It panics when content cannot be marshalled, which only a bug can cause.
func (s Stamp) Request(ch Channel, msgType string, content any) *Message {
	raw, err := json.Marshal(content)
	if err != nil {
		panic("wire: " + msgType + ": " + err.Error())
	}
	return &Message{
		Channel: ch,
		Header: Header{
			MsgID: s.NewID(), Session: s.Session, Username: s.Username,
			Date: s.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), MsgType: msgType, Version: Version,
		},
		Metadata: json.RawMessage("{}"),
		Content:  raw,
	}
}
