package kerneltest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"syscall"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// Script is what a scripted kernel does for one execute_request. It runs on the
// kernel's own goroutine, one cell at a time, and may wait for channels of its
// test; one that waits should also wait for c.Stopped(). When it returns, the
// reply and idle are sent.
type Script func(c *ScriptCell)

// Scripted is a kernel.Kernel without a process. Message ids count from
// "scripted-1" and dates stand still, so that a test can compare whole messages.
type Scripted struct {
	// Handle answers what is not an execute_request (complete_request, comm_open...)
	// by the content of its reply; nil or a nil answer means silence. Set it before
	// the first Send.
	Handle func(k *Scripted, m *wire.Message) any

	script Script
	info   kernel.Info
	inbox  *kernel.Queue // requests on shell and control, in order
	outbox *kernel.Queue
	done   chan struct{} // closed when Exit is valid
	ended  chan struct{} // closed when the goroutine has returned

	mu     sync.Mutex // guards what follows
	cell   *ScriptCell
	count  int
	ids    int
	exit   kernel.Exit
	dead   bool
	asked  bool
	signal int // how often Interrupt was called
}

var _ kernel.Kernel = (*Scripted)(nil)

// NewScripted starts a scripted kernel. Its goroutine ends with Shutdown or Die.
func NewScripted(script Script) *Scripted {
	k := &Scripted{
		script: script, inbox: kernel.NewQueue(), outbox: kernel.NewQueue(),
		done: make(chan struct{}), ended: make(chan struct{}),
		info: kernel.Info{
			Name: "scripted", DisplayName: "Scripted", Language: "python", PID: 1, Transport: "none",
			Reply: json.RawMessage(`{"status":"ok","protocol_version":"5.3","implementation":"scripted",` +
				`"language_info":{"name":"python","version":"3","mimetype":"text/x-python","file_extension":".py"}}`),
		},
	}
	go k.run()
	return k
}

// Launcher launches a new scripted kernel each time and tells it to started, which
// may be nil and must have room or a reader.
func Launcher(script Script, started chan<- *Scripted) kernel.Launcher {
	return func(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("start kernel %q: %w", o.Spec.Name, err)
		}
		k := NewScripted(script)
		if o.Spec.Name != "" {
			k.info.Name, k.info.DisplayName, k.info.Language = o.Spec.Name, o.Spec.DisplayName, o.Spec.Language
		}
		if started != nil {
			started <- k
		}
		return k, nil
	}
}

// Send implements kernel.Kernel.
func (k *Scripted) Send(ctx context.Context, m *wire.Message) error {
	k.mu.Lock()
	dead, cell := k.dead, k.cell
	k.mu.Unlock()
	switch {
	case dead:
		return fmt.Errorf("send %s: %w", m.Type(), kernel.ErrDead)
	case ctx.Err() != nil:
		return fmt.Errorf("send %s: %w", m.Type(), ctx.Err())
	case m.Channel == wire.Stdin:
		if cell != nil {
			cell.answer(m)
		}
	default:
		k.inbox.Put(m)
	}
	return nil
}

// Messages implements kernel.Kernel.
func (k *Scripted) Messages() <-chan *wire.Message { return k.outbox.Out() }

// Interrupt implements kernel.Kernel: it closes Stopped of the running cell.
func (k *Scripted) Interrupt(context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return kernel.ErrDead
	}
	k.signal++
	if k.cell != nil {
		k.cell.stop()
	}
	return nil
}

// Interrupts is how often Interrupt was called.
func (k *Scripted) Interrupts() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.signal
}

// Shutdown implements kernel.Kernel.
func (k *Scripted) Shutdown(context.Context) error {
	k.mu.Lock()
	k.asked = true
	k.mu.Unlock()
	k.Die(kernel.Exit{})
	<-k.ended
	return nil
}

