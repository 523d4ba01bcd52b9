package kerneltest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// started is a kernel with what is needed to see that it left nothing behind.
type started struct {
	kernel.Kernel
	label string // on every goroutine that the launch began
	dir   string // its RuntimeDir
}

// launched starts a kernel whose goroutines carry a label.
func (u *suite) launched(t *testing.T, ctx context.Context) (*started, wire.Stamp, error) {
	t.Helper()
	label := strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, t.Name())
	s := &started{label: label, dir: shortDir(t)}
	stamp := stampOf(filepath.Base(s.dir))
	var err error
	pprof.Do(ctx, pprof.Labels("kerneltest", label), func(ctx context.Context) {
		s.Kernel, err = u.launch(ctx, kernel.Options{
			Spec: u.spec, Dir: t.TempDir(), RuntimeDir: s.dir, Timeout: Patience, Stamp: stamp,
		})
	})
	return s, stamp, err
}

// start launches a kernel that is shut down, and checked for leaks, with the test.
func (u *suite) start(t *testing.T) *Client {
	t.Helper()
	s, stamp, err := u.launched(t, t.Context())
	if err != nil {
		t.Fatalf("launch %s: %v", u.spec.Name, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		drain(t, s)
		s.clean(t)
	})
	return NewClient(t, s, stamp)
}

// clean checks that no goroutine, process or file of the kernel is left.
func (s *started) clean(t *testing.T) {
	t.Helper()
	left := ""
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if left = s.goroutines(); left == "" {
			break
		}
	}
	if left != "" {
		t.Errorf("goroutines are left behind:\n%s", left)
	}
	if s.Kernel != nil && s.Info().PID > 0 {
		if err := syscall.Kill(s.Info().PID, 0); err == nil {
			t.Errorf("process %d is left behind", s.Info().PID)
		}
	}
	files, err := os.ReadDir(s.dir)
	if err != nil || len(files) > 0 {
		t.Errorf("files are left behind: %v %v", files, err)
	}
}

// goroutines lists those that the launch began and that still run.
func (s *started) goroutines() string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return err.Error()
	}
	var left []string
	for block := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(block, fmt.Sprintf(`"kerneltest":%q`, s.label)) {
			left = append(left, block)
		}
	}
	return strings.Join(left, "\n\n")
}

