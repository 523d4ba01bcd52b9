//go:build torture

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"nbterm/engine/notebook"
	"nbterm/engine/recovery"
)

// typist is the program in a terminal, with someone typing.
type typist struct {
	cmd    *exec.Cmd
	tty    *os.File
	done   chan struct{} // closed when the terminal is read to its end
	mu     sync.Mutex
	screen strings.Builder // all that was written
	news   chan struct{}
}

func (r *torture) typist(path string) *typist {
	r.t.Helper()
	c := &typist{cmd: r.nbterm(path, "--kernel", "nbterm-python"), done: make(chan struct{}), news: make(chan struct{}, 1)}
	c.cmd.Env = append(c.cmd.Env, "TERM=xterm-256color")
	tty, err := pty.StartWithSize(c.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		r.t.Fatal(err)
	}
	c.tty = tty
	go func() { // ends with the program, which closes the terminal
		defer close(c.done)
		buf := make([]byte, 32<<10)
		for {
			n, err := tty.Read(buf)
			c.mu.Lock()
			c.screen.Write(buf[:n])
			c.mu.Unlock()
			select {
			case c.news <- struct{}{}:
			default: // somebody is told already
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// see waits for text that was written since the last see.
func (r *torture) see(c *typist, text string) {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		found := strings.Contains(c.screen.String(), text)
		if found {
			c.screen.Reset()
		}
		c.mu.Unlock()
		if found {
			return
		}
		select {
		case <-c.news:
		case <-c.done:
			r.t.Fatalf("the program ended before it showed %q: %q", text, c.screen.String())
		case <-deadline:
			r.t.Fatalf("%q is not shown: %q", text, c.screen.String())
		}
	}
}

func (r *torture) key(c *typist, keys string) {
	r.t.Helper()
	if _, err := io.WriteString(c.tty, keys); err != nil {
		r.t.Fatal(err)
	}
}

// end kills the program by sig and waits for its end.
func (r *torture) end(c *typist, sig syscall.Signal) {
	r.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		r.t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := c.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	_ = c.tty.Close()
	<-c.done
}

// TestTortureKillsWhileTyping [5]: of what was typed, at most the last second is lost.
func TestTortureKillsWhileTyping(t *testing.T) {
	r := newTorture(t, "", "")
	work, err := filepath.EvalSymlinks(r.work)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(work, "nb.ipynb")
	place := recoveryOf(r.work, path)
	worst, offered := time.Duration(0), 0
	for round := range 100 {
		if err := os.WriteFile(path, []byte(`{"cells":[{"cell_type":"code","id":"a","metadata":{},"source":"","outputs":[],"execution_count":null}],"metadata":{},"nbformat":4,"nbformat_minor":5}`), 0o600); err != nil {
			t.Fatal(err)
		}
		c := r.typist(path)
		r.see(c, "idle")
		r.key(c, "\r")
		r.see(c, "EDIT")
		typed, at := r.types(c)
		sig := syscall.SIGKILL
		if round%4 == 3 {
			sig = syscall.SIGHUP
		}
		killed := time.Now()
		r.end(c, sig)
		have := parseFile(t, path).Cell(0).Source()
		left, faults := place.Find()
		if len(faults) > 0 {
			t.Fatalf("round %d: %v", round, faults)
		}
		for _, f := range left {
			if doc := r.read(f); len(doc) > len(have) {
				have = doc
			}
		}
		if !strings.HasPrefix(typed, have) {
			t.Fatalf("round %d: typed %q, kept %q", round, typed, have)
		}
		if len(have) < len(typed) {
			lost := killed.Sub(at[len(have)])
			worst = max(worst, lost)
			if lost > time.Second {
				t.Errorf("round %d: %v of keys lost: typed %q, kept %q", round, lost, typed, have)
			}
		}
		for _, f := range left {
			if round%5 == 0 {
				_ = f.Close()
				continue
			}
			if err := f.Remove(); err != nil {
				t.Fatal(err)
			}
		}
		if round%5 == 0 && len(left) > 0 {
			offered++
			r.restores(path, have)
		}
	}
	t.Logf("100 kills: at most %v of keys lost; restored by the next opening %d times", worst.Round(time.Millisecond), offered)
}

// types types letters for some time and says when each was typed. Sometimes it saves.
func (r *torture) types(c *typist) (typed string, at []time.Time) {
	r.t.Helper()
	until := time.Now().Add(time.Duration(200+r.rng.IntN(2800)) * time.Millisecond)
	for time.Now().Before(until) {
		letter := string(rune('a' + r.rng.IntN(26)))
		at = append(at, time.Now())
		r.key(c, letter)
		typed += letter
		if r.rng.IntN(60) == 0 {
			r.key(c, "\x13")
		}
		<-time.After(time.Duration(1+r.rng.IntN(60)) * time.Millisecond) // a person's pace
	}
	return typed, at
}

// read gives the first cell of edits that were found.
func (r *torture) read(f *recovery.Found) string {
	r.t.Helper()
	e, err := f.Read()
	if err != nil {
		r.t.Fatal(err)
	}
	doc, err := notebook.Parse(e.Doc)
	if err != nil {
		r.t.Fatal(err)
	}
	return doc.Cell(0).Source()
}

// restores opens the notebook and takes the edits that are offered.
func (r *torture) restores(path, want string) {
	r.t.Helper()
	c := r.typist(path)
	r.see(c, "There are unsaved edits")
	r.key(c, "r")
	r.see(c, "Restored")
	r.key(c, "\x13")
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(patience); ; <-look.C {
		got := parseFile(r.t, path).Cell(0).Source()
		if got == want {
			break
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("restored %q, want %q", got, want)
		}
	}
	r.end(c, syscall.SIGTERM)
}
