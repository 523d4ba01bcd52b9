package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/run"
	"nbterm/engine/scrap"
	"nbterm/engine/session"
	"nbterm/engine/sweep"
	"nbterm/storage"
)

// sweepFlags make many runs of one.
type sweepFlags struct {
	axes []string // NAME=VALUES
	file string   // of rows
	jobs int      // runs at a time
}

func (f *sweepFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.axes, "sweep", nil, "run for each of `NAME=VALUE,VALUE` or FIRST..LAST")
	flags.StringVar(&f.file, "sweep-file", "", "run once for each row of a CSV or JSONL `FILE` of parameters")
	flags.IntVarP(&f.jobs, "jobs", "j", 1, "how many runs of a sweep go at a time")
}

func (f *sweepFlags) on() bool { return len(f.axes) > 0 || f.file != "" }

// checkSweep finds what makes no sense for many runs.
func (f *runFlags) checkSweep() error {
	const most = 256
	switch {
	case f.sweep.jobs < 1 || f.sweep.jobs > most:
		return usagef("-j %d: from 1 to %d runs go at a time", f.sweep.jobs, most)
	case f.own.resume:
		return usagef("a sweep needs no --resume: what has completed is not run again")
	case f.prepare:
		return usagef("--prepare-only writes one notebook, and a sweep is many")
	case f.stdoutFile != "" || f.stderrFile != "":
		return usagef("--stdout-file and --stderr-file are for one run, and a sweep is many")
	case slices.ContainsFunc(f.own.secrets, func(s string) bool { return strings.HasSuffix(s, "=prompt") }):
		return usagef("a sweep cannot ask for a secret for each run; give it as env:VAR or file:PATH")
	}
	return nil
}

// sweepWaiting is the status of a run that was not begun.
const sweepWaiting = "waiting"

// sweeper is a sweep at work.
type sweeper struct {
	app     *app
	in      string
	f       runFlags
	sets    []*params.Set  // what differs from run to run
	outs    []string       // where the records go
	home    string         // the folder that they share, "" or ending in /
	results []sweep.Result // each written by the goroutine of its run
	board   *sweepBoard
}

// sweepRuns makes all runs of a sweep, and a summary of them.
func (a *app) sweepRuns(ctx context.Context, in, out string, f runFlags) error {
	if in == "-" || out == "-" {
		return usagef("a sweep reads a notebook that has a name and writes many; - is neither")
	}
	s := &sweeper{app: a, in: in, f: f}
	if err := s.plan(ctx, out); err != nil {
		return err
	}
	warnings, err := s.check(ctx)
	if err != nil {
		return err
	}
	if !f.own.quiet {
		for _, text := range warnings {
			fmt.Fprintln(a.err, cleanLines(text))
		}
	}
	s.board = a.newSweepBoard(s)
	s.all(ctx)
	s.board.close()
	return s.conclude(ctx)
}

// plan reads the axes and rows and finds a place for each record.
func (s *sweeper) plan(ctx context.Context, out string) error {
	a, f := s.app, s.f
	var rows []*params.Set
	if f.sweep.file != "" {
		at, err := a.place(ctx, f.sweep.file)
		if err != nil {
			return err
		}
		data, _, err := at.store.Read(ctx, at.name)
		if err != nil {
			return exit(exitStorage, fmt.Errorf("read --sweep-file: %w", err))
		}
		if rows, err = sweep.ReadRows(at.name, data); err != nil {
			return usagef("%w", err)
		}
	}
	var axes []sweep.Axis
	for _, text := range f.sweep.axes {
		axis, err := sweep.ParseAxis(text)
		if err != nil {
			return usagef("%w", err)
		}
		axes = append(axes, axis)
	}
	var err error
	if s.sets, err = sweep.Plan(rows, axes); err != nil {
		return usagef("%w", err)
	}
	base, err := a.readParams(ctx, s.in, out, f)
	if err != nil {
		return err
	}
	for i, set := range s.sets {
		all := base.Clone()
		all.Merge(set)
		path, err := sweep.Output(out, s.in, i, len(s.sets), all, params.Builtins{RunUUID: uuid(), Now: a.now()})
		if err != nil {
			return usagef("%w", err)
		}
		s.outs = append(s.outs, path)
	}
	if i, j, twice := sweep.Twice(s.outs); twice {
		return usagef("runs %d and %d would both write %s; put {index} or a parameter into its name", i+1, j+1, s.outs[i])
	}
	if fixed, _, template := strings.Cut(out, "{"); template {
		s.home = fixed[:strings.LastIndexByte(fixed, '/')+1]
	} else {
		s.home = strings.TrimSuffix(out, "/") + "/"
	}
	s.results = make([]sweep.Result, len(s.sets))
	for i := range s.results {
		s.results[i] = sweep.Result{Set: s.sets[i], Output: s.outs[i], Status: sweepWaiting}
	}
	return nil
}

