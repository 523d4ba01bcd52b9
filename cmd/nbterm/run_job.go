package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/run"
	"nbterm/render/term"
	"nbterm/storage"
)

// papermillVersion is the one whose keys we write.
const papermillVersion = "2.6.0"

// run is the verb.
func (a *app) run(ctx context.Context, args []string, f runFlags) error {
	if f.version {
		fmt.Fprintf(a.out, "nbterm %s, with the command line of papermill %s\n", a.versionText(), papermillVersion)
		return nil
	}
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	defer a.startLog(c.Log)()
	if err := f.check(); err != nil {
		return err
	}
	if f.own.resume {
		return a.resume(ctx, args, f)
	}
	if f.own.check.on {
		return a.check(ctx, args, f)
	}
	in, out, err := a.runPaths(args, f.help)
	if err != nil {
		return err
	}
	if f.help {
		return a.helpNotebook(ctx, in, f)
	}
	if f.sweep.on() {
		return a.sweepRuns(ctx, in, out, f)
	}
	w, err := a.newWork(ctx, in, out, f)
	if err != nil {
		return err
	}
	if f.prepare {
		return a.prepareOnly(ctx, w)
	}
	say, err := a.newRunSay(f, w.out)
	if err != nil {
		return err
	}
	defer say.close()
	w.announce(say)
	return a.concluded(ctx, w, say)
}

// check finds what no run can do anything with.
func (f *runFlags) check() error {
	switch {
	case f.own.compat != "" && f.own.compat != "strict":
		return usagef("--compat %s: strict is all there is", f.own.compat)
	case f.engine != "" && f.engine != "nbclient":
		return usagef("there is no engine %q: nbterm runs notebooks itself, as papermill's nbclient engine does", f.engine)
	case f.limit < 0 || f.saveIn < 0:
		return usagef("a time cannot be negative")
	case f.sweep.on():
		return f.checkSweep()
	case f.sweep.jobs != 1:
		return usagef("-j is for --sweep and --sweep-file")
	}
	return f.own.check.fault()
}

// runPaths says what to read and where to write: what is piped need not be named.
func (a *app) runPaths(args []string, help bool) (in, out string, err error) {
	switch {
	case len(args) > 2:
		return "", "", usagef("nbterm run takes no argument %q", args[2])
	case len(args) == 2:
		return args[0], args[1], nil
	case len(args) == 1 && isPipe(a.in) && !help:
		return "-", args[0], nil
	case len(args) == 1 && (help || isPipe(a.in) || !isTerminal(a.out)):
		return args[0], "-", nil
	case len(args) == 1:
		return "", "", usagef("nbterm run needs where to write the result")
	case isPipe(a.in):
		return "-", "-", nil
	}
	return "", "", usagef("nbterm run needs the notebook to run and where to write the result")
}

// work is one run, ready to be done.
type work struct {
	f        runFlags
	in, out  string // as typed, with the parameters filled in
	dest     place  // of out; no store for "-"
	saver    *saver // to dest, once the run has begun
	doc      *notebook.Notebook
	hash     string // SHA-256 of what was read
	own      bool   // out is in
	set      *params.Set
	was      string          // revision of dest when the run began; "" is none
	given    json.RawMessage // what was given to an earlier attempt
	spec     spec.Spec
	dir      string
	secrets  []secret
	warnings []string
	notes    []string
	start    time.Duration
	warm     bool

	earlier []run.Attempt // of the same run
	note    string        // why there is another
}

