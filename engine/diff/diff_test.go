package diff_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"nbterm/engine/diff"
	"nbterm/engine/notebook"
)

// cell is a code cell with an id, a source, and outputs as JSON.
type cell struct {
	id, source, meta string
	outputs          []string
}

func book(t testing.TB, meta string, cells ...cell) *notebook.Notebook {
	t.Helper()
	var all []string
	for _, c := range cells {
		if c.meta == "" {
			c.meta = "{}"
		}
		all = append(all, fmt.Sprintf(`{"cell_type":"code","id":%q,"metadata":%s,"execution_count":1,"source":%q,"outputs":[%s]}`,
			c.id, c.meta, c.source, strings.Join(c.outputs, ",")))
	}
	doc, err := notebook.Parse([]byte(`{"cells":[` + strings.Join(all, ",") + `],"metadata":` + meta + `,"nbformat":4,"nbformat_minor":5}`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func stream(text string) string {
	return fmt.Sprintf(`{"output_type":"stream","name":"stdout","text":%q}`, text)
}

func shown(typ, json string) string {
	return fmt.Sprintf(`{"output_type":"display_data","data":{%q:%s},"metadata":{}}`, typ, json)
}

// picture is a PNG of w by h whose first pixels differ.
func picture(t testing.TB, w, h, marked int) string {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range marked {
		img.Set(i%w, i/w, color.White)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return shown("image/png", `"`+base64.StdEncoding.EncodeToString(out.Bytes())+`"`)
}

// tell is a report as short text, one line a difference.
func tell(r *diff.Report) string {
	var all []string
	for _, c := range r.Cells {
		if !c.Differs() {
			continue
		}
		all = append(all, fmt.Sprintf("%s %d %d %t", c.Kind, c.A, c.B, c.Moved))
		for _, l := range c.Source {
			all = append(all, mark(l))
		}
		for _, o := range c.Outputs {
			s := "> " + o.Type
			if o.Image != nil {
				s += " " + o.Image.String()
			}
			for _, l := range o.Lines {
				s += " " + mark(l)
			}
			if o.Note != "" {
				s += " (" + o.Note + ")"
			}
			all = append(all, s)
		}
		for _, v := range c.Meta {
			all = append(all, fmt.Sprintf("meta %s %v %v", v.Name, v.A, v.B))
		}
	}
	return strings.Join(all, "\n")
}

func mark(l diff.Line) string {
	return map[[2]bool]string{{true, true}: "=", {true, false}: "-", {false, true}: "+"}[[2]bool{l.InA, l.InB}] + l.Text
}

func TestCompareTellsWhatHappenedToCells(t *testing.T) {
	t.Parallel()
	a := book(t, `{}`, cell{id: "1", source: "a = 1"}, cell{id: "2", source: "b\nc"}, cell{id: "3", source: "gone"}, cell{id: "4", source: "end"})
	b := book(t, `{}`, cell{id: "4", source: "end"}, cell{id: "1", source: "a = 1"}, cell{id: "2", source: "b\nd"}, cell{id: "5", source: "new"})
	want := "same 3 0 true\nchanged 1 2 false\n=b\n-c\n+d\nremoved 2 -1 false\nadded -1 3 false"
	if got := tell(diff.Compare(a, b, diff.Options{})); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	if r := diff.Compare(a, a.Clone(), diff.Options{}); r.Differs() {
		t.Errorf("a notebook differs from itself: %s", tell(r))
	}
}

func TestOutputsAreComparedByWhatTheyAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b      []string
		tolerance float64
		want      string
	}{
		"pieces of a stream":   {[]string{stream("a\n"), stream("b\n")}, []string{stream("a\nb\n")}, 0, ""},
		"text":                 {[]string{stream("a\nb\n")}, []string{stream("a\nc\n")}, 0, "> stdout =a -b +c"},
		"numbers apart":        {[]string{stream("loss 0.10")}, []string{stream("loss 0.11")}, 1e-3, "> stdout -loss 0.10 +loss 0.11"},
		"numbers close":        {[]string{stream("loss 0.1000001")}, []string{stream("loss 0.1000002")}, 1e-6, ""},
		"one line close":       {[]string{stream("loss 1.0000001\nx")}, []string{stream("loss 1.0000002\ny")}, 1e-6, "> stdout =loss 1.0000002 -x +y"},
		"a result, a display":  {[]string{shown("text/plain", `"1"`)}, []string{`{"output_type":"execute_result","execution_count":3,"data":{"text/plain":["1"]},"metadata":{}}`}, 0, ""},
		"order of keys":        {[]string{shown("application/json", `{"a":1,"b":2}`)}, []string{shown("application/json", `{"b":2.0,"a":1}`)}, 0, ""},
		"json":                 {[]string{shown("application/json", `{"a":1}`)}, []string{shown("application/json", `{"a":2}`)}, 0, "> application/json ={ -  \"a\": 1 +  \"a\": 2 =}"},
		"image, same shape":    {[]string{picture(t, 10, 10, 0)}, []string{picture(t, 10, 10, 5)}, 0, "> image/png 10 × 10, 5 % of the pixels differ"},
		"image, other shape":   {[]string{picture(t, 10, 10, 0)}, []string{picture(t, 20, 10, 0)}, 0, "> image/png 10 × 10 became 20 × 10"},
		"one more":             {[]string{stream("a")}, []string{stream("a"), shown("text/plain", `"x"`)}, 0, "> text/plain +x"},
		"one less":             {[]string{shown("text/plain", `"x"`), shown("text/plain", `"y"`)}, []string{shown("text/plain", `"y"`)}, 0, "> text/plain -x"},
		"exception":            {nil, []string{`{"output_type":"error","ename":"E","evalue":"v","traceback":["\u001b[31mx"]}`}, 0, "> error +E: v"},
		"html behind the same": {[]string{`{"output_type":"display_data","data":{"text/plain":"x","text/html":"<b>1</b>"},"metadata":{}}`}, []string{`{"output_type":"display_data","data":{"text/plain":"x","text/html":"<b>2</b>"},"metadata":{}}`}, 0, "> text/html (text/html differs)"},
	} {
		a, b := book(t, `{}`, cell{id: "1", outputs: c.a}), book(t, `{}`, cell{id: "1", outputs: c.b})
		got := strings.TrimPrefix(strings.TrimPrefix(tell(diff.Compare(a, b, diff.Options{Tolerance: c.tolerance})), "changed 0 0 false"), "\n")
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if r := diff.Compare(a, b, diff.Options{SourceOnly: true}); r.Differs() {
			t.Errorf("%s: the source differs", name)
		}
	}
}

// A picture drawn with another encoder is the same picture.
func TestPixelsCountAndNotBytes(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	encode := func(level png.CompressionLevel) string {
		var out bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: level}).Encode(&out, img); err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(out.Bytes())
	}
	x, y := encode(png.NoCompression), encode(png.BestCompression)
	if x == y {
		t.Fatal("both levels write the same bytes")
	}
	a, b := book(t, `{}`, cell{id: "1", outputs: []string{shown("image/png", `"`+x+`"`)}}), book(t, `{}`, cell{id: "1", outputs: []string{shown("image/png", `"`+y+`"`)}})
	if r := diff.Compare(a, b, diff.Options{}); r.Differs() {
		t.Errorf("they differ: %s", tell(r))
	}
}

