package link_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/host/link"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/session"
	"nbterm/engine/wire"
)

var _ session.Host = (*link.Client)(nil)

type rig struct {
	t      testing.TB
	host   *host.Host
	server *link.Server
	socket string
	marks  chan host.Mark
	ids    atomic.Int64
}

func newRig(t testing.TB, script kerneltest.Script) *rig {
	t.Helper()
	r := &rig{t: t, marks: make(chan host.Mark, 10)}
	dir, err := os.MkdirTemp("", "nb") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	launch := kerneltest.Launcher(script, nil)
	r.host = host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) { return launch(ctx, kernel.Options{}) },
		Stamp:  wire.Stamp{Session: "s", Now: time.Now, NewID: r.id}, Now: time.Now, Journal: j,
		Marked: func(m host.Mark) { r.marks <- m },
	})
	r.socket = filepath.Join(dir, "s")
	l, err := net.Listen("unix", r.socket)
	if err != nil {
		t.Fatal(err)
	}
	r.server = link.NewServer(r.host, link.ServerOptions{Now: time.Now})
	done := make(chan error, 1)
	go func() { done <- r.server.Serve(l) }()
	t.Cleanup(func() {
		_ = l.Close()
		_ = r.host.Close()
		r.server.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = j.Close()
		_ = os.RemoveAll(dir)
	})
	return r
}

func (r *rig) id() string { return fmt.Sprintf("id-%d", r.ids.Add(1)) }

func (r *rig) dial(readOnly bool) *link.Client {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := link.Dial(ctx, r.socket, link.ClientOptions{NewID: r.id, ReadOnly: readOnly})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// until reads up to the end of an execution.
func until(t testing.TB, f host.Feed, exec string) []host.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var all []host.Event
	for {
		batch, err := f.Next(ctx)
		if err != nil {
			t.Fatalf("%v after %d events", err, len(all))
		}
		all = append(all, batch...)
		for _, e := range batch {
			if e.Exec == exec && (e.Kind == host.Finished || e.Kind == host.Dropped) {
				return all
			}
		}
	}
}

func said(events []host.Event) string {
	var b strings.Builder
	for _, e := range events {
		var s wire.Stream
		if e.Kind == host.Said && e.Message.Type() == "stream" && e.Message.Decode(&s) == nil {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func echo(c *kerneltest.ScriptCell) { c.Stdout(c.Code) }

func TestAClientRunsCellsAndHearsThem(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	c := r.dial(false)
	if err := c.Execute(host.Execution{ID: "a", Code: "hello"}); err != nil {
		t.Fatal(err)
	}
	events := until(t, c.Attach(1), "a")
	if got := said(events); got != "hello" {
		t.Errorf("heard %q", got)
	}
	for i, e := range events {
		if e.Seq != uint64(i+1) {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	m, err := c.Request(ctx, wire.Shell, "kernel_info_request", struct{}{})
	if err != nil || m.Type() != "kernel_info_reply" {
		t.Errorf("request: %v, %v", m, err)
	}
}

func TestDroppedClientsMissNothing(t *testing.T) {
	t.Parallel()
	const lines, drops = 10_000, 100
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		for i := range lines {
			c.Stdout(fmt.Sprintf("%d\n", i))
		}
	})
	first := r.dial(false)
	if err := first.Execute(host.Execution{ID: "a"}, host.Execution{ID: "b"}); err != nil {
		t.Fatal(err)
	}
	var all []host.Event
	next := uint64(1)
	for range drops {
		c := r.dial(false)
		f := c.Attach(next)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		batch, err := f.Next(ctx)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		batch = batch[:min(len(batch), 150)] // the rest is lost with the client
		all = append(all, batch...)
		next = all[len(all)-1].Seq + 1
		_ = c.Close()
		f.Close()
	}
	all = append(all, until(t, r.dial(false).Attach(next), "b")...)
	for i, e := range all {
		if e.Seq != uint64(i+1) {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
	}
	var want strings.Builder
	for range 2 {
		for i := range lines {
			fmt.Fprintf(&want, "%d\n", i)
		}
	}
	if said(all) != want.String() {
		t.Error("lines are missing, doubled or out of order")
	}
}

func TestAReaderReadsAlongAndMayDoNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	reader, worker := r.dial(true), r.dial(false)
	if err := reader.Execute(host.Execution{ID: "x"}); err == nil || !strings.Contains(err.Error(), "only reads") {
		t.Errorf("a reader's execute: %v", err)
	}
	if err := worker.Execute(host.Execution{ID: "a", Code: "live"}); err != nil {
		t.Fatal(err)
	}
	if got := said(until(t, reader.Attach(1), "a")); got != "live" {
		t.Errorf("the reader heard %q", got)
	}
}

func TestErrorsKeepWhatTheyAre(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *kerneltest.ScriptCell) { c.Die(kernel.Exit{Code: 3}) })
	c := r.dial(false)
	if err := c.Input("x"); !errors.Is(err, host.ErrNoInput) {
		t.Errorf("input without a request: %v", err)
	}
	if err := c.Execute(host.Execution{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	until(t, c.Attach(1), "a")
	if err := c.Execute(host.Execution{ID: "b"}); !errors.Is(err, host.ErrNoKernel) {
		t.Errorf("execute on a dead kernel: %v", err)
	}
}

func TestAWaitingFeedCanBeCancelledAndGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	c := r.dial(false)
	f := c.Attach(1)
	if err := c.Execute(host.Execution{ID: "a", Code: "1"}); err != nil {
		t.Fatal(err)
	}
	until(t, f, "a")
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err := f.Next(ctx)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Execute(host.Execution{ID: "b", Code: "2"}); err != nil {
		t.Fatal(err)
	}
	if got := said(until(t, f, "b")); got != "2" {
		t.Errorf("heard %q", got)
	}
}

func TestTheEndOfAHostIsToldApartFromALostLink(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	c := r.dial(false)
	f := c.Attach(1)
	if err := c.Shutdown(); err != nil {
		t.Fatal(err)
	}
	<-r.server.Asked()
	if err := r.host.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var err error
	for err == nil {
		_, err = f.Next(ctx)
	}
	if !errors.Is(err, host.ErrClosed) {
		t.Errorf("the feed ended with %v", err)
	}
	r.server.Close()
	if err := c.Execute(host.Execution{}); !errors.Is(err, link.ErrLost) {
		t.Errorf("a call afterwards: %v", err)
	}
}

func TestMarksAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	c := r.dial(false)
	want := host.Mark{Seq: 7, Revision: "sha256:x", Open: []string{"e"}}
	if err := c.SetMark(want); err != nil {
		t.Fatal(err)
	}
	if got := <-r.marks; got.Seq != 7 {
		t.Errorf("kept %+v", got)
	}
	if err := c.Intend(host.Mark{Seq: 8, Revision: "content"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Moved("sha256:x", "sha256:y"); err != nil {
		t.Fatal(err)
	}
	st, err := c.Ask()
	if err != nil || st.Mark.Revision != "sha256:y" || st.Mark.Seq != 7 || st.Mark.Next == nil || st.Mark.Next.Seq != 8 {
		t.Errorf("status %+v, %v", st, err)
	}
	if err := r.dial(true).Intend(want); err == nil {
		t.Error("a reader set a mark")
	}
}

func TestGarbageOnTheSocketHarmsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo)
	for _, junk := range []string{"", "\x00", "GET / HTTP/1.1\r\n\r\n", "\xff\xff\xff\xff\x01", "\x02\x00\x00\x00\x01{}", strings.Repeat("\x00", 4096)} {
		conn, err := net.Dial("unix", r.socket)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(junk))
		_ = conn.Close()
	}
	c := r.dial(false)
	if err := c.Execute(host.Execution{ID: "a", Code: "fine"}); err != nil {
		t.Fatal(err)
	}
	if got := said(until(t, c.Attach(1), "a")); got != "fine" {
		t.Errorf("heard %q", got)
	}
}

