package zmq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

const (
	// patience with a kernel that was asked to end, or that closed a channel.
	patience = 10 * time.Second
	// termGrace between SIGTERM and SIGKILL.
	termGrace = 300 * time.Millisecond
)

// channels in the order in which they are connected: iopub first, so that the
// subscription is there when the first request is answered.
var channels = [...]wire.Channel{wire.IOPub, wire.Shell, wire.Stdin, wire.Control}

// Kernel is a local kernel over ZeroMQ.
type Kernel struct {
	spec  spec.Spec
	stamp wire.Stamp
	place *place
	proc  *kernel.Process
	codec *wire.Codec
	inbox *inbox
	queue *kernel.Queue
	info  kernel.Info
	hello hello

	links    map[wire.Channel]*link // complete before any other goroutine sees it
	reading  sync.WaitGroup
	decoding sync.WaitGroup
	lost     chan error    // the first channel that ended, buffered
	finished chan struct{} // closed when process, goroutines and files are gone
	ask      sync.Once
}

var _ kernel.Kernel = (*Kernel)(nil)

// Send implements kernel.Kernel. It fails only for a dead kernel or a channel that
// takes nothing; ctx is not needed because nothing waits.
func (k *Kernel) Send(ctx context.Context, m *wire.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("send %s: %w", m.Type(), err)
	}
	l := k.links[m.Channel]
	if l == nil || m.Channel == wire.IOPub {
		return fmt.Errorf("send %s: kernels take nothing on channel %q", m.Type(), m.Channel)
	}
	if k.proc.Ended() || !l.send(k.codec.Encode(m)) {
		return fmt.Errorf("send %s: %w", m.Type(), kernel.ErrDead)
	}
	return nil
}

// Messages implements kernel.Kernel.
func (k *Kernel) Messages() <-chan *wire.Message { return k.queue.Out() }

// Done implements kernel.Kernel.
func (k *Kernel) Done() <-chan struct{} { return k.proc.Done() }

// Exit implements kernel.Kernel.
func (k *Kernel) Exit() kernel.Exit { return k.proc.Exit() }

// Info implements kernel.Kernel.
func (k *Kernel) Info() kernel.Info { return k.info }

// Interrupt implements kernel.Kernel.
func (k *Kernel) Interrupt(ctx context.Context) error {
	var err error
	if k.spec.InterruptMode == spec.ByMessage {
		err = k.Send(ctx, k.stamp.Request(wire.Control, wire.TypeInterruptRequest, wire.InterruptRequest{}))
	} else {
		err = k.proc.Signal(syscall.SIGINT)
	}
	if err != nil {
		return fmt.Errorf("interrupt kernel %q: %w", k.spec.Name, err)
	}
	return nil
}

// Shutdown implements kernel.Kernel. A busy cell is interrupted first, as
// jupyter_client does: an ipykernel hears shutdown_request while it is busy but
// acts on it only afterwards.
func (k *Kernel) Shutdown(ctx context.Context) error {
	k.ask.Do(func() {
		k.proc.Asked()
		_ = k.Interrupt(ctx) // whatever goes wrong here, the group is killed below
		_ = k.Send(ctx, k.stamp.Request(wire.Control, wire.TypeShutdownRequest, wire.ShutdownRequest{}))
	})
	if !k.proc.Await(ctx, patience) {
		k.proc.End(termGrace)
	}
	<-k.finished
	if err := k.place.remove(); err != nil {
		return fmt.Errorf("shut down kernel %q: %w", k.spec.Name, err)
	}
	return nil
}

// abandon kills a kernel whose launch failed and returns when nothing is left of it.
func (k *Kernel) abandon() {
	if !k.proc.Ended() {
		k.proc.Asked()
		k.proc.End(0)
	}
	<-k.finished
	for range k.queue.Out() { // nobody else reads it
	}
}

// read moves what comes on one channel to the inbox until its first error.
func (k *Kernel) read(l *link) {
	for {
		frames, err := l.receive()
		if err != nil {
			select {
			case k.lost <- fmt.Errorf("lost the %s channel: %w", l.channel, err):
			default: // another channel was first
			}
			return
		}
		k.inbox.put(arrival{l.channel, frames})
	}
}

// decode moves messages from the inbox to the queue until the inbox is closed.
func (k *Kernel) decode() {
	for batch := k.inbox.take(); batch != nil; batch = k.inbox.take() {
		for _, a := range batch {
			m, err := k.codec.Decode(a.channel, a.frames)
			if err != nil {
				// Not from our kernel, or not for us: the protocol says to ignore it.
				k.hello.refused(err)
				continue
			}
			if !k.hello.takes(m) {
				k.queue.Put(m)
			}
		}
	}
}

// watch owns the goroutines of the kernel: it sees the end, whichever way it
// comes, lets the readers take what is still in the sockets and tidies up.
func (k *Kernel) watch() {
	defer close(k.finished)
	select {
	case <-k.proc.Done():
	case err := <-k.lost:
		k.orphaned(err)
	}
	for _, l := range k.links {
		l.guard.end()
	}
	k.reading.Wait()
	k.inbox.close()
	k.decoding.Wait()
	for _, l := range k.links {
		l.close()
		l.wait()
	}
	k.queue.Close()
	_ = k.place.remove() // Shutdown tries again and tells
}

// orphaned deals with a kernel that closed a channel: nearly always it is ending.
// One that goes on living, or that sent what is no ZeroMQ, can no longer be used.
func (k *Kernel) orphaned(err error) {
	ending := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
	if ending && k.proc.Await(context.Background(), patience) {
		return
	}
	k.proc.Note("nbterm ended the kernel: " + err.Error())
	k.proc.End(termGrace)
}
