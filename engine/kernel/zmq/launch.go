package zmq

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

const (
	defaultTimeout = 60 * time.Second
	// askAgain after this time without any answer; a reply without iopub is followed
	// up at once, see unheard.
	askAgain = time.Second
	unheard  = 5 * time.Millisecond
	// tries with new ports when another program took one.
	tries = 3
)

var _ kernel.Launcher = Launch

// Launch starts the kernel of o.Spec and returns when it has answered and its iopub
// channel was heard. It is a kernel.Launcher. A kernel that ends before that gives a
// *kernel.StartError at once, one that stays silent after o.Timeout.
//
// An ipykernel is ready, and has run a first cell, 0.46 s after its spawn; 95 % of
// that is Python's imports, 0.1 to 0.18 s of it debugpy. Blocking that import from
// a `python -c` launcher was tried and left out: it changes the command line of the
// kernelspec, sys.argv and what `ps` shows, takes the debugger from other clients of
// the kernel, and the goal of 0.6 s is met without it.
func Launch(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
	if o.Spec.Embedded {
		return nil, fmt.Errorf("start kernel %q: it is embedded and not reached over ZeroMQ", o.Spec.Name)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	for try := 1; ; try++ {
		k, err := launch(ctx, o)
		if err == nil {
			return k, nil
		}
		if try == tries || !portTaken(err) {
			return nil, err
		}
	}
}

// portTaken tells whether a kernel ended because it could not listen.
func portTaken(err error) bool {
	var start *kernel.StartError
	return errors.As(err, &start) && start.Silent == 0 &&
		strings.Contains(strings.ToLower(start.Exit.Stderr), "address already in use")
}

func launch(ctx context.Context, o kernel.Options) (*Kernel, error) {
	p, err := newPlace(o.RuntimeDir, o.Spec.Name, transportFor(o.Spec), o.Stamp.NewID)
	if err != nil {
		return nil, fmt.Errorf("start kernel %q: %w", o.Spec.Name, err)
	}
	proc, err := start(ctx, o, p.file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start kernel %q: %w", o.Spec.Name, err), p.remove())
	}
	k := &Kernel{
		spec: o.Spec, stamp: o.Stamp, place: p, proc: proc,
		codec: wire.NewCodec([]byte(p.key)), inbox: newInbox(), queue: kernel.NewQueue(),
		info: kernel.Info{
			Name: o.Spec.Name, DisplayName: o.Spec.DisplayName, Language: o.Spec.Language,
			PID: proc.PID(), Transport: p.transport, Connection: p.file,
		},
		hello:    hello{asked: map[string]bool{}, news: make(chan struct{}, 1)},
		links:    map[wire.Channel]*link{},
		lost:     make(chan error, 1),
		finished: make(chan struct{}),
	}
	if err := k.begin(ctx, o.Timeout); err != nil {
		return nil, err
	}
	return k, nil
}

// start runs the command of the spec.
func start(ctx context.Context, o kernel.Options, file string) (*kernel.Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	env := spec.Host().With(o.Env...)
	argv, environ := spec.Command(o.Spec, file, env)
	if len(argv) == 0 {
		return nil, errors.New("its kernel.json has no argv")
	}
	argv = lossless(argv)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = o.Dir
	cmd.Env = append(environ, "JPY_PARENT_PID="+strconv.Itoa(os.Getpid()))
	if env.Get("PYDEVD_DISABLE_FILE_VALIDATION") == "" {
		// debugpy, which ipykernel imports, otherwise fills stderr with advice and so
		// hides the last words of a kernel that dies.
		cmd.Env = append(cmd.Env, "PYDEVD_DISABLE_FILE_VALIDATION=1")
	}
	return kernel.StartProcess(cmd)
}

// begin connects and says hello; when it fails nothing is left of the kernel.
func (k *Kernel) begin(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := time.AfterFunc(timeout, func() { cancel(errSilent) })
	defer stop.Stop()
	watched := make(chan struct{})
	defer func() { <-watched }()
	over := make(chan struct{})
	defer close(over)
	go func() {
		defer close(watched)
		select {
		case <-k.proc.Done():
			cancel(kernel.ErrDead)
		case <-over:
		}
	}()

	err := k.connectAll(ctx)
	go k.watch()
	if err == nil {
		err = k.greet(ctx)
	}
	if err == nil {
		return nil
	}
	return k.failed(ctx, err, timeout)
}

var errSilent = errors.New("no answer in time")

// failed turns the failure of begin into one sentence, and ends the kernel.
func (k *Kernel) failed(ctx context.Context, err error, timeout time.Duration) error {
	cause := context.Cause(ctx)
	k.abandon()
	switch {
	case errors.Is(cause, errSilent):
		e := &kernel.StartError{Kernel: k.spec.Name, Exit: k.Exit(), Silent: timeout}
		if _, _, fault := k.hello.state(); fault != nil {
			e.Exit.Stderr += "\n" + fault.Error()
		}
		return e
	case errors.Is(cause, kernel.ErrDead), errors.Is(err, kernel.ErrDead):
		return &kernel.StartError{Kernel: k.spec.Name, Exit: k.Exit()}
	}
	return fmt.Errorf("start kernel %q: %w", k.spec.Name, err)
}

// connectAll makes the four links and starts their readers. The session id is the
// identity on shell and stdin alike: kernels send input_request to the stdin peer
// that has the identity of the shell peer.
func (k *Kernel) connectAll(ctx context.Context) error {
	for _, ch := range channels {
		l, err := connect(ctx, ch, k.place.endpoints[ch], k.stamp.Session)
		if err != nil {
			return err
		}
		k.links[ch] = l
	}
	k.decoding.Go(k.decode)
	for _, l := range k.links {
		k.reading.Go(func() { k.read(l) })
	}
	return nil
}

// greet asks for kernel_info until an answer and a message on iopub came.
func (k *Kernel) greet(ctx context.Context) error {
	for {
		m := k.stamp.Request(wire.Shell, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{})
		k.hello.asks(m.Header.MsgID)
		if err := k.Send(ctx, m); err != nil {
			return err
		}
		wait := time.NewTimer(askAgain)
		for again := false; !again; {
			reply, heard, _ := k.hello.state()
			if reply != nil && heard {
				wait.Stop()
				return k.introduce(reply)
			}
			if reply != nil {
				wait.Reset(unheard)
			}
			select {
			case <-k.hello.news:
			case <-wait.C:
				again = true
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
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
