package kernel

import (
	"encoding/json"

	"nbterm/engine/wire"
)

// gapChannel is on no wire, so no kernel can make such a message.
const gapChannel wire.Channel = "gap"

// NewGap is what a transport puts in its queue, in place of messages it knows or
// fears were lost on the way. reason is a sentence for people.
func NewGap(reason string) *wire.Message {
	raw, _ := json.Marshal(reason) // a string always marshals
	return &wire.Message{Channel: gapChannel, Content: raw}
}

// GapReason tells whether m is a NewGap, and its reason.
func GapReason(m *wire.Message) (reason string, ok bool) {
	if m.Channel != gapChannel || m.Decode(&reason) != nil {
		return "", false
	}
	return reason, true
}
