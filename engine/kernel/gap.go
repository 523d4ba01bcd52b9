package kernel

import (
	"encoding/json"

	"nbterm/engine/wire"
)

// These channels are on no wire, so no kernel can make such messages.
const (
	gapChannel  wire.Channel = "gap"
	linkChannel wire.Channel = "link"
)

// between is the type of a gap that lies in no cell.
const between = "between"

// NewGap is what a transport puts in its queue, in place of messages it knows or
// fears were lost on the way. reason is a sentence for people.
func NewGap(reason string) *wire.Message { return note(gapChannel, reason) }

// NewGapBetween is a NewGap for what was said while no cell ran, by a thread for one.
func NewGapBetween(reason string) *wire.Message {
	m := NewGap(reason)
	m.Header.MsgType = between
	return m
}

// GapReason tells whether m is a NewGap, and its reason.
func GapReason(m *wire.Message) (reason string, ok bool) { return noted(gapChannel, m) }

// IsBetween tells whether a gap is a NewGapBetween.
func IsBetween(m *wire.Message) bool { return m.Header.MsgType == between }

// NewLink is what a transport puts in its queue when it loses its way to the kernel,
// with a sentence that says so, and "" when it is back.
func NewLink(away string) *wire.Message { return note(linkChannel, away) }

// LinkAway tells whether m is a NewLink, and what it says.
func LinkAway(m *wire.Message) (away string, ok bool) { return noted(linkChannel, m) }

func note(ch wire.Channel, text string) *wire.Message {
	raw, _ := json.Marshal(text) // a string always marshals
	return &wire.Message{Channel: ch, Content: raw}
}

func noted(ch wire.Channel, m *wire.Message) (text string, ok bool) {
	if m.Channel != ch || m.Decode(&text) != nil {
		return "", false
	}
	return text, true
}
