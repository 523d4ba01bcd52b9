package session_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/wire"
)

func newHost(t testing.TB, script kerneltest.Script) *host.Host {
	t.Helper()
	var n atomic.Int64
	launch := kerneltest.Launcher(script, nil)
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) { return launch(ctx, kernel.Options{}) },
		Stamp:  wire.Stamp{Session: "s", Now: time.Now, NewID: func() string { return fmt.Sprintf("id-%d", n.Add(1)) }},
		Now:    time.Now,
	})
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func book(sources ...string) *notebook.Notebook {
	doc := notebook.New("python3", "Python 3", "python")
	for i, s := range sources {
		doc.Insert(i, notebook.NewCell(notebook.Code, s))
	}
	return doc
}

// client is a session that reads its host.
type client struct {
	*session.Session
	t    testing.TB
	feed host.Feed
}

func attach(t testing.TB, doc *notebook.Notebook, h *host.Host) *client {
	return &client{session.New(doc, h), t, h.Attach(1)}
}

func (c *client) run(cells ...int) {
	c.t.Helper()
	var keys []uint64
	for _, i := range cells {
		keys = append(keys, c.Doc.Cell(i).Key())
	}
	if err := c.Run(keys, session.Options{}); err != nil {
		c.t.Fatal(err)
	}
}

// until folds until the condition holds and returns all that was folded.
func (c *client) until(ok func() bool) []session.Folded {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var all []session.Folded
	for !ok() {
		events, err := c.feed.Next(ctx)
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, c.Fold(events))
	}
	return all
}

func (c *client) rested(i int) func() bool {
	return func() bool {
		known := c.Cell(c.Doc.Cell(i).Key())
		return known.Phase == session.Resting && known.Outcome != host.None
	}
}

func (c *client) text(i int) string {
	var b strings.Builder
	for _, o := range c.Doc.Cell(i).Outputs() {
		switch o.Kind() {
		case notebook.Stream:
			fmt.Fprintf(&b, "%s:%s", o.StreamName(), o.Text())
		case notebook.Failure:
			name, value, _ := o.Error()
			fmt.Fprintf(&b, "%s:%s", name, value)
		default:
			text, _ := o.Bundle().Text("text/plain")
			b.WriteString("[" + text + "]")
		}
	}
	return b.String()
}

func plain(text string) map[string]any { return map[string]any{"text/plain": text} }

func TestStreamsOfOneNameJoinAndOthersStandApart(t *testing.T) {
	t.Parallel()
	c := attach(t, book("x"), newHost(t, func(c *kerneltest.ScriptCell) {
		c.Stdout("a\n")
		c.Stdout("b\n")
		c.Stderr("c\n")
		c.Stdout("d\n")
		c.Result("42")
	}))
	c.run(0)
	c.until(c.rested(0))
	if got, want := c.text(0), "stdout:a\nb\nstderr:c\nstdout:d\n[42]"; got != want {
		t.Errorf("outputs %q, want %q", got, want)
	}
	if n, ok := c.Doc.Cell(0).Count(); !ok || n != 1 {
		t.Errorf("count %d %v", n, ok)
	}
}

func TestADisplayIsUpdatedInEveryCellThatShowsIt(t *testing.T) {
	t.Parallel()
	c := attach(t, book("show", "show too", "update"), newHost(t, func(c *kerneltest.ScriptCell) {
		if c.Code == "update" {
			c.Update(plain("new"), "d")
			return
		}
		c.Display(plain("old"), "d")
		c.Display(plain("other"), "e")
	}))
	c.run(0, 1, 2)
	c.until(c.rested(2))
	for i := range 2 {
		if got := c.text(i); got != "[new][other]" {
			t.Errorf("cell %d shows %s", i, got)
		}
	}
	if got := c.text(2); got != "" {
		t.Errorf("the updating cell shows %s", got)
	}
}

func TestClearOutputWaitsOrNotAsItSays(t *testing.T) {
	t.Parallel()
	c := attach(t, book("wait", "now", "never"), newHost(t, func(c *kerneltest.ScriptCell) {
		c.Stdout("first")
		c.Clear(c.Code != "now")
		if c.Code == "wait" {
			c.Stdout("second")
		}
	}))
	c.run(0, 1, 2)
	c.until(c.rested(2))
	for i, want := range []string{"stdout:second", "", "stdout:first"} {
		if got := c.text(i); got != want {
			t.Errorf("cell %d shows %q, want %q", i, got, want)
		}
	}
}

