package check_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"nbterm/engine/check"
	"nbterm/engine/notebook"
)

// book is a notebook of one code cell that ran, or with count 0 did not.
func book(t testing.TB, source, tags string, count int, outputs ...string) *notebook.Notebook {
	t.Helper()
	number := "null"
	if count > 0 {
		number = fmt.Sprint(count)
	}
	doc, err := notebook.Parse([]byte(fmt.Sprintf(`{"cells":[{"cell_type":"code","id":"a","metadata":{"tags":[%s]},"execution_count":%s,"source":%q,"outputs":[%s]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
		tags, number, source, strings.Join(outputs, ","))))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func stream(text string) string {
	return fmt.Sprintf(`{"output_type":"stream","name":"stdout","text":%q}`, text)
}

const raised = `{"output_type":"error","ename":"ValueError","evalue":"bad\nmore","traceback":["\u001b[31mTrace\u001b[0m"]}`

func TestCellsAreJudgedAsTheyAsk(t *testing.T) {
	t.Parallel()
	rules, err := check.Rules(strings.NewReader("[time]\nregex: (\\d\\d):\\d\\d\nreplace: \\1:MM\n"))
	if err != nil {
		t.Fatal(err)
	}
	one := func(s string) []string { return []string{s} }
	for name, c := range map[string]struct {
		source, tags string
		a, b         []string
		o            check.Options
		want         string
	}{
		"the same":                  {"x", "", one(stream("a\n")), []string{stream("a"), stream("\n")}, check.Options{}, "passed "},
		"another":                   {"x", "", one(stream("a\n")), one(stream("b\n")), check.Options{}, "failed stdout differs"},
		"one more":                  {"x", "", nil, one(stream("b\n")), check.Options{}, "failed stdout is new"},
		"one less":                  {"x", "", one(stream("b\n")), nil, check.Options{}, "failed stdout is missing"},
		"close":                     {"x", "", one(stream("0.10001")), one(stream("0.10002")), check.Options{Tolerance: 1e-3}, "passed "},
		"sanitised":                 {"x", "", one(stream("at 10:15")), one(stream("at 10:59")), check.Options{Rules: rules}, "passed "},
		"ignored by its tag":        {"x", `"nbval-ignore-output"`, one(stream("a")), one(stream("b")), check.Options{}, "passed "},
		"ignored by a comment":      {"# NBVAL_IGNORE_OUTPUT\nx", "", one(stream("a")), one(stream("b")), check.Options{}, "passed "},
		"a comment that says so":    {"# nbval_ignore_output is a word\nx", "", one(stream("a")), one(stream("b")), check.Options{}, "failed stdout differs"},
		"lax":                       {"x", "", one(stream("a")), one(stream("b")), check.Options{Lax: true}, "passed "},
		"lax, asked for":            {"x", `"nbval-check-output"`, one(stream("a")), one(stream("b")), check.Options{Lax: true}, "failed stdout differs"},
		"raised":                    {"x", "", nil, one(raised), check.Options{}, "failed it raised ValueError: bad"},
		"raised as it was to":       {"x", `"raises-exception"`, one(raised), one(raised), check.Options{}, "passed "},
		"did not raise":             {"x", `"nbval-raises-exception"`, one(raised), nil, check.Options{}, "failed it was to raise an exception and did not"},
		"skipped":                   {"x", `"nbval-skip"`, one(stream("a")), nil, check.Options{}, "skipped it asks not to be run"},
		"only run":                  {"x", "", one(stream("a")), one(stream("b")), check.Options{RunOnly: true}, "passed "},
		"pictures are not compared": {"x", "", one(`{"output_type":"display_data","data":{"image/png":"AAAA"}}`), one(`{"output_type":"display_data","data":{"image/png":"BBBB"}}`), check.Options{}, "passed "},
		"a picture that is gone":    {"x", "", one(`{"output_type":"display_data","data":{"image/png":"AAAA"}}`), nil, check.Options{}, "failed image/png is missing"},
		"json":                      {"x", "", one(`{"output_type":"display_data","data":{"application/json":{"a":1,"b":2}}}`), one(`{"output_type":"display_data","data":{"application/json":{"b":2,"a":1.0}}}`), check.Options{}, "passed "},
	} {
		r := check.Compare("t", book(t, c.source, c.tags, 1, c.a...), book(t, c.source, c.tags, 1, c.b...), c.o)
		if got := string(r.Cases[0].Result) + " " + r.Cases[0].Message; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	r := check.Compare("t", book(t, "x", "", 1, stream("a")), book(t, "x", "", 0), check.Options{})
	if r.Cases[0].Result != check.Missing || r.Good() {
		t.Errorf("a cell that did not run is %v", r.Cases[0])
	}
}

func TestPrepareTagsWhatARunMustKnow(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"# NBVAL_SKIP\nx":             "[skip-execution x]",
		"# NBVAL_RAISES_EXCEPTION\nx": "[raises-exception x]",
		"x":                           "[x]",
	} {
		doc := book(t, source, `"x"`, 1)
		check.Prepare(doc)
		if got := fmt.Sprint(doc.Cell(0).Tags()); got != want {
			t.Errorf("%q has tags %s, want %s", source, got, want)
		}
	}
}

func TestJUnitIsReadAsXML(t *testing.T) {
	t.Parallel()
	r := &check.Report{Name: "a&b.ipynb", Took: 1500 * time.Millisecond, Cases: []check.Case{
		{Name: "cell 1: x < 1", Result: check.Passed},
		{Name: "cell 2", Result: check.Failed, Message: `it raised "E"`, Detail: "\x1b[31mred\x1b[0m \x00 <tag>"},
		{Name: "cell 3", Result: check.Missing}, {Name: "cell 4", Result: check.Skipped},
	}}
	var out strings.Builder
	if err := r.JUnit(&out, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Suite struct {
			Name     string `xml:"name,attr"`
			Stamp    string `xml:"timestamp,attr"`
			Time     string `xml:"time,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Skipped  int    `xml:"skipped,attr"`
			Case     []struct {
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	s := got.Suite
	if s.Name != "a&b.ipynb" || s.Tests != 4 || s.Failures != 1 || s.Errors != 1 || s.Skipped != 1 || s.Time != "1.500" || s.Stamp != "2026-01-02T03:04:05" {
		t.Errorf("the suite is %+v", s)
	}
	if f := s.Case[1].Failure; f == nil || f.Message != `it raised "E"` || f.Text != "red \ufffd <tag>" {
		t.Errorf("the failure is %+v", f)
	}
}

func TestRulesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"regex: a":                     "line 1: a rule begins with its name",
		"[a]\nregex: (\nreplace: b":    "the rule [a]: error parsing regexp",
		"[a]\nregex: x\n[b]\n":         "line 3: the rule [a] needs regex and replace",
		"[a]\nnothing":                 `line 2: "nothing" is no KEY: VALUE`,
		"[a\n":                         "line 1: a section ends with ]",
		"[a]\nregex=x\nreplace=y\nz=1": "line 4: a rule has regex and replace, and no z",
	} {
		if _, err := check.Rules(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add("[a]\nregex: \\d+\nreplace: N\n", "a 12")
	f.Add("[a]\nregex: (?P<x>.)\nreplace: \\g<x>$1\\\\\n", "$x")
	f.Fuzz(func(t *testing.T, text, out string) {
		rules, err := check.Rules(strings.NewReader(text))
		if err != nil {
			return
		}
		doc := book(t, "x", "", 1, `{"output_type":"display_data","data":{"application/json":[1]}}`)
		if r := check.Compare("t", doc, doc.Clone(), check.Options{Rules: rules}); !r.Good() {
			t.Fatalf("a notebook differs from itself: %+v", r.Cases)
		}
		for _, r := range rules {
			r.Pattern.ReplaceAllString(out, r.With)
		}
	})
}
