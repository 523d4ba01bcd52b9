package notebook

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"nbterm/engine/mime/rawjson"
)

// Change is something to do to a notebook, as its methods return it to undo what
// they did. Changes of the list of cells are to be undone in reverse order; a
// change of one cell's content may be undone at any time later, and takes back
// only what it did itself. The zero Change does nothing.
type Change struct{ do step }

// step carries a change out and returns its inverse; nil when there was nothing to do.
type step interface{ apply(n *Notebook) step }

// Apply carries c out and returns its inverse.
func (n *Notebook) Apply(c Change) Change {
	if c.do == nil {
		return Change{}
	}
	inverse := c.do.apply(n)
	if inverse == nil {
		return Change{}
	}
	n.version++
	return Change{inverse}
}

// splice takes del cells out at a position and puts others in.
type splice struct {
	at, del int
	cells   []*Cell
	gaps    []rawjson.Gap // for cells; nil to space them as the file does
	// White space that the neighbours and the empty list have afterwards; only
	// together with gaps, or where cells is empty and restore is set.
	restore     bool
	left, right rawjson.Gap
	inner       []byte
}

func (s splice) apply(n *Notebook) step {
	end := s.at + s.del
	if end > len(n.cells) {
		return nil // undone out of order
	}
	back := splice{
		at: s.at, del: len(s.cells), restore: true, inner: n.inner,
		cells: append([]*Cell(nil), n.cells[s.at:end]...),
		gaps:  append([]rawjson.Gap(nil), n.gaps[s.at:end]...),
	}
	if s.at > 0 {
		back.left = n.gaps[s.at-1]
	}
	if end < len(n.gaps) {
		back.right = n.gaps[end]
	}
	n.respace(s)
	cells := make([]*Cell, 0, len(n.cells)-s.del+len(s.cells))
	cells = append(cells, n.cells[:s.at]...)
	cells = append(cells, s.cells...)
	n.cells = append(cells, n.cells[end:]...)
	n.index = nil
	return back
}

// respace makes the white space fit what s does to the cells.
func (n *Notebook) respace(s splice) {
	st := n.home.style()
	switch grow := len(s.cells) - s.del; {
	case grow > 0:
		n.gaps = rawjson.InsertGaps(n.gaps, s.at+s.del, grow, st.Style, st.Unit)
	case grow < 0:
		n.gaps = rawjson.DeleteGaps(n.gaps, s.at+len(s.cells), -grow)
	}
	n.inner = nil
	if !s.restore {
		return
	}
	copy(n.gaps[s.at:], s.gaps)
	if s.at > 0 {
		n.gaps[s.at-1] = s.left
	}
	if end := s.at + len(s.cells); end < len(n.gaps) {
		n.gaps[end] = s.right
	}
	n.inner = s.inner
}

// move takes one cell to another place; white space stays where it is.
type move struct{ from, to int }

func (m move) apply(n *Notebook) step {
	if max(m.from, m.to) >= len(n.cells) {
		return nil // undone out of order
	}
	c := n.cells[m.from]
	if m.from < m.to {
		copy(n.cells[m.from:], n.cells[m.from+1:m.to+1])
	} else {
		copy(n.cells[m.to+1:], n.cells[m.to:m.from])
	}
	n.cells[m.to] = c
	n.index = nil
	return move{m.to, m.from}
}

// swap makes of one version of a cell another.
type swap struct{ seen, next *Cell }

func (s swap) apply(n *Notebook) step {
	at := n.Index(s.seen.key)
	if at < 0 {
		return nil // the cell is gone
	}
	was := n.cells[at]
	now := was.rebase(s.seen, s.next)
	if now == was {
		return nil
	}
	n.cells[at] = now
	return swap{now, was}
}

// reframe puts another frame around the cells.
type reframe struct{ frame *frame }

func (r reframe) apply(n *Notebook) step {
	was := n.frame
	n.frame = r.frame
	return reframe{was}
}

// Insert puts cells before position at, which is brought into range. Cells
// without an id get one where the format has ids, as do those whose id is taken;
// a cell whose key is already in the notebook gets a new key.
func (n *Notebook) Insert(at int, c ...*Cell) Change {
	if len(c) == 0 {
		return Change{}
	}
	return n.Apply(Change{splice{at: clamp(at, len(n.cells)), cells: n.adopt(c)}})
}

// adopt fits cells into this notebook.
func (n *Notebook) adopt(cells []*Cell) []*Cell {
	taken, keys := n.ids(), make(map[uint64]bool)
	out := make([]*Cell, len(cells))
	for i, c := range cells {
		if keys[c.key] || n.Index(c.key) >= 0 {
			id := c.ID()
			c = c.copied().withID(id)
		}
		keys[c.key] = true
		id := c.ID()
		switch {
		case !n.hasIDs() && id != "":
			c = c.withID("")
		case n.hasIDs() && (id == "" || taken[id]):
			c = c.withID(freshID(taken))
		}
		if id = c.ID(); id != "" {
			taken[id] = true
		}
		out[i] = c
	}
	return out
}

