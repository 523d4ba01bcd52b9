package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/notebook"
	"nbterm/engine/run"
)

func meta(t *testing.T, doc *notebook.Notebook, path ...string) string {
	t.Helper()
	raw, ok := doc.Meta(path...)
	if !ok {
		return "(none)"
	}
	return strings.Join(strings.Fields(string(raw)), "")
}

// words are the papermill and the own status of every cell that is no marker.
func words(t *testing.T, doc *notebook.Notebook) string {
	t.Helper()
	var all []string
	for i := range doc.Len() {
		c := doc.Cell(i)
		if strings.Contains(strings.Join(c.Tags(), " "), run.MarkerTag) {
			continue
		}
		var paper, own struct {
			Status    string `json:"status"`
			Exception *bool  `json:"exception"`
		}
		raw, _ := c.Meta("papermill")
		if err := json.Unmarshal(raw, &paper); err != nil {
			t.Fatalf("cell %d: %v in %s", i, err, raw)
		}
		if raw, ok := c.Meta("nbterm"); ok {
			if err := json.Unmarshal(raw, &own); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, paper.Status+"/"+own.Status)
	}
	return strings.Join(all, " ")
}

func TestTheRecordSaysWhatBecameOfEachCell(t *testing.T) {
	t.Parallel()
	dies := "import os, time\nprint('x', flush=True)\ntime.sleep(0.2)\nos.kill(os.getpid(), 9)"
	for _, c := range []struct {
		name   string
		cells  []string
		o      run.Options
		status run.Status
		words  string
		raised string // the notebook's papermill.exception
	}{
		{"a run to the end", []string{"md:x", "1", ""}, run.Options{}, run.Completed, "completed/ completed/completed completed/skipped", "null"},
		{"an exception", []string{"1", "1/0", "2", "md:x"}, run.Options{}, run.Failed, "completed/completed failed/failed pending/not_run pending/", "true"},
		{"sys.exit(0)", []string{"import sys\nsys.exit(0)", "2"}, run.Options{}, run.Exited, "failed/exited pending/not_run", "true"},
		{"sys.exit(3)", []string{"import sys\nsys.exit(3)", "2"}, run.Options{}, run.Failed, "failed/failed pending/not_run", "true"},
		{"a dead kernel", []string{"1", dies, "2"}, run.Options{}, run.Died, "completed/completed failed/died pending/not_run", "true"},
		{"a dead kernel, as papermill has it", []string{"1", dies, "2", "md:x"}, run.Options{Strict: true}, run.Died, "completed/completed completed/died completed/not_run completed/", "null"},
		{"a cell that takes too long", []string{"import time\ntime.sleep(60)", "2"}, run.Options{Limit: 500 * time.Millisecond}, run.TimedOut, "failed/timed_out pending/not_run", "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := book(c.cells...)
			rec := do(t, doc, c.o)
			if rec.Status != c.status {
				t.Errorf("status %q (%s), want %q", rec.Status, rec.Reason, c.status)
			}
			if got := words(t, doc); got != c.words {
				t.Errorf("cells are %s\nwant      %s", got, c.words)
			}
			if got := meta(t, doc, "papermill", "exception"); got != c.raised {
				t.Errorf("papermill.exception is %s, want %s", got, c.raised)
			}
			if got := meta(t, doc, "nbterm", "status"); got != `"`+string(c.status)+`"` {
				t.Errorf("nbterm.status is %s", got)
			}
			if s, err := run.Verify(doc.Bytes()); err != nil || s.Status != c.status {
				t.Errorf("the seal: %+v, %v", s, err)
			}
		})
	}
}

func TestMarkersLeadToTheFailureAndGoWithTheNextRun(t *testing.T) {
	t.Parallel()
	doc := book("1", "1/0")
	do(t, doc, run.Options{})
	if doc.Len() != 4 || !strings.Contains(doc.Cell(0).Source(), `href="#papermill-error-cell"`) || !strings.Contains(doc.Cell(2).Source(), `id="papermill-error-cell"`) {
		t.Fatalf("markers: %d cells, %q, %q", doc.Len(), doc.Cell(0).Source(), doc.Cell(2).Source())
	}
	if at := run.FailedCell(doc); at != 3 {
		t.Errorf("the failed cell is at %d, want 3", at)
	}
	doc.Replace(3, doc.Cell(3).WithSource("2"))
	do(t, doc, run.Options{})
	if doc.Len() != 2 {
		t.Errorf("%d cells after the next run, want 2", doc.Len())
	}
}

func TestAnEarlierBlockAndKeysOfOthersAreKept(t *testing.T) {
	t.Parallel()
	doc := book("1")
	doc.SetMeta([]byte(`{"default_parameters": {"a": 1}, "parameters": {"a": Infinity}, "version": "1.0", "mine": 1}`), "papermill")
	doc.SetMeta([]byte(`{"theirs": true}`), "nbterm")
	do(t, doc, run.Options{})
	for path, want := range map[string]string{"default_parameters": `{"a":1}`, "parameters": `{"a":Infinity}`, "version": `"1.0"`, "mine": "1"} {
		if got := meta(t, doc, "papermill", path); got != want {
			t.Errorf("papermill.%s is %s, want %s", path, got, want)
		}
	}
	if got := meta(t, doc, "nbterm", "theirs"); got != "true" {
		t.Errorf("nbterm.theirs is %s", got)
	}
	if _, err := run.Verify(doc.Bytes()); err != nil {
		t.Error(err)
	}
}

