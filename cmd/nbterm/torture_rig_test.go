//go:build torture

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/process"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// long bounds every wait of a torture test.
const long = 15 * time.Minute

// full is true where NBTERM_TORTURE=full asks for what takes many minutes too.
func full() bool { return os.Getenv("NBTERM_TORTURE") == "full" }

// torture is a kernel host of the real program with folders of its own.
type torture struct {
	t    *testing.T
	dirs registry.Dirs
	id   string
	work string   // folder of the kernel and of notebooks
	env  []string // for other runs of the program
	rng  *rand.Rand
	last string // execution of run
}

// newTorture starts a host on a kernel, "" starts none. notebook may be "".
func newTorture(t *testing.T, kernel, notebook string) *torture {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("NBTERM_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("seed %d (NBTERM_SEED=%[1]d repeats it)", seed)
	work := t.TempDir()
	r := &torture{t: t, work: work, env: sandbox(t, work), rng: rand.New(rand.NewPCG(seed, 0))}
	a := r.app()
	dirs, err := a.hostDirs()
	if err != nil {
		t.Fatal(err)
	}
	r.dirs = dirs
	if kernel != "" {
		r.start(kernel, notebook, host.Mark{})
	}
	t.Cleanup(func() {
		if out, err := r.nbterm("kill", "--all").CombinedOutput(); err != nil {
			t.Errorf("kill --all: %v\n%s", err, out)
		}
	})
	return r
}

func (r *torture) app() *app { return &app{environ: r.env, now: time.Now} }

// nbterm is a run of the program.
func (r *torture) nbterm(args ...string) *exec.Cmd {
	cmd := exec.Command(r.program(), args...)
	cmd.Env, cmd.Dir = r.env, r.work
	return cmd
}

func (r *torture) program() string {
	r.t.Helper()
	path, err := exec.LookPath("nbterm")
	if err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *torture) start(kernel, notebook string, born host.Mark) {
	r.t.Helper()
	var s spec.Spec
	specs, err := r.app().kernelSpecs()
	for _, one := range specs {
		if one.Name == kernel {
			s = one
		}
	}
	if s.Name == "" {
		r.t.Fatalf("no kernel %s: %v", kernel, err)
	}
	r.id = newID()[:8]
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	e := registry.Entry{ID: r.id, Notebook: notebook, Spec: s, Dir: r.work, Started: time.Now(), Born: born}
	if err := process.Start(ctx, r.dirs, e, process.Program{Path: r.program(), Args: []string{hostVerb}, Env: r.env}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *torture) dial() *link.Client {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := link.Dial(ctx, r.dirs.Socket(r.id), link.ClientOptions{NewID: newID})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// run executes code and gives what it printed.
func (r *torture) run(c *link.Client, code string) string {
	r.t.Helper()
	id := newID()
	r.last = id
	if err := c.Execute(host.Execution{ID: id, Code: code}); err != nil {
		r.t.Fatal(err)
	}
	f := c.Attach(1)
	defer f.Close()
	events := r.until(f, id)
	return printed(events, id)
}

// until reads events up to the end of exec.
func (r *torture) until(f host.Feed, exec string) []host.Event {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	var all []host.Event
	for {
		batch, err := f.Next(ctx)
		if err != nil {
			r.t.Fatalf("%v after %d events", err, len(all))
		}
		for _, e := range batch {
			all = append(all, e)
			if e.Exec == exec && (e.Kind == host.Finished || e.Kind == host.Dropped) {
				return all
			}
		}
	}
}

// printed is the standard output of an execution.
func printed(events []host.Event, exec string) string {
	var b strings.Builder
	for _, e := range events {
		var s wire.Stream
		if e.Exec == exec && e.Kind == host.Said && e.Message.Type() == wire.TypeStream && e.Message.Decode(&s) == nil && s.Name == "stdout" {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// numbered is what a loop over range(n) prints.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strconv.Itoa(i))
		b.WriteByte('\n')
	}
	return b.String()
}

// printer prints n lines, each flushed; pause is Python for what it does every
// tenth line.
func printer(n int, pause string) string {
	return fmt.Sprintf("import time\nfor i in range(%d):\n    print(i, flush=True)\n    if i %% 10 == 0: %s", n, pause)
}

// pids gives the processes of the host and of its kernel.
func (r *torture) pids(c *link.Client) (host, kernel int) {
	r.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		st, err := c.Ask()
		if err != nil {
			r.t.Fatal(err)
		}
		if st.Info != nil {
			kernel = st.Info.PID
			return field(r.t, kernel, "PPid"), kernel
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no kernel: %+v", st)
		}
	}
}

// field is a number of /proc/PID/status, in the unit it has there.
func field(t *testing.T, pid int, name string) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			n := 0
			if _, err := fmt.Sscan(value, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("process %d has no %s", pid, name)
	return 0
}

// watched waits for the end of a process that is not our child.
type watched int

func watch(t *testing.T, pid int) watched {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("process %d: %v", pid, err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return watched(fd)
}

func (w watched) ended(within time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(w), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, int(within.Milliseconds()))
		if !errors.Is(err, syscall.EINTR) {
			return n > 0
		}
	}
}

// What a client process of the torture tests is told by.
const (
	clientSocket = "NBTERM_TORTURE_SOCKET"
	clientExec   = "NBTERM_TORTURE_EXEC"
)

// TestTortureBeAClient is no test: it is the client that others stop and kill. It
// reads all events to the end of an execution that prints numbered lines, says
// "reading" when it has the first line and what it found at the end.
func TestTortureBeAClient(t *testing.T) {
	socket, exec := os.Getenv(clientSocket), os.Getenv(clientExec)
	if socket == "" {
		t.Skip("only as a child of other tests")
	}
	c, err := link.Dial(t.Context(), socket, link.ClientOptions{NewID: newID, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	f := c.Attach(1)
	count := &counter{}
	seq, faults := uint64(0), 0
	for {
		batch, err := f.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range batch {
			if seq++; e.Seq != seq || e.Kind == host.Gap {
				faults++
			}
			count.take(printed([]host.Event{e}, exec))
			if e.Exec == exec && e.Kind == host.Finished {
				fmt.Printf("lines %d faults %d\n", count.next, faults+count.faults+len(count.rest))
				return
			}
		}
	}
}

// counter checks that lines are the numbers from 0 on.
type counter struct {
	rest   string // of a line that has not ended
	next   int
	faults int
}

func (c *counter) take(text string) {
	for {
		line, rest, ended := strings.Cut(c.rest+text, "\n")
		if !ended {
			c.rest = line
			return
		}
		c.rest, text = "", rest
		if line != strconv.Itoa(c.next) {
			c.faults++
		}
		if c.next++; c.next == 1 {
			fmt.Println("reading")
		}
	}
}

// client starts TestTortureBeAClient and waits until it reads.
func (r *torture) client(exec string) (*os.Process, *bufio.Scanner) {
	r.t.Helper()
	cmd := command(os.Args[0], "-test.run=^TestTortureBeAClient$")
	// What a killed one leaves in its temporary folder goes with ours.
	cmd.Env = append(os.Environ(), "TMPDIR="+r.t.TempDir(), clientSocket+"="+r.dirs.Socket(r.id), clientExec+"="+exec)
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "reading" {
			return cmd.Process, lines
		}
	}
	r.t.Fatal("the client reads nothing")
	return nil, nil
}

func command(name string, args ...string) *exec.Cmd { return exec.Command(name, args...) }

// notebook writes a notebook with one code cell, whose source is code.
func (r *torture) notebook(name, code string) (path string) {
	r.t.Helper()
	path = filepath.Join(r.work, name)
	data := fmt.Sprintf(`{"cells":[{"cell_type":"code","execution_count":null,"id":"c1","metadata":{},"outputs":[],"source":%q}],`+
		`"metadata":{},"nbformat":4,"nbformat_minor":5}`, code)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}
