package wire

import "encoding/json"

// Payload is one entry of execute_reply's payload list, the deprecated but only
// way by which kernels page help, ask for a new cell or ask to be ended
// (messaging spec, "Payloads (DEPRECATED)").
type Payload struct {
	Source     string          `json:"source"` // page, set_next_input, edit_magic, ask_exit
	Text       string          `json:"text"`   // set_next_input
	Replace    bool            `json:"replace"`
	KeepKernel bool            `json:"keepkernel"` // ask_exit
	Data       json.RawMessage `json:"data"`       // page: a mime bundle
}

// Payloads decodes the payload list and leaves out what it cannot read.
func (r ExecuteReply) Payloads() []Payload {
	var all []Payload
	for _, raw := range r.Payload {
		var p Payload
		if json.Unmarshal(raw, &p) == nil && p.Source != "" {
			all = append(all, p)
		}
	}
	return all
}