func TestASealTellsWhatWasChanged(t *testing.T) {
	t.Parallel()
	doc := book("print('one')")
	do(t, doc, run.Options{})
	data := string(doc.Bytes())
	if _, err := run.Verify([]byte(data)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, says string }{
		{`"one\n"`, `"two\n"`, "outputs"}, {`print('one')`, `print('two')`, "code"}, {`"status": "completed"`, `"status": "running"`, "metadata"},
	} {
		changed := strings.Replace(data, c.from, c.to, 1)
		if _, err := run.Verify([]byte(changed)); changed == data || !errors.Is(err, run.ErrBroken) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %s: %v", c.to, c.from, err)
		}
	}
	if _, err := run.Verify(book("1").Bytes()); !errors.Is(err, run.ErrNoRecord) {
		t.Errorf("a plain notebook: %v", err)
	}
}

func TestASaveInTheMiddleIsNotSealedAndSaysThatItRuns(t *testing.T) {
	t.Parallel()
	doc, middle := book("print(1)", "print(2)", "md:x"), []byte(nil)
	do(t, doc, run.Options{SaveEvery: 1, Save: func(_ context.Context, data []byte) error {
		if middle == nil {
			middle = data
		}
		return nil
	}})
	s, err := run.Verify(middle)
	if !errors.Is(err, run.ErrUnsealed) || s.Status != run.Running {
		t.Errorf("%+v, %v", s, err)
	}
}

// recorded is a run whose events were kept, as a host keeps them.
func recorded(t *testing.T, doc *notebook.Notebook) (h *host.Host, replay func(func([]host.Event)), told uint64) {
	t.Helper()
	j, err := journal.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	h = pythonWith(t, j)
	if rec, err := run.Run(t.Context(), run.Job{Doc: doc, Host: h, Options: run.Options{Now: time.Now}}); err != nil {
		t.Fatalf("%+v, %v", rec, err)
	}
	return h, func(fold func([]host.Event)) { host.Replay(j, fold) }, j.Count()
}

func TestTheRecordIsAFoldOfSourceAndJournal(t *testing.T) {
	t.Parallel()
	cells := []string{"md:x", "print('one')", "1/0", "2"}
	live := book(cells...)
	source, err := notebook.Parse(live.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	_, replay, _ := recorded(t, live)
	rec, err := run.Run(t.Context(), run.Job{Doc: source, Past: replay, Options: run.Options{Now: time.Now}})
	if err != nil || rec.Status != run.Failed {
		t.Fatalf("%+v, %v", rec, err)
	}
	if got, want := words(t, source), words(t, live); got != want {
		t.Errorf("folded %s\nlive   %s", got, want)
	}
	if got, want := strings.Join(texts(source), "|"), strings.Join(texts(live), "|"); got != want {
		t.Errorf("folded %q, live %q", got, want)
	}
}

func TestARunGoesOnFromTheCellThatFailedOnceItIsMended(t *testing.T) {
	t.Parallel()
	doc := book("x = 1", "print(y)", "print(x + y)")
	h, replay, told := recorded(t, doc)
	began, err := notebook.Parse(doc.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	at := run.FailedCell(doc)
	doc.Replace(at, doc.Cell(at).WithSource("y = 41"))
	rec, err := run.Run(t.Context(), run.Job{
		Doc: doc, Host: h, Past: replay, From: told + 1, Retry: true, Began: began, Options: run.Options{Now: time.Now},
	})
	if err != nil || rec.Status != run.Completed {
		t.Fatalf("%+v, %v", rec, err)
	}
	if got := texts(doc)[2]; got != "42\n" {
		t.Errorf("the last cell says %q", got)
	}
	if n, _ := doc.Cell(0).Count(); n != 1 {
		t.Errorf("the first cell ran again, as %d", n)
	}
	if raw, _ := doc.Cell(1).Meta("nbterm", "edited"); string(raw) != "true" {
		t.Errorf("the mended cell is not marked: %s", raw)
	}
	if got := meta(t, doc, "nbterm", "attempts"); !strings.Contains(got, `"first_cell":1`) {
		t.Errorf("attempts %s", got)
	}
}

func TestWhatTheCallerKnowsIsInTheRecord(t *testing.T) {
	t.Parallel()
	doc := book("1")
	about := run.About{ID: "abc", Input: "in.ipynb", Output: "out.ipynb", Parameters: []byte(`{"a": Infinity}`), Secrets: []string{"TOKEN"}, Papermill: "2.6.0"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := run.Run(ctx, run.Job{Doc: doc, Host: python(t), About: about, Options: run.Options{Now: time.Now, Packages: true}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][]string{
		{`"in.ipynb"`, "papermill", "input_path"}, {`"out.ipynb"`, "papermill", "output_path"}, {`{"a":Infinity}`, "papermill", "parameters"},
		{`"2.6.0"`, "papermill", "version"}, {`"abc"`, "nbterm", "run"}, {`{"a":Infinity}`, "nbterm", "parameters"},
	} {
		if got := meta(t, doc, c[1:]...); got != c[0] {
			t.Errorf("%v is %s, want %s", c[1:], got, c[0])
		}
	}
}
