package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// bench is a place to measure the program that users get: the static binary, in a
// home of its own.
type bench struct {
	b   *testing.B
	bin string
	dir string
	env []string
}

// newBench builds the binary as the Makefile does.
func newBench(b *testing.B) *bench {
	b.Helper()
	runtime, err := os.MkdirTemp("/tmp", "nbt-") // a socket's path must be short
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	k := &bench{b: b, dir: dir, bin: filepath.Join(dir, "nbterm")}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", k.bin, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	k.env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+runtime, "XDG_CONFIG_HOME=", "XDG_STATE_HOME=",
		"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "NO_COLOR=")
	b.Cleanup(func() {
		k.endSessions()
		_ = os.RemoveAll(runtime)
	})
	return k
}

// endSessions ends all kernels. One that is just starting or ending cannot be reached
// for a moment, so it is asked again.
func (k *bench) endSessions() {
	k.b.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for tries := 0; ; tries++ {
		end := exec.Command(k.bin, "kill", "--all")
		end.Env = k.env
		out, err := end.CombinedOutput()
		if err == nil {
			return
		}
		if tries == 200 {
			k.b.Fatalf("end the sessions: %v\n%s", err, out)
		}
		<-again.C
	}
}

// write makes a file of that content.
func (k *bench) write(name string, data []byte) string {
	k.b.Helper()
	path := filepath.Join(k.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		k.b.Fatal(err)
	}
	return path
}

// console is the program in a pseudo-terminal of 80x24 that answers no questions.
type console struct {
	b       *testing.B
	cmd     *exec.Cmd
	tty     *os.File
	started time.Time
	work    sync.WaitGroup

	mu    sync.Mutex // guards all below
	out   []byte     // everything written so far
	more  chan struct{}
	ended bool
}

// open starts the program; the clock begins before the process does.
func (k *bench) open(args ...string) *console {
	k.b.Helper()
	c := &console{b: k.b, cmd: exec.Command(k.bin, args...), more: make(chan struct{})}
	c.cmd.Dir, c.cmd.Env = k.dir, k.env
	c.started = time.Now()
	tty, err := pty.StartWithSize(c.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		k.b.Fatal(err)
	}
	c.tty = tty
	c.work.Go(c.read)
	return c
}

func (c *console) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.tty.Read(buf)
		c.mu.Lock()
		c.out = append(c.out, buf[:n]...)
		c.ended = err != nil
		close(c.more)
		c.more = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return // EIO: the program has ended
		}
	}
}

// close ends the program and waits for it.
func (c *console) close() {
	c.b.Helper()
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = c.cmd.Wait()                          // with the status of the signal
	c.work.Wait()
	if err := c.tty.Close(); err != nil {
		c.b.Error(err)
	}
}

// await waits until what was written from offset on holds text, and says how much
// has been written by then.
func (c *console) await(text string, offset int) int {
	c.b.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for {
		c.mu.Lock()
		found, n, more, ended := bytes.Contains(c.out[offset:], []byte(text)), len(c.out), c.more, c.ended
		c.mu.Unlock()
		if found {
			return n
		}
		if ended {
			c.b.Fatalf("the program ended before it wrote %q: %q", text, c.out)
		}
		select {
		case <-more:
		case <-deadline.C:
			c.b.Fatalf("the program has not written %q: %q", text, c.out[offset:])
		}
	}
}

func (c *console) written() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out)
}

func (c *console) keys(s string) {
	c.b.Helper()
	if _, err := io.WriteString(c.tty, s); err != nil {
		c.b.Fatal(err)
	}
}

// resident is the memory of the program in MB.
func (c *console) resident() float64 {
	c.b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		c.b.Fatal(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if kb, found := strings.CutPrefix(line, "VmRSS:"); found {
			n, err := strconv.Atoi(strings.Fields(kb)[0])
			if err != nil {
				c.b.Fatal(err)
			}
			return float64(n) / 1024
		}
	}
	c.b.Fatal("there is no VmRSS")
	return 0
}

// report tells the median and the 99th percentile of what was measured.
func report(b *testing.B, took []time.Duration, what string) {
	b.Helper()
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), what+"-p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), what+"-p99-ms")
	b.ReportMetric(0, "ns/op") // of the whole loop: says nothing
}
