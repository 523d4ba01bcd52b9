package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/notebook"
	"nbterm/engine/run"
	"nbterm/engine/session"
	"nbterm/render/term"
	"nbterm/storage"
)

// runFlags are the flags of `nbterm run`.
type runFlags struct {
	kernel      string
	dir         string
	quiet       bool
	allowErrors bool
}

func newRunCmd(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run IN OUT",
		Short: "Run a notebook without a screen and save it with its outputs",
		Long: "Runs every code cell of IN in order and writes the notebook with its outputs to\n" +
			"OUT; - is standard input or output. OUT may be IN. What has been done is saved once\n" +
			"a second, all or nothing, and at the end, however the run ends.",
		Example: "  nbterm run report.ipynb out/report.ipynb\n  nbterm run report.ipynb - | nbterm cat -",
		Args:    exactArgs("the notebook to run", "where to write the result"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), args[0], args[1], f)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.kernel, "kernel", "k", "", "run on this `KERNEL` instead of the notebook's")
	flags.StringVar(&f.dir, "cwd", "", "working `FOLDER` of the kernel (default: the folder of IN)")
	flags.BoolVar(&f.quiet, "quiet", false, "tell nothing but failures")
	flags.BoolVar(&f.allowErrors, "allow-errors", false, "go on after a cell that fails")
	a.settingFlag(flags, "start-timeout", "kernel.start_timeout", "how long the kernel may take to start, such as `60s`")
	return cmd
}

func (a *app) run(ctx context.Context, in, out string, f runFlags) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	defer a.startLog(c.Log)()
	if f.dir, err = a.kernelFolder(f.dir); err != nil {
		return err
	}
	o, err := a.readRunnable(ctx, in)
	if err != nil {
		return err
	}
	save, err := a.saver(ctx, out)
	if err != nil {
		return err
	}
	s, note, err := a.chooseKernel(ctx, o.doc, f.kernel, c.Kernel.Default)
	if err != nil {
		return err
	}
	if note != "" && !f.quiet {
		fmt.Fprintln(a.err, "nbterm: "+term.Clean(note))
	}
	dir := f.dir
	if dir == "" && in != "-" {
		dir = o.dir
	}
	want := hostFor{spec: s, dir: dir, timeout: c.Kernel.StartTimeout, life: registry.Life{WithClient: true}, warm: c.Kernel.Spare}
	h, entry, err := a.startHost(ctx, want)
	if err != nil {
		return err
	}
	p := a.newProgress(o.doc, f.quiet)
	res, err := run.Run(ctx, o.doc, h, run.Options{
		Save: save, Progress: p.cell, Now: a.now, AllowErrors: f.allowErrors, SaveEvery: time.Second,
	})
	saved := a.rescue(ctx, out, entry, o.doc, res.Unsaved)
	closeErr := saved.end(h)
	a.logger().Info("run ended", "outcome", res.Outcome.String(), "ran", res.Ran, "total", res.Total, "took", res.Took.String(), "unsaved", res.Unsaved != nil)
	if entry.Warm {
		want.dir = entry.Dir
		a.makeSpare(context.WithoutCancel(ctx), want)
	}
	p.end()
	if out == "-" {
		if _, err := a.out.Write(o.doc.Bytes()); err != nil {
			return exit(exitStorage, fmt.Errorf("write standard output: %w", err))
		}
	}
	if err != nil {
		err = runError(ctx, err, saved)
	} else if err = closeErr; err == nil {
		err = a.report(in, o.doc, res, f.quiet, saved)
	}
	if saved.err != nil {
		return exit(exitStorage, errors.Join(err, saved.err))
	}
	return err
}

// kernelFolder is what --cwd names. One that is not there is a mistake to be told
// before a kernel fails to start in it; on a server it is the server that knows.
func (a *app) kernelFolder(dir string) (string, error) {
	if dir == "" || a.server.url != "" {
		return dir, nil
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

// runError gives a run that could not go on its exit status.
func runError(ctx context.Context, err error, saved saved) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted%s", saved)
	case errors.Is(err, run.ErrStart):
		return exit(exitKernel, err)
	case errors.Is(err, link.ErrLost), errors.Is(err, host.ErrClosed):
		return exit(exitKernel, fmt.Errorf("%w%s", err, saved))
	}
	return err
}

// report says how a run ended, and fails when the notebook did.
func (a *app) report(in string, doc *notebook.Notebook, res run.Result, quiet bool, saved saved) error {
	if res.Outcome == host.Ok {
		if !quiet {
			fmt.Fprintf(a.err, "%d of %d cells ran in %s\n", res.Ran, res.Total, res.Took.Round(10*time.Millisecond))
		}
		return nil
	}
	where := fmt.Sprintf("%s: cell %d failed", in, res.Failed+1)
	if c := doc.Cell(max(res.Failed, 0)); c != nil {
		if n, ok := c.Count(); ok {
			where = fmt.Sprintf("%s: cell %d (In [%d]) failed", in, res.Failed+1, n)
		}
	}
	switch {
	case res.Outcome == host.Died:
		return exit(exitDied, fmt.Errorf("%s: %s%s", where, res.Reason, saved))
	case res.Name != "":
		return exit(exitFailed, fmt.Errorf("%s: %s: %s", where, res.Name, res.Value))
	}
	return exit(exitFailed, fmt.Errorf("%s", where))
}

// readRunnable reads a notebook of a format that we know how to change.
func (a *app) readRunnable(ctx context.Context, path string) (opened, error) {
	o, err := a.readNotebook(ctx, path)
	if err != nil {
		return o, err
	}
	if err := understood(o.doc); err != nil {
		return o, exit(exitStorage, fmt.Errorf("run %s: %w", path, err))
	}
	return o, nil
}

// readNotebook is openNotebook that also reads standard input.
func (a *app) readNotebook(ctx context.Context, path string) (opened, error) {
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

// saver writes the document of a run. To a file it writes over what is there, but
// never over what somebody else wrote since the run began.
func (a *app) saver(ctx context.Context, out string) (func(context.Context, []byte) error, error) {
	if out == "-" {
		return nil, nil
	}
	at, err := a.place(ctx, out)
	if err != nil {
		return nil, err
	}
	logged := loggedStore{at.store, a.logger()}
	was := storage.None
	_, info, err := at.store.Read(ctx, at.name)
	switch {
	case err == nil:
		was = info.Revision
	case !errors.Is(err, storage.ErrNotExist):
		return nil, exit(exitStorage, fmt.Errorf("write %s: %w", out, err))
	}
	return func(ctx context.Context, data []byte) error {
		info, err := logged.Write(ctx, at.name, data, was)
		if info.Revision != storage.None { // in place, even if not for sure on the disk
			was = info.Revision
		}
		return err
	}, nil
}

// progress is one line on the terminal that says how far a run is.
type progress struct {
	w    io.Writer // nil says nothing
	doc  *notebook.Notebook
	open bool // the line is not ended
}

func (a *app) newProgress(doc *notebook.Notebook, quiet bool) *progress {
	if quiet || !isTerminal(a.err) {
		return &progress{}
	}
	return &progress{w: a.err, doc: doc}
}

func (p *progress) cell(i int, c session.Cell) {
	if p.w == nil || c.Phase != session.Running {
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[Kcell %d/%d", i+1, p.doc.Len())
	p.open = true
}

func (p *progress) end() {
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