func (u *suite) killed(t *testing.T) {
	c := u.start(t)
	pid, soon := c.k.Info().PID, time.Second
	if u.f.Remote {
		soon = 10 * time.Second // a Jupyter Server looks every three
		if _, err := fmt.Sscan(c.Execute(u.f.PID).Text("stdout"), &pid); err != nil || pid <= 1 {
			t.Fatalf("the kernel's pid: %d, %v", pid, err)
		}
	}
	var at time.Time
	c.Heard = func(m *wire.Message) {
		if at.IsZero() && strings.Contains(streamText(m, "stdout"), "busy") {
			at = time.Now()
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if cell := c.Execute(u.f.Busy); cell.Ended {
		t.Fatalf("the cell ended: %v", cell)
	}
	exit := ended(t, c.k)
	if took := time.Since(at); took > soon {
		t.Errorf("seen dead after %v, want less than %v", took, soon)
	}
	known := exit.Signal == syscall.SIGKILL
	if u.f.Remote {
		known = exit.Reason != ""
	}
	if !known || exit.Asked || exit.Code != -1 {
		t.Errorf("Exit() = %+v", exit)
	}
	u.refuses(t, c)
}

func (u *suite) selfExit(t *testing.T) {
	if u.f.SelfExit == "" {
		t.Skip("not among the features of this kernel")
	}
	c := u.start(t)
	c.Execute(u.f.SelfExit)
	exit := ended(t, c.k)
	known := exit.Code == 3
	if u.f.Remote {
		known = exit.Reason != ""
	}
	if !known || exit.Signal != 0 || exit.Asked {
		t.Errorf("Exit() = %+v", exit)
	}
	u.refuses(t, c)
}

func (u *suite) shutdown(t *testing.T) {
	c := u.start(t)
	for range 2 {
		if err := c.k.Shutdown(withTimeout(t, Patience)); err != nil {
			t.Fatalf("shutdown: %v", err)
		}
		select {
		case <-c.k.Done():
		default:
			t.Fatal("Shutdown returned before the kernel had ended")
		}
	}
	if exit := c.k.Exit(); !exit.Asked {
		t.Errorf("Exit() = %+v", exit)
	}
	u.refuses(t, c)
}

func (u *suite) shutdownBusy(t *testing.T) {
	c := u.start(t)
	result := make(chan error, 1)
	asked := false
	c.Heard = func(m *wire.Message) {
		if !asked && strings.Contains(streamText(m, "stdout"), "busy") {
			asked = true
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
				defer cancel()
				result <- c.k.Shutdown(ctx)
			}()
		}
	}
	c.Execute(u.f.Busy)
	if err := <-result; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	if exit := ended(t, c.k); !exit.Asked {
		t.Errorf("Exit() = %+v", exit)
	}
}

func (u *suite) restart(t *testing.T) {
	c := u.start(t)
	u.state(t, c)
	if err := c.k.Shutdown(withTimeout(t, Patience)); err != nil {
		t.Fatal(err)
	}
	drain(t, c.k)
	if cell := u.start(t).Execute(u.f.Get.Code); strings.Contains(cell.Text("stdout"), u.f.Get.Text) {
		t.Errorf("the state survived: %v", cell)
	}
}

// burst runs many flushed lines while nobody reads Messages at all, learns through
// a pipe that the cell is over, and only then begins to read.
//
// A ZeroMQ kernel drops lines by itself when the thread that empties its queue of
// 1,000 gets no CPU for a tenth of a second, which happens on machines with several
// runnable processes per core. So it has three tries to be whole; a transport that
// waits for its reader loses four fifths in each.
func (u *suite) burst(t *testing.T) {
	if u.f.Burst == nil || testing.Short() {
		t.Skip("not among the features of this kernel, or -short")
	}
	c := u.start(t)
	lines := 20_000
	if u.f.BurstLines > 0 {
		lines = u.f.BurstLines
	}
	var fault string
	for range 3 {
		if fault = u.burstOnce(t, c, lines); fault == "" {
			return
		}
		t.Log(fault)
	}
	t.Error(fault)
}

// burstOnce says what is wrong with the lines that came, "" when nothing is.
func (u *suite) burstOnce(t *testing.T, c *Client, lines int) string {
	t.Helper()
	fifo := newFIFO(t)
	send := func(code string) string {
		m := c.stamp.Request(wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{Code: code})
		if err := c.k.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		return m.Header.MsgID
	}
	cell, after := send(u.f.Burst(lines)), send(u.f.Tell(fifo.path))
	fifo.wait(t)

	var text strings.Builder
	idle := map[string]bool{}
	for late := time.After(Patience); !idle[after]; {
		select {
		case m, ok := <-c.k.Messages():
			switch {
			case !ok:
				t.Fatal("the kernel ended")
			case isIdle(m):
				idle[m.Parent.MsgID] = true
			case m.Parent.MsgID == cell:
				text.WriteString(streamText(m, "stdout"))
			}
		case <-late:
			t.Fatalf("idle did not come; %d bytes of output did", text.Len())
		}
	}
	got := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	if !idle[cell] || len(got) != lines {
		return fmt.Sprintf("%d lines, want %d; idle came: %t", len(got), lines, idle[cell])
	}
	for i, line := range got {
		if line != fmt.Sprintf("line %d", i) {
			return fmt.Sprintf("line %d is %q", i, line)
		}
	}
	return ""
}

func (u *suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, _, err := u.launched(t, ctx)
	if err == nil {
		t.Error("a launch with a cancelled context succeeded")
		_ = s.Shutdown(context.Background())
		return
	}
	s.Kernel = nil
	s.clean(t)
}

// fifo is a named pipe by which a cell and its test wait for one another. Opened
// for both ways: neither open nor a missing peer can hang the test.
type fifo struct {
	path string
	file *os.File
}

func newFIFO(t *testing.T) fifo {
	t.Helper()
	path := shortDir(t) + "/fifo"
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return fifo{path, file}
}

// release lets a cell that reads a line of the pipe go on.
func (f fifo) release(t *testing.T) {
	t.Helper()
	if _, err := f.file.WriteString("go\n"); err != nil {
		t.Fatal(err)
	}
}

// wait returns when a cell wrote to the pipe.
func (f fifo) wait(t *testing.T) {
	t.Helper()
	if err := f.file.SetReadDeadline(time.Now().Add(Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.file.Read(make([]byte, 16)); err != nil {
		t.Fatalf("the cell has not come to its end: %v", err)
	}
}