// The host must add at most 0.3 ms to a round trip: socket against kernel.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("kernel", benchKernel)
	for _, name := range []string{"host", "socket"} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, echo)
			var h session.Host = r.host
			if name == "socket" {
				h = r.dial(false)
			}
			f := h.Attach(1)
			defer f.Close()
			if err := h.Execute(host.Execution{ID: "begin" + name, Code: "x"}); err != nil {
				b.Fatal(err)
			}
			until(b, f, "begin"+name)
			for b.Loop() {
				id := r.id()
				if err := h.Execute(host.Execution{ID: id, Code: "x"}); err != nil {
					b.Fatal(err)
				}
				until(b, f, id)
			}
		})
	}
}

// benchKernel asks the kernel itself.
func benchKernel(b *testing.B) {
	var n atomic.Int64
	stamp := wire.Stamp{Session: "s", Now: time.Now, NewID: func() string { return fmt.Sprint(n.Add(1)) }}
	k, err := kerneltest.Launcher(echo, nil)(b.Context(), kernel.Options{Stamp: stamp})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m := stamp.Request(wire.Shell, "execute_request", wire.ExecuteRequest{Code: "x"})
		if err := k.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
		for replied, idle := false, false; !replied || !idle; {
			got := <-k.Messages()
			var s wire.Status
			replied = replied || got.Type() == "execute_reply"
			idle = idle || got.Type() == "status" && got.Decode(&s) == nil && s.ExecutionState == "idle"
		}
	}
	b.StopTimer()
	go func() {
		for range k.Messages() {
		}
	}()
	if err := k.Shutdown(context.Background()); err != nil {
		b.Fatal(err)
	}
}

func TestOnlyAnUnusedHostWithoutOthersEndsWhenAClientLeaves(t *testing.T) {
	t.Parallel()
	release := func(t *testing.T, c *link.Client) bool {
		t.Helper()
		ended, err := c.Release()
		if err != nil {
			t.Fatal(err)
		}
		return ended
	}
	reading := func(t *testing.T, r *rig) *link.Client {
		t.Helper()
		c := r.dial(false)
		f := c.Attach(1)
		t.Cleanup(f.Close)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if _, err := f.Next(ctx); err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Run("unused and alone", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, echo)
		if !release(t, reading(t, r)) || !r.server.Forget() {
			t.Error("it stays")
		}
	})
	t.Run("another reads along", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, echo)
		reading(t, r)
		if release(t, reading(t, r)) {
			t.Error("it ended under another client")
		}
	})
	t.Run("used by an earlier client", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, echo)
		first := r.dial(false)
		if err := first.Execute(host.Execution{ID: "a", Code: "x"}); err != nil {
			t.Fatal(err)
		}
		_ = first.Close()
		if release(t, r.dial(false)) {
			t.Error("it ended with its variables")
		}
	})
}
