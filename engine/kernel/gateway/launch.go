package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
	"nbterm/storage/contents"
)

const (
	defaultTimeout = 60 * time.Second
	// askAgain after this time without an answer; an answer without a word on iopub is
	// followed up sooner.
	askAgain = 2 * time.Second
	unheard  = 50 * time.Millisecond
)

var _ kernel.Launcher = Launch

// Launch starts a kernel on the Jupyter Server of o.Spec.Remote, or attaches to one
// that runs there. It is a kernel.Launcher. o.Dir and o.Env are of this machine and
// mean nothing there, except that the token is looked up in o.Env and then in our
// own environment.
func Launch(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
	return With(Patience{})(ctx, o)
}

// With is Launch with other patience.
func With(p Patience) kernel.Launcher {
	if p.Refused == 0 {
		p.Refused = time.Minute
	}
	if p.Silent == 0 {
		p.Silent = 24 * time.Hour
	}
	return func(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
		k, err := launch(ctx, p, o)
		if err != nil {
			return nil, err
		}
		return k, nil
	}
}

func launch(ctx context.Context, p Patience, o kernel.Options) (*Kernel, error) {
	r := o.Spec.Remote
	if r == nil {
		return nil, fmt.Errorf("start kernel %q: its kernelspec names no server", o.Spec.Name)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	token := ""
	if r.TokenEnv != "" {
		token = spec.Host().With(o.Env...).Get(r.TokenEnv)
	}
	rest, err := contents.New(r.URL, contents.Options{Token: token})
	if err != nil {
		return nil, fmt.Errorf("start kernel %q: %w", o.Spec.Name, err)
	}
	k := &Kernel{
		patience: p, rest: rest, name: o.Spec.Name, stamp: o.Stamp, queue: kernel.NewQueue(), out: newOutbox(),
		over: make(chan struct{}), done: make(chan struct{}), finished: make(chan struct{}), hello: hello{news: make(chan struct{}, 1)},
		ledger: newLedger(rest.Address(), o.Stamp.Session),
	}
	if err := k.begin(ctx, *r, o); err != nil {
		rest.Close()
		return nil, fmt.Errorf("start kernel %q: %w", o.Spec.Name, err)
	}
	return k, nil
}

// begin has the kernel started, reached and greeted; when it fails nothing is left
// of a kernel that it started.
func (k *Kernel) begin(ctx context.Context, r spec.Remote, o kernel.Options) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("it did not answer within %v; a busy kernel answers when its cell ends", o.Timeout))
	defer cancel()
	if err := k.find(ctx, r, o); err != nil {
		k.forget()
		return err
	}
	l, err := dial(ctx, k.rest, k.id, k.stamp.Session)
	if err != nil {
		k.forget()
		if k.ours {
			_ = k.delete(ctx) // it goes with its server, at the latest
		}
		return err
	}
	k.info = kernel.Info{
		Name: o.Spec.Name, DisplayName: o.Spec.DisplayName, Language: o.Spec.Language,
		Transport: "websocket", Connection: k.rest.Endpoint("kernels", k.id).String(),
	}
	go k.live(l)
	if err := k.greet(ctx); err != nil {
		if k.isOver() {
			err = errors.New("it " + k.Exit().String())
		}
		_ = k.Shutdown(ctx) // the first error is what counts
		k.forget()
		return err
	}
	return nil
}

// find starts a kernel or makes sure of the one to attach to.
func (k *Kernel) find(ctx context.Context, r spec.Remote, o kernel.Options) error {
	if r.Kernel != "" {
		k.id = r.Kernel
		_, err := k.rest.Kernel(ctx, k.id)
		return err
	}
	started, err := k.rest.Patient(o.Timeout).StartKernel(ctx, o.Spec.Name, "")
	k.id, k.ours = started.ID, err == nil
	if err == nil {
		k.dir = o.RuntimeDir
		if err = note(k.dir, k.id); err != nil {
			_ = k.delete(ctx) // the first error is what counts
		}
	}
	return err
}

// forget ends the queue of a kernel that nobody will read.
func (k *Kernel) forget() {
	k.queue.Close()
	for range k.queue.Out() { // nobody else reads it
	}
}

// greet asks for kernel_info until an answer and a message on iopub came. Control
// is asked too: kernels that have a thread for it answer there while they are busy.
func (k *Kernel) greet(ctx context.Context) error {
	for {
		for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
			m := k.stamp.Request(ch, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{})
			k.mu.Lock()
			k.ledger.hidden[m.Header.MsgID] = true
			k.mu.Unlock()
			k.out.put(m)
		}
		timer := time.NewTimer(askAgain)
		for again := false; !again; {
			k.mu.Lock()
			reply, heard := k.hello.reply, k.hello.heard
			k.mu.Unlock()
			if reply != nil && heard {
				timer.Stop()
				return k.introduce(reply)
			}
			if reply != nil {
				timer.Reset(unheard)
			}
			select {
			case <-k.hello.news:
			case <-timer.C:
				again = true
			case <-k.over:
				timer.Stop()
				return kernel.ErrDead
			case <-ctx.Done():
				timer.Stop()
				return context.Cause(ctx)
			}
		}
	}
}

// hello is what a kernel has said to our greeting. Kernel.mu guards it, but for the
// channel.
type hello struct {
	news  chan struct{}   // holds one token when the rest has changed
	reply json.RawMessage // of kernel_info
	heard bool            // something came on iopub
}

// takes notes what a message means for the greeting.
func (h *hello) takes(m *wire.Message, ours bool) {
	if h.reply != nil && h.heard {
		return
	}
	if ours && m.Type() == wire.TypeKernelInfoReply && h.reply == nil {
		h.reply = m.Content
	}
	h.heard = h.heard || m.Channel == wire.IOPub
	select {
	case h.news <- struct{}{}:
	default:
	}
}

// introduce completes Info.
func (k *Kernel) introduce(reply []byte) error {
	k.info.Reply = reply
	var r wire.KernelInfoReply
	m := wire.Message{Content: reply}
	if err := m.Decode(&r); err != nil {
		return fmt.Errorf("read kernel_info_reply: %w", err)
	}
	if r.LanguageInfo.Name != "" {
		k.info.Language = r.LanguageInfo.Name
	}
	return nil
}
