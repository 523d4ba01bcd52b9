package scrap

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"nbterm/engine/params"
)

// Row is one run of a Table.
type Row struct {
	Name string // what it is called: its path
	Run
	values map[string]params.Value
}

// Table puts runs beside each other: columns are the parameters, then the metrics, in
// the order in which they first appear.
type Table struct {
	Rows       []Row
	Parameters []string
	Metrics    []string
}

// NewTable makes a table of runs; names and runs go together. A metric that is called
// like a parameter is its own column.
func NewTable(names []string, runs []Run) *Table {
	t := &Table{}
	seen := map[string]bool{}
	column := func(list *[]string, space, name string) string {
		key := space + name
		if !seen[key] {
			seen[key] = true
			*list = append(*list, name)
		}
		return key
	}
	for i, r := range runs {
		row := Row{Name: names[i], Run: r, values: map[string]params.Value{}}
		for _, e := range r.Parameters.Entries() {
			row.values[column(&t.Parameters, parameter, params.Str(e.Key))] = e.Value
		}
		for _, s := range r.Scraps {
			if s.Encoder == Display {
				row.values[column(&t.Metrics, metric, s.Name)] = "shown in cell " + strconv.Itoa(s.Cell+1)
				continue
			}
			spread(s.Name, s.Value, func(name string, v params.Value) {
				row.values[column(&t.Metrics, metric, name)] = v
			})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// The two kinds of columns, before their names.
const (
	parameter = "p "
	metric    = "m "
)

// spread makes columns "name.key" of an object of plain values, one column of all else.
func spread(name string, v params.Value, put func(string, params.Value)) {
	o, ok := v.(*params.Object)
	if !ok || o.Len() == 0 || o.Len() > 32 {
		put(name, v)
		return
	}
	for _, e := range o.Entries() {
		switch e.Value.(type) {
		case *params.Object, []params.Value:
			put(name, v)
			return
		}
	}
	for _, e := range o.Entries() {
		put(name+"."+params.Str(e.Key), e.Value)
	}
}

// Parameter is the value of a parameter in row i.
func (t *Table) Parameter(i int, name string) (params.Value, bool) {
	v, ok := t.Rows[i].values[parameter+name]
	return v, ok
}

// Metric is the value of a metric in row i.
func (t *Table) Metric(i int, name string) (params.Value, bool) {
	v, ok := t.Rows[i].values[metric+name]
	return v, ok
}

// ErrColumn is a column that the table has not.
var ErrColumn = errors.New("there is no such column")

// Value finds a value by the name of its column: run, status, started, duration (in
// seconds), a metric, or a parameter.
func (t *Table) Value(i int, name string) (params.Value, bool) {
	r := &t.Rows[i]
	if v, ok := t.Metric(i, name); ok {
		return v, true
	}
	if v, ok := t.Parameter(i, name); ok {
		return v, true
	}
	switch name {
	case "run":
		return r.Name, true
	case "status":
		return r.Status, r.Status != ""
	case "started":
		return r.Started.Format(time.RFC3339), !r.Started.IsZero()
	case "duration":
		return r.Took.Seconds(), r.Took > 0
	}
	return nil, false
}

// Has tells whether a name is that of a column.
func (t *Table) Has(name string) bool {
	return slices.Contains([]string{"run", "status", "started", "duration"}, name) ||
		slices.Contains(t.Metrics, name) || slices.Contains(t.Parameters, name)
}

// Sort orders the rows by columns, the first counts most; "-" before a name is the
// greatest first. Rows without a value come last either way. The error is ErrColumn.
func (t *Table) Sort(by ...string) error {
	for _, name := range by {
		if !t.Has(strings.TrimPrefix(name, "-")) {
			return fmt.Errorf("sort by %s: %w", name, ErrColumn)
		}
	}
	for _, name := range slices.Backward(by) {
		bare, down := strings.CutPrefix(name, "-")
		t.sort(bare, down)
	}
	return nil
}

func (t *Table) sort(name string, down bool) {
	type keyed struct {
		row Row
		key params.Value
		has bool
	}
	all := make([]keyed, len(t.Rows))
	for i, row := range t.Rows {
		v, ok := t.Value(i, name)
		all[i] = keyed{row, v, ok && !isNaN(v)}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		switch {
		case !a.has || !b.has:
			return btoi(!a.has) - btoi(!b.has)
		case down:
			return compare(b.key, a.key)
		}
		return compare(a.key, b.key)
	})
	for i, k := range all {
		t.Rows[i] = k.row
	}
}

// Best keeps the row with the greatest value of a column, or with least set the one
// with the smallest. No row has a number there: none is left.
func (t *Table) Best(name string, least bool) error {
	sign := "-"
	if least {
		sign = ""
	}
	if err := t.Sort(sign + name); err != nil {
		return err
	}
	for i := range t.Rows {
		v, ok := t.Value(i, name)
		if _, number := Number(v); !ok || !number || isNaN(v) {
			continue
		}
		t.Rows = t.Rows[i : i+1]
		return nil
	}
	t.Rows = nil
	return nil
}

// Number is a value as a number; a bool or a text is none.
func Number(v params.Value) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(n).Float64()
		return f, true
	}
	return 0, false
}

func isNaN(v params.Value) bool {
	f, ok := v.(float64)
	return ok && f != f
}

// compare orders numbers before all else, and that by its text.
func compare(a, b params.Value) int {
	x, ok1 := Number(a)
	y, ok2 := Number(b)
	switch {
	case ok1 && ok2 && x < y:
		return -1
	case ok1 && ok2 && x > y:
		return 1
	case ok1 && ok2:
		return 0
	case ok1 != ok2:
		return btoi(ok2) - btoi(ok1)
	}
	return strings.Compare(Show(a), Show(b))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Show is a value on one line, as a table has it: text as it is, the rest as JSON.
func Show(v params.Value) string {
	switch s := v.(type) {
	case nil:
		return "null"
	case string:
		return s
	case *Frame:
		return s.String()
	}
	return string(params.JSONInOrder(v))
}

// Brief is Show with no more than six digits of a number that has a point, for people.
func Brief(v params.Value) string {
	if f, ok := v.(float64); ok && f-f == 0 {
		if s := strconv.FormatFloat(f, 'g', 6, 64); len(s) < len(Show(v)) {
			return s
		}
	}
	return Show(v)
}

// AsJSON is a value as JSON that every reader takes: NaN and infinities as text, a
// frame as its shape.
func AsJSON(v params.Value) []byte {
	switch s := v.(type) {
	case *Frame:
		o := params.NewObject(params.Entry{Key: "rows", Value: s.Rows}, params.Entry{Key: "columns", Value: texts(s.Columns)})
		if s.Err != nil {
			o = params.NewObject(params.Entry{Key: "error", Value: s.Err.Error()})
		}
		return params.JSONInOrder(o)
	}
	return params.StrictJSON(v)
}

func texts(list []string) []params.Value {
	all := make([]params.Value, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}
