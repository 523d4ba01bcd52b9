package notebook

import (
	"encoding/json"
	"slices"

	"nbterm/engine/mime/rawjson"
)

// fields names the parts of a cell that edits may hold.
type fields uint8

const (
	hasKind fields = 1 << iota
	hasID
	hasSource
	hasOutputs
	hasCount
	hasAttachments
)

// edits is what a cell has instead of what its file says.
type edits struct {
	set         fields
	kind        Kind
	id          string // "" takes the key out
	source      string
	outputs     []*Output
	count       int
	counted     bool
	attachments []byte // nil takes the key out
	meta        []metaEdit
}

// metaEdit sets, or with a nil value deletes, one key of the metadata.
type metaEdit struct {
	path  []string
	value []byte
}

// apply carries the metadata edits out on raw metadata, which may be nil.
func (e *edits) apply(raw []byte, st rawjson.Style, indent string) []byte {
	if len(raw) == 0 {
		raw = []byte("{}")
	}
	for _, m := range e.meta {
		raw = rawjson.SetPath(raw, m.value, st, indent, m.path...)
	}
	return raw
}

// with makes the next version of the cell: change gets a copy of its edits.
func (c *Cell) with(change func(e *edits)) *Cell {
	e := &edits{}
	if c.edits != nil {
		*e = *c.edits
	}
	if c.base != nil && !c.base.object() && e.set&hasKind == 0 {
		e.kind, e.set = Raw, e.set|hasKind
	}
	change(e)
	if c.base != nil && e.set == 0 && len(e.meta) == 0 {
		e = nil
	}
	return &Cell{key: c.key, base: c.base, edits: e}
}

// differ notes whether field f differs from the file: an edit that comes back to
// what the file says leaves the file's own bytes in place.
func (e *edits) differ(f fields, differs bool) {
	if differs {
		e.set |= f
	} else {
		e.set &^= f
	}
}

// WithSource is the cell with another text. The same text gives the same cell.
func (c *Cell) WithSource(source string) *Cell {
	if c.Source() == source {
		return c
	}
	return c.with(func(e *edits) {
		e.source = source
		e.differ(hasSource, c.base == nil || c.base.text() != source)
	})
}

// WithKind is the cell as another kind. As in Jupyter, outputs and execution
// count go when it stops to be code, attachments when it becomes code.
func (c *Cell) WithKind(kind Kind) *Cell {
	if c.Kind() == kind {
		return c
	}
	return c.with(func(e *edits) {
		e.kind, e.set = kind, e.set|hasKind|hasOutputs|hasCount
		e.outputs, e.count, e.counted = nil, 0, false
		if kind == Code {
			e.attachments, e.set = nil, e.set|hasAttachments
		}
	})
}

// WithOutputs is the cell with other outputs. It is cheap: nothing is encoded
// before the notebook is written.
// Markdown and raw cells have no outputs and stay as they are.
func (c *Cell) WithOutputs(outputs []*Output) *Cell {
	if k := c.Kind(); k == Markdown || k == Raw || len(outputs) == 0 && !c.HasOutputs() {
		return c
	}
	if c.HasOutputs() && slices.Equal(c.Outputs(), outputs) {
		return c
	}
	return c.with(func(e *edits) {
		e.outputs = slices.Clone(outputs) // the caller may go on with its own
		e.differ(hasOutputs, c.base == nil || !slices.Equal(c.base.results(), outputs))
	})
}

// WithCount is the cell with another execution count, or with none when ok is
// false. Markdown and raw cells have none and stay as they are.
func (c *Cell) WithCount(n int, ok bool) *Cell {
	if !ok {
		n = 0
	}
	k := c.Kind()
	if have, had := c.Count(); k == Markdown || k == Raw || had == ok && (!ok || have == n) {
		return c
	}
	return c.with(func(e *edits) { e.count, e.counted, e.set = n, ok, e.set|hasCount })
}

// WithMeta is the cell with a JSON value at a path of its metadata; nil deletes
// the key. Objects on the way are made. Without a path all metadata is replaced.
func (c *Cell) WithMeta(value json.RawMessage, path ...string) *Cell {
	if value == nil {
		if _, ok := c.Meta(path...); !ok {
			return c
		}
		if len(path) == 0 {
			value = json.RawMessage("{}")
		}
	}
	path, value = slices.Clone(path), slices.Clone(value)
	return c.with(func(e *edits) {
		kept := make([]metaEdit, 0, len(e.meta)+1)
		for _, m := range e.meta {
			if len(m.path) < len(path) || !slices.Equal(m.path[:len(path)], path) {
				kept = append(kept, m)
			}
		}
		e.meta = append(kept, metaEdit{path, value})
	})
}

// withID is the cell with another id; "" is none.
func (c *Cell) withID(id string) *Cell {
	return c.with(func(e *edits) { e.id, e.set = id, e.set|hasID })
}

func (c *Cell) withAttachments(raw []byte) *Cell {
	return c.with(func(e *edits) { e.attachments, e.set = raw, e.set|hasAttachments })
}

// copied is the cell with an identity of its own, and no id yet.
func (c *Cell) copied() *Cell {
	n := c.withID("")
	n.key = newKey()
	return n
}

// rebase makes the same difference to c that lies between seen and next, and
// leaves alone what else happened to c since it was seen. Undo of an edit must
// not take back the outputs that came after it.
func (c *Cell) rebase(seen, next *Cell) *Cell {
	if c == seen {
		return next
	}
	out := c
	if next.Kind() != seen.Kind() {
		out = out.WithKind(next.Kind())
	}
	if next.Source() != seen.Source() {
		out = out.WithSource(next.Source())
	}
	if !slices.Equal(next.Outputs(), seen.Outputs()) {
		out = out.WithOutputs(next.Outputs())
	}
	n, ok := next.Count()
	if m, had := seen.Count(); n != m || ok != had {
		out = out.WithCount(n, ok)
	}
	before, _ := seen.Meta()
	if after, ok := next.Meta(); string(after) != string(before) {
		if !ok {
			after = nil
		}
		out = out.WithMeta(after)
	}
	if a := next.attachments(); string(a) != string(seen.attachments()) {
		out = out.withAttachments(a)
	}
	return out
}
