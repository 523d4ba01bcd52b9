// Package run is one headless execution of a notebook: every code cell in order
// on one host, the outputs folded into the document, the document saved now and
// then and at the end. The record it leaves tells the truth about how far it came.
package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/wire"
)

// Options of a run.
type Options struct {
	// Save writes the document; it is called at most once per SaveEvery while
	// cells run and once at the end. A failure is no end: the next call tries again.
	// nil saves nothing.
	Save      func(context.Context, []byte) error
	SaveEvery time.Duration // 0 is one second
	// Progress hears of each cell as it starts and ends; index counts all cells.
	Progress func(index int, c session.Cell)
	// Say hears every message that belongs to a cell, for a live log. May be nil.
	Say func(index int, m *wire.Message)
	Now func() time.Time // injected clock
	// AllowErrors goes on after a cell that raised. A kernel that dies ends the run.
	AllowErrors bool
}

// Result is how a run ended.
type Result struct {
	Outcome host.Outcome // Ok, Error, Aborted (interrupted) or Died
	Failed  int          // index of the first cell that failed; -1 is none
	Name    string       // the exception's name and text, where a cell raised
	Value   string
	Ran     int // cells that ran to an end, good or bad
	Total   int // code cells that were to run
	Reason  string
	Took    time.Duration
	// Unsaved is why the last Save failed: the document is all there is. nil is saved.
	Unsaved error
}

// ErrStart says that no kernel came up; the cause is wrapped.
var ErrStart = errors.New("the kernel did not start")

// Run executes doc's code cells on h. A cell that raises is a Result, not an
// error, and neither is a save that failed (see Unsaved); errors are ErrStart, after
// which nothing is saved, the host's and ctx's. When ctx ends the running cell is
// interrupted and what there is is saved.
func Run(ctx context.Context, doc *notebook.Notebook, h session.Host, o Options) (Result, error) {
	r := &runner{o: o, s: session.New(doc, h), begun: o.Now(), res: Result{Failed: -1}}
	if r.o.SaveEvery == 0 {
		r.o.SaveEvery = time.Second
	}
	feed := h.Attach(1)
	defer feed.Close()
	keys := r.prepare()
	if err := r.s.Run(keys, session.Options{KeepGoing: r.keepGoing, NoStdin: true}); err != nil {
		return r.res, fmt.Errorf("%w: %w", ErrStart, err)
	}
	runErr := r.follow(ctx, feed)
	r.finish()
	if o.Save != nil && !errors.Is(runErr, ErrStart) {
		r.res.Unsaved = o.Save(context.WithoutCancel(ctx), doc.Bytes())
	}
	return r.res, runErr
}

type runner struct {
	o     Options
	s     *session.Session
	begun time.Time
	saved time.Time
	left  map[uint64]bool // cells that have not ended
	heard map[string]int  // execution id -> cell index, for Say
	res   Result
}

// prepare clears what earlier runs left and names the cells to run.
func (r *runner) prepare() []uint64 {
	var keys []uint64
	r.left, r.heard = map[uint64]bool{}, map[string]int{}
	for i := range r.s.Doc.Len() {
		c := r.s.Doc.Cell(i)
		if c.Kind() != notebook.Code {
			continue
		}
		if _, counted := c.Count(); counted || c.HasOutputs() {
			r.s.Doc.Replace(i, c.WithOutputs(nil).WithCount(0, false))
		}
		if session.Blank(c.Source()) || hasTag(c, "skip-execution") {
			continue
		}
		keys = append(keys, c.Key())
		r.left[c.Key()] = true
	}
	r.res.Total = len(keys)
	return keys
}

func (r *runner) keepGoing(c *notebook.Cell) bool {
	return r.o.AllowErrors || hasTag(c, "raises-exception")
}

func hasTag(c *notebook.Cell, tag string) bool {
	for _, t := range c.Tags() {
		if t == tag {
			return true
		}
	}
	return false
}

