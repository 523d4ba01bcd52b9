// Package check uses a notebook as a test: it compares what its cells put out when they
// were run again with what is stored in it, as nbval does, or only asks whether they
// ran. It gives a report, and JUnit's XML of it for continuous integration. It runs
// nothing.
//
// How a cell is to be treated is said by its tags, or by comments in nbval's words:
//
//	nbval-ignore-output      # NBVAL_IGNORE_OUTPUT      run it, compare nothing
//	nbval-check-output       # NBVAL_CHECK_OUTPUT       compare, also with Lax
//	nbval-raises-exception   # NBVAL_RAISES_EXCEPTION   it must raise (raises-exception, too)
//	nbval-skip               # NBVAL_SKIP               do not run it (skip-execution, too)
package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
	"nbterm/engine/scrap"
)

// Options say what is compared, and how.
type Options struct {
	Tolerance float64 // between numbers, absolute or relative; 0 is exact
	Rules     []Rule  // what to replace in texts before they are compared
	Lax       bool    // compare only cells that ask for it
	RunOnly   bool    // compare nothing: a cell is good that ran
}

// Result is how a cell came out.
type Result string

// The results.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"  // it put out something else, or raised
	Missing Result = "missing" // it did not run: the kernel died, or the run was cut short
	Skipped Result = "skipped"
)

// Case is one code cell.
type Case struct {
	Cell    int // from 0, in the notebook that ran
	Name    string
	Result  Result
	Message string // a clause; "" when it passed
	Detail  string // lines, "-" stored and "+" now; or the traceback
	Took    time.Duration
}

// Report is all cases of a notebook.
type Report struct {
	Name  string
	Cases []Case
	Took  time.Duration
}

// Count is how many cases came out so.
func (r *Report) Count(result Result) int {
	n := 0
	for _, c := range r.Cases {
		if c.Result == result {
			n++
		}
	}
	return n
}

// Good tells whether no case failed or is missing.
func (r *Report) Good() bool { return r.Count(Failed)+r.Count(Missing) == 0 }

// wish is how a cell wants to be treated.
type wish struct{ skip, ignore, compare, raises bool }

func wishOf(c *notebook.Cell) (w wish) {
	take := func(word string) {
		switch strings.ReplaceAll(strings.ToLower(word), "_", "-") {
		case "nbval-skip", "skip-execution":
			w.skip = true
		case "nbval-ignore-output", "pytest-validate-ignore-output":
			w.ignore, w.compare = true, false
		case "nbval-check-output":
			w.ignore, w.compare = false, true
		case "nbval-raises-exception", "raises-exception":
			w.raises = true
		}
	}
	for _, tag := range c.Tags() {
		take(tag)
	}
	for line := range strings.SplitSeq(c.Source(), "\n") {
		line = strings.TrimSpace(line)
		if word := strings.TrimSpace(strings.TrimLeft(line, "#")); word != line && word == strings.ToUpper(word) && !strings.Contains(word, "-") {
			take(word)
		}
	}
	return w
}

// Prepare marks the cells of doc that are not to be run, and those that may raise, in
// the tags that a run knows.
func Prepare(doc *notebook.Notebook) {
	for i := range doc.Len() {
		c := doc.Cell(i)
		if c.Kind() != notebook.Code {
			continue
		}
		w := wishOf(c)
		tags := c.Tags()
		for tag, on := range map[string]bool{"skip-execution": w.skip, "raises-exception": w.raises} {
			if on && !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
		if len(tags) != len(c.Tags()) {
			slices.Sort(tags)
			quoted := make([]string, len(tags))
			for n, t := range tags {
				quoted[n] = fmt.Sprintf("%q", t)
			}
			doc.Replace(i, c.WithMeta([]byte("["+strings.Join(quoted, ", ")+"]"), "tags"))
		}
	}
}

// Compare makes the report of a notebook that was run: fresh, against stored, which is
// as it was before.
func Compare(name string, stored, fresh *notebook.Notebook, o Options) *Report {
	r := &Report{Name: name, Took: scrap.Of(fresh).Took}
	old := map[int]*notebook.Cell{}
	for _, p := range merge.Align(stored.Cells(), fresh.Cells()) {
		if p.A >= 0 && p.B >= 0 {
			old[p.B] = stored.Cell(p.A)
		}
	}
	for i := range fresh.Len() {
		c := fresh.Cell(i)
		if c.Kind() != notebook.Code || strings.TrimSpace(c.Source()) == "" {
			continue
		}
		k := Case{Cell: i, Name: title(i, c), Took: scrap.Took(c)}
		o.judge(&k, old[i], c)
		r.Cases = append(r.Cases, k)
	}
	return r
}

// title is the number of a cell and its first line that says something.
func title(i int, c *notebook.Cell) string {
	for line := range strings.SplitSeq(c.Source(), "\n") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			if r := []rune(line); len(r) > 60 {
				line = string(r[:59]) + "…"
			}
			return fmt.Sprintf("cell %d: %s", i+1, line)
		}
	}
	return fmt.Sprintf("cell %d", i+1)
}

// judge decides one cell; stored is nil for one that is not in the stored notebook, as
// the parameters that were put in.
func (o Options) judge(k *Case, stored, c *notebook.Cell) {
	w := wishOf(c)
	k.Result = Passed
	if w.skip {
		k.Result, k.Message = Skipped, "it asks not to be run"
		return
	}
	if _, ran := c.Count(); !ran {
		k.Result, k.Message = Missing, "it did not run"
		return
	}
	failure := failureOf(c)
	switch {
	case failure != nil && !w.raises:
		ename, evalue, trace := failure.Error()
		k.Result, k.Message, k.Detail = Failed, "it raised "+ename+": "+firstLine(evalue), strings.Join(trace, "\n")
		return
	case failure == nil && w.raises:
		k.Result, k.Message = Failed, "it was to raise an exception and did not"
		return
	case o.RunOnly, stored == nil, w.ignore, o.Lax && !w.compare:
		return
	}
	if message, detail := o.differ(stored, c); message != "" {
		k.Result, k.Message, k.Detail = Failed, message, detail
	}
}

func failureOf(c *notebook.Cell) *notebook.Output {
	for _, o := range c.Outputs() {
		if o.Kind() == notebook.Failure {
			return o
		}
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
