package link_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel/kerneltest"
)

func TestACutLinkGivesFirstWhatCameWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		for range 100 {
			c.Stdout("a line\n")
		}
	})
	direct := r.dial(false)
	if err := direct.Execute(host.Execution{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	until(t, direct.Attach(1), "a")
	r.socket = cutting(t, r.socket, 5000)
	f := r.dial(true).Attach(1)
	defer f.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for seq := uint64(0); ; {
		events, err := f.Next(ctx)
		if ctx.Err() != nil || err != nil && len(events) > 0 {
			t.Fatalf("%d events after %d, together with %v", len(events), seq, err)
		}
		for _, e := range events {
			if seq++; e.Seq != seq {
				t.Fatalf("event %d where %d is next", e.Seq, seq)
			}
			if e.Kind == host.Finished {
				return
			}
		}
	}
}

// cutting is a socket that leads to another and cuts what comes back after so many
// bytes.
func cutting(t *testing.T, far string, after int64) string {
	t.Helper()
	near := far + "c"
	l, err := net.Listen("unix", near)
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); work.Wait() })
	work.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", far)
			if err != nil {
				_ = in.Close()
				return
			}
			work.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
			work.Go(func() { _, _ = io.CopyN(in, out, after); _ = in.Close() })
		}
	})
	return near
}

func TestAWakeThatComesLateHarmsNoLaterReading(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	r := newRig(t, func(c *kerneltest.ScriptCell) {
		for range 500 {
			<-gate
			c.Stdout("x")
		}
	})
	c := r.dial(false)
	f := c.Attach(1)
	if err := c.Execute(host.Execution{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	for range 500 { // an event and the end of the context at about the same time
		ctx, cancel := context.WithCancel(context.Background())
		go func() { gate <- struct{}{} }()
		go cancel()
		if _, err := f.Next(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	until(t, f, "a")
}
