package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/run"
	"nbterm/render/term"
)

// concluded does a run and says how it ended.
func (a *app) concluded(ctx context.Context, w *work, say *runSay) error {
	d, err := a.do(ctx, w, say)
	if err != nil {
		return err
	}
	return a.conclude(ctx, w, d, say)
}

// done is a run that has ended.
type done struct {
	rec   run.Record
	err   error // why it could not go on; nil when the notebook alone decided
	saved saved
	kept  registry.Host // where the kernel was kept
}

// do starts a host for w, runs it there and saves the record. The error is that of a
// host that could not be started.
func (a *app) do(ctx context.Context, w *work, say *runSay) (done, error) {
	code, values, _, err := secretCode(w.names().Kernel, w.language(), w.secrets)
	if err != nil {
		return done{}, err
	}
	if w.saver, err = a.saver(ctx, w.dest); err != nil {
		return done{}, err
	}
	want := hostFor{
		notebook: w.dest.url, spec: forRun(w.spec), orSpare: []spec.Spec{w.spec}, dir: w.dir, timeout: w.start, warm: w.warm,
		life: registry.Life{Idle: max(w.f.own.keep, settleTime)}, environ: a.withoutSecrets(w.secrets),
	}
	if w.dest.store == nil {
		want.life = registry.Life{WithClient: true} // nobody could take over what goes to a pipe
	}
	h, entry, err := a.startHost(ctx, want)
	if err != nil {
		return done{}, err
	}
	lease, err := a.leavePlan(entry, w)
	if err != nil {
		_ = finish(h)
		return done{}, exit(exitStorage, err)
	}
	defer lease.release()
	say.tell("INFO", "Executing notebook with kernel: "+w.spec.Name)
	say.doc = w.doc
	job := run.Job{Doc: w.doc, Host: h, About: a.about(w, entry.ID), Options: a.runOptions(w, say)}
	job.Secret, job.Values = code, values
	rec, runErr := run.Run(ctx, job)
	if entry.Warm {
		want.dir = entry.Dir
		defer a.makeSpare(context.WithoutCancel(ctx), want)
	}
	return a.leave(ctx, w, h, entry, lease, rec, runErr)
}

// settleTime is how long a host whose driver was killed stays for another.
const settleTime = 3 * time.Second

// runOptions are what the flags say of a run.
func (a *app) runOptions(w *work, say *runSay) run.Options {
	o := run.Options{
		Progress: say.cell, Say: say.message, Now: a.now, AllowErrors: w.f.own.allowErrors,
		SaveEnd: !w.f.saveCells, SaveIn: time.Duration(w.f.saveIn) * time.Second, KeepOld: w.own,
		Limit: time.Duration(w.f.limit * float64(time.Second)), Strict: w.f.own.compat == "strict",
		HideSource: w.f.hideSource, Packages: w.f.own.packages, Interpreter: interpreter,
	}
	if w.f.saveIn == 0 {
		o.SaveIn = -1
	}
	if w.saver != nil {
		o.Save = w.saver.save
	}
	return o
}

// language is that of the kernel, for what it is told.
func (w *work) language() string {
	if w.spec.Language != "" {
		return w.spec.Language
	}
	return w.doc.Language()
}

// leave ends the host of a run that is over, or keeps it for whoever looks into why.
func (a *app) leave(ctx context.Context, w *work, h *link.Client, entry registry.Host, lease *lease, rec run.Record, runErr error) (done, error) {
	d := done{rec: rec, err: runErr}
	a.logger().Info("run ended", "outcome", string(rec.Status), "ran", rec.Ran, "total", rec.Total, "took", rec.Took().String(), "unsaved", rec.Unsaved != nil)
	if w.dest.store != nil {
		d.saved = a.rescue(ctx, w.out, entry, w.doc, rec.Unsaved)
	}
	keep := w.f.own.keep > 0 && w.dest.store != nil && !rec.Status.Good() && ctx.Err() == nil && !errors.Is(runErr, link.ErrLost) &&
		(rec.Status == run.Failed || rec.Status == run.TimedOut)
	if keep {
		d.kept = entry
		m := rec.Mark
		m.Revision = string(w.saver.was)
		err := errors.Join(h.SetMark(m), lease.over(true))
		_ = h.Close() // it lives on
		return d, err
	}
	if !d.saved.lost {
		_ = lease.over(false) // else it is settled once more, to the same end
	}
	err := d.saved.end(h)
	if ctx.Err() != nil {
		// Whoever stops a run wants nothing of it to go on behind it.
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		_ = entry.Wait(wait)
	}
	if d.err == nil {
		d.err = err
	}
	return d, nil
}

// conclude tells how a run ended, and fails when the notebook did.
func (a *app) conclude(ctx context.Context, w *work, d done, say *runSay) error {
	say.clear()
	var err error
	if w.out == "-" {
		err = a.writeOut(w.doc.Bytes())
	}
	switch {
	case err != nil:
	case ctx.Err() != nil:
		err = fmt.Errorf("interrupted%s", d.saved)
	case errors.Is(d.err, run.ErrStart), errors.Is(d.err, link.ErrLost), errors.Is(d.err, host.ErrClosed), errors.Is(d.err, run.ErrSecret):
		err = exit(exitKernel, fmt.Errorf("%w%s", d.err, d.saved))
		if errors.Is(d.err, run.ErrStart) {
			err = exit(exitKernel, d.err)
		}
	case d.err != nil:
		err = d.err
	default:
		err = a.report(w, d)
	}
	if d.saved.err != nil {
		return exit(exitStorage, errors.Join(err, d.saved.err))
	}
	return err
}

// report says how the notebook ended.
func (a *app) report(w *work, d done) error {
	rec := d.rec
	if rec.Status.Good() && (!rec.Raised || w.f.own.allowErrors) {
		if !w.f.own.quiet && w.out != "-" {
			fmt.Fprintf(a.err, "%d of %d cells ran in %s\n", rec.Ran, rec.Total, rec.Took().Round(10*time.Millisecond))
		}
		return nil
	}
	where := fmt.Sprintf("%s: cell %d failed", w.in, rec.Failed+1)
	if rec.Count > 0 {
		where = fmt.Sprintf("%s: cell %d (In [%d]) failed", w.in, rec.Failed+1, rec.Count)
	}
	if rec.Traceback != nil && !w.f.own.quiet {
		fmt.Fprintln(a.err, cleanLines(traceback(rec.Count, rec.Traceback)))
	}
	if d.kept.ID != "" {
		kept := strings.Replace(strings.Replace(w.f.own.keep.String(), "m0s", "m", 1), "h0m", "h", 1)
		defer fmt.Fprintf(a.err, "The kernel is kept for %s:\n  nbterm attach %s\n  nbterm run --resume %[2]s\n", kept, term.Clean(w.out))
	}
	switch {
	case rec.Status == run.TimedOut:
		return exit(exitFailed, fmt.Errorf("%s: %s%s", where, rec.Reason, d.saved))
	case rec.Status == run.Died, rec.Status == run.OOM, rec.Status == run.Stopped:
		return exit(exitDied, fmt.Errorf("%s: %s%s", where, rec.Reason, d.saved))
	case rec.Name != "":
		return exit(exitFailed, fmt.Errorf("%s: %s: %s", where, rec.Name, rec.Value))
	}
	return exit(exitFailed, fmt.Errorf("%s: %s", where, strings.TrimPrefix(rec.Reason+"; it is "+string(rec.Status), "; ")))
}
