package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/notebook"
	"nbterm/engine/run"
	"nbterm/render/term"
	"nbterm/storage"
)

// resume goes on with a run. What that is depends on what is left of it:
//
//	host lives, no record yet    its driver was killed: follow what it runs to the end
//	host lives, record is there  the kernel was kept: go on from the cell that failed
//	host is dead, no record yet  make the record of its journal; where cells are left,
//	                             run all of it again
//	nothing is left              run OUT again
func (a *app) resume(ctx context.Context, args []string, f runFlags) error {
	if len(args) != 1 {
		return usagef("nbterm run --resume needs one run: its id, or the notebook that it writes")
	}
	h, found, err := a.runOf(ctx, args[0])
	if err != nil {
		return err
	}
	if !found {
		return a.again(ctx, args[0], f, "the kernel was gone")
	}
	p, _ := planOf(h)
	l, waited, err := awaitLease(ctx, h.Folder(), p)
	if err == nil {
		defer l.release()
	} else if !errors.Is(err, os.ErrNotExist) { // which says that its host has gone just now
		return exit(exitKernel, fmt.Errorf("resume %s: %w", args[0], err))
	}
	if now, there := planOf(h); there {
		p = now // whoever had the lease may have ended it
	} else {
		waited, p.Ended, p.Kept = true, true, false
	}
	if waited && p.Ended && a.endedWell(ctx, p.Dest) {
		fmt.Fprintf(a.err, "The run has ended well meanwhile; %s is its record.\n", term.Clean(p.Dest))
		return nil
	}
	w := p.work(f)
	if p.Ended && !p.Kept || l == nil {
		return a.again(ctx, p.Dest, w.f, "the kernel was gone") // its host is ending, or has
	}
	l.plan = p
	w.spec = h.Spec
	if w.dest, err = a.place(ctx, p.Dest); err != nil {
		return err
	}
	if h.Alive {
		return a.goOn(ctx, w, h, l)
	}
	if p.Ended { // the time for which it was kept is over
		_ = h.Remove()
		return a.again(ctx, p.Dest, w.f, "the kernel was gone")
	}
	rec, err := a.settleRun(ctx, h, l)
	if err != nil {
		return err
	}
	_ = h.Remove()
	if rec.Status == run.Lost || rec.Status == run.Unstarted {
		return a.again(ctx, p.Dest, w.f, "the kernel was lost with its host")
	}
	return a.report(w, done{rec: rec})
}

// runOf finds the host of a run, by its id or by the notebook that it writes.
func (a *app) runOf(ctx context.Context, arg string) (registry.Host, bool, error) {
	dirs, err := a.hostDirs()
	if err != nil {
		return registry.Host{}, false, err
	}
	if h, err := dirs.Get(arg); err == nil {
		if _, ok := planOf(h); ok {
			return h, true, nil
		}
	}
	at, err := a.place(ctx, arg)
	if err != nil {
		return registry.Host{}, false, err
	}
	hosts, err := dirs.Of(at.url)
	if err != nil {
		return registry.Host{}, false, exit(exitKernel, err)
	}
	for _, h := range hosts {
		if _, ok := planOf(h); ok {
			return h, true, nil
		}
	}
	return registry.Host{}, false, nil
}

// goOn drives a run whose host lives.
func (a *app) goOn(ctx context.Context, w *work, h registry.Host, l *lease) error {
	j, err := journal.Open(h.Folder())
	if err != nil {
		return exit(exitKernel, err)
	}
	defer func() { _ = j.Close() }()
	told := j.Count()
	job := run.Job{From: told + 1, Retry: l.plan.Ended, Past: func(fold func([]host.Event)) { host.Replay(j, fold) }}
	if w.saver, err = a.saver(ctx, w.dest); err != nil {
		return err
	}
	if err := a.resumed(ctx, w, h, l); err != nil {
		return err
	}
	c, err := a.dial(ctx, h, false)
	if err != nil {
		return err
	}
	say, err := a.newRunSay(w.f, w.out)
	if err != nil {
		return err
	}
	defer say.close()
	if l.plan.Ended {
		l.plan.Ended, l.plan.Kept, l.plan.Earlier, l.plan.Note = false, false, w.earlier, w.note
		if err := writePlan(h.Folder(), l.plan); err != nil {
			return exit(exitStorage, err)
		}
	}
	say.tell("INFO", "Going on with run "+h.ID+" of "+w.in)
	say.doc = w.doc
	job.Doc, job.Host, job.Options = w.doc, c, a.runOptions(w, say)
	if job.Retry {
		job.Began, _ = source(h) // without it nothing is marked
		if job.Secret, job.Values, err = a.secretsAgain(w, l.plan, say); err != nil {
			return err
		}
	}
	job.About = a.about(w, h.ID)
	job.About.Secrets = secretNames(w.f.own.secrets)
	rec, runErr := run.Run(ctx, job)
	d, err := a.leave(ctx, w, c, h, l, rec, runErr)
	if err != nil {
		return err
	}
	return a.conclude(ctx, w, d, say)
}

