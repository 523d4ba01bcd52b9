// Package merge brings together what two people made of one notebook, cell by cell.
// It is pure: three notebooks in, a list of cells out.
//
//	base ──▶ mine      edits that are in memory, or in a recovery file
//	     └─▶ theirs    the file as somebody else left it
//
// A cell is the same in two of them by its identity in this process, by its id, else
// by its place among cells that are the same (see match). What only one side did is
// kept; cells are put in, taken out and moved on either side, and metadata is merged
// key by key. Only where both gave one cell different texts, or one changed what the
// other deleted, is there a Conflict, and somebody has to choose; until then both are
// kept. Outputs are never a conflict, for they can be made again: see outputs.
//
// The result is written as theirs is, so that cells that were not touched here keep
// the bytes they have in the file.
package merge

import (
	"slices"

	"nbterm/engine/notebook"
)

// Choice is what becomes of a Conflict.
type Choice uint8

// The choices. Where one side has deleted the cell, Both keeps the other side's.
const (
	Both   Choice = iota // mine, and theirs as a cell below it
	Mine                 // mine alone; no cell where mine deleted it
	Theirs               // theirs alone
)

// Conflict is a cell that both sides changed. A nil cell was deleted, or in the case
// of Base never there.
type Conflict struct {
	Key                uint64 // names it, also in a later merge of the same cells
	Base, Mine, Theirs *notebook.Cell
}

// Result is a merge, ready to be applied.
type Result struct {
	Conflicts []Conflict
	Taken     int // cells that differ from mine because of theirs; conflicts not counted
	Kept      int // cells that differ from theirs because of mine; the same

	base, mine, theirs *notebook.Notebook
	cells              []trio // in their order
}

// trio is one cell in the three notebooks; nil where it is not.
type trio struct{ base, mine, theirs *notebook.Cell }

// Merge merges. The notebooks are not changed.
func Merge(base, mine, theirs *notebook.Notebook) Result {
	r := Result{base: base, mine: mine, theirs: theirs}
	r.cells = join(base.Cells(), mine.Cells(), theirs.Cells())
	for _, t := range r.cells {
		switch took, kept, clash := t.compare(); {
		case clash:
			r.Conflicts = append(r.Conflicts, Conflict{t.key(), t.base, t.mine, t.theirs})
		default:
			r.Taken, r.Kept = r.Taken+took, r.Kept+kept
		}
	}
	return r
}

// key names the trio: mine is there in every later merge, as long as it is not deleted.
func (t trio) key() uint64 {
	if t.mine != nil {
		return t.mine.Key()
	}
	return t.theirs.Key()
}

// Edited tells whether mine differs from base in anything that a person does: texts,
// kinds, metadata, the list of cells. Outputs come from the kernel and do not count.
func Edited(base, mine *notebook.Notebook) bool {
	if base.Len() != mine.Len() {
		return true
	}
	for i := range base.Len() {
		a, b := base.Cell(i), mine.Cell(i)
		if a != b && (a.Key() != b.Key() && a.ID() != b.ID() || !sameByHand(a, b)) {
			return true
		}
	}
	a, _ := base.Meta()
	b, _ := mine.Meta()
	return !notebook.SameJSON(a, b)
}

// Apply puts the result into doc, which is mine or theirs: its cells keep their
// identity. It returns what theirs held, as the base of the next merge.
func (r Result) Apply(doc *notebook.Notebook, choices map[uint64]Choice) (base *notebook.Notebook) {
	var cells []*notebook.Cell
	was := r.theirs.Cells()
	for _, t := range r.cells {
		if doc == r.mine && t.mine != nil && t.theirs != nil {
			at := r.theirs.Index(t.theirs.Key())
			t.theirs = t.theirs.As(t.mine)
			was[at] = t.theirs
		}
		cells = append(cells, t.merge(choices)...)
	}
	meta := r.meta()
	base = r.theirs.Clone()
	base.Rebase(r.theirs, was)
	doc.Rebase(base, cells)
	for _, e := range meta {
		doc.SetMeta(e.value, e.path...)
	}
	return base
}

func (r Result) meta() []edit {
	b, _ := r.base.Meta()
	m, _ := r.mine.Meta()
	t, _ := r.theirs.Meta()
	return edits(b, m, t)
}

// join finds the trios and puts them in order.
func join(base, mine, theirs []*notebook.Cell) []trio {
	if slices.EqualFunc(mine, theirs, sameCell) {
		return alike(base, mine, theirs)
	}
	all := make([]trio, len(base), len(base)+len(mine)+len(theirs))
	for i, c := range base {
		all[i].base = c
	}
	inMine, inTheirs := whole(len(mine)), whole(len(theirs))
	for i, j := range match(base, mine) {
		if j >= 0 {
			all[i].mine, inMine[j] = mine[j], i
		}
	}
	for i, j := range match(base, theirs) {
		if j >= 0 {
			all[i].theirs, inTheirs[j] = theirs[j], i
		}
	}
	reunite(all, mine, theirs, inMine, inTheirs)
	fresh := matchNew(mine, theirs, inMine, inTheirs)
	for j := range mine {
		k, isNew := fresh[j]
		if !isNew {
			continue
		}
		inMine[j] = len(all)
		all = append(all, trio{mine: mine[j]})
		if k >= 0 {
			inTheirs[k], all[len(all)-1].theirs = inMine[j], theirs[k]
		}
	}
	for k, at := range inTheirs {
		if at < 0 {
			inTheirs[k] = len(all)
			all = append(all, trio{theirs: theirs[k]})
		}
	}
	order := arrange(inMine, inTheirs, len(base))
	out := make([]trio, len(order))
	for i, at := range order {
		out[i] = all[at]
	}
	return out
}

func sameCell(a, b *notebook.Cell) bool { return a.ID() == b.ID() && same(a, b) }

// alike gives the trios where both sides have the same cells, cell for cell.
func alike(base, mine, theirs []*notebook.Cell) []trio {
	out := make([]trio, len(mine))
	for i := range out {
		out[i] = trio{mine: mine[i], theirs: theirs[i]}
	}
	for i, j := range match(base, mine) {
		if j >= 0 {
			out[j].base = base[i]
		}
	}
	return out
}

// whole is n times "nowhere".
func whole(n int) []int { return slices.Repeat([]int{-1}, n) }

// arrange orders trios, given as the numbers that each side has in its order; those
// below known were in base. Theirs is the order, unless mine moved cells; what only
// the other side has follows the cell that it follows there.
func arrange(mine, theirs []int, known int) []int {
	first, second := theirs, mine
	if moved(mine, known) {
		first, second = mine, theirs
	}
	const start = -1
	next := map[int]int{} // a linked list of numbers
	last := start
	for _, n := range first {
		next[last], last = n, n
	}
	placed := make(map[int]bool, len(first))
	for _, n := range first {
		placed[n] = true
	}
	last = start
	for _, n := range second {
		if !placed[n] {
			if after, ok := next[last]; ok {
				next[n] = after
			}
			next[last] = n
		}
		last = n
	}
	var order []int
	for n, ok := next[start]; ok; n, ok = next[n] {
		order = append(order, n)
	}
	return order
}

// moved tells whether the cells of base are in another order.
func moved(side []int, known int) bool {
	last := -1
	for _, n := range side {
		if n >= known {
			continue
		}
		if n < last {
			return true
		}
		last = n
	}
	return false
}
