package merge

import (
	"slices"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
)

func sameText(a, b *notebook.Cell) bool {
	return a == b || a.Kind() == b.Kind() && a.Source() == b.Source()
}

// sameByHand tells whether two cells are alike in all that a person edits.
func sameByHand(a, b *notebook.Cell) bool {
	if a == b {
		return true
	}
	m, _ := a.Meta()
	n, _ := b.Meta()
	return sameText(a, b) && notebook.SameJSON(m, n) && notebook.SameJSON(a.Attachments(), b.Attachments())
}

func same(a, b *notebook.Cell) bool { return sameByHand(a, b) && notebook.SameOutputs(a, b) }

// compare says how many cells, 0 or 1, theirs adds to mine and mine to theirs, and
// whether they clash.
func (t trio) compare() (took, kept int, clash bool) {
	b, m, s := t.base, t.mine, t.theirs
	switch {
	case m == nil && s == nil:
		return 0, 0, false
	case b == nil && s == nil:
		return 0, 1, false
	case b == nil && m == nil:
		return 1, 0, false
	case b == nil:
		return count(!same(m, s)), 0, !sameText(m, s)
	case s == nil: // theirs deleted it
		return 1, 0, !sameByHand(b, m)
	case m == nil:
		return 0, 1, !sameText(b, s)
	}
	if b == m && sameByHand(b, s) && notebook.SameOutputs(b, s) { // as nearly all are
		return 0, 0, false
	}
	_, _, ok := t.text()
	merged := t.merged()
	return count(!same(merged, m)), count(!same(merged, s)), !ok
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// merge gives the cells that become of a trio: none, one or two.
func (t trio) merge(choices map[uint64]Choice) []*notebook.Cell {
	_, _, clash := t.compare()
	switch {
	case t.mine == nil && t.theirs == nil:
		return nil
	case clash:
		return t.chosen(choices[t.key()])
	case t.base == nil && t.theirs == nil:
		return []*notebook.Cell{t.mine}
	case t.base == nil && t.mine == nil:
		return []*notebook.Cell{t.theirs}
	case t.mine == nil || t.theirs == nil:
		return nil // deleted by one, as it was by the other
	case t.base == nil:
		return []*notebook.Cell{t.theirs}
	}
	return []*notebook.Cell{t.merged()}
}

// chosen gives the cells that become of a clash.
func (t trio) chosen(c Choice) []*notebook.Cell {
	switch {
	case c == Mine && t.mine == nil, c == Theirs && t.theirs == nil:
		return nil
	case t.mine == nil:
		return []*notebook.Cell{t.theirs}
	case t.theirs == nil:
		return []*notebook.Cell{t.mine}
	}
	if t.base == nil {
		t.base = t.theirs // all that differs is mine's
	}
	theirs := t.merged()
	if c == Theirs {
		return []*notebook.Cell{theirs}
	}
	mine := theirs.WithKind(t.mine.Kind()).WithSource(t.mine.Source())
	if t.mine.HasOutputs() {
		mine = withOutputs(mine, t.mine)
	}
	if c == Mine {
		return []*notebook.Cell{mine}
	}
	box := notebook.New("", "", "")
	box.Insert(0, t.theirs)
	return []*notebook.Cell{mine, box.Copy(0)}
}

// text is what the cell says. Where both sides changed the source, or the kind, in
// their own ways, ok is false and it is theirs.
func (t trio) text() (kind notebook.Kind, source string, ok bool) {
	kind, okKind := three(t.base.Kind(), t.mine.Kind(), t.theirs.Kind())
	source, okSource := three(t.base.Source(), t.mine.Source(), t.theirs.Source())
	return kind, source, okKind && okSource
}

// three merges one value.
func three[T comparable](base, mine, theirs T) (T, bool) {
	switch {
	case mine == base, mine == theirs:
		return theirs, true
	case theirs == base:
		return mine, true
	}
	return theirs, false
}

// merged is theirs with what mine changed.
func (t trio) merged() *notebook.Cell {
	kind, source, _ := t.text()
	c := t.theirs.WithKind(kind).WithSource(source)
	b, _ := t.base.Meta()
	m, _ := t.mine.Meta()
	s, _ := t.theirs.Meta()
	for _, e := range edits(b, m, s) {
		c = c.WithMeta(e.value, e.path...)
	}
	attached := t.theirs.Attachments()
	for _, e := range edits(t.base.Attachments(), t.mine.Attachments(), attached) {
		if attached == nil {
			attached = []byte("{}")
		}
		attached = rawjson.SetPath(attached, e.value, rawjson.NBFormat(), "", e.path...)
	}
	return t.outputs(c.WithAttachments(attached))
}

// outputs gives c, a version of theirs, the outputs it should have: those of the one
// side that changed them. Where both did, mine came from the kernel we are attached
// to and are as new as any, unless they belong to a text that theirs has replaced.
func (t trio) outputs(c *notebook.Cell) *notebook.Cell {
	mine, theirs := !notebook.SameOutputs(t.base, t.mine), !notebook.SameOutputs(t.base, t.theirs)
	replaced := t.theirs.Source() != t.base.Source() && t.mine.Source() == t.base.Source()
	if !mine || theirs && replaced || notebook.SameOutputs(t.mine, t.theirs) {
		return c
	}
	return withOutputs(c, t.mine)
}

func withOutputs(c, from *notebook.Cell) *notebook.Cell {
	n, ok := from.Count()
	return c.WithOutputs(from.Outputs()).WithCount(n, ok)
}

// edit sets, or with a nil value deletes, one value of an object.
type edit struct {
	path  []string
	value []byte
}

// edits are what is to be done to the object theirs so that it has what mine changed
// of base. Objects are gone into, tags are a set; of a value that both changed, mine
// is taken.
func edits(base, mine, theirs []byte) []edit {
	var all []edit
	old, now, there := members(base), members(mine), members(theirs)
	for _, key := range keysOf(base, mine) {
		b, m, s := old[key], now[key], there[key]
		switch {
		case sameValue(b, m) || sameValue(m, s):
		case (b == nil || isObject(b)) && isObject(m) && isObject(s):
			for _, e := range edits(b, m, s) {
				all = append(all, edit{append([]string{key}, e.path...), e.value})
			}
		case key == "tags" && m != nil && s != nil:
			all = append(all, edit{[]string{key}, tags(b, m, s)})
		default:
			all = append(all, edit{[]string{key}, m})
		}
	}
	return all
}

func members(raw []byte) map[string][]byte {
	all := map[string][]byte{}
	rawjson.Members(raw, func(key string, value []byte) { all[key] = value })
	return all
}

// keysOf are the keys of both objects, each once, in order.
func keysOf(objects ...[]byte) []string {
	var keys []string
	seen := map[string]bool{}
	for _, o := range objects {
		rawjson.Members(o, func(key string, _ []byte) {
			if !seen[key] {
				seen[key], keys = true, append(keys, key)
			}
		})
	}
	return keys
}

// sameValue compares values of which nil is none at all.
func sameValue(a, b []byte) bool { return (a == nil) == (b == nil) && notebook.SameJSON(a, b) }

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// tags is theirs' list without what mine took out and with what mine put in.
func tags(base, mine, theirs []byte) []byte {
	list := func(raw []byte) (all []string) {
		rawjson.Elements(raw, func(v []byte) { all = append(all, string(v)) })
		return all
	}
	b, m := list(base), list(mine)
	out := slices.DeleteFunc(list(theirs), func(v string) bool { return slices.Contains(b, v) && !slices.Contains(m, v) })
	for _, v := range m {
		if !slices.Contains(b, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	raw := []byte("[")
	for i, v := range out {
		if i > 0 {
			raw = append(raw, ", "...)
		}
		raw = append(raw, v...)
	}
	return append(raw, ']')
}
