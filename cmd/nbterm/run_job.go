package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/run"
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
	for _, name := range secretNames(f.own.secrets) {
		if _, twice := w.set.Get(name); twice {
			return nil, usagef("%s is given as a secret and as a parameter, which is in the record for everybody to read", name)
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
		if w.warnings, err = params.Check(w.open(declared), w.set, w.f.own.strict); err != nil {
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

// open are the parameters as they are checked: a secret is given, and what it is nobody
// looks at.
func (w *work) open(declared []params.Parameter) []params.Parameter {
	names := secretNames(w.f.own.secrets)
	all := slices.Clone(declared)
	for i, p := range all {
		if slices.Contains(names, p.Name) {
			all[i].Required = false
		}
	}
	return all
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