// secretsAgain are the secrets for a run that goes on in its kernel. That has them, unless
// the cell of the parameters runs again: where they are to be had no more is no fault.
func (a *app) secretsAgain(w *work, p plan, say *runSay) (code string, values []string, err error) {
	implied := slices.Equal(w.f.own.secrets, p.Secrets)
	for _, given := range w.f.own.secrets {
		one, err := a.secrets([]string{given})
		if err != nil && !implied {
			return "", nil, err
		}
		if err != nil {
			say.tell("WARNING", err.Error()+"; the kernel has what it was told before")
		}
		w.secrets = append(w.secrets, one...)
	}
	code, values, _, err = secretCode(w.names().Kernel, w.language(), w.secrets)
	return code, values, err
}

// resumed finds the notebook that a living run goes on with: as it was queued, or where
// a record was made already, that record, as its reader has mended it.
func (a *app) resumed(ctx context.Context, w *work, h registry.Host, l *lease) error {
	var err error
	if !l.plan.Ended {
		if w.doc, err = source(h); err != nil {
			return exit(exitStorage, fmt.Errorf("resume run %s: %w", h.ID, err))
		}
		if w.note == "" {
			w.note = "its driver was gone; taken over without running a cell twice"
		}
		if err := a.ours(ctx, w, h.ID); err != nil {
			return err
		}
		if w.saver == nil {
			return exit(exitStorage, fmt.Errorf("%s %w; move it away, the run goes on meanwhile", w.dest.url, errNotOurs))
		}
		return nil
	}
	o, _, err := a.readRunnable(ctx, w.dest.url)
	if err != nil {
		return err
	}
	w.doc = o.doc
	id, _, attempts, ok := run.Past(o.doc)
	if ok && id == h.ID {
		w.earlier = attempts
	}
	w.note = "gone on in the same kernel"
	return nil
}

// errNotOurs says that the notebook at the place of a record is something else by now.
var errNotOurs = errors.New("was changed by someone else")

// ours makes sure that what is at the place of a record may be written over: nothing,
// what was there when the run began, or a record of the same run. Else w has no saver.
func (a *app) ours(ctx context.Context, w *work, id string) error {
	data, info, err := w.dest.store.Read(ctx, w.dest.name)
	if errors.Is(err, storage.ErrNotExist) {
		return nil
	}
	if err != nil {
		return exit(exitStorage, err)
	}
	if string(info.Revision) == w.was {
		return nil
	}
	if doc, err := notebook.Parse(data); err == nil {
		if run, _, _, ok := run.Past(doc); ok && run == id {
			return nil
		}
	}
	w.saver = nil
	return nil
}

// again runs OUT once more from its first cell, in a kernel of its own.
func (a *app) again(ctx context.Context, out string, f runFlags, why string) error {
	f, err := a.asRecorded(ctx, out, f)
	if err != nil {
		return err
	}
	w, err := a.newWork(ctx, escapeTemplate(out), escapeTemplate(out), f)
	if err != nil {
		return err
	}
	id, status, attempts, ok := run.Past(w.doc)
	if !ok {
		return usagef("%s is not the record of a run, and no run of that name is left", out)
	}
	if status.Good() {
		return usagef("run %s has ended well; there is nothing to resume", id)
	}
	w.earlier, w.own = attempts, false
	w.note = why + "; run again from the first cell"
	w.in = run.InputOf(w.doc)
	say, err := a.newRunSay(f, w.out)
	if err != nil {
		return err
	}
	defer say.close()
	say.tell("WARNING", "Run "+id+": "+w.note)
	return a.concluded(ctx, w, say)
}

