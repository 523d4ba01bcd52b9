package notebook

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"nbterm/engine/mime"
	"nbterm/engine/mime/rawjson"
)

// Clone is the notebook as it is now: what is done to one of the two later does not
// show in the other. The cells, which never change, are shared, keys included, so a
// clone costs some words a cell. It may be given to another goroutine.
func (n *Notebook) Clone() *Notebook {
	c := *n
	c.cells, c.gaps, c.index = slices.Clone(n.cells), slices.Clone(n.gaps), nil
	return &c
}

// Rebase puts the notebook on another file: from then on it is written as file is,
// with its metadata and layout, and holds cells. Those that are cells of file,
// under whatever identity (see Cell.As), keep their bytes; when they are all there
// is, Bytes is file's. The others are fitted in as Insert does.
func (n *Notebook) Rebase(file *Notebook, cells []*Cell) Change {
	own := owned(file, cells)
	w := whole{
		home: file.home, origin: file.origin, frame: file.frame, inner: file.inner,
		major: file.major, minor: file.minor, upgraded: file.upgraded, language: file.language,
		cells: fit(file, cells, own),
	}
	w.gaps = spread(file, w.cells, own)
	w.origin.cells = originals(file.origin.cells, w.cells)
	return n.Apply(Change{w})
}

// whole is all that a notebook consists of.
type whole struct {
	home         *home
	origin       origin
	major, minor int
	upgraded     bool
	language     string
	cells        []*Cell
	gaps         []rawjson.Gap
	inner        []byte
	frame        *frame
	seen         map[uint64]*Cell // cells as they were when this was taken the place of; nil for a new state
}

func (w whole) apply(n *Notebook) step {
	back := whole{
		n.home, n.origin, n.major, n.minor, n.upgraded, n.language,
		slices.Clone(n.cells), slices.Clone(n.gaps), n.inner, n.frame, make(map[uint64]*Cell, len(w.cells)),
	}
	cells := slices.Clone(w.cells)
	for i, c := range cells {
		// What came to a cell since, outputs above all, outlives the way back.
		if at := n.Index(c.key); at >= 0 && w.seen[c.key] != nil {
			cells[i] = c.rebase(w.seen[c.key], n.cells[at])
		}
		back.seen[c.key] = cells[i]
	}
	n.home, n.origin, n.major, n.minor, n.upgraded, n.language = w.home, w.origin, w.major, w.minor, w.upgraded, w.language
	n.cells, n.gaps, n.inner, n.frame, n.index = cells, slices.Clone(w.gaps), w.inner, w.frame, nil
	return back
}

// owned says which cells stand for cells of file; of several copies the first does.
func owned(file *Notebook, cells []*Cell) []bool {
	free := make(map[content]bool, len(file.cells))
	for _, c := range file.cells {
		free[c.contentOf()] = true
	}
	own := make([]bool, len(cells))
	for i, c := range cells {
		at := c.contentOf()
		own[i], free[at] = free[at], false
	}
	return own
}

// fit gives cells that come from elsewhere ids that file's format and cells allow.
func fit(file *Notebook, cells []*Cell, own []bool) []*Cell {
	taken := map[string]bool{}
	for i, c := range cells {
		if own[i] {
			taken[c.ID()] = true
		}
	}
	out := slices.Clone(cells)
	for i, c := range out {
		if own[i] {
			continue
		}
		id := c.ID()
		switch {
		case !file.hasIDs() && id != "":
			c = c.withID("")
		case file.hasIDs() && (id == "" || taken[id]):
			c = c.withID(freshID(taken))
		}
		taken[c.ID()] = true
		out[i] = c
	}
	return out
}

// spread gives the white space for cells in the place of file's own.
func spread(file *Notebook, cells []*Cell, own []bool) []rawjson.Gap {
	here := contents(cells)
	gaps := file.gaps
	for i := len(file.cells) - 1; i >= 0; i-- {
		if here[file.cells[i].contentOf()] == nil {
			gaps = rawjson.DeleteGaps(gaps, i, 1)
		}
	}
	st := file.home.style()
	for i := range cells {
		if !own[i] {
			gaps = rawjson.InsertGaps(gaps, i, 1, st.Style, st.Unit)
		}
	}
	return slices.Clone(gaps)
}

