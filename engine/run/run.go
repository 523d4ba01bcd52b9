package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/session"
	"nbterm/engine/wire"
)

// Job is what to run.
type Job struct {
	Doc   *notebook.Notebook // the source, parameters injected; Run makes the record of it
	Host  Host               // nil only with Past: then what was told is all there will be
	About About
	Options

	// Past tells what the host told before this driver came; nil for a fresh run. From
	// is the number of the first event behind it.
	Past func(fold func([]host.Event))
	From uint64
	// Retry queues what has not completed, from the first such cell on. Without it only
	// what waits or runs is followed, unless nothing was ever queued.
	Retry bool
	// Began is the notebook as the run began with it, where Doc may have been mended
	// since: cells that were are marked. May be nil.
	Began *notebook.Notebook
}

// Host is the host of a run: a session's that can be told a secret.
type Host interface {
	session.Host
	Confide(exec, code string, values []string) error
}

// Options of a run.
type Options struct {
	// Save writes the document; it is called at most once per SaveEvery while cells run,
	// less often where it takes long, and once at the end. A failure is no end: the next
	// call tries again. nil saves nothing.
	Save      func(context.Context, []byte) error
	SaveEvery time.Duration // between cells; 0 is one second
	SaveIn    time.Duration // within a cell; 0 is SaveEvery, negative never
	SaveEnd   bool          // save at the end only
	// KeepOld leaves the file alone where no kernel came up: it is the source itself.
	KeepOld bool
	// Progress hears of each code cell as it starts and ends; index counts all cells.
	Progress func(index int, c session.Cell)
	// Say hears every message that belongs to a cell, for a live log. May be nil.
	Say func(index int, m *wire.Message)
	Now func() time.Time // injected clock
	// AllowErrors goes on after a cell that raised. A kernel that dies ends the run.
	AllowErrors bool
	// Limit is how long one cell may take; 0 is for ever.
	Limit time.Duration
	// Secret is code for the kernel that sets the secrets, and Values what it must not
	// show; it is told behind the cell of the parameters, whose defaults would else
	// overwrite them, and kept nowhere.
	Secret string
	Values []string
	// Strict writes the papermill block as papermill does where that is not true.
	Strict bool
	// HideSource marks code cells for front ends to show outputs only.
	HideSource bool
	// Packages asks the kernel at the end what is installed.
	Packages bool
	// Interpreter tells the path of what runs the code; may be nil.
	Interpreter func(kernel.Info) string
}

// ErrStart says that no kernel came up; the cause is wrapped.
var ErrStart = errors.New("the kernel did not start")

// ErrSecret says that the kernel did not take the secrets. The cause is not told: it
// may quote them.
var ErrSecret = errors.New("the kernel did not take the secrets")

// Run executes the code cells of a job and leaves its record in the document. A cell
// that raises is a Record, not an error, and neither is a save that failed (see
// Unsaved); errors are ErrStart, ErrSecret, the host's and ctx's. When ctx ends the
// running cell is interrupted and what there is is saved.
func Run(ctx context.Context, job Job) (Record, error) {
	r := newRunner(job)
	if job.Past == nil {
		r.clean(0)
	} else {
		say, progress := r.job.Say, r.job.Progress
		r.job.Say, r.job.Progress = nil, nil // it was said then
		job.Past(r.fold)
		r.job.Say, r.job.Progress = say, progress
		r.caughtUp()
	}
	err := r.drive(ctx)
	r.ended(ctx, err)
	if job.Save != nil && !(errors.Is(err, ErrStart) && job.KeepOld) {
		r.rec.Unsaved = job.Save(context.WithoutCancel(ctx), job.Doc.Bytes())
	}
	r.rec.Mark = r.s.Mark("")
	return r.rec, err
}

// Prepare writes into doc what is known of a run that is not made.
func Prepare(doc *notebook.Notebook, about About, hideSource bool) {
	RemoveMarkers(doc)
	if _, there := doc.Meta("papermill"); !there {
		setMeta(doc, "{}", "papermill", "default_parameters")
		setMeta(doc, "{}", "papermill", "environment_variables")
		setMeta(doc, "{}", "papermill", "parameters")
		setMeta(doc, quote(about.Papermill), "papermill", "version")
	}
	setMeta(doc, quote(about.Input), "papermill", "input_path")
	setMeta(doc, quote(about.Output), "papermill", "output_path")
	if about.Parameters != nil {
		setMeta(doc, string(about.Parameters), "papermill", "parameters")
	}
	for i := range doc.Len() {
		c := doc.Cell(i)
		if _, ok := c.Meta("tags"); !ok {
			c = c.WithMeta(json.RawMessage("[]"), "tags")
		}
		if _, ok := c.Meta("papermill"); !ok {
			c = c.WithMeta(json.RawMessage("{}"), "papermill")
		}
		if hideSource && c.Kind() == notebook.Code {
			c = c.WithMeta(json.RawMessage("true"), "jupyter", "source_hidden")
		}
		doc.Replace(i, c)
	}
}

