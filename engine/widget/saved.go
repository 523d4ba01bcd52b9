package widget

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"

	"nbterm/engine/notebook"
)

// StateType is the key under which a notebook's metadata.widgets keeps models.
const StateType = "application/vnd.jupyter.widget-state+json"

// savedState is the value there: version 2 of the schema
// https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/v2/state.schema.json
type savedState struct {
	Major int                   `json:"version_major"`
	Minor int                   `json:"version_minor"`
	State map[string]savedModel `json:"state"`
}

type savedModel struct {
	Name    string                     `json:"model_name"`
	Module  string                     `json:"model_module"`
	Version string                     `json:"model_module_version"`
	State   map[string]json.RawMessage `json:"state"`
	Buffers []savedBuffer              `json:"buffers,omitempty"`
}

type savedBuffer struct {
	Encoding string `json:"encoding"`
	Path     []any  `json:"path"`
	Data     string `json:"data"`
}

// payload is a saved model as if its comm had been opened.
func (m savedModel) payload() payload {
	p := payload{State: map[string]json.RawMessage{}}
	maps.Copy(p.State, m.State)
	for name, text := range map[string]string{"_model_name": m.Name, "_model_module": m.Module, "_model_module_version": m.Version} {
		if _, told := p.State[name]; !told {
			p.State[name] = quote(text)
		}
	}
	return p
}

func quote(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil {
		panic("widget: " + err.Error()) // a string always marshals
	}
	return raw
}

// Load takes the models that a notebook was saved with, given its metadata.widgets.
// What cannot be read is passed over: the views then show their other forms.
func (s *Set) Load(widgets json.RawMessage) {
	var all map[string]json.RawMessage
	var saved savedState
	if json.Unmarshal(widgets, &all) != nil || json.Unmarshal(all[StateType], &saved) != nil {
		return
	}
	for id, m := range saved.State {
		p := m.payload()
		var buffers [][]byte
		for _, b := range m.Buffers {
			data, err := base64.StdEncoding.DecodeString(b.Data)
			if b.Encoding != "base64" || err != nil {
				continue
			}
			p.BufferPaths, buffers = append(p.BufferPaths, b.Path), append(buffers, data)
		}
		// A msg_id names a message of a session that is over.
		delete(p.State, "msg_id")
		s.add(id, p, buffers, false)
	}
}

// Save writes the models as Load reads them, or nil when there are none.
func (s *Set) Save() json.RawMessage {
	if len(s.models) == 0 {
		return nil
	}
	saved := savedState{Major: 2, State: map[string]savedModel{}}
	for id, m := range s.models {
		one := savedModel{
			Name: m.Text("_model_name"), Module: m.Text("_model_module"), Version: m.Text("_model_module_version"),
			State: maps.Clone(m.state),
		}
		if m.outputs != nil {
			one.State["outputs"] = notebook.JoinOutputs(m.outputs)
			one.State["msg_id"] = quote("")
		}
		for _, name := range slices.Sorted(maps.Keys(m.blobs)) {
			delete(one.State, name)
			one.Buffers = append(one.Buffers, savedBuffer{"base64", []any{name}, base64.StdEncoding.EncodeToString(m.blobs[name])})
		}
		saved.State[id] = one
	}
	raw, err := json.Marshal(map[string]savedState{StateType: saved})
	if err != nil {
		return nil // an attribute that is no JSON: nothing is better than half of it
	}
	return raw
}