func TestASecondClientFindsTheCellsByIDAndBySource(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(c *kerneltest.ScriptCell) { c.Stdout("ran " + c.Code) })
	old := strings.NewReplacer(`"nbformat_minor": 5`, `"nbformat_minor": 4`)
	for _, minor := range []string{"5", "4"} {
		first := attach(t, book("a"+minor, "b"+minor), h)
		data := first.Doc.Bytes()
		if minor == "4" { // no ids: by position and source
			data = []byte(old.Replace(string(book("a4", "b4").Bytes())))
			first = attach(t, mustParse(t, stripIDs(data)), h)
			data = first.Doc.Bytes()
		}
		first.run(1)
		first.until(first.rested(1))
		second := attach(t, mustParse(t, data), h)
		second.until(second.rested(1))
		if got, want := second.text(1), "stdout:ran b"+minor; got != want {
			t.Errorf("minor %s: the second client shows %q, want %q", minor, got, want)
		}
		if got := second.text(0); got != "" {
			t.Errorf("minor %s: the other cell shows %q", minor, got)
		}
	}
}

func stripIDs(data []byte) []byte {
	var out []string
	for _, line := range strings.Split(string(data), "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), `"id":`) {
			out = append(out, line)
		}
	}
	return []byte(strings.Join(out, "\n"))
}

func mustParse(t *testing.T, data []byte) *notebook.Notebook {
	t.Helper()
	doc, err := notebook.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestEditedIsWhatTheLastRunDidNotSee(t *testing.T) {
	t.Parallel()
	c := attach(t, book("x = 1"), newHost(t, func(*kerneltest.ScriptCell) {}))
	if c.Edited(c.Doc.Cell(0)) {
		t.Error("a cell that never ran is no edited one")
	}
	c.run(0)
	c.until(c.rested(0))
	if c.Edited(c.Doc.Cell(0)) {
		t.Error("edited straight after it ran")
	}
	c.Doc.Replace(0, c.Doc.Cell(0).WithSource("x = 2"))
	if !c.Edited(c.Doc.Cell(0)) {
		t.Error("not edited after an edit")
	}
	c.Doc.Replace(0, c.Doc.Cell(0).WithSource("x = 1"))
	if c.Edited(c.Doc.Cell(0)) {
		t.Error("edited although it is what ran")
	}
}

func TestOutputOfACellThatWasDeletedIsLetGo(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	c := attach(t, book("a", "b"), newHost(t, func(c *kerneltest.ScriptCell) { <-gate; c.Stdout(c.Code) }))
	c.run(0, 1)
	c.until(func() bool { return c.Cell(c.Doc.Cell(0).Key()).Phase == session.Running })
	c.Doc.Delete(0, 1)
	close(gate)
	c.until(c.rested(0))
	if got := c.text(0); got != "stdout:b" {
		t.Errorf("what is left shows %q", got)
	}
}

func TestWhatTheUserTypedMeanwhileStays(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	c := attach(t, book("old"), newHost(t, func(c *kerneltest.ScriptCell) { <-gate; c.Stdout("out") }))
	c.run(0)
	c.until(func() bool { return c.Cell(c.Doc.Cell(0).Key()).Phase == session.Running })
	c.Doc.Replace(0, c.Doc.Cell(0).WithSource("new"))
	close(gate)
	c.until(c.rested(0))
	if got := c.Doc.Cell(0).Source(); got != "new" {
		t.Errorf("source is %q", got)
	}
	if !c.Edited(c.Doc.Cell(0)) || c.text(0) != "stdout:out" {
		t.Errorf("edited %v, output %q", c.Edited(c.Doc.Cell(0)), c.text(0))
	}
}

func TestWhatTheFileHoldsAlreadyIsNotFoldedAgain(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	h := newHost(t, func(c *kerneltest.ScriptCell) {
		c.Stdout(c.Code + " 1\n")
		if c.Code == "slow" {
			<-gate
			c.Stdout(c.Code + " 2\n")
		}
	})
	first := attach(t, book("done", "slow"), h)
	first.run(0, 1)
	first.until(func() bool { return first.text(1) == "stdout:slow 1\n" })
	// The user clears a finished output, saves, and is cut off.
	first.Doc.Replace(0, first.Doc.Cell(0).WithOutputs(nil))
	data, mark := first.Doc.Bytes(), first.Mark("r")
	close(gate)
	second := attach(t, mustParse(t, data), h)
	second.Holds(mark)
	second.until(second.rested(1))
	if got := second.text(0); got != "" {
		t.Errorf("the cleared output is back: %q", got)
	}
	if got := second.text(1); got != "stdout:slow 1\nslow 2\n" {
		t.Errorf("what ran meanwhile shows %q", got)
	}
	if !second.Behind() {
		t.Error("nothing new is said to have come")
	}
	if m := second.Mark("r2"); len(m.Open) != 0 || m.Seq <= mark.Seq {
		t.Errorf("the new mark is %+v", m)
	}
	third := attach(t, mustParse(t, second.Doc.Bytes()), h)
	third.Holds(second.Mark("r2"))
	third.until(third.rested(1))
	if third.Behind() {
		t.Error("a third client says the file is behind")
	}
}

func TestAHoleInTheOutputIsMarkedInTheCell(t *testing.T) {
	t.Parallel()
	doc := book("x")
	ref := host.CellRef{ID: doc.Cell(0).ID(), Hash: session.Hash("x")}
	s := session.New(doc, nil)
	f := s.Fold([]host.Event{
		{Seq: 1, Kind: host.Queued, Exec: "e", Execution: &host.Execution{ID: "e", Cell: ref}},
		{Seq: 2, Kind: host.Running, Exec: "e"},
		{Seq: 3, Kind: host.Gap, Exec: "e", Reason: "the link broke"},
	})
	c := client{Session: s, t: t}
	if got := c.text(0); got != "stderr:nbterm: output may be missing here: the link broke\n" || len(f.Gaps) != 1 {
		t.Errorf("the cell shows %q, gaps %q", got, f.Gaps)
	}
}

func TestInputIsAskedAndTakenBack(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(c *kerneltest.ScriptCell) { c.Input("who? ", true) })
	c := attach(t, book("ask"), h)
	c.run(0)
	c.until(func() bool { return c.Kernel.Input != nil })
	if in := c.Kernel.Input; in.Prompt != "who? " || !in.Password {
		t.Errorf("asked %+v", in)
	}
	if err := h.Input("me"); err != nil {
		t.Fatal(err)
	}
	c.until(c.rested(0))
	if c.Kernel.Input != nil {
		t.Error("still asking after the cell ended")
	}
}