// runner is a run at work. It belongs to one goroutine.
type runner struct {
	job     Job
	s       *session.Session
	cells   map[uint64]*cell  // of every cell of the document, by key
	open    map[string]uint64 // executions that have not ended, and their cells
	up      *host.Event       // that brought the kernel up
	exit    *kernel.Exit      // of the kernel, once it has died
	failure string            // why no kernel came up
	failed  uint64            // key of the cell that ended the run
	halted  bool              // we have interrupted it
	env     *Environment
	began   map[string]bool   // sources that the run began with; nil where none can differ
	wrote   map[uint64]string // metadata written last, by cell
	news    bool              // a cell has begun or ended since the last save
	saved   time.Time
	savings time.Duration // that the last save took
	rec     Record
}

func newRunner(job Job) *runner {
	if job.SaveEvery == 0 {
		job.SaveEvery = time.Second
	}
	if job.SaveIn == 0 {
		job.SaveIn = job.SaveEvery
	}
	r := &runner{
		job: job, cells: map[uint64]*cell{}, open: map[string]uint64{}, wrote: map[uint64]string{},
		rec: Record{ID: job.About.ID, Status: Running, Failed: -1, Started: job.Now()},
	}
	r.s = session.New(job.Doc, job.Host)
	RemoveMarkers(job.Doc)
	if job.Began != nil {
		r.began = map[string]bool{}
		for i := range job.Began.Len() {
			r.began[job.Began.Cell(i).Source()] = true
		}
	}
	for i := range job.Doc.Len() {
		c := job.Doc.Cell(i)
		r.cells[c.Key()] = &cell{status: Pending, idle: !runs(c)}
		if runs(c) {
			r.rec.Total++
		}
	}
	return r
}

// runs tells whether a cell has code to run.
func runs(c *notebook.Cell) bool {
	return c.Kind() == notebook.Code && !session.Blank(c.Source()) && !slices.Contains(c.Tags(), "skip-execution")
}

// allowed tells whether a cell may raise.
func (r *runner) allowed(c *notebook.Cell) bool {
	return r.job.AllowErrors || slices.Contains(c.Tags(), "raises-exception")
}

// clean takes out what earlier runs left in the cells from a position on.
func (r *runner) clean(from int) {
	for i := from; i < r.s.Doc.Len(); i++ {
		c := r.s.Doc.Cell(i)
		if c.Kind() == notebook.Code {
			r.s.Doc.Replace(i, c.WithOutputs(nil).WithCount(0, false).WithMeta(nil, "execution"))
		}
		*r.cells[c.Key()] = cell{status: Pending, idle: !runs(c)}
	}
	r.failed = 0
}

// caughtUp decides what is left to do once the past has been folded.
func (r *runner) caughtUp() {
	if !r.job.Retry {
		return
	}
	for i := range r.s.Doc.Len() {
		if c := r.cells[r.s.Doc.Cell(i).Key()]; !c.idle && !r.done(i) {
			r.clean(i)
			r.job.About.FirstCell = i
			return
		}
	}
	r.failed = 0
}

// done tells whether a cell has run to a good end, with the source that it has now.
func (r *runner) done(i int) bool {
	doc := r.s.Doc.Cell(i)
	return r.cells[doc.Key()].status.passes() && r.s.Cell(doc.Key()).Ran == session.Hash(doc.Source())
}

