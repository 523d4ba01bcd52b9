// Package widget is the state of Jupyter widgets as the messages of their comms tell
// it: a Set folds messages into models, and says what a user's change of a model sends
// back. It draws nothing, sends nothing and knows no clock.
//
// The models are those of @jupyter-widgets/controls 2.0 and @jupyter-widgets/base 2.0
// (ipywidgets 8); what ipywidgets 6 and 7 send is read where the models agree. The
// protocol is
// https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md
package widget

import (
	"encoding/json"
	"math"
	"strings"

	"nbterm/engine/notebook"
)

// Target is the comm target of widgets, ViewType the mime type of a view of one.
const (
	Target   = "jupyter.widget"
	ViewType = "application/vnd.jupyter.widget-view+json"
)

// Model is one version of a widget's state and never changes.
type Model struct {
	ID   string
	Kind string // "IntSlider" for an IntSliderModel
	Live bool   // a kernel listens; false for what was saved and for what outlived its kernel

	state   map[string]json.RawMessage
	blobs   map[string][]byte  // attributes that came as buffers
	outputs []*notebook.Output // of an Output
	clear   bool               // of an Output: the next output replaces all
	sent    map[string]string  // attributes whose echo is awaited: the value as sent
}

// Models are the models at one moment, by id. They are never written to.
type Models map[string]*Model

// View reads the value of a ViewType entry: the id of the model to show.
func View(raw json.RawMessage) (id string, ok bool) {
	var v struct {
		ModelID string `json:"model_id"`
	}
	err := json.Unmarshal(raw, &v)
	return v.ModelID, err == nil && v.ModelID != ""
}

// ViewOf is the id of the model that an output shows, or "".
func ViewOf(o *notebook.Output) string {
	if o.Kind() != notebook.Display && o.Kind() != notebook.Result {
		return ""
	}
	raw, ok := o.Bundle().Get(ViewType)
	if !ok {
		return ""
	}
	id, _ := View(raw)
	return id
}

// with is the next version of m.
func (m *Model) with(change func(next *Model)) *Model {
	next := *m
	next.state = make(map[string]json.RawMessage, len(m.state)+1)
	for name, value := range m.state {
		next.state[name] = value
	}
	change(&next)
	return &next
}

// Raw is an attribute as JSON: as it came, else as the model has it by default; nil
// when it has none such.
func (m *Model) Raw(name string) json.RawMessage {
	if raw, ok := m.state[name]; ok {
		return raw
	}
	return byDefault(m.Kind, name)
}

// Has is true for an attribute that was told.
func (m *Model) Has(name string) bool { _, ok := m.state[name]; return ok }

// Text is an attribute that is a string, else "".
func (m *Model) Text(name string) string {
	var s string
	_ = json.Unmarshal(m.Raw(name), &s)
	return s
}

// Bool is an attribute that is true.
func (m *Model) Bool(name string) bool { return string(m.Raw(name)) == "true" }

// Number is an attribute that is a finite number.
func (m *Model) Number(name string) (float64, bool) {
	var v *float64
	if json.Unmarshal(m.Raw(name), &v) != nil || v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return 0, false
	}
	return *v, true
}

// Numbers is an attribute that is a list of numbers, such as a range.
func (m *Model) Numbers(name string) []float64 {
	var v []float64
	if json.Unmarshal(m.Raw(name), &v) != nil {
		return nil
	}
	return v
}

// Strings is an attribute that is a list of strings. Values that are none are
// written as JSON.
func (m *Model) Strings(name string) []string {
	var raw []json.RawMessage
	if json.Unmarshal(m.Raw(name), &raw) != nil {
		return nil
	}
	texts := make([]string, len(raw))
	for i, r := range raw {
		if json.Unmarshal(r, &texts[i]) != nil {
			texts[i] = string(r)
		}
	}
	return texts
}

// Blob is an attribute that came as bytes, such as the picture of an Image.
func (m *Model) Blob(name string) []byte { return m.blobs[name] }

// Outputs are what an Output captured.
func (m *Model) Outputs() []*notebook.Output { return m.outputs }

const refPrefix = "IPY_MODEL_"

// Ref is the id of the model that an attribute names, or "".
func (m *Model) Ref(name string) string {
	id, ok := strings.CutPrefix(m.Text(name), refPrefix)
	if !ok {
		return ""
	}
	return id
}

// Refs are the ids of the models that an attribute lists.
func (m *Model) Refs(name string) []string {
	var ids []string
	for _, s := range m.Strings(name) {
		if id, ok := strings.CutPrefix(s, refPrefix); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// Titles are the titles of the children of a container. Before ipywidgets 8 they
// were an object of positions in _titles.
func (m *Model) Titles(n int) []string {
	titles := make([]string, n)
	copy(titles, m.Strings("titles"))
	if m.Has("_titles") {
		var old map[string]string
		_ = json.Unmarshal(m.Raw("_titles"), &old)
		for at, title := range old {
			var i int
			if json.Unmarshal([]byte(at), &i) == nil && i >= 0 && i < n {
				titles[i] = title
			}
		}
	}
	return titles
}

// Disabled is true for a control that takes no changes.
func (m *Model) Disabled() bool { return m.Bool("disabled") }