// check holds all sets of parameters against the notebook before any kernel starts, and
// makes the folders of this machine. The warnings are each told once.
func (s *sweeper) check(ctx context.Context) ([]string, error) {
	for i, out := range s.outs {
		folder := filepath.Dir(s.app.expand(out))
		if isURL(out) || i > 0 && folder == filepath.Dir(s.app.expand(s.outs[i-1])) {
			continue
		}
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return nil, exit(exitStorage, fmt.Errorf("make the folder of %s: %w", out, err))
		}
	}
	first, err := s.work(ctx, 0)
	if err != nil {
		return nil, err
	}
	warnings := append(first.notes, first.warnings...)
	declared, err := params.InferAs(first.doc, first.names())
	if err != nil || declared == nil && isJob(first.doc) && !s.f.own.strict {
		return warnings, nil //nolint:nilerr // there is nothing to hold them against, which prepareWork has told
	}
	for i, set := range s.sets {
		all := first.set.Clone()
		all.Merge(set)
		more, err := params.Check(first.open(declared), all, s.f.own.strict)
		if err != nil {
			return nil, exit(exitUsage, fmt.Errorf("run %d of the sweep: %w", i+1, err))
		}
		for _, text := range more {
			if !slices.Contains(warnings, text) {
				warnings = append(warnings, text)
			}
		}
	}
	return warnings, nil
}

// work is run i, ready to be done.
func (s *sweeper) work(ctx context.Context, i int) (*work, error) {
	f := s.f
	f.row = s.sets[i]
	w, err := s.app.newWork(ctx, s.in, strings.NewReplacer("{", "{{", "}", "}}").Replace(s.outs[i]), f)
	if err == nil {
		w.warm = false // many kernels at once need no spare
	}
	return w, err
}