func TestRunsAreComparedByTheirRecords(t *testing.T) {
	t.Parallel()
	run := func(region string, auc, took float64) *notebook.Notebook {
		scrap := fmt.Sprintf(`{"output_type":"display_data","data":{"application/scrapbook.scrap.json+json":{"name":"auc","data":%v,"encoder":"json","version":1}},"metadata":{}}`, auc)
		return book(t, fmt.Sprintf(`{"papermill":{"parameters":{"region":%q,"n":1},"duration":%v,"exception":null},"kernelspec":{"name":"python3"}}`, region, took),
			cell{id: "1", source: "x", meta: fmt.Sprintf(`{"papermill":{"duration":%v,"start_time":"%v"}}`, took, took), outputs: []string{scrap}})
	}
	a, b := run("eu", 0.8, 1), run("us", 0.9, 4)
	r := diff.Compare(a, b, diff.Options{})
	if p := r.Parameters; len(p) != 2 || !p[0].Differs || p[1].Differs {
		t.Errorf("parameters %v", p)
	}
	if m := r.Metrics; len(m) != 1 || m[0].A != 0.8 || m[0].B != 0.9 {
		t.Errorf("metrics %v", m)
	}
	if r.Took.Ratio() != 4 || r.Cells[0].Took.Ratio() != 4 {
		t.Errorf("took %v %v", r.Took, r.Cells[0].Took)
	}
	r = diff.Compare(a, b, diff.Options{Against: []*notebook.Notebook{run("eu", 0.8, 2), run("eu", 0.8, 1.9), run("eu", 0.8, 100)}})
	if r.Runs != 3 || r.Cells[0].Took.A != 2*time.Second || r.Took.Ratio() != 2 {
		t.Errorf("against three %v %v", r.Cells[0].Took, r.Took)
	}
	if r := diff.Compare(a, run("eu", 0.8, 50), diff.Options{}); r.Differs() {
		t.Errorf("runs that differ by their times alone differ: %s", tell(r))
	}
}

