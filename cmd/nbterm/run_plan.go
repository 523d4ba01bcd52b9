package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/host/registry"
	"nbterm/engine/notebook"
	"nbterm/engine/run"
)

// A run leaves word of itself in the folder of its host, so that whoever comes after its
// driver can make the record: run.json is the plan, source.ipynb the notebook as it was
// queued, driver is locked by whoever drives it now.

// plan is what a run was to do. No secret is in it: only where one was to be found.
type plan struct {
	In, Out     string   // as typed, parameters filled in
	Dest        string   // of Out: an absolute path or a URL
	Was         string   // revision of Dest before
	Hash        string   // SHA-256 of what was read
	Parameters  string   // as JSON that may hold Infinity
	Kernel      string   // --kernel
	Language    string   // --language
	Dir         string   // of the kernel
	Secrets     []string // NAME=env:VAR and so on
	Limit       float64
	AllowErrors bool
	HideSource  bool
	Packages    bool
	Compat      string
	Keep        time.Duration
	Start       time.Duration
	Earlier     []run.Attempt
	Note        string
	Ended       bool // its record is in Dest
	Kept        bool // and the kernel goes on, for whoever looks into why
}

// planOf is the plan of a host's run; ok is false for a host that is no run's.
func planOf(h registry.Host) (p plan, ok bool) {
	data, err := os.ReadFile(filepath.Join(h.Folder(), "run.json"))
	return p, err == nil && json.Unmarshal(data, &p) == nil
}

// planOfID is planOf the host with that id.
func (a *app) planOfID(id string) (plan, bool) {
	dirs, err := a.hostDirs()
	if err != nil {
		return plan{}, false
	}
	h, err := dirs.Get(id)
	if err != nil {
		return plan{}, false
	}
	return planOf(h)
}

func (w *work) plan() plan {
	p := plan{
		In: w.in, Out: w.out, Dest: w.dest.url, Hash: w.hash, Kernel: w.f.kernel, Language: w.f.language, Dir: w.dir,
		Secrets: w.f.own.secrets, Limit: w.f.limit, AllowErrors: w.f.own.allowErrors, HideSource: w.f.hideSource,
		Packages: w.f.own.packages, Compat: w.f.own.compat, Keep: w.f.own.keep, Start: w.start, Earlier: w.earlier, Note: w.note,
	}
	if w.saver != nil {
		p.Was = string(w.saver.was)
	}
	p.Parameters = string(w.parameters())
	return p
}

// work is p as a run to go on with; f are the flags of the call that does.
func (p plan) work(f runFlags) *work {
	w := &work{f: f, in: p.In, out: p.Out, hash: p.Hash, was: p.Was, dir: p.Dir, start: p.Start, earlier: p.Earlier, note: p.Note}
	if p.Parameters != "" {
		w.given = json.RawMessage(p.Parameters)
	}
	w.f.kernel, w.f.language, w.f.hideSource = p.Kernel, p.Language, p.HideSource
	w.f.own.allowErrors, w.f.own.packages = p.AllowErrors || f.own.allowErrors, p.Packages || f.own.packages
	if f.limit == 0 {
		w.f.limit = p.Limit
	}
	if f.own.keep == 0 {
		w.f.own.keep = p.Keep
	}
	if f.own.compat == "" {
		w.f.own.compat = p.Compat
	}
	if len(f.own.secrets) == 0 {
		w.f.own.secrets = p.Secrets
	}
	if f.dir == "" {
		w.f.dir = p.Dir
	}
	return w
}

// lease is held by the one who drives a run.
type lease struct {
	folder string
	file   *os.File
	plan   plan
}

// errDriven says that somebody drives the run already.
var errDriven = errors.New("the run is being driven already; nbterm view follows it")

// takeLease becomes the driver of the run in folder. The lock goes with the process.
func takeLease(folder string, p plan) (*lease, error) {
	f, err := os.OpenFile(filepath.Join(folder, "driver"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("drive a run: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errDriven
		}
		return nil, fmt.Errorf("drive a run: %w", err)
	}
	return &lease{folder, f, p}, nil
}

// leaseWait is how long a lease is waited for: who tidies up after a killed driver has
// it for a moment.
const leaseWait = 10 * time.Second

// awaitLease is takeLease for who would rather wait; waited says that it had to.
func awaitLease(ctx context.Context, folder string, p plan) (l *lease, waited bool, err error) {
	late := time.NewTimer(leaseWait)
	defer late.Stop()
	for {
		if l, err = takeLease(folder, p); !errors.Is(err, errDriven) {
			return l, waited, err
		}
		waited = true
		pause := time.NewTimer(50 * time.Millisecond)
		select {
		case <-pause.C:
		case <-late.C:
			pause.Stop()
			return nil, true, err
		case <-ctx.Done():
			pause.Stop()
			return nil, true, ctx.Err()
		}
	}
}

func (l *lease) release() { _ = l.file.Close() } // the lock goes with it

// over notes that the record is written, and whether the kernel is kept.
func (l *lease) over(kept bool) error {
	l.plan.Ended, l.plan.Kept = true, kept
	return writePlan(l.folder, l.plan)
}

func writePlan(folder string, p plan) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("leave word of a run: %w", err)
	}
	temp := filepath.Join(folder, "run.json.new")
	if err = os.WriteFile(temp, data, 0o600); err == nil {
		err = os.Rename(temp, filepath.Join(folder, "run.json"))
	}
	if err != nil {
		return fmt.Errorf("leave word of a run: %w", err)
	}
	return nil
}

// leavePlan leaves word of w in its host's folder and takes the lease.
func (a *app) leavePlan(h registry.Host, w *work) (*lease, error) {
	p := w.plan()
	l, err := takeLease(h.Folder(), p)
	if err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(h.Folder(), "source.ipynb"), w.doc.Bytes(), 0o600)
	if err == nil {
		err = writePlan(h.Folder(), p)
	}
	if err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

// source is the notebook of a host's run as it was queued.
func source(h registry.Host) (*notebook.Notebook, error) {
	data, err := os.ReadFile(filepath.Join(h.Folder(), "source.ipynb"))
	if err != nil {
		return nil, err
	}
	return notebook.Parse(data)
}
