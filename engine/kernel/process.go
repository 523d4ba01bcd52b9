package kernel

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	tailSize  = 8 << 10                // bytes kept of what a process wrote last
	pipeGrace = 200 * time.Millisecond // for children that keep its pipes open
)

// Process is the process of a kernel: the leader of its own session, so that a
// Ctrl-C in our terminal does not reach it and a signal to its group reaches what
// it started. Its death is seen by waiting for it, not by silence.
//
// A kernel never outlives its host: see Tied.
type Process struct {
	cmd  *exec.Cmd
	reap func() error // of Tied
	tail tail
	done chan struct{}
	room Memory // as it was at the start

	mu    sync.Mutex // guards what follows
	asked bool
	exit  Exit // valid once done is closed
}

// StartProcess starts cmd, with /dev/null as its input unless set, and keeps the
// end of what it writes to stdout and stderr. One goroutine waits for it.
func StartProcess(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{}), room: NewMemory("")}
	cmd.Stdout, cmd.Stderr = &p.tail, &p.tail // never a nil *os.File, which would close the descriptor
	cmd.WaitDelay = pipeGrace
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
	var err error
	if p.reap, err = Tied(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	go p.wait()
	return p, nil
}

func (p *Process) wait() {
	// The error repeats the exit status, or says that a child held the pipes.
	_ = p.reap()
	status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	p.mu.Lock()
	p.exit = Exit{Code: p.cmd.ProcessState.ExitCode(), Asked: p.asked, Stderr: p.tail.String()}
	if status.Signaled() {
		p.exit.Signal = status.Signal()
		p.exit.OOM = p.exit.Signal == syscall.SIGKILL && !p.asked && p.room.Ran()
	}
	if p.asked {
		// What the kernel left running in its group ends with it. The group's number
		// cannot have been given away in the instant since the leader was reaped.
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
	p.mu.Unlock()
	close(p.done)
}

// PID of the process, which is also the number of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process is reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit tells how it ended; valid once Done is closed.
func (p *Process) Exit() Exit {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exit
}

// Ended tells whether Done is closed.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Note adds a line of our own to what the process wrote last.
func (p *Process) Note(line string) { _, _ = p.tail.Write([]byte("\n" + line + "\n")) }

// Tail is what the process wrote last.
func (p *Process) Tail() string { return p.tail.String() }

// Asked marks the end to come as wanted.
func (p *Process) Asked() {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
}

// Signal sends sig to the whole group. It fails with ErrDead once the process ended.
func (p *Process) Signal(sig syscall.Signal) error {
	if p.Ended() {
		return ErrDead
	}
	err := syscall.Kill(-p.PID(), sig)
	if errors.Is(err, syscall.ESRCH) {
		return ErrDead
	}
	if err != nil {
		return fmt.Errorf("send %s to process group %d: %w", sig, p.PID(), err)
	}
	return nil
}

// Await tells whether the process ended before ctx and before patience ran out.
func (p *Process) Await(ctx context.Context, patience time.Duration) bool {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-p.done:
	case <-ctx.Done():
	case <-late.C:
	}
	return p.Ended()
}

// End makes the group end: SIGTERM, grace, SIGKILL. It returns when the process is
// reaped, which SIGKILL makes certain except in uninterruptible sleep.
func (p *Process) End(grace time.Duration) {
	_ = p.Signal(syscall.SIGTERM) // ErrDead is what we want
	if grace <= 0 || !p.Await(context.Background(), grace) {
		_ = p.Signal(syscall.SIGKILL)
	}
	<-p.done
}

// tail is a writer that keeps the last tailSize bytes.
type tail struct {
	mu   sync.Mutex // guards what follows
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - tailSize; over > tailSize {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text[max(0, len(t.text)-tailSize):])
}
