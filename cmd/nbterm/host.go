package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/host/link"
	"nbterm/engine/host/process"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/settle"
	"nbterm/render/term"
	"nbterm/storage"
)

// hostVerb is the hidden first argument of a kernel host's process.
const hostVerb = "__host"

// hostMain is the life of a kernel host. It does not go through the command line:
// a host should be up in milliseconds.
func (a *app) hostMain(ctx context.Context, state, runtime, id string) int {
	dirs := registry.Dirs{State: state, Runtime: runtime}
	err := process.Main(ctx, process.Options{
		Dirs: dirs, ID: id, Launcher: launcher, Stamp: a.stamp(), Now: a.now, Quiet: a.settleLater,
		Log: slog.New(slog.NewJSONHandler(a.err, nil)), // the file of a host's folder
	})
	if err != nil {
		fmt.Fprintln(a.err, err)
		return exitKernel
	}
	return exitOK
}

// hostDirs is where kernel hosts of this user live.
func (a *app) hostDirs() (registry.Dirs, error) {
	state, err := a.stateDir()
	if err != nil {
		return registry.Dirs{}, exit(exitKernel, err)
	}
	runtime, err := a.runtimeDir()
	if err != nil {
		return registry.Dirs{}, exit(exitKernel, err)
	}
	return registry.Dirs{State: state, Runtime: runtime, Machine: a.machine}, nil
}

// hostFor says what a host is wanted for.
type hostFor struct {
	notebook string // absolute path; "" for none
	was      storage.Revision
	spec     spec.Spec
	dir      string // working directory of the kernel
	timeout  time.Duration
	life     registry.Life
	warm     bool        // a spare will do, and another is made ready
	orSpare  []spec.Spec // whose spares will do as well
	environ  []string    // of the host and its kernel; nil is ours
}

// canSpare is true for kernels that are slow to start and ours to start.
func (f hostFor) canSpare() bool { return f.warm && !f.spec.Embedded && f.spec.Remote == nil }

// startHost starts a kernel host in a process of its own and connects to it.
func (a *app) startHost(ctx context.Context, f hostFor) (*link.Client, registry.Host, error) {
	dirs, err := a.hostDirs()
	if err != nil {
		return nil, registry.Host{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, registry.Host{}, exit(exitKernel, fmt.Errorf("find our own program: %w", err))
	}
	if f.environ == nil {
		f.environ = a.childEnviron()
	}
	if f.dir != "" {
		if f.dir, err = filepath.Abs(f.dir); err != nil {
			return nil, registry.Host{}, exit(exitKernel, fmt.Errorf("find the kernel's folder: %w", err))
		}
	}
	e := registry.Entry{
		ID: newID()[:8], Notebook: f.notebook, Spec: f.spec, Dir: f.dir, Timeout: f.timeout, Life: f.life,
		Started: a.now(), Version: a.version, Born: host.Mark{Revision: string(f.was)},
	}
	if f.canSpare() {
		for _, s := range append([]spec.Spec{f.spec}, f.orSpare...) {
			e.Spare = registry.SpareKey(s, f.dir, f.environ)
			if c, h, ok := a.claim(ctx, dirs, e); ok {
				a.logger().Info("spare host claimed", "host", h.ID, "kernel", f.spec.Name)
				return c, h, nil
			}
		}
		e.Spare = ""
	}
	program := process.Program{Path: self, Args: []string{hostVerb}, Env: f.environ}
	if err := process.Start(ctx, dirs, e, program); err != nil {
		a.logger().Error("host not started", "kernel", f.spec.Name, "error", err.Error())
		return nil, registry.Host{}, exit(exitKernel, err)
	}
	a.logger().Info("host started", "host", e.ID, "kernel", f.spec.Name)
	h, err := dirs.Get(e.ID)
	if err != nil {
		return nil, h, exit(exitKernel, err)
	}
	c, err := a.dial(ctx, h, false)
	return c, h, err
}

// dialTime bounds connecting to a host, which answers at once if it lives.
const dialTime = 10 * time.Second

func (a *app) dial(ctx context.Context, h registry.Host, readOnly bool) (*link.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	c, err := link.Dial(ctx, h.Socket(), link.ClientOptions{NewID: newID, ReadOnly: readOnly})
	if err != nil {
		return nil, exit(exitKernel, err)
	}
	return c, nil
}

// finish ends a host that told nothing which is not in a file. It does not wait
// for the kernel, which may take its time; the host sees to that.
func finish(c *link.Client) error {
	err := c.Finish()
	if errors.Is(err, link.ErrLost) {
		err = nil // it has ended already
	}
	_ = c.Close() // the host closes its end too
	if err != nil {
		return exit(exitKernel, err)
	}
	return nil
}

// settleLater starts the short-lived process that brings the file of a host's
// notebook up to date. It is called in the host, which must not do it: a host
// knows no files.
func (a *app) settleLater(e registry.Entry) {
	self, err := os.Executable()
	if err != nil || e.Notebook == "" {
		return
	}
	if p, ok := a.planOfID(e.ID); ok && p.Ended && !p.Kept {
		return // its driver has written the record
	}
	cmd := exec.Command(self, "settle", e.ID)
	cmd.Args[0] = "nbterm" // whatever the file is called
	cmd.Env, cmd.Dir = a.environ, "/"
	cmd.Stdout, cmd.Stderr = a.err, a.err // the host's log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(a.err, "start nbterm settle:", err)
		return
	}
	go func() { _ = cmd.Wait() }() // reaps it; ends with it or with us
}