// left names the cells that are to be queued.
func (r *runner) left() []uint64 {
	if len(r.open) > 0 && !r.job.Retry || r.failed != 0 || r.job.Host == nil {
		return nil
	}
	waits := map[uint64]bool{}
	for _, key := range r.open {
		waits[key] = true
	}
	var keys []uint64
	for i := range r.s.Doc.Len() {
		if key := r.s.Doc.Cell(i).Key(); !r.cells[key].idle && r.cells[key].status == Pending && !waits[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

// drive queues what is left and follows it to the end.
func (r *runner) drive(ctx context.Context) error {
	if r.job.Host == nil {
		r.abandon()
		return nil
	}
	feed := r.job.Host.Attach(max(r.job.From, 1))
	defer feed.Close()
	keys := r.left()
	// Nothing to run is no reason not to look whether there is a kernel.
	if len(keys) == 0 && len(r.open) == 0 {
		if err := r.follow(ctx, feed, func() bool { return r.up != nil }); err != nil {
			return err
		}
	}
	o := session.Options{KeepGoing: r.allowed, NoStdin: true, Limit: r.job.Limit, Unattended: true}
	execs := r.s.Prepare(keys, o)
	for _, e := range execs {
		key, _ := r.s.Of(e.ID)
		r.open[e.ID] = key
	}
	if err := r.confide(execs); err != nil {
		return r.unstarted(ctx, feed, err)
	}
	if len(execs) > 0 {
		if err := r.job.Host.Execute(execs...); err != nil {
			return r.unstarted(ctx, feed, err)
		}
	}
	err := r.follow(ctx, feed, func() bool { return len(r.open) == 0 })
	if c := r.cells[r.failed]; err == nil && r.failed != 0 && c.reason == host.NotTold {
		return ErrSecret
	}
	if err == nil && r.job.Packages && r.exit == nil {
		r.askPackages(ctx)
	}
	return err
}

// unstarted says why the host took nothing: its events tell it best.
func (r *runner) unstarted(ctx context.Context, feed host.Feed, err error) error {
	ctx, cancel := context.WithTimeout(ctx, toldTime)
	defer cancel()
	for r.failure == "" && r.exit == nil {
		events, nextErr := feed.Next(ctx)
		if nextErr != nil {
			break
		}
		r.fold(events)
	}
	if r.failure != "" {
		return fmt.Errorf("%w: %s", ErrStart, r.failure)
	}
	return fmt.Errorf("%w: %w", ErrStart, err)
}

// confide has the kernel told the secrets before the first of the executions behind the
// cells of the parameters.
func (r *runner) confide(execs []host.Execution) error {
	if r.job.Secret == "" {
		return nil
	}
	last := max(params.Find(r.job.Doc, params.Tag), params.Find(r.job.Doc, params.InjectedTag))
	for _, e := range execs {
		if e.Cell.Index > last {
			return r.job.Host.Confide(e.ID, r.job.Secret, r.job.Values)
		}
	}
	return nil
}

const (
	// toldTime is how long events may take that have happened.
	toldTime = 2 * time.Second
	// interruptTime is how long an interrupted cell may take to end.
	interruptTime = 10 * time.Second
)

// follow folds events until it has enough.
func (r *runner) follow(ctx context.Context, feed host.Feed, enough func() bool) error {
	stop := ctx
	for !enough() {
		events, err := feed.Next(stop)
		if err != nil {
			if ctx.Err() == nil || stop != ctx {
				return errors.Join(ctx.Err(), err)
			}
			r.halted = true
			if r.job.Host.Interrupt(context.WithoutCancel(ctx)) != nil {
				return ctx.Err() // no kernel to interrupt: nothing more will come
			}
			var cancel context.CancelFunc
			stop, cancel = context.WithTimeout(context.WithoutCancel(ctx), interruptTime)
			defer cancel()
			continue
		}
		r.fold(events)
		if r.failure != "" {
			return fmt.Errorf("%w: %s", ErrStart, r.failure)
		}
		r.checkpoint(ctx)
	}
	return ctx.Err()
}

// checkpoint saves when the last save is long enough ago, but not before there is a
// kernel: one that does not come up must not cost the outputs of the run before.
func (r *runner) checkpoint(ctx context.Context) {
	if r.job.Save == nil || r.job.SaveEnd || r.up == nil {
		return
	}
	every, now := r.job.SaveEvery, r.job.Now()
	if !r.news {
		every = r.job.SaveIn
	}
	// A save that takes long is made seldom: saving takes a fifth of the time at most.
	if every < 0 || now.Sub(r.saved) < max(every, 4*r.savings) {
		return
	}
	r.write()
	r.news = false
	_ = r.job.Save(context.WithoutCancel(ctx), r.s.Doc.Bytes()) // the next one tries again
	r.saved = r.job.Now()
	r.savings = r.saved.Sub(now)
}
