package diff

import (
	"encoding/json"
	"slices"
	"time"

	"nbterm/engine/merge"
	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/scrap"
)

// runs compares what the records say. Values that are the same are listed too, so that
// metrics stand side by side.
func (o Options) runs(r *Report, a, b scrap.Run) {
	r.Parameters = o.values(entries(a.Parameters), entries(b.Parameters))
	r.Metrics = o.values(metrics(a.Scraps), metrics(b.Scraps))
	if a.Recorded || b.Recorded {
		r.Status = Value{Name: "status", A: a.Status, B: b.Status, InA: a.Status != "", InB: b.Status != "", Differs: a.Status != b.Status}
	}
	r.Took = Times{a.Took, b.Took}
}

func entries(o *params.Object) []Value {
	var all []Value
	for _, e := range o.Entries() {
		all = append(all, Value{Name: params.Str(e.Key), A: e.Value})
	}
	return all
}

func metrics(scraps []scrap.Scrap) []Value {
	var all []Value
	for _, s := range scraps {
		if s.Encoder != scrap.Display {
			all = append(all, Value{Name: s.Name, A: s.Value})
		}
	}
	return all
}

// values puts two lists of names with values, which stand in A, beside each other.
func (o Options) values(a, b []Value) []Value {
	var all []Value
	for _, v := range a {
		v.InA = true
		if i := slices.IndexFunc(b, func(w Value) bool { return w.Name == v.Name }); i >= 0 {
			v.B, v.InB = b[i].A, true
		}
		v.Differs = !v.InB || !o.near(v.A, v.B)
		all = append(all, v)
	}
	for _, w := range b {
		if !slices.ContainsFunc(a, func(v Value) bool { return v.Name == w.Name }) {
			all = append(all, Value{Name: w.Name, B: w.A, InB: true, Differs: true})
		}
	}
	return all
}

func (o Options) near(a, b params.Value) bool {
	x, ok1 := a.(*scrap.Frame)
	y, ok2 := b.(*scrap.Frame)
	if ok1 && ok2 {
		return o.nearFrames(x, y)
	}
	return NearValues(a, b, o.Tolerance)
}

// mostRows are the rows of a data frame that are looked at.
const mostRows = 100_000

func (o Options) nearFrames(x, y *scrap.Frame) bool {
	if x.Rows != y.Rows || !slices.Equal(x.Columns, y.Columns) {
		return false
	}
	a, err1 := x.Head(mostRows)
	b, err2 := y.Head(mostRows)
	if err1 != nil || err2 != nil {
		return err1 != nil && err2 != nil
	}
	for i := range a {
		if !slices.EqualFunc(a[i], b[i], func(v, w string) bool { return Near(v, w, o.Tolerance) }) {
			return false
		}
	}
	return true
}

// against puts the medians of other runs in the place of a's durations.
func (o Options) against(r *Report) {
	r.Runs = len(o.Against)
	if r.Runs == 0 {
		return
	}
	var inB []*notebook.Cell
	for i := range r.Cells {
		if c := r.Cells[i].CellB; c != nil {
			inB = append(inB, c)
		}
	}
	cells, whole := map[*notebook.Cell][]time.Duration{}, []time.Duration{}
	for _, doc := range o.Against {
		if d := scrap.Of(doc).Took; d > 0 {
			whole = append(whole, d)
		}
		others := doc.Cells()
		for _, p := range merge.Align(others, inB) {
			if p.A < 0 || p.B < 0 {
				continue
			}
			if d := scrap.Took(others[p.A]); d > 0 {
				cells[inB[p.B]] = append(cells[inB[p.B]], d)
			}
		}
	}
	r.Took.A = median(whole)
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.CellB != nil {
			c.Took = Times{median(cells[c.CellB]), scrap.Took(c.CellB)}
		}
	}
}

// median is the middle one, of an even number the mean of the two in the middle.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// What varies from run to run, or is told elsewhere, and so is no difference of
// metadata: of notebooks, and of cells.
var (
	notebookNoise = []string{"papermill", "nbterm", "widgets", "signature", "toc", "language_info"}
	cellNoise     = []string{"papermill", "nbterm", "execution", "ExecuteTime", "scrolled", "collapsed"}
)

func metaOf(a, b *notebook.Notebook) []Value {
	x, _ := a.Meta()
	y, _ := b.Meta()
	return metaValues(x, y, notebookNoise)
}

func cellMeta(a, b *notebook.Cell) []Value {
	x, _ := a.Meta()
	y, _ := b.Meta()
	all := metaValues(x, y, cellNoise)
	if a.Kind() != b.Kind() {
		all = append([]Value{{Name: "cell type", A: string(a.Kind()), B: string(b.Kind()), InA: true, InB: true, Differs: true}}, all...)
	}
	if !notebook.SameJSON(a.Attachments(), b.Attachments()) {
		all = append(all, Value{Name: "attachments", A: a.Attachments() != nil, B: b.Attachments() != nil, InA: true, InB: true, Differs: true})
	}
	return all
}

// metaValues lists the members of two objects that differ.
func metaValues(a, b json.RawMessage, noise []string) []Value {
	if notebook.SameJSON(a, b) {
		return nil
	}
	read := func(raw json.RawMessage) (all []Value) {
		rawjson.Members(raw, func(key string, value []byte) {
			if v, err := params.ParseJSON(value); err == nil && !slices.Contains(noise, key) {
				all = append(all, Value{Name: key, A: v})
			}
		})
		return all
	}
	return slices.DeleteFunc(Options{}.values(read(a), read(b)), func(v Value) bool { return !v.Differs })
}
