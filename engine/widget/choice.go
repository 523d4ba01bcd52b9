package widget

import (
	"encoding/json"
	"slices"
)

// Options are the labels that can be chosen from.
func (m *Model) Options() []string {
	if m.Kind == "Combobox" {
		return m.Strings("options")
	}
	return m.Strings("_options_labels")
}

// Index is the option that is chosen, -1 for none. Before ipywidgets 7 the value was
// told, as its label.
func (m *Model) Index() int {
	if m.Has("index") || !m.Has("value") {
		v, ok := m.Number("index")
		if !ok || v < 0 || int(v) >= len(m.Options()) {
			return -1
		}
		return int(v)
	}
	return slices.Index(m.Options(), m.Text("value"))
}

// Chosen are the options of a SelectMultiple that are chosen.
func (m *Model) Chosen() []int {
	var all []int
	if m.Has("index") || !m.Has("value") {
		_ = json.Unmarshal(m.Raw("index"), &all)
		return all
	}
	options := m.Options()
	for _, label := range m.Strings("value") {
		if i := slices.Index(options, label); i >= 0 {
			all = append(all, i)
		}
	}
	return all
}

// choose chooses an option.
func (m *Model) choose(i int) (Change, bool) {
	options := m.Options()
	if i < 0 || i >= len(options) || i == m.Index() {
		return Change{}, false
	}
	if !m.Has("index") && m.Has("value") {
		return m.set("value", options[i]), true
	}
	return m.set("index", i), true
}

// toggle chooses an option of several, or no longer.
func (m *Model) toggle(i int) (Change, bool) {
	options := m.Options()
	if i < 0 || i >= len(options) {
		return Change{}, false
	}
	chosen := slices.Clone(m.Chosen())
	if at := slices.Index(chosen, i); at >= 0 {
		chosen = slices.Delete(chosen, at, at+1)
	} else {
		chosen = append(chosen, i)
		slices.Sort(chosen)
	}
	if chosen == nil {
		chosen = []int{}
	}
	if !m.Has("index") && m.Has("value") {
		labels := make([]string, len(chosen))
		for at, i := range chosen {
			labels[at] = options[i]
		}
		return m.set("value", labels), true
	}
	return m.set("index", chosen), true
}