// content names the bytes that a cell came from, whatever its identity.
type content struct {
	home  *home
	start *byte
	made  *edits // of a cell that came from no file
}

func (c *Cell) contentOf() content {
	if c.base == nil {
		return content{made: c.edits}
	}
	if len(c.base.raw) == 0 {
		return content{home: c.base.home}
	}
	return content{home: c.base.home, start: &c.base.raw[0]}
}

func contents(cells []*Cell) map[content]*Cell {
	all := make(map[content]*Cell, len(cells))
	for _, c := range cells {
		all[c.contentOf()] = c
	}
	return all
}

// originals finds the untouched cells of a file under their present identities.
func originals(of, cells []*Cell) []*Cell {
	here := contents(cells)
	out := slices.Clone(of)
	for i, c := range out {
		if h := here[c.contentOf()]; h != nil && (h.base == nil || h.edits == nil) {
			out[i] = h
		}
	}
	return out
}

// As is the cell with the identity of another: the next version of that one. Where
// the outputs of both say the same, the outputs of other are handed on, so that who
// has drawn them knows them.
func (c *Cell) As(other *Cell) *Cell {
	if c.key == other.key {
		return c
	}
	as := &Cell{key: other.key, base: c.base, edits: c.edits}
	if c.edits == nil && SameOutputs(c, other) {
		b := &base{raw: c.base.raw, at: c.base.at, home: c.base.home}
		switch {
		case other.edited(hasOutputs):
			b.outputsOnce.Do(func() { b.outputs = other.edits.outputs })
		case other.base.twin != nil:
			b.twin = other.base.twin // rather than a chain that keeps every file in memory
		default:
			b.twin = other.base
		}
		as.base = b
	}
	return as
}

// Attachments are the raw attachments, an object of bundles by name; nil for none.
func (c *Cell) Attachments() json.RawMessage { return c.attachments() }

// WithAttachments is the cell with other attachments; nil for none.
func (c *Cell) WithAttachments(raw json.RawMessage) *Cell {
	if bytes.Equal(raw, c.attachments()) {
		return c
	}
	return c.withAttachments(raw)
}

// SameOutputs tells whether two cells show the same outputs and execution count,
// however they are written.
func SameOutputs(a, b *Cell) bool {
	n, ok := a.Count()
	if m, had := b.Count(); n != m || ok != had || a.HasOutputs() != b.HasOutputs() {
		return false
	}
	if !a.HasOutputs() {
		return true
	}
	if !a.edited(hasOutputs) && !b.edited(hasOutputs) && bytes.Equal(a.base.field(outputsField), b.base.field(outputsField)) {
		return true
	}
	return slices.EqualFunc(a.Outputs(), b.Outputs(), sameOutput)
}

func sameOutput(a, b *Output) bool {
	if a == b || a.raw != nil && bytes.Equal(a.raw, b.raw) {
		return true
	}
	p, q := a.read(), b.read()
	return p.kind == q.kind && p.name == q.name && p.text == q.text && p.count == q.count && p.counted == q.counted &&
		p.ename == q.ename && p.evalue == q.evalue && slices.Equal(p.trace, q.trace) &&
		SameJSON(p.metadata, q.metadata) && sameBundle(p.bundle, q.bundle)
}

func sameBundle(a, b mime.Bundle) bool {
	return maps.EqualFunc(entries(a), entries(b), func(x, y json.RawMessage) bool {
		if s, ok := mime.Text(x); ok { // a text is a string or a list of its lines
			t, ok := mime.Text(y)
			return ok && s == t
		}
		return SameJSON(x, y)
	})
}

func entries(b mime.Bundle) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, e := range b.Entries() {
		all[e.Type] = e.Raw
	}
	return all
}

// SameJSON tells whether two values are the same but for white space; an empty
// object is the same as none.
func SameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	return string(tight(a)) == string(tight(b))
}

func tight(raw []byte) []byte {
	if len(bytes.TrimSpace(raw)) == 0 {
		return []byte("{}")
	}
	return rawjson.Format(raw, rawjson.NBFormat().OneLine(), "")
}