func TestACellMayWaitAgainWhileItRuns(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{}, 2)
	c := attach(t, book("a"), newHost(t, func(c *kerneltest.ScriptCell) { <-gate; c.Stdout(fmt.Sprint(c.Count)) }))
	c.run(0)
	key := c.Doc.Cell(0).Key()
	c.until(func() bool { return c.Cell(key).Phase == session.Running })
	c.run(0)
	gate <- struct{}{}
	c.until(func() bool { return c.Kernel.Running == key && c.text(0) == "" && c.Kernel.Waiting == 0 })
	gate <- struct{}{}
	c.until(c.rested(0))
	if got := c.text(0); got != "stdout:2" {
		t.Errorf("shows %q", got)
	}
}

// 100,000 small messages must fold in time linear in their number.
func BenchmarkFold100kStreamMessages(b *testing.B) {
	events := make([]host.Event, 0, 100_003)
	add := func(e host.Event) {
		e.Seq = uint64(len(events) + 1)
		events = append(events, e)
	}
	doc := book("x")
	ref := host.CellRef{ID: doc.Cell(0).ID(), Hash: session.Hash("x")}
	add(host.Event{Kind: host.Queued, Exec: "e", Execution: &host.Execution{ID: "e", Cell: ref}})
	add(host.Event{Kind: host.Running, Exec: "e"})
	for range 100_000 {
		add(host.Event{Kind: host.Said, Exec: "e", Message: &wire.Message{
			Channel: wire.IOPub, Header: wire.Header{MsgType: "stream"}, Content: []byte(`{"name":"stdout","text":"a line of text\n"}`),
		}})
	}
	for b.Loop() {
		s := session.New(book("x"), nil)
		s.Doc = mustParseB(b, doc.Bytes())
		for i := 0; i < len(events); i += 1000 {
			s.Fold(events[i:min(i+1000, len(events))])
		}
	}
}

func mustParseB(b *testing.B, data []byte) *notebook.Notebook {
	doc, err := notebook.Parse(data)
	if err != nil {
		b.Fatal(err)
	}
	return doc
}
