package sweep

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/scrap"
)

func TestAnAxisHasTheValuesThatAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"lr=0.1,0.01": "[0.1, 0.01]", "seed=1..5": "[1, 2, 3, 4, 5]", "n=3..1": "[3, 2, 1]", "n=-1..1": "[-1, 0, 1]", "n=0..10..5": "[0, 5, 10]", "n=10..0..-5": "[10, 5, 0]",
		"x=0..1..0.25": "[0.0, 0.25, 0.5, 0.75, 1.0]", "x=0.1..0.3..0.1": "[0.1, 0.2, 0.3]", "n=0..5..2": "[0, 2, 4]", "a=1, b ,True,None": "[1, 'b', True, None]",
		`s="1","a,b",it's`: `['1', 'a,b', "it's"]`, "l=[1, [2, yes]],{a: 'b,]'}": "[[1, [2, True]], {'a': 'b,]'}]", `e=""`: "['']", "n=1,3..5": "[1, 3, 4, 5]", "day=2020-01-01": "['2020-01-01']",
		"eq=a=b": "['a=b']", "v=1..x": "['1..x']", " name =1": "[1]",
	} {
		a, err := ParseAxis(text)
		if got := params.Repr(a.Values); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "lr", "=1", "lr=", "lr=1,", "lr=[1", `lr="x`, "n=1..5..-1", "n=1..5..0", "n=1..200000", "n={a: [}"} {
		if a, err := ParseAxis(text); err == nil || !errors.Is(err, ErrSyntax) && !errors.Is(err, params.ErrSyntax) {
			t.Errorf("%s is %s, %v; want ErrSyntax", text, params.Repr(a.Values), err)
		}
	}
}

