package process_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/host/link"
	"nbterm/engine/host/process"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// TestMain is also the host process that the tests start.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "__host" {
		err := process.Main(context.Background(), process.Options{
			Dirs: registry.Dirs{State: os.Args[2], Runtime: os.Args[3]}, ID: os.Args[4],
			Launcher: func(spec.Spec) kernel.Launcher { return bridge.Launch },
			Stamp:    wire.Stamp{Session: newID(), Username: "test", Now: time.Now, NewID: newID}, Now: time.Now,
			Quiet: func(e registry.Entry) {
				_ = os.WriteFile(filepath.Join(e.Dir, "quiet"), nil, 0o600)
			},
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func newID() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

type rig struct {
	t    *testing.T
	dirs registry.Dirs
	id   string
	work string // working directory of the kernel
}

func start(t *testing.T, life registry.Life) *rig {
	t.Helper()
	runtime, err := os.MkdirTemp("", "nb")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dirs: registry.Dirs{State: t.TempDir(), Runtime: runtime}, id: newID(), work: t.TempDir()}
	var py spec.Spec
	for _, s := range bridge.Specs() {
		if s.Name == "nbterm-python" {
			py = s
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err = process.Start(ctx, r.dirs, registry.Entry{ID: r.id, Spec: py, Dir: r.work, Life: life, Started: time.Now()},
		process.Program{Path: os.Args[0], Args: []string{"__host"}, Env: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if h, err := r.dirs.Get(r.id); err == nil && h.Alive {
			if c, err := r.dialErr(); err == nil {
				_ = c.Shutdown()
				_ = c.Close()
			}
			r.gone()
		}
		_ = os.RemoveAll(runtime)
	})
	return r
}

func (r *rig) dialErr() (*link.Client, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return link.Dial(ctx, r.dirs.Socket(r.id), link.ClientOptions{NewID: newID})
}

func (r *rig) dial() *link.Client {
	r.t.Helper()
	c, err := r.dialErr()
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// gone waits for the host's lock.
func (r *rig) gone() {
	r.t.Helper()
	lock, err := os.Open(filepath.Join(r.dirs.Folder(r.id), "lock"))
	if err != nil {
		return
	}
	defer lock.Close()
	done := make(chan error, 1)
	go func() { done <- syscall.Flock(int(lock.Fd()), syscall.LOCK_SH) }()
	select {
	case err := <-done:
		if err != nil {
			r.t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		r.t.Fatal("the host is still alive")
	}
}

// until reads up to the end of exec and gives what was printed.
func until(t *testing.T, f host.Feed, exec string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	text := ""
	for {
		events, err := f.Next(ctx)
		if err != nil {
			t.Fatalf("%v after %q", err, text)
		}
		for _, e := range events {
			var s wire.Stream
			if e.Kind == host.Said && e.Exec == exec && e.Message.Type() == "stream" && e.Message.Decode(&s) == nil {
				text += s.Text
			}
			if e.Exec == exec && (e.Kind == host.Finished || e.Kind == host.Dropped) {
				return text
			}
		}
	}
}

func run(t *testing.T, c *link.Client, code string) string {
	t.Helper()
	id := newID()
	if err := c.Execute(host.Execution{ID: id, Code: code}); err != nil {
		t.Fatal(err)
	}
	f := c.Attach(1)
	defer f.Close()
	return until(t, f, id)
}

func TestTheKernelAndItsVariablesOutliveTheClient(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Life{})
	first := r.dial()
	pid := run(t, first, "import os; x = 41; print(os.getpid())")
	_ = first.Close()
	second := r.dial()
	if got := run(t, second, "import os; print(x + 1, os.getpid())"); got != "42 "+pid {
		t.Errorf("the second client reads %q; the kernel was %s", got, pid)
	}
	if err := second.Shutdown(); err != nil {
		t.Fatal(err)
	}
	r.gone()
	if _, err := os.Stat(r.dirs.Socket(r.id)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	var n int
	if _, err := fmt.Sscan(pid, &n); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(n, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the kernel %d is still there: %v", n, err)
	}
}

func TestWithClientEndsWithTheLastClient(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Life{WithClient: true})
	a, b := r.dial(), r.dial()
	fa, fb := a.Attach(1), b.Attach(1)
	id := newID()
	if err := a.Execute(host.Execution{ID: id, Code: "print(1)"}); err != nil {
		t.Fatal(err)
	}
	until(t, fa, id)
	until(t, fb, id)
	fa.Close()
	if st, err := b.Ask(); err != nil || st.State == host.Dead {
		t.Fatalf("with one client left: %+v, %v", st, err)
	}
	fb.Close()
	r.gone()
	if _, err := os.Stat(filepath.Join(r.work, "quiet")); err != nil {
		t.Errorf("nobody was told that there is something to save: %v", err)
	}
}

func TestAnIdleHostEndsAfterItsTimeAndSaysThatItIsQuiet(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Life{Idle: 50 * time.Millisecond})
	r.gone()
	if _, err := os.Stat(filepath.Join(r.work, "quiet")); err != nil {
		t.Errorf("nobody was told: %v", err)
	}
}

func TestKillingTheHostEndsTheKernelAndKeepsTheJournal(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Life{})
	c := r.dial()
	pid := strings.TrimSpace(run(t, c, "import os; print(os.getpid(), os.getppid())"))
	var kernelPID, hostPID int
	if _, err := fmt.Sscan(pid, &kernelPID, &hostPID); err != nil {
		t.Fatal(err)
	}
	f := c.Attach(1)
	id := newID()
	if err := c.Execute(host.Execution{ID: id, Code: "print('said', flush=True)\nwhile True: pass"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var err error
	for heard := false; err == nil; {
		var events []host.Event
		events, err = f.Next(ctx)
		for _, e := range events {
			heard = heard || e.Exec == id && e.Kind == host.Said && e.Message.Type() == "stream"
		}
		if heard {
			_ = syscall.Kill(hostPID, syscall.SIGKILL)
			heard = false
		}
	}
	if !errors.Is(err, link.ErrLost) {
		t.Fatalf("the feed ended with %v", err)
	}
	r.gone()
	waitGone(t, kernelPID)
	j, err := journal.Open(r.dirs.Folder(r.id))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	found := false
	host.Replay(j, func(events []host.Event) {
		for _, e := range events {
			found = found || e.Exec == id && e.Kind == host.Said && strings.Contains(string(e.Message.Content), "said")
		}
	})
	if !found {
		t.Error("the journal lost what the cell said")
	}
}

// waitGone waits for a process that is not our child.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	fd, err := pidfdOpen(pid)
	if errors.Is(err, syscall.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if !pollIn(fd, 20*time.Second) {
		t.Errorf("process %d is still there", pid)
	}
}

func TestAHostThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	d := registry.Dirs{State: t.TempDir(), Runtime: t.TempDir()}
	if err := os.Chmod(d.Runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.Socket("x"), nil, 0o600); err != nil { // in the way
		t.Fatal(err)
	}
	err := process.Start(context.Background(), d, registry.Entry{ID: "x"},
		process.Program{Path: os.Args[0], Args: []string{"__host"}, Env: os.Environ()})
	if err == nil || !strings.Contains(err.Error(), "listen for clients") {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(d.State, "hosts", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatAKilledHostsKernelHadStartedIsTidiedUp(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Life{})
	c := r.dial()
	var hostPID, child int
	_, _ = fmt.Sscan(run(t, c, "import os, subprocess; print(os.getppid(), subprocess.Popen(['sleep', '600']).pid)"), &hostPID, &child)
	_ = syscall.Kill(hostPID, syscall.SIGKILL)
	r.gone()
	h, err := r.dirs.Get(r.id)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Tidy(); err != nil {
		t.Fatal(err)
	}
	waitGone(t, child)
	if left, err := os.ReadDir(r.dirs.Runtime); err != nil || len(left) > 0 {
		t.Errorf("left in the runtime folder: %v, %v", left, err)
	}
}