// asRecorded are the flags for a run like the one whose record is at out: on its kernel,
// and with its secrets, of which the record has but the names.
func (a *app) asRecorded(ctx context.Context, out string, f runFlags) (runFlags, error) {
	o, _, err := a.readRunnable(ctx, out)
	if err != nil {
		return f, err
	}
	if name := run.KernelOf(o.doc); f.kernel == "" && name != o.doc.KernelName() {
		f.kernel = name
	}
	given := secretNames(f.own.secrets)
	for _, name := range run.SecretsOf(o.doc) {
		if !slices.Contains(given, name) {
			return f, usagef("the run had the secret %s, which is kept nowhere: give it again with --secret %[1]s=env:VAR or %[1]s=file:PATH", name)
		}
	}
	return f, nil
}

// settleRun makes the record of a run of which only the journal is left, and says what
// became of it.
func (a *app) settleRun(ctx context.Context, h registry.Host, l *lease) (run.Record, error) {
	j, err := journal.Open(h.Folder())
	if err != nil {
		return run.Record{}, err
	}
	defer func() { _ = j.Close() }()
	w := l.plan.work(runFlags{})
	if w.dest, err = a.place(ctx, l.plan.Dest); err != nil {
		return run.Record{}, err
	}
	if w.saver, err = a.saver(ctx, w.dest); err != nil {
		return run.Record{}, err
	}
	if w.doc, err = source(h); err != nil {
		return run.Record{}, err
	}
	w.note = "its driver was gone; the record was made of the journal"
	if err := a.ours(ctx, w, h.ID); err != nil {
		return run.Record{}, err
	}
	about := a.about(w, h.ID)
	about.Secrets = secretNames(l.plan.Secrets)
	job := run.Job{Doc: w.doc, About: about, Past: func(fold func([]host.Event)) { host.Replay(j, fold) }}
	job.Now, job.AllowErrors, job.HideSource, job.Strict = h.Ended, w.f.own.allowErrors, w.f.hideSource, w.f.own.compat == "strict"
	if w.saver != nil {
		job.Save = w.saver.save
	}
	rec, err := run.Run(ctx, job)
	if err != nil {
		return rec, err
	}
	if w.saver == nil || rec.Unsaved != nil {
		if _, err := a.beside(ctx, w.dest.url, w.doc.Bytes()); err != nil {
			return rec, err
		}
	}
	m := rec.Mark
	if w.saver != nil {
		m.Revision = string(w.saver.was)
	}
	return rec, errors.Join(a.setMark(ctx, h, m), l.over(h.Alive && w.f.own.keep > 0))
}

// settleRunOf is settleRun for whoever tidies up; it leaves a run alone that is driven.
func (a *app) settleRunOf(ctx context.Context, h registry.Host, p plan) (wrote string, err error) {
	l, err := takeLease(h.Folder(), p)
	if errors.Is(err, errDriven) || errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer l.release()
	if p, ok := planOf(h); !ok || p.Ended {
		return "", nil // by whoever drove it last
	}
	if c, err := a.dial(ctx, h, true); err == nil {
		st, err := c.Ask()
		_ = c.Close()
		if err == nil && (st.Current != nil || st.Waiting > 0 || st.State == host.Starting) {
			return "", nil // it goes on
		}
	}
	rec, err := a.settleRun(ctx, h, l)
	if err != nil {
		return "", err
	}
	if rec.Status.Good() || p.Keep == 0 {
		a.endQuietly(ctx, h)
	}
	return p.Dest, nil
}

// endQuietly ends a host that nobody needs any more.
func (a *app) endQuietly(ctx context.Context, h registry.Host) {
	c, err := a.dial(ctx, h, false)
	if err != nil {
		return // it has ended
	}
	if err := c.Finish(); err != nil && !errors.Is(err, link.ErrLost) {
		a.logger().Warn("host not ended", "host", h.ID, "error", err.Error())
	}
	_ = c.Close()
}

// failedCell is where a reader of h's run is to look first: 1 for the first cell of the
// notebook, 0 where nothing failed.
func (a *app) failedCell(ctx context.Context, h registry.Host) int {
	if _, ok := planOf(h); !ok {
		return 0
	}
	data, err := a.read(ctx, h.Notebook)
	if err != nil {
		return 0 // opening it tells
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		return 0
	}
	return run.FailedCell(doc) + 1
}

// endedWell says whether the record at path is of a run that ended well.
func (a *app) endedWell(ctx context.Context, path string) bool {
	o, err := a.openNotebook(ctx, path, false)
	if err != nil {
		return false
	}
	_, status, _, ok := run.Past(o.doc)
	return ok && status.Good()
}