// follow folds events until every cell has ended or none can any more.
func (r *runner) follow(ctx context.Context, feed host.Feed) error {
	stop := ctx
	for len(r.left) > 0 {
		events, err := feed.Next(stop)
		if err != nil {
			if ctx.Err() != nil && stop == ctx {
				r.res.Outcome, r.res.Reason = host.Aborted, "interrupted"
				if r.s.Host.Interrupt(context.WithoutCancel(ctx)) != nil {
					return ctx.Err() // no kernel to interrupt: nothing more will come
				}
				var cancel context.CancelFunc
				stop, cancel = context.WithTimeout(context.WithoutCancel(ctx), interruptTime)
				defer cancel()
				continue
			}
			return errors.Join(ctx.Err(), err)
		}
		if err := r.take(events); err != nil {
			return err
		}
		r.checkpoint(ctx)
	}
	return ctx.Err()
}

// interruptTime is how long an interrupted cell may take to end.
const interruptTime = 10 * time.Second

func (r *runner) take(events []host.Event) error {
	if r.o.Say != nil {
		r.say(events)
	}
	f := r.s.Fold(events)
	for _, key := range r.inOrder(f.Cells) {
		i, c := r.s.Doc.Index(key), r.s.Cell(key)
		if c.Phase == session.Resting && r.left[key] {
			delete(r.left, key)
			r.ended(i, c)
		}
		if r.o.Progress != nil && i >= 0 {
			r.o.Progress(i, c)
		}
	}
	end := r.s.Kernel.Ended
	if end != nil && end.Exit == nil && end.Failure != "" {
		return fmt.Errorf("%w: %s", ErrStart, end.Failure)
	}
	return nil
}

// inOrder lists cells from top to bottom.
func (r *runner) inOrder(cells map[uint64]bool) []uint64 {
	keys := make([]uint64, 0, len(cells))
	for key := range cells {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b uint64) int { return r.s.Doc.Index(a) - r.s.Doc.Index(b) })
	return keys
}

func (r *runner) say(events []host.Event) {
	for _, e := range events {
		switch e.Kind {
		case host.Queued:
			r.heard[e.Exec] = e.Execution.Cell.Index
		case host.Said:
			if i, ok := r.heard[e.Exec]; ok {
				r.o.Say(i, e.Message)
			}
		}
	}
}

// ended books a cell that has left the queue.
func (r *runner) ended(i int, c session.Cell) {
	if c.Started.IsZero() {
		return // dropped: it never ran
	}
	r.res.Ran++
	if c.Outcome == host.Ok {
		return
	}
	// Only what a cell raises may be allowed: a kernel that died is no error of a cell.
	if c.Outcome == host.Error && (r.o.AllowErrors || i >= 0 && hasTag(r.s.Doc.Cell(i), "raises-exception")) {
		return
	}
	if r.res.Failed >= 0 {
		return
	}
	r.res.Failed = i
	if r.res.Outcome == host.None {
		r.res.Outcome, r.res.Reason = c.Outcome, c.Reason
	}
	if i < 0 {
		return
	}
	for _, out := range r.s.Doc.Cell(i).Outputs() {
		if out.Kind() == notebook.Failure {
			r.res.Name, r.res.Value, _ = out.Error()
		}
	}
}

// checkpoint saves when the last save is long enough ago, but not before there is a
// kernel: one that does not come up must not cost the outputs of the run before.
func (r *runner) checkpoint(ctx context.Context) {
	now := r.o.Now()
	if r.o.Save == nil || r.s.Kernel.Info == nil || now.Sub(r.saved) < r.o.SaveEvery {
		return
	}
	r.saved = now
	_ = r.o.Save(context.WithoutCancel(ctx), r.s.Doc.Bytes()) // the next one tries again
}

// finish writes what the kernel said of its language, as nbclient does, and adds up.
func (r *runner) finish() {
	if r.res.Outcome == host.None && len(r.left) == 0 {
		r.res.Outcome = host.Ok
	}
	r.res.Took = r.o.Now().Sub(r.begun)
	up := r.s.Kernel.Info
	if up == nil {
		return
	}
	var reply struct {
		LanguageInfo json.RawMessage `json:"language_info"`
	}
	if json.Unmarshal(up.Info.Reply, &reply) != nil || reply.LanguageInfo == nil {
		return
	}
	// An equal value is left as it is written.
	if old, ok := r.s.Doc.Meta("language_info"); !ok || !sameJSON(old, reply.LanguageInfo) {
		r.s.Doc.SetMeta(reply.LanguageInfo, "language_info")
	}
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
