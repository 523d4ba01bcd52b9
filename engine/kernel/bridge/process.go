package bridge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"nbterm/engine/kernel"
)

// grace is how long a kernel that was asked to end may take, at most.
const grace = 5 * time.Second

// process is a kernel's child process, leader of its own session and group.
// Its owner calls wait in a goroutine, exactly once, after start.
type process struct {
	cmd   *exec.Cmd
	wait  func() error // of kernel.Tied: a kernel never outlives its host
	asked atomic.Bool
	done  chan struct{} // closed when reaped and exit is valid
	exit  kernel.Exit
	room  kernel.Memory // as it was at the start
}

// start runs argv in dir. extra become descriptors 3 and up of the child.
func (p *process) start(argv []string, dir string, env []string, stdin, stdout, stderr *os.File, extra ...*os.File) error {
	p.done, p.room = make(chan struct{}), kernel.NewMemory("")
	p.cmd = &exec.Cmd{
		Path: argv[0], Args: argv, Dir: dir, Env: env, ExtraFiles: extra,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	// A nil *os.File in an interface is not nil: it would close the child's descriptor.
	if stdin != nil {
		p.cmd.Stdin = stdin
	}
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	var err error
	if p.wait, err = kernel.Tied(p.cmd); err != nil {
		return fmt.Errorf("start %s: %w", argv[0], err)
	}
	return nil
}

// reap waits for the process, ends what is left of its group and says how it ended.
func (p *process) reap() kernel.Exit {
	err := p.wait()
	p.signal(syscall.SIGKILL)
	exit := kernel.Exit{Code: p.cmd.ProcessState.ExitCode(), Asked: p.asked.Load()}
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		if status, ok := ended.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			exit.Signal = status.Signal()
			exit.OOM = exit.Signal == syscall.SIGKILL && !exit.Asked && p.room.Ran()
		}
	}
	return exit
}

// signal reaches the whole group. A group that is gone is no failure.
func (p *process) signal(sig syscall.Signal) {
	_ = syscall.Kill(-p.cmd.Process.Pid, sig)
}

// end waits for a process that was asked to end, and kills it when ctx is done or
// the grace is over.
func (p *process) end(ctx context.Context) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return
	case <-ctx.Done():
	case <-timer.C:
	}
	p.signal(syscall.SIGKILL)
	<-p.done
}

func (p *process) dead() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// tail keeps the last few kilobytes written to it. Not safe for concurrent use.
type tail struct{ kept []byte }

const tailSize = 8 << 10

func (t *tail) add(b []byte) {
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
}

// capture is the reading end of a pipe that the child reads too, or that is polled:
// never blocking, read past the runtime's poller.
type capture struct {
	file *os.File
	fd   int
}

// newCapture is called after the file went to the child, which makes it blocking.
func newCapture(f *os.File) (capture, error) {
	fd := int(f.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		return capture{}, fmt.Errorf("prepare a pipe: %w", err)
	}
	return capture{file: f, fd: fd}, nil
}

// read returns what lies in the pipe now, at most limit bytes; nil when it is empty.
func (c capture) read(limit int) []byte {
	var all []byte
	buf := make([]byte, 64<<10)
	for len(all) < limit {
		n, err := syscall.Read(c.fd, buf)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n <= 0 || err != nil {
			break
		}
		all = append(all, buf[:n]...)
	}
	return all
}

// pipes collects what is to be closed together.
type pipes []*os.File

func (p *pipes) open() (r, w *os.File, err error) {
	r, w, err = os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("open a pipe: %w", err)
	}
	*p = append(*p, r, w)
	return r, w, nil
}

func (p pipes) close() {
	for _, f := range p {
		_ = f.Close()
	}
}
