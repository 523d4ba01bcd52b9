package widget

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"

	"nbterm/engine/notebook"
	"nbterm/engine/wire"
)

// Set is the fold of messages into models. It belongs to one goroutine.
type Set struct {
	models  Models
	lent    bool // models was given out: it is copied before the next change
	capture []capture
	links   []string // ids of models that link two others
}

// NewSet is a set without models.
func NewSet() *Set { return &Set{models: Models{}} }

// Models is what there is now. Later changes do not reach it.
func (s *Set) Models() Models {
	s.lent = true
	return s.models
}

// Get is one model, or nil.
func (s *Set) Get(id string) *Model { return s.models[id] }

func (s *Set) put(m *Model) {
	s.own()
	s.models[m.ID] = m
}

func (s *Set) own() {
	if s.lent {
		s.models, s.lent = maps.Clone(s.models), false
	}
}

// Fold takes one message of the kernel. It is true for what concerned widgets only:
// messages of comms, and outputs that an Output captures.
func (s *Set) Fold(m *wire.Message) bool {
	if m.Channel != wire.IOPub {
		return false
	}
	switch m.Type() {
	case wire.TypeCommOpen:
		s.open(m)
		return true
	case wire.TypeCommMsg:
		s.message(m)
		return true
	case wire.TypeCommClose:
		var c wire.CommClose
		if m.Decode(&c) == nil && s.models[c.CommID] != nil {
			s.own()
			delete(s.models, c.CommID)
			s.release(c.CommID)
		}
		return true
	case wire.TypeUpdateDisplayData:
		s.redisplay(m)
		return false // it may be shown elsewhere too
	}
	return s.captured(m)
}

// payload is the data of a widget's comm_open and comm_msg.
type payload struct {
	Method      string                     `json:"method"`
	State       map[string]json.RawMessage `json:"state"`
	BufferPaths [][]any                    `json:"buffer_paths"`
	States      map[string]savedModel      `json:"states"` // of update_states
}

func (s *Set) open(m *wire.Message) {
	var c wire.CommOpen
	var p payload
	if m.Decode(&c) != nil || c.TargetName != Target || json.Unmarshal(c.Data, &p) != nil {
		return
	}
	if p.State == nil { // before protocol 2 the state was the data
		_ = json.Unmarshal(c.Data, &p.State)
	}
	s.add(c.CommID, p, m.Buffers, true)
}

// add makes a model.
func (s *Set) add(id string, p payload, buffers [][]byte, live bool) {
	model := &Model{ID: id, Live: live, state: map[string]json.RawMessage{}}
	model = s.merged(model, p, buffers)
	model.Kind = strings.TrimSuffix(model.Text("_model_name"), "Model")
	s.put(model)
	if model.Kind == "Link" || model.Kind == "DirectionalLink" {
		s.links = append(s.links, id)
	}
}

func (s *Set) message(m *wire.Message) {
	var c wire.CommMsg
	var p payload
	if m.Decode(&c) != nil || json.Unmarshal(c.Data, &p) != nil {
		return
	}
	if p.Method == "update_states" {
		s.restore(p, m.Buffers)
		return
	}
	model := s.models[c.CommID]
	if model == nil {
		return
	}
	switch p.Method {
	case "update":
	case "echo_update":
		news := model.unexpected(p.State)
		model = model.heard(p.State)
		p.State = news
	default:
		return // custom messages have no meaning for the models we know
	}
	s.put(s.merged(model, p, m.Buffers))
}

// restore takes the models that the kernel tells of all at once, in answer to a client
// that asked on the comm jupyter.widget.control (ipywidgets 7.7 and 8).
func (s *Set) restore(p payload, buffers [][]byte) {
	paths := map[string][][]any{}
	blobs := map[string][][]byte{}
	for i, path := range p.BufferPaths {
		if id, ok := first(path); ok && i < len(buffers) && len(path) > 1 {
			// The path begins with the model and, in some versions, "state".
			rest := path[1:]
			if name, _ := first(rest); name == "state" {
				rest = rest[1:]
			}
			paths[id], blobs[id] = append(paths[id], rest), append(blobs[id], buffers[i])
		}
	}
	for id, saved := range p.States {
		one := saved.payload()
		one.BufferPaths = paths[id]
		s.add(id, one, blobs[id], true)
	}
}

func first(path []any) (string, bool) {
	if len(path) == 0 {
		return "", false
	}
	name, ok := path[0].(string)
	return name, ok
}

// merged is m with what a payload says of it.
func (s *Set) merged(m *Model, p payload, buffers [][]byte) *Model {
	next := m.with(func(n *Model) { maps.Copy(n.state, p.State) })
	for i, path := range p.BufferPaths {
		if name, ok := first(path); ok && len(path) == 1 && i < len(buffers) {
			if next.blobs = maps.Clone(next.blobs); next.blobs == nil {
				next.blobs = map[string][]byte{}
			}
			next.blobs[name] = buffers[i]
		}
	}
	if raw, told := p.State["outputs"]; told {
		next.outputs = notebook.ParseOutputs(raw)
	}
	if _, told := p.State["msg_id"]; told {
		s.redirect(next.ID, next.Text("msg_id"))
	}
	return next
}

// unexpected leaves of an echo what is news: not what repeats or comes before the
// value that we sent last.
func (m *Model) unexpected(state map[string]json.RawMessage) map[string]json.RawMessage {
	news := map[string]json.RawMessage{}
	for name, value := range state {
		if _, waits := m.sent[name]; !waits {
			news[name] = value
		}
	}
	return news
}

// heard stops waiting for the echoes that an echo_update brings.
func (m *Model) heard(echo map[string]json.RawMessage) *Model {
	next := *m
	next.sent = maps.Clone(m.sent)
	for name, value := range echo {
		if sent, ok := next.sent[name]; ok && sameJSON([]byte(sent), value) {
			delete(next.sent, name)
		}
	}
	return &next
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// Ended says that the kernel is gone: the models stay as they are, and listen no more.
func (s *Set) Ended() {
	s.capture = nil
	for _, m := range s.models {
		if m.Live {
			next := *m
			next.Live, next.sent = false, nil
			s.put(&next)
		}
	}
}
