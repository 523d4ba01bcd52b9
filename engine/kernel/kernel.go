// Package kernel is the seam between a kernel host and a kernel: launch, send,
// receive, interrupt, end. How the bytes travel is the business of its
// sub-packages (zmq, bridge, later gateway); what a cell is, is not known here.
package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// ErrDead is returned for anything asked of a kernel that has ended.
var ErrDead = errors.New("the kernel has ended")

// Kernel is one running kernel. All methods may be called from any goroutine.
type Kernel interface {
	// Send hands m to the kernel on m.Channel (shell, control or stdin) and does
	// not wait for an answer. It fails with ErrDead once the kernel has ended.
	Send(ctx context.Context, m *wire.Message) error
	// Messages delivers all that the kernel says, on every channel, in the order
	// of arrival. The transport never waits for its reader: an unbounded queue
	// stands in between. It is closed after the last message of a dead kernel, so
	// read it to its end. The answers to the launcher's own kernel_info_request are
	// not among them.
	Messages() <-chan *wire.Message
	// Interrupt stops the running cell, by signal or by message as the spec says.
	Interrupt(ctx context.Context) error
	// Shutdown asks the kernel to end, waits for it until ctx is done (or for ten
	// seconds at most), then kills its process group. It returns when the process is
	// reaped and nothing of the kernel is left but what Messages still holds; it may
	// be repeated, also at the same time.
	Shutdown(ctx context.Context) error
	// Done is closed when the process has ended; only then is Exit valid.
	Done() <-chan struct{}
	Exit() Exit
	// Info is complete when the launcher returns and does not change.
	Info() Info
}

// Restarter is a Kernel that Shutdown only lets go, because it was running before
// Launch: attached, not started. Restart gives it a new process; a Launch afterwards
// attaches to that.
type Restarter interface {
	Restart(ctx context.Context) error
}

// Options say what to launch and where.
type Options struct {
	Spec       spec.Spec
	Dir        string        // working directory of the kernel; "" is ours
	Env        []string      // KEY=value, laid over our own environment
	RuntimeDir string        // a private 0700 directory for sockets and connection files
	Timeout    time.Duration // until the first kernel_info_reply; 0 is 60 s
	Stamp      wire.Stamp    // makes the headers of what we send
}

// Launcher starts a kernel and returns once it answered kernel_info_request and
// its iopub channel was heard, so that nothing said after is missed.
type Launcher func(ctx context.Context, o Options) (Kernel, error)

// Info is what is known of a kernel since its start.
type Info struct {
	Name        string          // kernelspec name
	DisplayName string          // from the kernelspec
	Language    string          // from kernel_info_reply, else from the spec
	PID         int             // 0 where the kernel is not our child
	Transport   string          // "ipc", "tcp", "pipes", "websocket"
	Reply       json.RawMessage // content of kernel_info_reply
	Connection  string          // path of the connection file or URL of the kernel, "" where there is none
}

// Exit tells how a kernel ended.
type Exit struct {
	Code   int            // exit status; -1 when ended by a signal
	Signal syscall.Signal // 0 unless ended by a signal
	Asked  bool           // true when Shutdown was called first
	OOM    bool           `json:",omitempty"` // killed as memory ran out, as the system's counts tell
	Stderr string         // the last few kilobytes the process wrote to stderr
	// Reason stands for Code and Signal where the process is not ours to wait for: a
	// clause such as "was ended on its server". Code is then -1.
	Reason string `json:",omitempty"`
}

// String is one plain clause, such as "was killed (SIGKILL)".
func (e Exit) String() string {
	switch {
	case e.Reason != "":
		return e.Reason
	case e.OOM:
		return "was killed by the system because memory ran out (SIGKILL)"
	case e.Signal == syscall.SIGKILL && !e.Asked:
		return "was killed (SIGKILL)"
	case e.Signal != 0:
		return fmt.Sprintf("was ended by a signal (%s)", e.Signal)
	default:
		return fmt.Sprintf("ended with exit status %d", e.Code)
	}
}

// StartError is a kernel whose process ended, or went silent, before it could be used.
type StartError struct {
	Kernel string        // kernelspec name
	Exit   Exit          // how it ended; of a silent one, Asked is true and Stderr is all that counts
	Silent time.Duration // how long it was waited for in vain; 0 when it ended by itself
}

// Error is one sentence with the kernel's last words.
func (e *StartError) Error() string {
	what := e.Exit.String()
	if e.Silent > 0 {
		what = fmt.Sprintf("did not answer within %v", e.Silent)
	}
	if words := e.Exit.LastWords(); words != "" {
		return fmt.Sprintf("start kernel %q: it %s; its last words: %s", e.Kernel, what, words)
	}
	return fmt.Sprintf("start kernel %q: it %s without a word", e.Kernel, what)
}

// LastWords is the last non-empty line of Stderr, often the reason of a failed start.
func (e Exit) LastWords() string {
	lines := strings.Split(strings.TrimSpace(e.Stderr), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