// newWork reads and checks everything there is to know before a kernel starts.
func (a *app) newWork(ctx context.Context, in, out string, f runFlags) (*work, error) {
	w := &work{f: f, in: in, out: out}
	var err error
	if w.set, err = a.readParams(ctx, in, out, f); err != nil {
		return nil, err
	}
	w.set.Merge(f.row)
	moment := params.Builtins{RunUUID: uuid(), Now: a.now()}
	for _, path := range []*string{&w.in, &w.out} {
		if *path, err = params.Path(*path, w.set, moment); err != nil {
			return nil, usagef("%w", err)
		}
	}
	if w.dir, err = a.kernelFolder(f.dir); err != nil {
		return nil, err
	}
	o, data, err := a.readRunnable(ctx, w.in)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	w.doc, w.hash = o.doc, hex.EncodeToString(sum[:])
	if w.out != "-" {
		if w.dest, err = a.place(ctx, w.out); err != nil {
			return nil, err
		}
		if w.own = w.dest.url == o.path; w.own && o.source != nil {
			return nil, usagef("the result is a notebook and cannot be written over %s; give it a name ending in .ipynb", w.in)
		}
	}
	if w.secrets, err = a.secrets(f.own.secrets); err != nil {
		return nil, err
	}
	return w, a.prepareWork(ctx, w)
}

// prepareWork chooses the kernel and puts the parameters in.
func (a *app) prepareWork(ctx context.Context, w *work) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	w.start, w.warm = c.Kernel.StartTimeout, c.Kernel.Spare
	s, note, err := a.chooseKernel(ctx, w.doc, w.f.kernel, c.Kernel.Default)
	if err != nil {
		return err
	}
	if w.spec = s; note != "" {
		w.notes = append(w.notes, note)
	}
	declared, err := params.InferAs(w.doc, w.names())
	if err != nil && w.set.Len() > 0 {
		return usagef("%w", err)
	}
	// A script that declares nothing takes whatever it is given.
	free := declared == nil && isJob(w.doc)
	if w.set.Len() > 0 && !free || w.f.own.strict {
		if w.warnings, err = params.Check(declared, w.set, w.f.own.strict); err != nil {
			return exit(exitUsage, err)
		}
	}
	more, err := params.Inject(w.doc, w.set, w.names())
	if err != nil {
		return usagef("%w", err)
	}
	w.warnings = append(w.warnings, more...)
	return nil
}

// names says in which language parameters are written.
func (w *work) names() params.InjectOptions {
	o := params.InjectOptions{Kernel: w.f.kernel, Language: w.f.language, HideSource: w.f.hideSource}
	if o.Kernel == "" && w.doc.KernelName() == "" {
		o.Kernel = w.spec.Name
	}
	if o.Language == "" && w.doc.Language() == "" {
		o.Language = w.spec.Language
	}
	return o
}

// announce tells what is going to be done, in papermill's log.
func (w *work) announce(say *runSay) {
	say.tell("INFO", "Input Notebook:  "+w.in)
	say.tell("INFO", "Output Notebook: "+w.out)
	if w.f.dir != "" {
		say.tell("INFO", "Working directory: "+w.dir)
	}
	for _, text := range append(w.notes, w.warnings...) {
		say.tell("WARNING", text)
	}
}

// readParams gathers the parameters of the command line.
func (a *app) readParams(ctx context.Context, in, out string, f runFlags) (*params.Set, error) {
	p := f.params
	if f.injectIn {
		p.InputPath = in
	}
	if f.injectOut {
		p.OutputPath = out
	}
	p.Read = func(name string) ([]byte, error) {
		at, err := a.place(ctx, name)
		if err != nil {
			return nil, err
		}
		data, _, err := at.store.Read(ctx, at.name)
		return data, err
	}
	set, err := params.ParseArgs(p)
	if err != nil {
		return nil, usagef("%w", err)
	}
	return set, nil
}

// about is what the record says of w.
func (a *app) about(w *work, id string) run.About {
	machine, _ := os.Hostname() // "" where it has none
	about := run.About{
		ID: id, Input: w.in, Output: w.out, Source: w.hash, Machine: machine,
		Version: a.versionText(), Papermill: papermillVersion, Earlier: w.earlier, Note: w.note,
	}
	about.Parameters = w.parameters()
	for _, s := range w.secrets {
		about.Secrets = append(about.Secrets, s.name)
	}
	return about
}

// parameters are those that were given, as JSON; nil is none.
func (w *work) parameters() json.RawMessage {
	if w.set.Len() > 0 {
		return w.set.JSON()
	}
	return w.given
}

