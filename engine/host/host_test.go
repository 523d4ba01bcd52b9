package host_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/wire"
)

// rig is a host on scripted kernels.
type rig struct {
	*host.Host
	t       *testing.T
	started chan *kerneltest.Scripted // each kernel as it comes up
}

func newRig(t *testing.T, script kerneltest.Script) *rig {
	t.Helper()
	r := &rig{t: t, started: make(chan *kerneltest.Scripted, 10)}
	launch := kerneltest.Launcher(script, r.started)
	r.Host = host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) { return launch(ctx, kernel.Options{}) },
		Stamp:  stamp(), Now: time.Now,
	})
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func stamp() wire.Stamp {
	var n atomic.Int64
	return wire.Stamp{Session: "s", Now: time.Now, NewID: func() string { return fmt.Sprintf("id-%d", n.Add(1)) }}
}

// queue executes codes under ids that are the codes themselves.
func (r *rig) queue(codes ...string) {
	r.t.Helper()
	for _, c := range codes {
		if err := r.Execute(host.Execution{ID: c, Code: c}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// reader is a feed that can stop in the middle of a batch.
type reader struct {
	host.Feed
	rest []host.Event
}

func (r *rig) attach(from uint64) *reader { return &reader{Feed: r.Attach(from)} }

// until reads events up to the first that is wanted and returns all of them.
func (r *rig) until(f *reader, want func(host.Event) bool) []host.Event {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var all []host.Event
	for {
		for i, e := range f.rest {
			if all = append(all, e); want(e) {
				f.rest = f.rest[i+1:]
				return all
			}
		}
		var err error
		if f.rest, err = f.Next(ctx); err != nil {
			r.t.Fatalf("%v after\n%s", err, story(all))
		}
	}
}

func ended(id string) func(host.Event) bool {
	return func(e host.Event) bool {
		return e.Exec == id && (e.Kind == host.Finished || e.Kind == host.Dropped)
	}
}

func became(s host.State) func(host.Event) bool {
	return func(e host.Event) bool { return e.Kind == host.Changed && e.State == s }
}

// story is events as short words, without the messages' ends and beginnings.
func story(events []host.Event) string {
	var words []string
	for _, e := range events {
		switch e.Kind {
		case host.Queued:
			words = append(words, "queued "+e.Exec)
		case host.Running:
			words = append(words, "running "+e.Exec)
		case host.Finished:
			words = append(words, e.Outcome.String()+" "+e.Exec)
		case host.Dropped:
			words = append(words, "dropped "+e.Exec)
		case host.Changed:
			words = append(words, e.State.String())
		case host.Gap:
			words = append(words, "gap")
		case host.Said:
			var s wire.Stream
			if e.Message.Type() == "stream" && e.Message.Decode(&s) == nil {
				words = append(words, fmt.Sprintf("said %q", s.Text))
			}
		}
	}
	return strings.Join(words, ", ")
}

func echo(c *kerneltest.ScriptCell) {
	if c.Code == "fail" {
		c.Error("ValueError", "no")
		return
	}
	c.Stdout(c.Code)
}

func TestExecutionsRunOneAfterTheOtherInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	f := r.attach(1)
	r.until(f, became(host.Idle))
	if err := r.Execute(host.Execution{ID: "a", Code: "a"}, host.Execution{ID: "b", Code: "b"}); err != nil {
		t.Fatal(err)
	}
	got := story(r.until(f, became(host.Idle)))
	if want := `queued a, queued b, busy, running a, said "a", ok a, running b, said "b", ok b, idle`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEventsAreNumberedWithoutGapsAndALateClientSeesTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	f := r.attach(1)
	r.queue("a", "b", "c")
	first := r.until(f, ended("c"))
	for i, e := range first {
		if e.Seq != uint64(i+1) {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
	}
	late := r.until(r.attach(1), ended("c"))
	if story(first) != story(late) {
		t.Errorf("late client saw %s\nfirst saw %s", story(late), story(first))
	}
	tail := r.until(r.attach(first[4].Seq), ended("c"))
	if tail[0].Seq != first[4].Seq {
		t.Errorf("attached from %d, was given %d first", first[4].Seq, tail[0].Seq)
	}
}

func TestAFailureEmptiesTheQueueBehindIt(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	r := newRig(t, func(c *kerneltest.ScriptCell) { <-gate; echo(c) })
	f := r.attach(1)
	r.queue("fail", "b", "c")
	close(gate)
	got := story(r.until(f, ended("c")))
	if !strings.HasSuffix(got, "error fail, dropped b, dropped c") {
		t.Errorf("got %s", got)
	}
	r.queue("d")
	if got := story(r.until(f, ended("d"))); !strings.HasSuffix(got, "ok d") {
		t.Errorf("afterwards: %s", got)
	}
}

func TestKeepGoingLeavesTheQueueAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	f := r.attach(1)
	if err := r.Execute(host.Execution{ID: "fail", Code: "fail", KeepGoing: true}, host.Execution{ID: "b", Code: "b"}); err != nil {
		t.Fatal(err)
	}
	if got := story(r.until(f, ended("b"))); !strings.HasSuffix(got, "ok b") {
		t.Errorf("got %s", got)
	}
}

func TestInterruptStopsTheCellAndEmptiesTheQueue(t *testing.T) {
	t.Parallel()
	running := make(chan struct{})
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		close(running)
		<-c.Stopped()
		c.Error("KeyboardInterrupt", "")
	})
	f := r.attach(1)
	r.queue("loop", "b")
	<-running
	if err := r.Interrupt(context.Background()); err != nil {
		t.Fatal(err)
	}
	got := story(r.until(f, ended("loop")))
	if !strings.Contains(got, "dropped b") || !strings.HasSuffix(got, "error loop") {
		t.Errorf("got %s", got)
	}
}

func TestDeathEndsTheCellTheQueueAndIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		c.Stdout("last words")
		c.Die(kernel.Exit{Signal: syscall.SIGKILL})
	})
	f := r.attach(1)
	r.queue("a", "b")
	events := r.until(f, ended("b"))
	if got := story(events); !strings.HasSuffix(got, `said "last words", dead, died a, dropped b`) {
		t.Errorf("got %s", got)
	}
	for _, e := range events {
		if e.State == host.Dead && e.Kind == host.Changed && e.Exit.Signal != syscall.SIGKILL {
			t.Errorf("exit %+v", e.Exit)
		}
	}
	if err := r.Execute(host.Execution{ID: "c"}); !errors.Is(err, host.ErrNoKernel) {
		t.Errorf("execute on a dead kernel: %v", err)
	}
}

func TestRestartAfterDeathRunsWhatIsQueuedNext(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		if c.Code == "die" {
			c.Die(kernel.Exit{Code: 1})
			return
		}
		echo(c)
	})
	f := r.attach(1)
	r.queue("die")
	r.until(f, ended("die"))
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	r.queue("a")
	if got := story(r.until(f, ended("a"))); got != `restarting, queued a, idle, busy, running a, said "a", ok a` {
		t.Errorf("got %s", got)
	}
}

func TestRestartEndsTheRunningCellAndSaysNothingOfDeath(t *testing.T) {
	t.Parallel()
	running := make(chan struct{}, 2)
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		running <- struct{}{}
		if c.Code == "loop" {
			<-c.Stopped()
		}
	})
	f := r.attach(1)
	r.queue("loop", "b")
	<-running
	if err := r.Restart(); err != nil {
		t.Fatal(err)
	}
	r.queue("again")
	got := story(r.until(f, ended("again")))
	if strings.Contains(got, "dead") || !strings.Contains(got, "aborted loop, dropped b, restarting") || !strings.HasSuffix(got, "ok again") {
		t.Errorf("got %s", got)
	}
}

func TestInputWaitsForItsAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		if name, ok := c.Input("name? ", false); ok {
			c.Stdout("hello " + name)
		}
	})
	f := r.attach(1)
	r.queue("ask")
	r.until(f, func(e host.Event) bool { return e.Kind == host.Said && e.Message.Type() == "input_request" })
	if r.Status().Input == nil {
		t.Fatal("status does not tell of the request")
	}
	if err := r.Input("Ann"); err != nil {
		t.Fatal(err)
	}
	if got := story(r.until(f, ended("ask"))); !strings.Contains(got, `said "hello Ann"`) {
		t.Errorf("got %s", got)
	}
	if err := r.Input("again"); !errors.Is(err, host.ErrNoInput) {
		t.Errorf("a second answer: %v", err)
	}
}

func TestAReplyWhoseIdleWasLostIsLetGoWithAGap(t *testing.T) {
	t.Parallel()
	k := &mute{Scripted: kerneltest.NewScripted(echo), out: kernel.NewQueue()}
	go k.filter()
	h := host.New(host.Options{
		Launch: func(context.Context) (kernel.Kernel, error) { return k, nil },
		Stamp:  stamp(), Now: time.Now, IdleGrace: time.Millisecond,
	})
	r := &rig{Host: h, t: t}
	f := r.attach(1)
	r.queue("a")
	if got := story(r.until(f, ended("a"))); !strings.HasSuffix(got, `said "a", gap, ok a`) {
		t.Errorf("got %s", got)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

// mute is a kernel whose idle never arrives.
type mute struct {
	*kerneltest.Scripted
	out *kernel.Queue
}

func (m *mute) Messages() <-chan *wire.Message { return m.out.Out() }

func (m *mute) filter() {
	for msg := range m.Scripted.Messages() {
		if !strings.Contains(string(msg.Content), `"idle"`) {
			m.out.Put(msg)
		}
	}
	m.out.Close()
}

func TestCloseEndsAFeedAfterItsLastEvent(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	f := r.attach(1)
	r.until(f, became(host.Idle))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r.until(f, became(host.Dead))
	if _, err := f.Next(context.Background()); !errors.Is(err, host.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestAKernelThatCannotStartIsToldAndTheQueueDropped(t *testing.T) {
	t.Parallel()
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) {
			<-ctx.Done()
			return nil, errors.New("no such program")
		},
		Stamp: stamp(), Now: time.Now,
	})
	r := &rig{Host: h, t: t}
	f := r.attach(1)
	r.queue("a")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	events := r.until(f, ended("a"))
	if last := events[len(events)-1]; last.Outcome != host.Aborted {
		t.Errorf("got %s", story(events))
	}
}

func TestCancelTakesOnlyWhatHasNotStarted(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	r := newRig(t, func(c *kerneltest.ScriptCell) { <-gate; echo(c) })
	f := r.attach(1)
	r.queue("a", "b", "c")
	r.until(f, func(e host.Event) bool { return e.Kind == host.Running })
	r.Cancel("a", "b")
	close(gate)
	got := story(r.until(f, ended("c")))
	if !strings.Contains(got, "dropped b") || !strings.Contains(got, "ok a") || !strings.HasSuffix(got, "ok c") {
		t.Errorf("got %s", got)
	}
}

func TestRequestsGetTheirOwnReplies(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	f := r.attach(1)
	r.until(f, became(host.Idle))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	m, err := r.Request(ctx, wire.Shell, "kernel_info_request", struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Type() != "kernel_info_reply" {
		t.Errorf("the reply is a %s", m.Type())
	}
}
