package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"nbterm/engine/merge"
	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
)

// Output is an output that differs; A or B is nil where it is not.
type Output struct {
	A, B  *notebook.Output
	Type  string  // the mime type compared; "stdout", "stderr", "error" of the others
	Lines []Line  // of texts
	Image *Pixels // of images
	Note  string  // where neither shows it: "text/html differs"
}

// outputs compares what two cells put out. A stream that came in pieces is one text.
func (o Options) outputs(a, b *notebook.Cell) []Output {
	if !a.HasOutputs() && !b.HasOutputs() {
		return nil
	}
	x, y := seenOf(a.Outputs()), seenOf(b.Outputs())
	var all []Output
	i, j := 0, 0
	for _, p := range append(o.pairs(x, y), [2]int{len(x), len(y)}) {
		for ; i < p[0]; i++ {
			all = append(all, alone(x[i], true))
		}
		for ; j < p[1]; j++ {
			all = append(all, alone(y[j], false))
		}
		if i < len(x) && j < len(y) {
			all = append(all, o.output(x[i], y[j])...)
			i, j = i+1, j+1
		}
	}
	return all
}

// mostPairs bounds the table of pairs; longer lists are paired by their order.
const mostPairs = 1 << 16

// pairs says which outputs are to be compared: those of one sort, best those that
// are the same.
func (o Options) pairs(x, y []*notebook.Output) [][2]int {
	if len(x)*len(y) > mostPairs {
		n := min(len(x), len(y))
		all := make([][2]int, n)
		for i := range all {
			all[i] = [2]int{i, i}
		}
		return all
	}
	return merge.Best(len(x), len(y), func(i, j int) int {
		switch {
		case sort(x[i]) != sort(y[j]):
			return 0
		case len(x) != len(y) && len(o.output(x[i], y[j])) == 0:
			return 3
		}
		return 2
	})
}

// sort is what two outputs must share to be compared. A result and a display are one:
// which it was says how the code was written.
func sort(o *notebook.Output) string {
	switch o.Kind() {
	case notebook.Stream:
		return o.StreamName()
	case notebook.Failure:
		return "error"
	}
	return "display"
}

// seenOf are the outputs that people see: scraps are told as metrics.
func seenOf(outputs []*notebook.Output) []*notebook.Output {
	all := joined(outputs)
	return slices.DeleteFunc(all, func(o *notebook.Output) bool {
		types := o.Bundle().Types()
		return len(types) == 1 && (strings.HasPrefix(types[0], "application/scrapbook.scrap.") || types[0] == "application/papermill.record+json")
	})
}

// joined puts streams of one name together that others do not part.
func joined(outputs []*notebook.Output) []*notebook.Output {
	all := make([]*notebook.Output, 0, len(outputs))
	for _, o := range outputs {
		n := len(all)
		if n > 0 && o.Kind() == notebook.Stream && all[n-1].Kind() == notebook.Stream && all[n-1].StreamName() == o.StreamName() {
			all[n-1] = all[n-1].AppendText(o.Text())
			continue
		}
		all = append(all, o)
	}
	return all
}

// alone is an output that only one side has.
func alone(o *notebook.Output, inA bool) Output {
	typ, text := face(o)
	out := Output{Type: typ, Lines: only(strings.TrimSuffix(text, "\n"), inA)}
	if text == "" {
		out.Note = "only " + strings.Join(o.Bundle().Types(), ", ")
	}
	if out.B = o; inA {
		out.A, out.B = o, nil
	}
	return out
}

// face is what to show of an output as text.
func face(o *notebook.Output) (typ, text string) {
	switch o.Kind() {
	case notebook.Stream:
		return o.StreamName(), o.Text()
	case notebook.Failure:
		name, value, _ := o.Error()
		return "error", name + ": " + value
	}
	b := o.Bundle()
	for _, t := range append([]string{"text/plain", "text/markdown", "text/latex", "text/html"}, b.Types()...) {
		raw, ok := b.Get(t)
		if !ok || isImage(t) {
			continue
		}
		if text, ok := textOf(t, raw); ok {
			return t, text
		}
	}
	if types := b.Types(); len(types) > 0 {
		return types[0], ""
	}
	return "display", ""
}