// prepareOnly writes the notebook as it would run.
func (a *app) prepareOnly(ctx context.Context, w *work) error {
	for _, text := range w.warnings {
		fmt.Fprintln(a.err, cleanLines(text))
	}
	run.Prepare(w.doc, a.about(w, ""), w.f.hideSource)
	if w.out == "-" {
		return a.writeOut(w.doc.Bytes())
	}
	out, err := a.saver(ctx, w.dest)
	if err == nil {
		err = out.save(ctx, w.doc.Bytes())
	}
	if err != nil {
		return exit(exitStorage, fmt.Errorf("write %s: %w", w.out, err))
	}
	return nil
}

func (a *app) writeOut(data []byte) error {
	if _, err := a.out.Write(data); err != nil {
		return exit(exitStorage, fmt.Errorf("write standard output: %w", err))
	}
	return nil
}

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
		notebook: w.dest.url, spec: forRun(w.spec), dir: w.dir, timeout: w.start, warm: w.warm,
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
		err = a.report(w, d, say)
	}
	if d.saved.err != nil {
		return exit(exitStorage, errors.Join(err, d.saved.err))
	}
	return err
}

// report says how the notebook ended.
func (a *app) report(w *work, d done, say *runSay) error {
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

// kernelFolder is what --cwd names. One that is not there is a mistake to be told
// before a kernel fails to start in it; on a server it is the server that knows.
func (a *app) kernelFolder(dir string) (string, error) {
	if a.server.url != "" {
		return dir, nil
	}
	if dir == "" {
		return os.Getwd() // as papermill has it; the host has no folder of its own
	}
	dir = a.expand(dir)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", usagef("--cwd %s: there is no such folder", dir)
	case err != nil:
		return "", usagef("--cwd: %w", err)
	case !info.IsDir():
		return "", usagef("--cwd %s: it is a file, not a folder", dir)
	}
	return dir, nil
}

// readRunnable reads a notebook of a format that we know how to change, and its bytes.
func (a *app) readRunnable(ctx context.Context, path string) (opened, []byte, error) {
	o, err := a.readNotebook(ctx, path)
	if err != nil {
		return o, nil, err
	}
	if err := understood(o.doc); err != nil {
		return o, nil, exit(exitStorage, fmt.Errorf("run %s: %w", path, err))
	}
	if o.source != nil {
		return o, o.source, nil
	}
	return o, o.doc.Bytes(), nil // the very bytes that were read, while nothing differs
}

// readNotebook is openNotebook that also reads standard input, and makes a notebook of a
// script or a query.
func (a *app) readNotebook(ctx context.Context, path string) (opened, error) {
	if kind, ok := a.jobKind(path); ok {
		return a.readJob(ctx, path, kind)
	}
	if path != "-" {
		return a.openNotebook(ctx, path, false)
	}
	data, err := io.ReadAll(a.in)
	if err != nil {
		return opened{}, exit(exitStorage, fmt.Errorf("read standard input: %w", err))
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		return opened{}, exit(exitStorage, fmt.Errorf("read standard input: %w", err))
	}
	return opened{doc: doc}, nil
}

// saver writes the document of a run over what is there, but never over what somebody
// else wrote since the run began.
type saver struct {
	store storage.Store
	name  string
	was   storage.Revision
}

// saver finds out what is at a place; for standard output it is nil.
func (a *app) saver(ctx context.Context, at place) (*saver, error) {
	if at.store == nil {
		return nil, nil
	}
	s := &saver{store: loggedStore{at.store, a.logger()}, name: at.name, was: storage.None}
	_, info, err := at.store.Read(ctx, at.name)
	switch {
	case err == nil:
		s.was = info.Revision
	case !errors.Is(err, storage.ErrNotExist):
		return nil, exit(exitStorage, fmt.Errorf("write %s: %w", at.url, err))
	}
	return s, nil
}

func (s *saver) save(ctx context.Context, data []byte) error {
	info, err := s.store.Write(ctx, s.name, data, s.was)
	if info.Revision != storage.None { // in place, even if not for sure on the disk
		s.was = info.Revision
	}
	return err
}
