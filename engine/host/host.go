package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nbterm/engine/host/journal"
	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// What a client may have to choose by.
var (
	ErrNoKernel = errors.New("there is no kernel: it has ended or never started; restart it to go on")
	ErrNoInput  = errors.New("nothing is waiting for input")
)

// idleGrace is how long an execution whose reply has come waits for its idle.
// Kernels send both within milliseconds; an iopub message lost to a high-water
// mark must not leave a cell running for ever.
const idleGrace = 10 * time.Second

// Options are what a host needs.
type Options struct {
	// Launch starts a kernel; it is called at the start and at every restart.
	Launch func(context.Context) (kernel.Kernel, error)
	Stamp  wire.Stamp       // makes the headers of what we send
	Now    func() time.Time // injected clock, for the times of events
	// IdleGrace replaces the 10 s after which a reply without idle is let go.
	IdleGrace time.Duration
	// Journal keeps the events on disk; nil keeps the recent ones in memory. It is
	// synced when the host ends and stays open for late readers. Cap bounds it, 0 is DefaultCap.
	Journal *journal.Journal
	Cap     int64
	Mark    Mark       // as it was kept
	Marked  func(Mark) // called when a client sets another, to keep it; may be nil
}

// Host owns one kernel. All methods may be called from any goroutine.
type Host struct {
	opt  Options
	log  *log
	work sync.WaitGroup // every goroutine of the host
	mark marker

	ctx    context.Context // ends when Close is called
	cancel context.CancelFunc

	mu      sync.Mutex // guards all below
	state   State
	life    *life // the present kernel; nil while none is up
	info    *kernel.Info
	queue   queue
	ours    map[string]bool               // ids of all executions ever queued
	pending map[string]chan *wire.Message // requests that wait for their reply
	told    map[string]bool               // ids of messages sent whose idle has not come
	calling bool                          // a callback of a comm runs
	input   *wire.Message                 // the input_request not yet answered
	begun   chan struct{}                 // closed once the current execution has begun
	begunAt time.Time                     // when that was, by the machine's clock
	grace   *time.Timer                   // runs while a reply waits for its idle
	syncing *time.Timer                   // runs between an idle and its Sync
	guarded guarded
	secrets *secrets
	closed  bool
}

// life is one kernel from launch to end, with its outgoing messages.
type life struct {
	k       kernel.Kernel
	out     *outbox
	retired bool   // a restart or Close took its place: its end is no death
	away    string // why its server cannot be reached; "" when it can, or there is none
}

// Status is a host at one moment.
type Status struct {
	State   State
	Info    *kernel.Info // nil until a kernel has been up
	Current *Execution   // nil when none runs
	Waiting int          // executions in the queue behind it
	Input   *wire.Message
	Mark    Mark
	// Away says why the server that has the kernel cannot be reached now; "" when it can.
	Away string
}

// New makes a host and starts its kernel in the background; executions may be
// queued at once.
func New(o Options) *Host {
	if o.IdleGrace == 0 {
		o.IdleGrace = idleGrace
	}
	if o.Cap == 0 {
		o.Cap = DefaultCap
	}
	h := &Host{opt: o, log: newLog(o.Journal, o.Cap), ours: map[string]bool{}, told: map[string]bool{}, pending: map[string]chan *wire.Message{}, mark: marker{mark: o.Mark, keep: o.Marked}, secrets: newSecrets()}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.emit(Event{Kind: Changed, State: Starting})
	h.work.Add(1)
	go func() { defer h.work.Done(); h.live(h.ctx) }()
	return h
}

// Attach reads events from number `from` on; 1 or 0 is all that is remembered.
func (h *Host) Attach(from uint64) Feed { return h.attach(from) }

func (h *Host) attach(from uint64) *feed {
	f := &feed{log: h.log, next: max(from, 1)}
	h.log.mu.Lock()
	h.log.feeds[f] = struct{}{}
	h.log.mu.Unlock()
	return f
}

