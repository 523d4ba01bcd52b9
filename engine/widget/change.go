package widget

import (
	"encoding/json"
	"maps"
	"slices"
)

// Change is what a user did to a model: attributes set, or an event such as a click.
type Change struct {
	Model string
	State map[string]any // nil where only an event is told
	Event string         // "click", "submit"; "" is none

	backbone bool // the kernel's side is of ipywidgets 6
}

// Content is the comm_msg that tells the kernel of a change.
func (c Change) Content() any {
	data := map[string]any{"method": "update", "state": c.State, "buffer_paths": []any{}}
	switch {
	case c.State == nil:
		data = map[string]any{"method": "custom", "content": map[string]any{"event": c.Event}}
	case c.backbone:
		data = map[string]any{"method": "backbone", "sync_data": c.State, "buffer_keys": []any{}}
	}
	return map[string]any{"comm_id": c.Model, "data": data}
}

// Join is c with what came after it. It is false where both must be told: an event is
// not made up for by a later one.
func (c Change) Join(later Change) (Change, bool) {
	if c.Model != later.Model || c.Event != "" || later.Event != "" {
		return c, false
	}
	state := maps.Clone(c.State)
	maps.Copy(state, later.State)
	c.State = state
	return c, true
}

// maxLinked bounds how far one change travels over links, which may form rings.
const maxLinked = 64

// Change makes a change at once, in the model and in those linked to it, and gives what
// the kernel is to be told, in order: nothing for models without one.
func (s *Set) Change(c Change) []Change {
	var all []Change
	for todo := []Change{c}; len(todo) > 0 && len(all) < maxLinked; todo = todo[1:] {
		if all != nil && s.has(todo[0]) { // another link brought it already
			continue
		}
		all = append(all, todo[0])
		todo = append(todo, s.apply(todo[0])...)
	}
	for i, c := range all {
		if m := s.models[c.Model]; m != nil {
			all[i].backbone = m.Text("_model_module") == "jupyter-js-widgets"
		}
	}
	return slices.DeleteFunc(all, func(c Change) bool { return s.models[c.Model] == nil || !s.models[c.Model].Live })
}

// apply sets the attributes of one change and gives those that follow by links.
func (s *Set) apply(c Change) []Change {
	m := s.models[c.Model]
	if m == nil || c.State == nil {
		return nil
	}
	changed := map[string]any{}
	next := m.with(func(n *Model) {
		n.sent = maps.Clone(m.sent)
		if n.sent == nil {
			n.sent = map[string]string{}
		}
		for name, value := range c.State {
			raw, err := json.Marshal(value)
			if err != nil {
				continue // of our own making: it always marshals
			}
			if !sameJSON(raw, m.Raw(name)) {
				changed[name] = value
			}
			n.state[name], n.sent[name] = raw, string(raw)
		}
	})
	s.put(next)
	return s.follow(c.Model, changed)
}

// follow gives the changes that links (jslink, jsdlink) make of a change.
func (s *Set) follow(id string, changed map[string]any) []Change {
	var more []Change
	for _, link := range s.links {
		m := s.models[link]
		if m == nil {
			continue
		}
		source, target := m.end("source"), m.end("target")
		if value, ok := changed[source.name]; ok && source.model == id && target.model != "" {
			more = append(more, Change{Model: target.model, State: map[string]any{target.name: value}})
		}
		if value, ok := changed[target.name]; ok && m.Kind == "Link" && target.model == id && source.model != "" {
			more = append(more, Change{Model: source.model, State: map[string]any{source.name: value}})
		}
	}
	return slices.DeleteFunc(more, func(c Change) bool { return s.has(c) })
}

// has is true for a change that would change nothing.
func (s *Set) has(c Change) bool {
	m := s.models[c.Model]
	if m == nil {
		return true
	}
	for name, value := range c.State {
		raw, err := json.Marshal(value)
		if err != nil || !sameJSON(raw, m.Raw(name)) {
			return false
		}
	}
	return true
}

// linkEnd is an attribute of a model.
type linkEnd struct{ model, name string }

func (m *Model) end(side string) linkEnd {
	list := m.Strings(side)
	refs := m.Refs(side)
	if len(list) != 2 || len(refs) == 0 || list[0] != refPrefix+refs[0] {
		return linkEnd{}
	}
	return linkEnd{refs[0], list[1]}
}

// set is the change of one attribute.
func (m *Model) set(name string, value any) Change {
	return Change{Model: m.ID, State: map[string]any{name: value}}
}