func TestMarksAreWhatChangedInALine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"lr = 0.10", "lr = 0.25", "lr = [0.10]|lr = [0.25]"},
		{"f(a, b)", "f(a, b, c)", "f(a, b)|f(a, b[, c])"},
		{"alpha beta", "one two", "alpha beta|one two"},
		{"été = 1", "été = 2", "été = [1]|été = [2]"},
	} {
		var got []string
		for _, l := range diff.Lines(c.a, c.b) {
			s, at := "", 0
			for _, m := range l.Marks {
				s += l.Text[at:m[0]] + "[" + l.Text[m[0]:m[1]] + "]"
				at = m[1]
			}
			got = append(got, s+l.Text[at:])
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q and %q: %s, want %s", c.a, c.b, s, c.want)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a\nb", "a\nc")
	f.Add("", "x = 1\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		var x, y []string
		for _, l := range diff.Lines(a, b) {
			if l.InA {
				x = append(x, l.Text)
			}
			if l.InB {
				y = append(y, l.Text)
			}
			at := 0
			for _, m := range l.Marks {
				if m[0] < at || m[1] <= m[0] || m[1] > len(l.Text) {
					t.Fatalf("marks %v in %q", l.Marks, l.Text)
				}
				at = m[1]
			}
		}
		if strings.Join(x, "\n") != a || strings.Join(y, "\n") != b {
			t.Fatalf("%q and %q became %q and %q", a, b, x, y)
		}
	})
}

func FuzzNear(f *testing.F) {
	f.Add("loss 0.1", "loss 0.2", 0.5)
	f.Add("1e400", "-1e400", 1.0)
	f.Fuzz(func(t *testing.T, a, b string, tolerance float64) {
		if diff.Near(a, b, tolerance) != diff.Near(b, a, tolerance) {
			t.Fatalf("%q and %q are near one way only", a, b)
		}
		if !diff.Near(a, a, tolerance) {
			t.Fatalf("%q is not near itself", a)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add(`{"output_type":"stream","name":"stdout","text":"a"}`, `{"output_type":"display_data","data":{"image/png":"x"}}`)
	f.Add(`{"output_type":"display_data","data":{"application/json":[NaN]}}`, `{"output_type":"error"}`)
	f.Fuzz(func(t *testing.T, x, y string) {
		parse := func(out string) *notebook.Notebook {
			doc, err := notebook.Parse([]byte(`{"cells":[{"cell_type":"code","metadata":` + "{}" + `,"source":"","outputs":[` + out + `]}],"metadata":{},"nbformat":4,"nbformat_minor":4}`))
			if err != nil {
				t.Skip()
			}
			return doc
		}
		diff.Compare(parse(x), parse(y), diff.Options{Tolerance: 0.1})
		if r := diff.Compare(parse(x), parse(x), diff.Options{}); r.Differs() {
			t.Fatalf("%s differs from itself: %s", x, tell(r))
		}
	})
}

func BenchmarkCompare5000(b *testing.B) {
	var x, y []cell
	for i := range 5000 {
		c := cell{id: fmt.Sprint(i), source: fmt.Sprintf("x = %d\ny = f(x)\nprint(y)", i), outputs: []string{stream(fmt.Sprintf("%d\n", i))}}
		x = append(x, c)
		if i%10 == 0 {
			c.source += "\n# more"
			c.outputs = []string{stream(fmt.Sprintf("%d\n", i+1))}
		}
		c.id += "b"
		y = append(y, c)
	}
	p, q := book(b, `{}`, x...).Bytes(), book(b, `{}`, y...).Bytes()
	for b.Loop() {
		m, _ := notebook.Parse(p)
		n, _ := notebook.Parse(q)
		if r := diff.Compare(m, n, diff.Options{}); len(r.Cells) != 5000 {
			b.Fatalf("%d cells", len(r.Cells))
		}
	}
}
