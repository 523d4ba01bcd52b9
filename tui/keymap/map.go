package keymap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"nbterm/tui/editor"
)

// Map is the actions with the keys they have for this user. It does not change
// once made and may be shared.
type Map struct {
	actions []Action
	whole   map[Context]map[string]string // keys or sequence to action
	partial map[Context]map[string]bool   // beginnings of sequences
}

// Fault is one thing wrong with the keys of a user.
type Fault struct {
	Action  string // the setting is keys.ACTION
	Problem string // goes on after the name: `names "ctrl+", which is no key`
}

func (f Fault) Error() string { return "keys." + f.Action + " " + f.Problem }

// Faults is all that is wrong, as one error.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// New lays keys over the defaults: by action the keys that replace its usual ones,
// none to leave it without. The map is always usable: a key with a fault is left
// out, of two that clash the first in the table keeps it. The error is Faults.
func New(keys map[string][]string) (*Map, error) {
	m := &Map{actions: Defaults(), whole: map[Context]map[string]string{}, partial: map[Context]map[string]bool{}}
	faults := m.override(keys)
	for _, c := range Contexts() {
		m.whole[c], m.partial[c] = map[string]string{}, map[string]bool{}
	}
	for _, a := range m.actions {
		for _, c := range a.Contexts {
			faults = append(faults, m.bind(c, a)...)
		}
	}
	faults = append(faults, m.shadows()...)
	if len(faults) > 0 {
		return m, slices.Compact(faults)
	}
	return m, nil
}

// override puts the user's keys in the place of the usual ones.
func (m *Map) override(keys map[string][]string) Faults {
	var faults Faults
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		i := slices.IndexFunc(m.actions, func(a Action) bool { return a.ID == id })
		if i < 0 {
			faults = append(faults, Fault{id, "is no action"})
			continue
		}
		m.actions[i].Keys = nil
		for _, written := range keys[id] {
			k, err := Parse(written)
			if err != nil {
				faults = append(faults, Fault{id, err.Error()})
				continue
			}
			if !m.actions[i].reachable(k) {
				faults = append(faults, Fault{id, fmt.Sprintf("names %q, which types text where the action applies", written)})
				continue
			}
			if !slices.Contains(m.actions[i].Keys, k) {
				m.actions[i].Keys = append(m.actions[i].Keys, k)
			}
		}
	}
	return faults
}

// reachable reports whether a key can start the action in any of its contexts.
func (a Action) reachable(key string) bool {
	return slices.ContainsFunc(a.Contexts, func(c Context) bool { return !c.types() || !printable(key) })
}

// printable reports whether the first key of a sequence types a character.
func printable(key string) bool {
	first, _, _ := strings.Cut(key, " ")
	return first == "space" || first == "shift+space" || utf8.RuneCountInString(first) == 1
}

// bind enters the keys of an action in a context.
func (m *Map) bind(c Context, a Action) Faults {
	var faults Faults
	whole, partial := m.whole[c], m.partial[c]
	for _, k := range a.Keys {
		if c.types() && printable(k) {
			continue
		}
		if other, ok := m.clash(c, k); ok {
			faults = append(faults, Fault{a.ID, fmt.Sprintf("and keys.%s clash: %s; give one of them other keys", other, m.against(c, k))})
			continue
		}
		whole[k] = a.ID
		for i, r := range k {
			if r == ' ' {
				partial[k[:i]] = true
			}
		}
	}
	return faults
}

// clash gives the action that has the key, a beginning of it, or a longer sequence.
func (m *Map) clash(c Context, key string) (string, bool) {
	if id, ok := m.whole[c][key]; ok {
		return id, true
	}
	for _, k := range slices.Sorted(maps.Keys(m.whole[c])) {
		if strings.HasPrefix(key, k+" ") || strings.HasPrefix(k, key+" ") {
			return m.whole[c][k], true
		}
	}
	return "", false
}

func (m *Map) against(c Context, key string) string {
	if _, ok := m.whole[c][key]; ok {
		return fmt.Sprintf("both have %q", key)
	}
	return fmt.Sprintf("%q begins a sequence of the other", strings.Fields(key)[0])
}

// shadows finds keys of Edit that never arrive there, because the editor sees them
// first and uses them. Those it uses only where it can are fine.
func (m *Map) shadows() Faults {
	var faults Faults
	for _, k := range slices.Sorted(maps.Keys(m.whole[Edit])) {
		first, _, _ := strings.Cut(k, " ")
		if id, ok := m.whole[Text][first]; ok && !editor.Command(id).Yields() {
			faults = append(faults, Fault{m.whole[Edit][k], fmt.Sprintf("and keys.%s clash: both have %q; give one of them other keys", id, first)})
		}
	}
	return faults
}

// Pending is the part of a sequence that was pressed.
type Pending string

// Empty reports whether no sequence has begun.
func (p Pending) Empty() bool { return p == "" }

// String is what to show while the rest is waited for: "d".
func (p Pending) String() string { return Pretty(string(p), false) }

// Lookup says what a key does in a context. pending is what Lookup gave for the
// key before, "" at first. matched: do the action id. Not matched, but next is not
// empty: a sequence has begun, show it and pass it with the next key. Neither: the
// key means nothing here. A key that does not go on with a sequence ends it and is
// looked up alone.
func (m *Map) Lookup(c Context, key string, pending Pending) (id string, next Pending, matched bool) {
	if !pending.Empty() {
		if id, next, matched = m.find(c, string(pending)+" "+key); matched || !next.Empty() {
			return id, next, matched
		}
	}
	return m.find(c, key)
}

func (m *Map) find(c Context, key string) (id string, next Pending, matched bool) {
	if id, ok := m.whole[c][key]; ok {
		return id, "", true
	}
	if m.partial[c][key] {
		return "", Pending(key), false
	}
	return "", "", false
}

// TextKeys is what the cell editor wants: see editor.SetKeys.
func (m *Map) TextKeys() map[string]editor.Command {
	keys := make(map[string]editor.Command, len(m.whole[Text]))
	for k, id := range m.whole[Text] {
		keys[k] = editor.Command(id)
	}
	return keys
}

// Action gives an action by its id.
func (m *Map) Action(id string) (Action, bool) {
	for _, a := range m.actions {
		if a.ID == id {
			return a, true
		}
	}
	return Action{}, false
}

// IDs lists the ids of all actions, as config may name them.
func IDs() []string {
	var ids []string
	for _, a := range Defaults() {
		ids = append(ids, a.ID)
	}
	return ids
}

// Keys gives the keys of an action in a context, pretty or (plain) in ASCII.
func (m *Map) Keys(c Context, id string, plain bool) []string {
	a, ok := m.Action(id)
	if !ok {
		return nil
	}
	var out []string
	for _, k := range a.Keys {
		if m.whole[c][k] == id {
			out = append(out, Pretty(k, plain))
		}
	}
	return out
}

// Entry is a line of the help screen.
type Entry struct {
	ID, Title, Group string
	Keys             []string // pretty; none when no key starts it
}

// Help lists what can be done in a context, in the order of the table, groups
// together. The text editor's commands are Text's, not Edit's.
func (m *Map) Help(c Context, plain bool) []Entry {
	var out []Entry
	for _, a := range m.actions {
		if a.In(c) {
			out = append(out, Entry{a.ID, a.Title, a.Group, m.Keys(c, a.ID, plain)})
		}
	}
	order := map[string]int{}
	for i, e := range out {
		if _, seen := order[e.Group]; !seen {
			order[e.Group] = i
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return order[a.Group] - order[b.Group] })
	return out
}