// ids are all ids in use; empty for formats without.
func (n *Notebook) ids() map[string]bool {
	taken := make(map[string]bool)
	if n.hasIDs() {
		for _, c := range n.cells {
			taken[c.ID()] = true
		}
	}
	return taken
}

func clamp(at, most int) int { return max(0, min(at, most)) }

// Delete takes count cells out, as many of them as there are.
func (n *Notebook) Delete(at, count int) Change {
	from, to := clamp(at, len(n.cells)), clamp(at+count, len(n.cells))
	if from >= to {
		return Change{}
	}
	return n.Apply(Change{splice{at: from, del: to - from}})
}

// Move takes the cell at from to position to, counted without it.
func (n *Notebook) Move(from, to int) Change {
	if n.Cell(from) == nil || n.Cell(to) == nil || from == to {
		return Change{}
	}
	return n.Apply(Change{move{from, to}})
}

// Replace puts c in place of the cell at position at; usually a later version of it.
func (n *Notebook) Replace(at int, c *Cell) Change {
	was := n.Cell(at)
	switch {
	case was == nil || was == c:
		return Change{}
	case was.key == c.key:
		return n.Apply(Change{swap{was, c}})
	}
	return n.Apply(Change{splice{at: at, del: 1, cells: n.adopt([]*Cell{c})}})
}

// Copy makes a copy of the cell at position at, with a key of its own and without
// an id, for Insert; nil where there is no cell.
func (n *Notebook) Copy(at int) *Cell {
	if c := n.Cell(at); c != nil {
		return c.copied()
	}
	return nil
}

// Split cuts the cell at a byte offset of its source, without the line ends
// around the cut. As in Jupyter the second part keeps the outputs; the first
// keeps key and id.
func (n *Notebook) Split(at, offset int) Change {
	c := n.Cell(at)
	if c == nil {
		return Change{}
	}
	source := c.Source()
	offset = clamp(offset, len(source))
	for offset > 0 && offset < len(source) && !utf8.RuneStart(source[offset]) {
		offset--
	}
	head := c.WithSource(strings.TrimRight(source[:offset], "\n")).WithOutputs(nil).WithCount(0, false)
	tail := c.copied().WithSource(strings.TrimLeft(source[offset:], "\n"))
	parts := append([]*Cell{head}, n.adopt([]*Cell{tail})...)
	return n.Apply(Change{splice{at: at, del: 1, cells: parts}})
}

// Merge makes one cell of count cells: of the kind of the first, which also gives
// key and id. As in Jupyter an empty line stands between their sources, and
// outputs go; attachments stay.
func (n *Notebook) Merge(at, count int) Change {
	if at < 0 || count < 2 || at+count > len(n.cells) {
		return Change{}
	}
	first := n.cells[at]
	var sources []string
	attached := first.attachments()
	for _, c := range n.cells[at : at+count] {
		sources = append(sources, c.Source())
		rawjson.Members(c.attachments(), func(name string, value []byte) {
			attached = rawjson.SetPath(orEmpty(attached), value, rawjson.NBFormat(), "", name)
		})
	}
	merged := first.WithSource(strings.Join(sources, "\n\n")).WithOutputs(nil).WithCount(0, false)
	if first.Kind() != Code && string(attached) != string(first.attachments()) {
		merged = merged.withAttachments(attached)
	}
	return n.Apply(Change{splice{at: at, del: count, cells: []*Cell{merged}}})
}

func orEmpty(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// SetMeta gives a JSON value to a path of the notebook's metadata; nil deletes
// the key. Objects on the way are made.
func (n *Notebook) SetMeta(value json.RawMessage, path ...string) Change {
	if value == nil && len(path) == 0 {
		value = json.RawMessage("{}")
	}
	start := len(n.frame.bytes) - len(bodyOf(n.frame.bytes))
	end, err := rawjson.NewScanner(n.frame.bytes).Value(start)
	if err != nil {
		return Change{} // a frame that was scanned before is sound
	}
	head, body, tail := n.frame.bytes[:start], n.frame.bytes[start:end], n.frame.bytes[end:]
	changed := rawjson.SetPath(body, value, n.home.style().Style, "", append([]string{"metadata"}, path...)...)
	if string(changed) == string(body) {
		return Change{}
	}
	text := append(append(append([]byte(nil), head...), changed...), tail...)
	r, err := scanRoot(text, start)
	if err != nil || r.list.end == 0 {
		return Change{} // as above
	}
	return n.Apply(Change{reframe{newFrame(text, r.list.start+1)}})
}