// Status tells how things stand.
func (h *Host) Status() Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Status{State: h.state, Info: h.info, Waiting: len(h.queue.waiting), Input: h.input, Mark: h.mark.get()}
	if c := h.queue.current; c != nil {
		e := *c
		s.Current = &e
	}
	if h.life != nil {
		s.Away = h.life.away
	}
	return s
}

// NewID makes an id for an Execution.
func (h *Host) NewID() string { return h.opt.Stamp.NewID() }

// Execute puts executions at the end of the queue, in order. It fails with
// ErrNoKernel when there is no kernel and none is coming.
func (h *Host) Execute(execs ...Execution) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state == Dead || h.closed {
		return ErrNoKernel
	}
	for _, e := range execs {
		h.ours[e.ID] = true
		h.queue.waiting = append(h.queue.waiting, e)
		h.emit(Event{Kind: Queued, Exec: e.ID, Execution: &e})
	}
	h.advance()
	return nil
}

// Cancel takes executions out of the queue that have not started.
func (h *Host) Cancel(ids ...string) {
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dropped(h.queue.remove(set), "cancelled")
}

// Interrupt stops what runs and empties the queue behind it.
func (h *Host) Interrupt(ctx context.Context) error {
	h.mu.Lock()
	l, begun, cur, calling := h.life, h.begun, h.queue.current, h.calling
	h.dropped(h.queue.drop(), "interrupted")
	h.mu.Unlock()
	switch {
	case l == nil:
		return ErrNoKernel
	case cur == nil && calling:
		return l.k.Interrupt(ctx) // has begun, or it would not be known
	case cur == nil:
		return nil // nothing runs; a signal would meet a kernel that does not expect it
	}
	late := time.NewTimer(begunTime)
	defer late.Stop()
	select {
	case <-begun:
	case <-late.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	h.mu.Lock()
	young := settledTime - time.Since(h.begunAt)
	h.mu.Unlock()
	if young > 0 {
		grown := time.NewTimer(young)
		defer grown.Stop()
		select {
		case <-grown.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return l.k.Interrupt(ctx)
}

// settledTime is how long a cell has run before it is signalled: R says that it has
// begun some moments before it is ready to be interrupted.
const settledTime = 300 * time.Millisecond

// begunTime is how long an interrupt waits for a sign that the cell has begun. A
// signal that comes between the request and the first of its code is lost on
// ipykernel and was seen to end R ("Execution halted").
const begunTime = 500 * time.Millisecond

// Input answers the input_request that is waiting.
func (h *Host) Input(value string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.input == nil || h.life == nil {
		return ErrNoInput
	}
	m := h.opt.Stamp.Request(wire.Stdin, "input_reply", wire.InputReply{Value: value})
	m.Parent = h.input.Header
	h.input = nil
	h.life.out.put(m)
	return nil
}

// Used is true once anything was queued.
func (h *Host) Used() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.ours) > 0
}

// Send hands the kernel a message that has no reply, such as comm_msg: its channel,
// type, content, metadata and buffers. With an id in its header, the idle status that
// ends what it set off becomes an event, as all that is said in answer.
func (h *Host) Send(m *wire.Message) error {
	out := h.opt.Stamp.Request(m.Channel, m.Type(), m.Content)
	if m.Metadata != nil {
		out.Metadata = m.Metadata
	}
	out.Buffers = m.Buffers
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.life == nil {
		return ErrNoKernel
	}
	if id := m.Header.MsgID; id != "" {
		out.Header.MsgID = id
		h.told[id] = true
	}
	h.life.out.put(out)
	return nil
}

// Request asks the kernel something, such as complete_request, and waits for the
// reply. A busy kernel answers when it is free again: give ctx a deadline.
func (h *Host) Request(ctx context.Context, ch wire.Channel, msgType string, content any) (*wire.Message, error) {
	return h.ask(ctx, h.opt.Stamp.Request(ch, msgType, content))
}

func (h *Host) ask(ctx context.Context, m *wire.Message) (*wire.Message, error) {
	msgType := m.Header.MsgType
	answer := make(chan *wire.Message, 1) // one reply at most is delivered
	h.mu.Lock()
	if h.life == nil {
		h.mu.Unlock()
		return nil, ErrNoKernel
	}
	l := h.life
	h.pending[m.Header.MsgID] = answer
	l.out.put(m)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.pending, m.Header.MsgID)
		h.mu.Unlock()
	}()
	select {
	case r := <-answer:
		return r, nil
	case <-l.k.Done():
		return nil, fmt.Errorf("%s: %w", msgType, kernel.ErrDead)
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", msgType, ctx.Err())
	}
}

