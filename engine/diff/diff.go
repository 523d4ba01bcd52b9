// Package diff compares two notebooks, or two runs of one, cell by cell: sources,
// outputs, metadata that people set, parameters, metrics and durations. It is pure;
// which cell is which is merge's to say (merge.Align).
//
//	two notebooks ──merge.Align──▶ places ──▶ Cell: lines, outputs, metadata, durations
//	              ──scrap.Of─────▶ runs   ──▶ Value: parameters, metrics, status, duration
//
// What differs in every run and says nothing is left out: execution counts, ids, the
// times in metadata, the metadata of outputs.
package diff

import (
	"time"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/scrap"
)

// Options say what counts as a difference.
type Options struct {
	// Tolerance is how far two numbers may be apart: by so much, or by so much of the
	// greater of them. 0 is exact.
	Tolerance  float64
	SourceOnly bool // texts, kinds and places of cells; nothing that a kernel made
	// Against are runs whose median durations those of b are compared with, in place
	// of a's.
	Against []*notebook.Notebook
}

// Report is what differs.
type Report struct {
	Cells      []Cell  // all of them, in the order of b
	Meta       []Value // of the notebook: kernel, language and what is not known to vary
	Parameters []Value
	Metrics    []Value
	Status     Value // of the run; its name is empty where neither has one
	Took       Times // of the run
	Runs       int   // how many Against there are: durations are those of their median
}

// Kind says what happened to a cell.
type Kind string

// The kinds.
const (
	Same    Kind = "same"
	Changed Kind = "changed"
	Added   Kind = "added"
	Removed Kind = "removed"
)

// Cell is a cell of either notebook or both.
type Cell struct {
	Kind    Kind
	Moved   bool // in both, but between other neighbours; its Kind may be Same
	A, B    int  // positions from 0, -1 where it is not
	CellA   *notebook.Cell
	CellB   *notebook.Cell
	Source  []Line   // nil when it is the same
	Outputs []Output // those that differ
	Meta    []Value
	Took    Times
}

// Differs tells whether there is anything to show of the cell. A duration alone is none.
func (c *Cell) Differs() bool { return c.Kind != Same || c.Moved }

// Cell is the one to show: b's where there is one.
func (c *Cell) Cell() *notebook.Cell {
	if c.CellB != nil {
		return c.CellB
	}
	return c.CellA
}

// Value is something that has a name and is different, or only on one side. A and B are
// params.Values; of Pandas scraps *scrap.Frame.
type Value struct {
	Name     string
	A, B     params.Value
	InA, InB bool
	Differs  bool
}

// Times are two durations; 0 is not known.
type Times struct{ A, B time.Duration }

// Durations closer than these are told as the same: machines are no clocks.
const (
	leastRatio = 1.5
	leastGap   = 100 * time.Millisecond
)

// Ratio is how many times longer b took, or 0 where that is not worth telling.
func (t Times) Ratio() float64 {
	gap := t.B - t.A
	if t.A <= 0 || t.B <= 0 || gap < leastGap && gap > -leastGap {
		return 0
	}
	r := float64(t.B) / float64(t.A)
	if r < leastRatio && r > 1/leastRatio {
		return 0
	}
	return r
}

// Differs tells whether anything does but durations.
func (r *Report) Differs() bool {
	for i := range r.Cells {
		if r.Cells[i].Differs() {
			return true
		}
	}
	for _, list := range [][]Value{r.Meta, r.Parameters, r.Metrics, {r.Status}} {
		for _, v := range list {
			if v.Differs {
				return true
			}
		}
	}
	return false
}

// Compare compares two notebooks.
func Compare(a, b *notebook.Notebook, o Options) *Report {
	r := &Report{}
	x, y := a.Cells(), b.Cells()
	for _, p := range merge.Align(x, y) {
		c := Cell{A: p.A, B: p.B, Moved: p.Moved, Kind: Same}
		if p.A >= 0 {
			c.CellA = x[p.A]
		}
		if p.B >= 0 {
			c.CellB = y[p.B]
		}
		o.cell(&c)
		r.Cells = append(r.Cells, c)
	}
	if o.SourceOnly {
		return r
	}
	r.Meta = metaOf(a, b)
	o.runs(r, scrap.Of(a), scrap.Of(b))
	o.against(r)
	return r
}

// cell compares what is in c.
func (o Options) cell(c *Cell) {
	a, b := c.CellA, c.CellB
	switch {
	case a == nil:
		c.Kind = Added
		return
	case b == nil:
		c.Kind = Removed
		return
	}
	if a.Source() != b.Source() || a.Kind() != b.Kind() {
		c.Source = Lines(a.Source(), b.Source())
	}
	if !o.SourceOnly {
		c.Outputs = o.outputs(a, b)
		c.Meta = cellMeta(a, b)
		c.Took = Times{scrap.Took(a), scrap.Took(b)}
	}
	if c.Source != nil || len(c.Outputs) > 0 || len(c.Meta) > 0 {
		c.Kind = Changed
	}
}