// Die ends the kernel as if its process had: the running cell is stopped, nothing
// is sent any more, Messages closes. A zero exit is a clean end; a Signal sets Code
// to -1. Only the first call counts. A script calls ScriptCell.Die instead.
func (k *Scripted) Die(exit kernel.Exit) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return
	}
	if exit.Signal != syscall.Signal(0) {
		exit.Code = -1
	}
	exit.Asked = k.asked
	k.exit, k.dead = exit, true
	if k.cell != nil {
		k.cell.stop()
	}
	k.inbox.Close()
	k.outbox.Close()
	close(k.done)
}

// Done implements kernel.Kernel.
func (k *Scripted) Done() <-chan struct{} { return k.done }

// Exit implements kernel.Kernel.
func (k *Scripted) Exit() kernel.Exit {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.exit
}

// Info implements kernel.Kernel.
func (k *Scripted) Info() kernel.Info { return k.info }

// Say publishes a message as the kernel would, on behalf of parent (nil for none).
func (k *Scripted) Say(parent *wire.Message, ch wire.Channel, msgType string, content any, buffers ...[]byte) {
	k.mu.Lock()
	k.ids++
	id := k.ids
	k.mu.Unlock()
	raw, err := json.Marshal(content)
	if err != nil {
		panic("kerneltest: " + msgType + ": " + err.Error()) // a bug of the test
	}
	m := &wire.Message{
		Channel: ch, Metadata: json.RawMessage("{}"), Content: raw, Buffers: buffers,
		Header: wire.Header{
			MsgID: fmt.Sprintf("scripted-%d", id), Session: "scripted", Username: "kernel",
			Date: "2026-01-01T00:00:00.000000Z", MsgType: msgType, Version: wire.Version,
		},
	}
	if parent != nil {
		m.Parent = parent.Header
	}
	k.outbox.Put(m)
}

// run is the kernel's goroutine. After the end it takes what is left, unanswered.
func (k *Scripted) run() {
	defer close(k.ended)
	for m := range k.inbox.Out() {
		select {
		case <-k.done:
			continue
		default:
		}
		switch m.Type() {
		case wire.TypeExecuteRequest:
			k.execute(m)
		case wire.TypeKernelInfoRequest:
			k.reply(m, k.info.Reply)
		default:
			if k.Handle == nil {
				continue
			}
			if content := k.Handle(k, m); content != nil {
				k.reply(m, content)
			}
		}
	}
}

func (k *Scripted) reply(m *wire.Message, content any) {
	k.state(m, wire.StateBusy)
	msgType := m.Type()
	if cut := len(msgType) - len("_request"); cut > 0 && msgType[cut:] == "_request" {
		k.Say(m, m.Channel, msgType[:cut]+"_reply", content)
	}
	k.state(m, wire.StateIdle)
}

func (k *Scripted) state(m *wire.Message, state string) {
	k.Say(m, wire.IOPub, wire.TypeStatus, wire.Status{ExecutionState: state})
}

func (k *Scripted) execute(m *wire.Message) {
	var req wire.ExecuteRequest
	if err := m.Decode(&req); err != nil {
		panic("kerneltest: execute_request: " + err.Error()) // a bug of the test
	}
	k.mu.Lock()
	k.count++
	c := &ScriptCell{
		Request: req, Code: req.Code, Count: k.count,
		k: k, m: m, stopped: make(chan struct{}), answers: make(chan string, 1),
	}
	k.cell = c
	k.mu.Unlock()
	k.state(m, wire.StateBusy)
	k.Say(m, wire.IOPub, wire.TypeExecuteInput, wire.ExecuteInput{Code: req.Code, ExecutionCount: c.Count})
	k.script(c)
	if c.isStopped() && !c.failed {
		c.Error("KeyboardInterrupt", "")
	}
	k.mu.Lock()
	k.cell = nil
	k.mu.Unlock()
	if c.IdleFirst {
		k.state(m, wire.StateIdle)
	}
	k.Say(m, wire.Shell, wire.TypeExecuteReply, c.reply())
	if !c.IdleFirst {
		k.state(m, wire.StateIdle)
	}
}