// settle folds what h told and nobody saved into its notebook's file, and says
// which file it wrote, "" for none.
func (a *app) settle(ctx context.Context, h registry.Host) (wrote string, err error) {
	if h.Notebook == "" {
		return "", nil
	}
	if p, ok := planOf(h); ok && !p.Kept {
		return a.settleRunOf(ctx, h, p)
	}
	at, err := a.place(ctx, h.Notebook)
	if errors.Is(err, storage.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("settle %s: %w", h.Notebook, err)
	}
	release, err := h.Settling()
	if errors.Is(err, os.ErrNotExist) {
		return "", nil // removed meanwhile, by whoever settled it
	}
	if err != nil {
		return "", err
	}
	defer release()
	j, err := journal.Open(h.Folder())
	if errors.Is(err, os.ErrNotExist) {
		return "", nil // it ended before it began
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = j.Close() }()
	intend := func(m host.Mark) error { return a.setMark(ctx, h, m) }
	res, err := settle.Settle(ctx, at.store, at.name, j, h.Mark(), intend)
	if err != nil {
		a.logger().Warn("not settled", "host", h.ID, "path", h.Notebook, "error", err.Error())
		return "", err
	}
	a.logger().Info("settled", "host", h.ID, "path", h.Notebook, "wrote", res.Wrote)
	if res.Wrote != "" {
		res.Wrote = at.beside(res.Wrote)
	}
	return res.Wrote, a.setMark(ctx, h, res.Mark)
}

// setMark has a living host remember m, and does it for a dead one.
func (a *app) setMark(ctx context.Context, h registry.Host, m host.Mark) error {
	if c, err := a.dial(ctx, h, false); err == nil {
		defer func() { _ = c.Close() }()
		return c.SetMark(m)
	}
	return registry.SaveMark(h.Folder(), m)
}

// sweep settles and removes the dead hosts of a notebook, and says what it wrote.
func (a *app) sweep(ctx context.Context, notebook string) (notes []string) {
	dirs, err := a.hostDirs()
	if err != nil {
		return nil // told where a host is needed
	}
	others, _ := dirs.Elsewhere()
	for _, h := range others {
		if h.Notebook == notebook {
			notes = append(notes, "a session of this notebook runs on "+term.Clean(h.Machine.String())+" and cannot be joined from here")
		}
	}
	hosts, _ := dirs.Of(notebook) // an unreadable one is none of ours
	for _, h := range hosts {
		if h.Alive {
			continue
		}
		wrote, err := a.settle(ctx, h)
		switch {
		case err != nil:
			notes = append(notes, fmt.Sprintf("the outputs of a session that ended could not be saved: %v", err))
			continue
		case wrote != "":
			notes = append(notes, "outputs of a session that ended were saved in "+term.Clean(filepath.Base(wrote)))
		}
		if err := a.endRemote(ctx, h); err != nil {
			notes = append(notes, err.Error())
		}
		_ = h.Remove() // tried again at the next opening
	}
	return notes
}

// dayLong is how long the folder of a dead host stays for whoever wonders.
const dayLong = 24 * time.Hour

// monthLong is how long what could not be saved where it belongs waits for somebody:
// the journal of a host that cannot be settled, and a result in the state folder.
const monthLong = 30 * dayLong

// sweepAll tidies up after all hosts that have ended, in any notebook: it settles
// them and, after a day, removes them. What fails stays and is tried again.
func (a *app) sweepAll(ctx context.Context) {
	dirs, err := a.hostDirs()
	if err != nil {
		return // told where a host is needed
	}
	hosts, _ := dirs.List() // an unreadable one is none of ours
	for _, h := range hosts {
		if h.Alive || a.endRemote(ctx, h) != nil || h.Tidy() != nil {
			continue
		}
		_, err := a.settle(ctx, h)
		if age := a.now().Sub(h.Ended()); err == nil && age > dayLong || age > monthLong {
			a.logger().Info("dead session removed", "host", h.ID, "path", h.Notebook, "age", age.String(), "settled", err == nil, "removed", h.Remove() == nil)
		}
	}
	dirs.Strays(a.now())
	a.sweepResults()
}

// sweepResults removes what runs could save nowhere else and nobody has fetched.
func (a *app) sweepResults() {
	state, err := a.statePath()
	if err != nil {
		return // then there are none
	}
	left, _ := filepath.Glob(filepath.Join(state, "results", "*.ipynb"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && a.now().Sub(info.ModTime()) > monthLong {
			a.logger().Info("old result removed", "path", path, "removed", os.Remove(path) == nil)
		}
	}
}
