package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
	"nbterm/storage/contents"
)

const (
	// endTime bounds the end of a kernel: its server gives a busy one some five seconds.
	endTime = 15 * time.Second
	// endAgain is the pause before a server that failed is asked again.
	endAgain = 300 * time.Millisecond
)

// Kernel is a kernel of a Jupyter Server.
type Kernel struct {
	patience Patience
	rest     *contents.Client
	name     string // of the kernelspec
	id       string
	ours     bool   // we started it, so we end it
	dir      string // where word of it is left; "" for nowhere
	stamp    wire.Stamp
	queue    *kernel.Queue
	out      *outbox
	info     kernel.Info // complete when Launch returns

	over     chan struct{} // closed when the end is decided
	done     chan struct{} // closed when it has come
	finished chan struct{} // closed when nothing of ours is left either
	hello    hello

	mu     sync.Mutex // guards all below
	ledger *ledger
	exit   kernel.Exit
	ending bool // over is closed

	shutdown struct {
		once sync.Once
		err  error // of the one that did it
	}
}

var (
	_ kernel.Kernel    = (*Kernel)(nil)
	_ kernel.Restarter = (*Kernel)(nil)
)

// Send implements kernel.Kernel. While the link is broken messages wait for it.
func (k *Kernel) Send(ctx context.Context, m *wire.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("send %s: %w", m.Type(), err)
	}
	switch m.Channel {
	case wire.Shell, wire.Control, wire.Stdin:
	default:
		return fmt.Errorf("send %s: kernels take nothing on channel %q", m.Type(), m.Channel)
	}
	if k.isOver() {
		return fmt.Errorf("send %s: %w", m.Type(), kernel.ErrDead)
	}
	k.out.put(m)
	return nil
}

// Messages implements kernel.Kernel. Among them are gaps (kernel.GapReason).
func (k *Kernel) Messages() <-chan *wire.Message { return k.queue.Out() }

// Done implements kernel.Kernel.
func (k *Kernel) Done() <-chan struct{} { return k.done }

// Exit implements kernel.Kernel. Only the server knows the process, and it does not
// tell how it ended.
func (k *Kernel) Exit() kernel.Exit {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.exit
}

// Info implements kernel.Kernel.
func (k *Kernel) Info() kernel.Info { return k.info }

// Interrupt implements kernel.Kernel; the server knows how this kernel wants it.
func (k *Kernel) Interrupt(ctx context.Context) error {
	if k.isOver() {
		return fmt.Errorf("interrupt kernel %q: %w", k.name, kernel.ErrDead)
	}
	err := k.rest.InterruptKernel(ctx, k.id)
	if errors.Is(err, contents.ErrNotFound) {
		k.decide(gone)
		return fmt.Errorf("interrupt kernel %q: %w", k.name, kernel.ErrDead)
	}
	return err
}

// Restart implements kernel.Restarter.
func (k *Kernel) Restart(ctx context.Context) error {
	if k.isOver() {
		return fmt.Errorf("restart kernel %q: %w", k.name, kernel.ErrDead)
	}
	if k.ours {
		return nil // Shutdown ends it, Launch starts another
	}
	return k.rest.Patient(endTime).RestartKernel(ctx, k.id)
}

// Shutdown implements kernel.Kernel: it ends a kernel that Launch started, and only
// leaves one that it attached to. When the server cannot be reached the kernel is
// left too, and the error says so.
func (k *Kernel) Shutdown(ctx context.Context) error {
	k.shutdown.once.Do(func() {
		reason := "was left running on its server"
		if k.ours && !k.isOver() {
			reason = "was ended"
			k.shutdown.err = k.delete(ctx)
		}
		k.decideAsked(reason)
	})
	<-k.finished
	return k.shutdown.err
}

// delete ends the kernel on the server, which returns when its process is gone. It
// is not left half ended because somebody's patience is over. A server that is just
// starting a kernel anew cannot end it at that moment, and says that it failed.
func (k *Kernel) delete(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	err := k.rest.EndKernel(ctx, k.id)
	for errors.Is(err, contents.ErrServer) && wait(ctx, endAgain) {
		err = k.rest.EndKernel(ctx, k.id)
	}
	if err != nil && !errors.Is(err, contents.ErrNotFound) {
		return fmt.Errorf("the kernel may go on there: %w", err)
	}
	unnote(k.dir, k.id)
	return nil
}

// gone is the end of a kernel that its server does not know any more.
const gone = "is no longer on its server: it was ended there, or the server was restarted"

func (k *Kernel) isOver() bool {
	select {
	case <-k.over:
		return true
	default:
		return false
	}
}

// decide ends the kernel's life here, for a reason; the first one counts.
func (k *Kernel) decide(reason string) { k.end(kernel.Exit{Code: -1, Reason: reason}) }

func (k *Kernel) decideAsked(reason string) {
	k.end(kernel.Exit{Code: -1, Reason: reason, Asked: true})
}

func (k *Kernel) end(e kernel.Exit) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ending {
		return
	}
	k.ending, k.exit = true, e
	close(k.over)
}
