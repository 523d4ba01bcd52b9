// Package tuitest runs a tea.Model in a terminal emulator and drives it as a person
// does: it types, clicks and resizes, waits until the screen shows something, and
// reads the screen as text. Nothing in it sleeps or guesses: it waits for output, and
// it knows when all that was typed has been handled and drawn (see Idle).
package tuitest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Patience is how long a wait may take before the test has failed. It is far longer
// than anything takes, so that a busy machine fails nothing.
const Patience = 30 * time.Second

// Terminal is a terminal with a program in it. Its methods are for the goroutine of
// the test.
type Terminal struct {
	t       testing.TB
	program *tea.Program
	in      *inbox
	ended   chan struct{} // closed when the program has ended
	err     error         // how it ended; read after ended is closed
	work    sync.WaitGroup

	sent int // the mark typed last

	mu      sync.Mutex // guards all below
	screen  *vt.Emulator
	changed chan struct{} // closed and replaced whenever the screen changes
	drawn   int           // the mark that the last frame shows
	title   string
	cursor  bool // shown
	mouse   bool // the program wants mouse reports in the SGR encoding
	written int  // bytes of output so far
}

// Start runs model in a terminal of w columns and h rows and waits for its first frame. The program is ended, if it
// has not ended by itself, when the test is over.
func Start(t testing.TB, model tea.Model, w, h int) *Terminal {
	t.Helper()
	term := &Terminal{
		t: t, in: newInbox(), ended: make(chan struct{}), changed: make(chan struct{}),
		screen: vt.NewEmulator(w, h), cursor: true,
	}
	term.screen.SetCallbacks(vt.Callbacks{
		Title:            term.retitled,
		CursorVisibility: func(shown bool) { term.cursor = shown },
		EnableMode:       func(m ansi.Mode) { term.mouse = term.mouse || m == ansi.ModeMouseExtSgr },
		DisableMode:      func(m ansi.Mode) { term.mouse = term.mouse && m != ansi.ModeMouseExtSgr },
	})
	// Where the output is no terminal nobody turns LF into CR LF: line feed mode does.
	if _, err := term.screen.WriteString("\x1b[20h"); err != nil {
		t.Fatalf("set line feed mode: %v", err)
	}
	term.program = tea.NewProgram(marked{Model: model},
		tea.WithInput(term.in), tea.WithOutput(output{term}), tea.WithWindowSize(w, h),
		tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}),
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithoutSignalHandler(), tea.WithoutCatchPanics(),
	)
	term.work.Go(term.answer)
	term.work.Go(func() {
		defer close(term.ended)
		_, term.err = term.program.Run()
	})
	t.Cleanup(term.stop)
	term.Idle()
	return term
}

// answer takes what the emulator answers to the program's questions to its input.
func (t *Terminal) answer() {
	buf := make([]byte, 4096)
	for {
		n, err := t.screen.Read(buf)
		t.in.put(buf[:n])
		if err != nil {
			return
		}
	}
}

// stop ends the program and waits for all goroutines.
func (t *Terminal) stop() {
	t.program.Kill()
	<-t.ended
	t.in.close()
	// The emulator's own Close races with Read; the end of its pipe ends Read as well.
	if pipe, ok := t.screen.InputPipe().(io.Closer); ok {
		_ = pipe.Close() // of an io.Pipe: never an error
	}
	t.work.Wait()
}

// WaitEnd waits until the program has ended by itself.
func (t *Terminal) WaitEnd() {
	t.t.Helper()
	ctx, cancel := context.WithTimeout(t.t.Context(), Patience)
	defer cancel()
	select {
	case <-t.ended:
	case <-ctx.Done():
		t.t.Fatalf("the program goes on; screen:\n%s", t.Screen())
	}
	if t.err != nil && !errors.Is(t.err, tea.ErrProgramKilled) {
		t.t.Fatalf("the program ended with: %v", t.err)
	}
}

// Ended says whether the program has ended.
func (t *Terminal) Ended() bool {
	select {
	case <-t.ended:
		return true
	default:
		return false
	}
}

// Resize gives the terminal another size and tells the program.
func (t *Terminal) Resize(w, h int) {
	t.mu.Lock()
	t.screen.Resize(w, h)
	t.mu.Unlock()
	t.program.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Send gives the program a message, as a command that has ended does.
func (t *Terminal) Send(m tea.Msg) { t.program.Send(m) }

// Idle waits until the program has handled everything typed so far and has drawn
// what came of it. A command that still works (a save, a kernel) is not waited for;
// WaitFor waits for what it shows.
func (t *Terminal) Idle() {
	t.t.Helper()
	t.sent = t.sent%marks + 1
	mark := t.sent
	t.in.put(fmt.Appendf(nil, "\x1b[?%d;%d$y", markMode, mark))
	t.wait("idle", func() bool { return t.drawn == mark })
}

// WaitFor waits until the screen is as ok wants it, and returns it.
func (t *Terminal) WaitFor(what string, ok func(screen string) bool) string {
	t.t.Helper()
	var seen string
	t.wait(what, func() bool { seen = t.text(); return ok(seen) })
	return seen
}

// wait looks again after every output. The condition is asked with the lock held.
func (t *Terminal) wait(what string, ok func() bool) {
	t.t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for {
		t.mu.Lock()
		done, changed := ok(), t.changed
		t.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-t.ended:
			t.t.Fatalf("waiting for %s: the program has ended (%v); screen:\n%s", what, t.err, t.Screen())
		case <-deadline.C:
			t.t.Fatalf("waiting for %s took more than %v; screen:\n%s", what, Patience, t.Screen())
		}
	}
}

// Written is the number of bytes that the program has written so far.
func (t *Terminal) Written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written
}

// output is the terminal as the program's output.
type output struct{ t *Terminal }

// Write implements io.Writer.
func (o output) Write(p []byte) (int, error) {
	t := o.t
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.screen.Write(p)
	t.written += n
	close(t.changed)
	t.changed = make(chan struct{})
	return n, err
}
