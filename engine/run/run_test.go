package run_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/engine/run"
	"nbterm/engine/wire"
)

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// python starts a host on the embedded Python.
func python(t testing.TB) *host.Host { return pythonWith(t, nil) }

func pythonWith(t testing.TB, j *journal.Journal) *host.Host {
	t.Helper()
	var py spec.Spec
	for _, s := range bridge.Specs() {
		if s.Name == "nbterm-python" {
			py = s
		}
	}
	stamp := wire.Stamp{Session: newID(), Username: "test", Now: time.Now, NewID: newID}
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) {
			return bridge.Launch(ctx, kernel.Options{Spec: py, Dir: t.TempDir(), RuntimeDir: t.TempDir(), Stamp: stamp})
		},
		Stamp: stamp, Now: time.Now, Journal: j,
	})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close the host: %v", err)
		}
	})
	return h
}

func book(cells ...string) *notebook.Notebook {
	doc := notebook.New("python3", "Python 3", "python")
	for i, src := range cells {
		kind := notebook.Code
		if text, ok := strings.CutPrefix(src, "md:"); ok {
			kind, src = notebook.Markdown, text
		}
		doc.Insert(i, notebook.NewCell(kind, src))
	}
	return doc
}

func texts(doc *notebook.Notebook) []string {
	var all []string
	for i := range doc.Len() {
		c := doc.Cell(i)
		if slices.Contains(c.Tags(), run.MarkerTag) {
			continue
		}
		text := ""
		if c.Kind() == notebook.Code {
			for _, o := range c.Outputs() {
				switch o.Kind() {
				case notebook.Stream:
					text += o.Text()
				case notebook.Failure:
					name, value, _ := o.Error()
					text += name + ": " + value
				default:
					plain, _ := o.Bundle().Text("text/plain")
					text += plain
				}
			}
		}
		all = append(all, text)
	}
	return all
}

func do(t *testing.T, doc *notebook.Notebook, o run.Options) run.Record {
	t.Helper()
	o.Now = time.Now
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	res, err := run.Run(ctx, run.Job{Doc: doc, Host: python(t), Options: o})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestCellsRunInOrderAndTheirOutputsLandInTheDocument(t *testing.T) {
	t.Parallel()
	doc := book("md:# Title", "x = 20\nprint('one')", "x + 22", "", "from IPython.display import update_display\ndisplay(3, display_id='a')\nupdate_display(4, display_id='a')")
	res := do(t, doc, run.Options{})
	if res.Status != run.Completed || res.Ran != 3 || res.Total != 3 {
		t.Fatalf("result %+v", res)
	}
	got := strings.Join(texts(doc), "|")
	if want := "|one\n|42||4"; got != want {
		t.Errorf("outputs %q, want %q", got, want)
	}
	if n, ok := doc.Cell(2).Count(); !ok || n != 2 {
		t.Errorf("execution count %d, %v; want 2", n, ok)
	}
	if raw, ok := doc.Meta("language_info", "name"); !ok || string(raw) != `"python"` {
		t.Errorf("language_info.name is %s", raw)
	}
}

func TestTheFirstFailureEndsTheRunAndIsNamed(t *testing.T) {
	t.Parallel()
	doc := book("print(1)", "1/0", "print('never')")
	res := do(t, doc, run.Options{})
	if res.Status != run.Failed || res.Failed != 1 || res.Name != "ZeroDivisionError" || res.Ran != 2 {
		t.Fatalf("result %+v", res)
	}
	if got := texts(doc)[2]; got != "" {
		t.Errorf("the cell behind the failure said %q", got)
	}
}

func TestATaggedFailureDoesNotEndTheRun(t *testing.T) {
	t.Parallel()
	doc := book("1/0", "print('went on')")
	doc.Replace(0, doc.Cell(0).WithMeta([]byte(`["raises-exception"]`), "tags"))
	res := do(t, doc, run.Options{})
	if res.Status != run.Completed || texts(doc)[1] != "went on\n" {
		t.Fatalf("result %+v, outputs %q", res, texts(doc))
	}
}

func TestADeadKernelIsAnOutcomeAndKeepsWhatItSaid(t *testing.T) {
	t.Parallel()
	doc := book("import os, sys\nprint('last words', flush=True)\nos.kill(os.getpid(), 9)", "print('never')")
	res := do(t, doc, run.Options{})
	if res.Status != run.Died || res.Failed != 0 || !strings.Contains(res.Reason, "SIGKILL") {
		t.Fatalf("result %+v", res)
	}
	if got := texts(doc)[0]; got != "last words\n" {
		t.Errorf("kept %q", got)
	}
}

func TestADeadKernelIsNoErrorThatIsAllowed(t *testing.T) {
	t.Parallel()
	doc := book("1/0", "import os\nos.kill(os.getpid(), 9)", "print('never')")
	res := do(t, doc, run.Options{AllowErrors: true})
	if res.Status != run.Died || res.Failed != 1 {
		t.Fatalf("result %+v", res)
	}
}

func TestInputIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	doc := book("input('who? ')")
	res := do(t, doc, run.Options{})
	if res.Status != run.Failed || res.Name != "StdinNotImplementedError" {
		t.Fatalf("result %+v", res)
	}
}