// all makes the runs, some at a time, until there are no more or ctx ends.
func (s *sweeper) all(ctx context.Context) {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(s.f.sweep.jobs, len(s.sets)) {
		workers.Go(func() {
			for i := range next {
				s.results[i] = s.one(ctx, i)
				s.board.ended(i, s.results[i])
			}
		})
	}
	for i := range s.sets {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	workers.Wait()
}

// one makes run i, unless its record is there already.
func (s *sweeper) one(ctx context.Context, i int) sweep.Result {
	res := s.results[i]
	w, err := s.work(ctx, i)
	if err != nil {
		res.Status, res.Why = "failed", err.Error()
		return res
	}
	if doc := s.finished(ctx, w); doc != nil {
		was := scrap.Of(doc)
		res.Status, res.Took, res.Scraps = was.Status, was.Took, was.Scraps
		return res
	}
	say := &runSay{w: s.board.log(i), level: slices.Index(runLevels(), "ERROR"), output: s.f.logOutput, now: s.app.now, begun: s.app.now()}
	if s.f.logOutput {
		say.level = slices.Index(runLevels(), "INFO")
	}
	s.board.began(i, w.doc)
	say.watch = func(_ int, c session.Cell) { s.board.cell(i, c) }
	d, err := s.app.do(ctx, w, say)
	if err != nil {
		res.Status, res.Why = "failed", err.Error()
		return res
	}
	res.Status, res.Took, res.Scraps = string(d.rec.Status), d.rec.Took(), scrap.Read(w.doc)
	res.Why = reasonOf(d)
	if res.Why != "" && d.rec.Status.Good() {
		res.Status = "failed" // the notebook went well, but not what came after
	}
	return res
}

// finished is the record of w if it is there and complete, else nil.
func (s *sweeper) finished(ctx context.Context, w *work) *notebook.Notebook {
	data, _, err := w.dest.store.Read(ctx, w.dest.name)
	if err != nil {
		return nil // it is made, and then its writing says what is wrong
	}
	doc, err := notebook.Parse(data)
	if err != nil || !sweep.Finished(doc, w.hash, w.set) {
		return nil
	}
	return doc
}

// reasonOf says in a clause why a run did not complete; "" it did.
func reasonOf(d done) string {
	rec := d.rec
	err := errors.Join(d.err, d.saved.err)
	switch {
	case errors.Is(d.err, run.ErrStart), err != nil && rec.Status.Good():
		return err.Error()
	case rec.Status.Good():
		return ""
	case rec.Name != "":
		return fmt.Sprintf("cell %d: %s: %s", rec.Failed+1, rec.Name, rec.Value)
	case rec.Reason != "" && rec.Failed >= 0:
		return fmt.Sprintf("cell %d: %s", rec.Failed+1, rec.Reason)
	case rec.Reason != "":
		return rec.Reason
	}
	return "it is " + string(rec.Status)
}

// conclude writes the summary and fails when a run did.
func (s *sweeper) conclude(ctx context.Context) error {
	sum := sweep.Summarize(path.Base(s.in), s.results)
	where, err := s.writeSummary(context.WithoutCancel(ctx), sum)
	var failed []string
	completed := 0
	for i, r := range s.results {
		switch {
		case r.Status == sweepWaiting:
		case r.Why != "":
			failed = append(failed, fmt.Sprintf("%s (%s)", s.outs[i], r.Why))
		default:
			completed++
		}
	}
	if !s.f.own.quiet {
		s.board.final()
		if err == nil {
			fmt.Fprintln(s.app.err, cleanLines("Summary: "+where))
		}
	}
	switch {
	case ctx.Err() != nil:
		return errors.Join(fmt.Errorf("interrupted: %d of %d runs completed; the same command makes the rest", completed, len(s.sets)), err)
	case len(failed) > 0:
		const most = 10
		text := strings.Join(failed[:min(len(failed), most)], "; ")
		if len(failed) > most {
			text += fmt.Sprintf("; and %d more, see %s", len(failed)-most, where)
		}
		return exit(exitFailed, errors.Join(fmt.Errorf("%d of %d runs failed: %s", len(failed), len(s.sets), text), err))
	}
	return err
}

// writeSummary writes table and notebook beside the records; where names both.
func (s *sweeper) writeSummary(ctx context.Context, sum *sweep.Summary) (where string, err error) {
	name := sweep.Stem(s.in) + "-sweep"
	base := s.home + name
	page, err := sum.Notebook(name + ".csv")
	if err != nil {
		return "", err
	}
	for _, file := range []struct {
		ext  string
		data []byte
	}{{".csv", sum.CSV()}, {".ipynb", page}} {
		if err := s.write(ctx, base+file.ext, file.data); err != nil {
			return "", exit(exitStorage, fmt.Errorf("write the summary %s: %w", base+file.ext, err))
		}
	}
	return base + ".ipynb, " + base + ".csv", nil
}

func (s *sweeper) write(ctx context.Context, address string, data []byte) error {
	at, err := s.app.place(ctx, address)
	if err != nil {
		return err
	}
	// A summary is made of the records: whatever was there is older.
	for range 3 {
		var to *saver
		if to, err = s.app.saver(ctx, at); err != nil {
			return err
		}
		if err = to.save(ctx, data); !errors.Is(err, storage.ErrConflict) {
			return err
		}
	}
	return err
}