func axes(t *testing.T, texts ...string) []Axis {
	t.Helper()
	var out []Axis
	for _, text := range texts {
		a, err := ParseAxis(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func TestAPlanHasEveryCombination(t *testing.T) {
	t.Parallel()
	rows, err := ReadRows("x.csv", []byte("a,b\n1,x\n2,\n"))
	if err != nil {
		t.Fatal(err)
	}
	sets, err := Plan(rows, axes(t, "lr=0.1,0.2", "seed=1..2"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range sets {
		got = append(got, params.Repr(s.Object()))
	}
	want := "{'a': 1, 'b': 'x', 'lr': 0.1, 'seed': 1} {'a': 1, 'b': 'x', 'lr': 0.1, 'seed': 2} {'a': 1, 'b': 'x', 'lr': 0.2, 'seed': 1} {'a': 1, 'b': 'x', 'lr': 0.2, 'seed': 2} " +
		"{'a': 2, 'lr': 0.1, 'seed': 1} {'a': 2, 'lr': 0.1, 'seed': 2} {'a': 2, 'lr': 0.2, 'seed': 1} {'a': 2, 'lr': 0.2, 'seed': 2}"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	for _, bad := range [][]Axis{axes(t, "a=1", "a=2"), axes(t, "a=1..1000", "b=1..1000")} {
		if _, err := Plan(nil, bad); !errors.Is(err, ErrSyntax) {
			t.Errorf("%d axes: %v", len(bad), err)
		}
	}
}

func TestRowsAreReadByTheNameOfTheFile(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"r.csv": "\ufeffn, s\n1,a\n2, \"b, c\"\n", "R.TSV": "n\ts\n1\ta\n2\tb, c\n", "r.jsonl": "{\"n\": 1, \"s\": \"a\"}\n\n{\"n\": 2, \"s\": \"b, c\"}\n",
		"r.json": `[{"n": 1, "s": "a"}, {"n": 2, "s": "b, c"}]`, "r.yaml": "- {n: 1, s: a}\n- n: 2\n  s: b, c\n",
	} {
		rows, err := ReadRows(name, []byte(data))
		if err != nil || len(rows) != 2 || params.Repr(rows[1].Object()) != "{'n': 2, 's': 'b, c'}" {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
	for name, data := range map[string]string{
		"r.csv": "", "r2.csv": "a,a\n1,2\n", "r3.csv": "a,b\n1\n", "r.jsonl": "{", "r2.jsonl": "1", "r.json": "{}", "r2.json": "[1]", "r.txt": "a\n1", "r.yaml": "[",
	} {
		if _, err := ReadRows(name, []byte(data)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEachRecordHasAPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	s := &params.Set{}
	s.Put("lr", 0.1)
	b := params.Builtins{RunUUID: "u", Now: time.Date(2026, 3, 5, 7, 8, 9, 0, time.UTC)}
	for _, c := range []struct{ out, in, want string }{
		{"out", "a/report.ipynb", "out/report-007.ipynb"}, {"out/", "s3://b/report.v2.ipynb", "out/report.v2-007.ipynb"}, {"o", "-", "o/--007.ipynb"},
		{"o/{lr}-{index:04}.ipynb", "x.py", "o/0.1-0007.ipynb"}, {"o/{pm[run_uuid]}.ipynb", "x.py", "o/u.ipynb"},
	} {
		if got, err := Output(c.out, c.in, 6, 100, s, b); err != nil || got != c.want {
			t.Errorf("%s, %s: %q, %v; want %q", c.out, c.in, got, err, c.want)
		}
	}
	if _, err := Output("{nope}", "x", 0, 1, s, b); !errors.Is(err, params.ErrMissing) {
		t.Errorf("a name that is no parameter: %v", err)
	}
	if i, j, ok := Twice([]string{"a", "b", "a"}); !ok || i != 0 || j != 2 {
		t.Errorf("%d, %d, %v", i, j, ok)
	}
}

func TestOnlyTheSameRunIsFinished(t *testing.T) {
	t.Parallel()
	doc := func(status, given string) *notebook.Notebook {
		d := notebook.New("python3", "Python", "python")
		d.SetMeta([]byte(`{"record": 1, "run": "x", "status": "`+status+`", "source": {"sha256": "abc"}, "parameters": `+given+`}`), "nbterm")
		return d
	}
	s := &params.Set{}
	s.Put("b", 1.0)
	s.Put("a", int64(1))
	for _, c := range []struct {
		doc    *notebook.Notebook
		source string
		want   bool
	}{
		{doc("completed", `{"a": 1, "b": 1.0}`), "abc", true},
		{doc("completed", `{"a": 1, "b": 1.0}`), "abd", false},
		{doc("completed", `{"a": 1, "b": 1}`), "abc", false},
		{doc("failed", `{"a": 1, "b": 1.0}`), "abc", false},
		{notebook.New("", "", ""), "abc", false},
	} {
		if got := Finished(c.doc, c.source, s); got != c.want {
			meta, _ := c.doc.Meta("nbterm")
			t.Errorf("%s with %s: %v", meta, c.source, got)
		}
	}
}

func TestTheSummaryHasParametersAndMetricsOfAllRuns(t *testing.T) {
	t.Parallel()
	set := func(lr float64) *params.Set {
		s := &params.Set{}
		s.Put("lr", lr)
		s.Put("tags", []params.Value{"a"})
		return s
	}
	sum := Summarize("r.ipynb", []Result{
		{Set: set(0.1), Output: "o/1.ipynb", Status: "completed", Took: 1500 * time.Millisecond, Scraps: []scrap.Scrap{{Name: "loss", Encoder: scrap.JSON, Value: 0.5}}},
		{Set: set(0.2), Output: "o/2.ipynb", Status: "failed", Why: "cell 2: <E>"},
	})
	want := "run,status,duration,lr,tags,loss,output,why\n1,completed,1.5,0.1,\"[\"\"a\"\"]\",0.5,o/1.ipynb,\n2,failed,,0.2,\"[\"\"a\"\"]\",,o/2.ipynb,cell 2: <E>\n"
	if got := string(sum.CSV()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	data, err := sum.Notebook("r-sweep.csv")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if !IsSummary(doc) || IsSummary(notebook.New("", "", "")) {
		t.Error("a summary is not told from another notebook")
	}
	if got, want := doc.Cell(0).Source(), "# Sweep of r.ipynb\n\n2 runs: 1 completed, 1 failed."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	raw, ok := rawjson.Get(data, "cells")
	if text := string(raw); !ok || !strings.Contains(text, "&lt;E&gt;") || !strings.Contains(text, `"name": "lr"`) || !strings.Contains(text, `"type": "number"`) {
		t.Errorf("cells: %s", text)
	}
}

func FuzzAxis(f *testing.F) {
	for _, s := range []string{"a=1..5", "a=0..1..0.1", `a="x,y",[1,{b: 2}],c`, "a=1..99999999999999999999", "a='"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAxis(text)
		if err == nil && (a.Name == "" || len(a.Values) == 0 || len(a.Values) > MaxRuns) {
			t.Fatalf("%q gives %q with %d values", text, a.Name, len(a.Values))
		}
	})
}