func TestASaveThatFailsIsTriedAgainAndEndsNothing(t *testing.T) {
	t.Parallel()
	full := errors.New("no space")
	for _, recovers := range []bool{true, false} {
		doc, saves := book("print(1)", "print(2)"), 0
		res := do(t, doc, run.Options{SaveEvery: 1, Save: func(context.Context, []byte) error {
			saves++
			if recovers && doc.Cell(1).HasOutputs() {
				return nil
			}
			return full
		}})
		if res.Status != run.Completed || saves < 2 || (res.Unsaved == nil) != recovers {
			t.Errorf("recovers %v: %d saves, result %+v", recovers, saves, res)
		}
		if got := strings.Join(texts(doc), "|"); got != "1\n|2\n" {
			t.Errorf("outputs %q", got)
		}
	}
}

func TestClearOutputWaitsForWhatReplacesIt(t *testing.T) {
	t.Parallel()
	doc := book("from IPython.display import clear_output\nfor i in range(5):\n    clear_output(wait=True)\n    print(i, flush=True)\nclear_output(wait=True)")
	do(t, doc, run.Options{})
	if got := texts(doc)[0]; got != "4\n" {
		t.Errorf("shown is %q, want what was said last", got)
	}
}

func TestAnEndedContextInterruptsTheCellAndSaves(t *testing.T) {
	t.Parallel()
	doc := book("print('begun', flush=True)\nwhile True: pass", "print('never')")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var saved []byte
	res, err := run.Run(ctx, run.Job{Doc: doc, Host: python(t), Options: run.Options{
		Now: time.Now,
		Say: func(_ int, m *wire.Message) {
			if m.Type() == "stream" {
				cancel()
			}
		},
		Save: func(_ context.Context, data []byte) error { saved = data; return nil },
	}})
	if err == nil || res.Status != run.Aborted {
		t.Fatalf("result %+v, error %v", res, err)
	}
	back, perr := notebook.Parse(saved)
	if perr != nil {
		t.Fatal(perr)
	}
	if got := texts(back)[0]; !strings.HasPrefix(got, "begun\n") || !strings.Contains(got, "KeyboardInterrupt") {
		t.Errorf("saved %q", got)
	}
}

func TestAKernelThatCannotStartIsAnError(t *testing.T) {
	t.Parallel()
	h := host.New(host.Options{
		Launch: func(context.Context) (kernel.Kernel, error) { return nil, context.DeadlineExceeded },
		Stamp:  wire.Stamp{Now: time.Now, NewID: newID}, Now: time.Now,
	})
	saves := 0
	save := func(context.Context, []byte) error { saves++; return nil }
	_, err := run.Run(context.Background(), run.Job{Doc: book("1"), Host: h, Options: run.Options{Now: time.Now, Save: save, KeepOld: true}})
	if saves != 0 {
		t.Errorf("%d saves of a notebook that never ran", saves)
	}
	if err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("error %v", err)
	}
	_ = h.Close()
}

func BenchmarkRunOf1000TrivialCellsEmbedded(b *testing.B) {
	cells := make([]string, 1000)
	for i := range cells {
		cells[i] = "print(1)"
	}
	for b.Loop() {
		h := python(b)
		res, err := run.Run(context.Background(), run.Job{Doc: book(cells...), Host: h, Options: run.Options{Now: time.Now}})
		if err != nil || res.Ran != 1000 {
			b.Fatalf("%+v, %v", res, err)
		}
		_ = h.Close()
	}
}