// textOf is a form as lines: JSON laid out, what is no text not.
func textOf(typ string, raw json.RawMessage) (string, bool) {
	if text, ok := mime.Text(raw); ok {
		return text, true
	}
	if !mime.IsJSON(typ) {
		return "", false
	}
	v, err := params.ParseJSON(raw)
	if err != nil {
		return "", false
	}
	var out bytes.Buffer
	if json.Indent(&out, params.JSON(v), "", "  ") != nil { // NaN is no JSON
		return string(params.JSON(v)), true
	}
	return out.String(), true
}

// output compares two outputs of a sort. It gives one difference for what is seen, or
// one that only names forms that nobody sees.
func (o Options) output(a, b *notebook.Output) []Output {
	if a == b {
		return nil
	}
	if k := a.Kind(); k == notebook.Stream || k == notebook.Failure {
		typ, x := face(a)
		_, y := face(b)
		return o.texts(Output{A: a, B: b, Type: typ}, x, y)
	}
	x, y := a.Bundle(), b.Bundle()
	var found []Output
	var hidden []string
	for _, t := range types(x, y) {
		r, ok1 := x.Get(t)
		s, ok2 := y.Get(t)
		if ok1 && ok2 && bytes.Equal(r, s) {
			continue
		}
		d, differs := o.form(t, r, s, x, y)
		switch {
		case !differs:
		case d.Image != nil, t == "text/plain", len(found) == 0 && d.Lines != nil && !has(x, y, "text/plain"):
			d.A, d.B = a, b
			found = append(found, d)
		default:
			hidden = append(hidden, t)
		}
	}
	if len(hidden) > 0 {
		note := strings.Join(hidden, ", ") + " differs"
		if len(found) == 0 {
			return []Output{{A: a, B: b, Type: hidden[0], Note: note}}
		}
		found[0].Note = note
	}
	return found
}

// form compares one mime type of two bundles.
func (o Options) form(t string, r, s json.RawMessage, x, y mime.Bundle) (Output, bool) {
	if isImage(t) {
		p := pixels(t, x, y)
		return Output{Type: t, Image: p}, p != nil
	}
	if r != nil && s != nil && mime.IsJSON(t) {
		v, err1 := params.ParseJSON(r)
		w, err2 := params.ParseJSON(s)
		if err1 == nil && err2 == nil && NearValues(v, w, o.Tolerance) {
			return Output{}, false
		}
	}
	v, ok1 := textOf(t, r)
	w, ok2 := textOf(t, s)
	if !ok1 && !ok2 {
		return Output{Type: t}, !bytes.Equal(r, s)
	}
	d := o.texts(Output{Type: t}, v, w)
	if len(d) == 0 {
		return Output{}, false
	}
	return d[0], true
}

func has(x, y mime.Bundle, t string) bool {
	_, ok1 := x.Get(t)
	_, ok2 := y.Get(t)
	return ok1 || ok2
}

// types are those of both bundles, images first: they are what is seen.
func types(x, y mime.Bundle) []string {
	all := x.Types()
	for _, t := range y.Types() {
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int {
		return strings.Compare(fmt.Sprint(!isImage(a)), fmt.Sprint(!isImage(b)))
	})
	return all
}

// texts compares two texts with the tolerance.
func (o Options) texts(d Output, a, b string) []Output {
	a, b = strings.TrimSuffix(a, "\n"), strings.TrimSuffix(b, "\n")
	if a == b {
		return nil
	}
	var alike func(x, y string) bool
	if o.Tolerance > 0 {
		alike = func(x, y string) bool { return Near(x, y, o.Tolerance) }
	}
	d.Lines = lines(a, b, alike)
	if !slices.ContainsFunc(d.Lines, func(l Line) bool { return !l.InA || !l.InB }) {
		return nil
	}
	return []Output{d}
}