// Restart ends the kernel and starts another. The queue is emptied first; what is
// queued after Restart returns runs in the new kernel.
func (h *Host) Restart() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return ErrNoKernel
	}
	if h.state == Starting || h.state == Restarting {
		return nil // one is coming already
	}
	old := h.retire("kernel restarted")
	h.change(Event{State: Restarting})
	h.work.Add(1)
	go func() {
		defer h.work.Done()
		anew(h.ctx, old)
		end(old)
		h.live(h.ctx)
	}()
	return nil
}

// Close ends the kernel and the host and waits for all of it. It may be repeated.
func (h *Host) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		h.work.Wait()
		return nil
	}
	h.closed = true
	old := h.retire("the session ended")
	if h.syncing != nil && h.syncing.Stop() {
		h.work.Done() // synced below
	}
	h.mu.Unlock()
	h.cancel()
	end(old)
	h.work.Wait()
	h.mu.Lock()
	h.change(Event{State: Dead, Failure: "the session was closed"})
	h.mu.Unlock()
	h.log.close()
	if h.opt.Journal != nil {
		return h.opt.Journal.Sync()
	}
	return nil
}

// politeTime is how long a kernel may take to end by itself.
const politeTime = 5 * time.Second

// anew restarts a kernel that end would only let go.
func anew(ctx context.Context, l *life) {
	if l == nil {
		return
	}
	if r, ok := l.k.(kernel.Restarter); ok {
		// A server that cannot do it now is asked for the kernel next, and that tells.
		_ = r.Restart(ctx)
	}
}

func end(l *life) {
	if l == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), politeTime)
	defer cancel()
	// The error would say that the process could not be reaped; there is nobody
	// left to tell and nothing to do about it.
	_ = l.k.Shutdown(ctx)
}

// retire takes the present kernel out of service. Called with the lock held.
func (h *Host) retire(why string) *life {
	l := h.life
	h.life, h.input = nil, nil
	h.calling = false
	clear(h.told)
	if l != nil {
		l.retired = true
	}
	h.abandon(Aborted, why)
	return l
}

// abandon ends the current execution with an outcome that no reply will bring,
// and empties the queue. Called with the lock held.
func (h *Host) abandon(o Outcome, why string) {
	if h.queue.current != nil {
		e := h.finish()
		if h.guarded.verdict.exec == e.ID {
			o, why = h.guarded.verdict.outcome, h.guarded.verdict.reason
		}
		h.emit(Event{Kind: Finished, Exec: e.ID, Outcome: o, Reason: why})
	}
	h.dropped(h.queue.drop(), why)
}

// finish takes the current execution off the kernel.
func (h *Host) finish() Execution {
	h.stopGrace()
	h.unguard()
	h.secrets.forget(h.queue.current.ID)
	close(h.guarded.ended)
	return h.queue.finish()
}

func (h *Host) dropped(gone []Execution, why string) {
	for _, e := range gone {
		h.secrets.forget(e.ID)
		h.emit(Event{Kind: Dropped, Exec: e.ID, Outcome: Aborted, Reason: why})
	}
}

func (h *Host) change(e Event) {
	e.Kind = Changed
	h.state = e.State
	h.emit(e)
}

func (h *Host) emit(e Event) {
	e.Time = h.opt.Now()
	h.log.append(e)
}

func gapReason(n uint64) string {
	return fmt.Sprintf("%d events were forgotten before they could be read", n)
}
