package kerneltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// Run checks that kernels of s, started by launch, keep the promises of
// kernel.Kernel, with all that f says they can do. Tests run in parallel, each
// with its own kernel where it ends or clogs one.
func Run(t *testing.T, launch kernel.Launcher, s spec.Spec, f Features) {
	u := suite{launch: launch, spec: s, f: f}
	t.Run("a living kernel", func(t *testing.T) {
		t.Parallel()
		u.living(t)
	})
	for name, test := range map[string]func(*testing.T){
		"a kernel killed mid-cell is seen dead at once":    u.killed,
		"a kernel that ends itself tells its exit status":  u.selfExit,
		"Shutdown ends an idle kernel and may be repeated": u.shutdown,
		"Shutdown ends a kernel that is busy for ever":     u.shutdownBusy,
		"a new launch is a restart: state is gone":         u.restart,
		"a paused reader loses no line of a burst":         u.burst,
		"a cancelled launch leaves nothing behind":         u.cancelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

type suite struct {
	launch kernel.Launcher
	spec   spec.Spec
	f      Features
}

// living runs what needs a kernel but does no harm to it, in order, on one kernel.
func (u *suite) living(t *testing.T) {
	c := u.start(t)
	for _, test := range []struct {
		name string
		does bool
		run  func(*testing.T, *Client)
	}{
		{"knows itself", true, u.info},
		{"streams while it runs", u.f.Steps != nil, u.steps},
		{"gives a result", u.f.Value.Code != "", u.value},
		{"displays", u.f.Rich.Code != "", u.rich},
		{"tells an error and goes on", u.f.Raise.Code != "", u.raise},
		{"writes to the error stream", u.f.Stderr != "", u.stderr},
		{"asks for input", u.f.Ask != "", u.ask},
		{"asks for a secret", u.f.AskSecret != "", u.askSecret},
		{"is interrupted while busy", u.f.Busy != "", u.interrupt},
		{"is interrupted while it asks", u.f.Ask != "", u.interruptAsk},
		{"completes", u.f.Complete.Code != "", u.complete},
		{"inspects", u.f.Inspect.Code != "", u.inspect},
		{"knows whether code is whole", u.f.Whole != "", u.isComplete},
		{"updates a display", u.f.Update != "", u.update},
		{"clears the output", u.f.Clear != "", u.clear},
		{"echoes a comm with its buffers", u.f.Comm != "", u.comm},
		{"keeps its state", u.f.Set.Code != "", u.state},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !test.does {
				t.Skip("not among the features of this kernel")
			}
			c.t, c.Heard, c.Answer = t, nil, nil
			test.run(t, c)
		})
	}
}

func (u *suite) info(t *testing.T, c *Client) {
	info := c.k.Info()
	if !strings.EqualFold(info.Language, u.f.Language) || info.Name != u.spec.Name || (info.PID > 0) == u.f.Remote || info.Transport == "" {
		t.Errorf("Info() = %+v", info)
	}
	var reply wire.KernelInfoReply
	c.Request(wire.Shell, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{}, &reply)
	if !strings.EqualFold(reply.LanguageInfo.Name, u.f.Language) {
		t.Errorf("kernel_info_reply: language %q, want %q", reply.LanguageInfo.Name, u.f.Language)
	}
	if len(info.Reply) == 0 {
		t.Error("Info().Reply is empty")
	}
}

func (u *suite) steps(t *testing.T, c *Client) {
	fifo := newFIFO(t)
	text, released := "", false
	c.Heard = func(m *wire.Message) {
		text += streamText(m, "stdout")
		if !released && strings.Contains(text, "one\n") {
			released = true // only now may the cell go on: what it wrote came while it ran
			fifo.release(t)
		}
	}
	cell := c.Execute(u.f.Steps(fifo.path))
	if got := cell.Text("stdout"); got != "one\ntwo\n" || cell.Reply.Status != wire.StatusOK {
		t.Errorf("stdout %q, %v", got, cell)
	}
	if cell.First(wire.TypeExecuteInput) == nil {
		t.Error("no execute_input came")
	}
}

func (u *suite) value(t *testing.T, c *Client) {
	cell := c.Execute(u.f.Value.Code)
	if got := cell.Data(wire.TypeExecuteResult, u.f.Value.Mime); !strings.Contains(got, u.f.Value.Text) {
		// Some kernels (IRkernel) show every value as display_data.
		got = cell.Data(wire.TypeDisplayData, u.f.Value.Mime)
		if !strings.Contains(got, u.f.Value.Text) {
			t.Errorf("no %q in %v", u.f.Value.Text, cell)
		}
	}
	if cell.Reply.ExecutionCount < 1 {
		t.Errorf("execution count %d", cell.Reply.ExecutionCount)
	}
}

func (u *suite) rich(t *testing.T, c *Client) {
	cell := c.Execute(u.f.Rich.Code)
	if got := cell.Data(wire.TypeDisplayData, u.f.Rich.Mime); got != u.f.Rich.Text {
		t.Errorf("displayed %q, want %q: %v", got, u.f.Rich.Text, cell)
	}
}

func (u *suite) raise(t *testing.T, c *Client) {
	cell := c.Execute(u.f.Raise.Code)
	var e wire.ErrorContent
	m := cell.First(wire.TypeError)
	if m == nil {
		t.Fatalf("no error came: %v", cell)
	}
	c.decode(m, &e)
	if e.EName != u.f.Raise.Text || cell.Reply.Status != wire.StatusError {
		t.Errorf("error %q, want %q: %v", e.EName, u.f.Raise.Text, cell)
	}
	u.works(t, c)
}

func (u *suite) stderr(t *testing.T, c *Client) {
	if cell := c.Execute(u.f.Stderr); !strings.Contains(cell.Text("stderr"), "oops") {
		t.Errorf("no oops on stderr: %v", cell)
	}
}

func (u *suite) ask(t *testing.T, c *Client)       { asking(t, c, u.f.Ask, false) }
func (u *suite) askSecret(t *testing.T, c *Client) { asking(t, c, u.f.AskSecret, true) }

func asking(t *testing.T, c *Client, code string, secret bool) {
	asked := 0
	c.Answer = func(q wire.InputRequest) string {
		asked++
		if q.Prompt != "name? " || q.Password != secret {
			t.Errorf("asked %+v", q)
		}
		return "Zoë 🦉"
	}
	cell := c.Execute(code)
	if asked != 1 || !strings.Contains(cell.Text("stdout"), "hi Zoë 🦉") {
		t.Errorf("asked %d times: %v", asked, cell)
	}
}

func (u *suite) interrupt(t *testing.T, c *Client) {
	text, sent := "", false
	c.Heard = func(m *wire.Message) {
		text += streamText(m, "stdout")
		if !sent && strings.Contains(text, "busy") {
			sent = true
			if err := c.k.Interrupt(t.Context()); err != nil {
				t.Fatalf("interrupt: %v", err)
			}
		}
	}
	u.stopped(t, c, c.Execute(u.f.Busy))
}

func (u *suite) interruptAsk(t *testing.T, c *Client) {
	c.Answer = nil
	c.Heard = func(m *wire.Message) {
		if m.Type() == wire.TypeInputRequest {
			c.Answer = func(wire.InputRequest) string { return "too late" }
			if err := c.k.Interrupt(t.Context()); err != nil {
				t.Fatalf("interrupt: %v", err)
			}
		}
	}
	// Whether the answer or the interrupt wins is a race that a user runs too. What
	// is promised is that the cell ends and the kernel works.
	if cell := c.Execute(u.f.Ask); !cell.Ended {
		t.Fatalf("the kernel ended: %v", cell)
	}
	u.works(t, c)
}

// stopped checks the end of an interrupted cell.
func (u *suite) stopped(t *testing.T, c *Client, cell Cell) {
	t.Helper()
	if !cell.Ended || cell.Reply.Status == wire.StatusOK {
		t.Fatalf("the interrupted cell: %v", cell)
	}
	if u.f.Stopped != "" {
		var e wire.ErrorContent
		if m := cell.First(wire.TypeError); m == nil || m.Decode(&e) != nil || e.EName != u.f.Stopped {
			t.Errorf("no %s: %v", u.f.Stopped, cell)
		}
	}
	u.works(t, c)
}

// works runs one more cell.
func (u *suite) works(t *testing.T, c *Client) {
	t.Helper()
	c.Heard, c.Answer = nil, nil
	if cell := c.Execute(u.f.Set.Code); !cell.Ended || cell.Reply.Status != wire.StatusOK {
		t.Errorf("the cell after it: %v", cell)
	}
}

func (u *suite) complete(t *testing.T, c *Client) {
	var r wire.CompleteReply
	code := u.f.Complete.Code
	c.Request(wire.Shell, wire.TypeCompleteRequest, wire.CompleteRequest{Code: code, CursorPos: len(code)}, &r)
	for _, m := range r.Matches {
		if m == u.f.Complete.Text && r.CursorEnd == len(code) {
			return
		}
	}
	t.Errorf("complete %q: %+v", code, r)
}

func (u *suite) inspect(t *testing.T, c *Client) {
	var r wire.InspectReply
	code := u.f.Inspect.Code
	c.Request(wire.Shell, wire.TypeInspectRequest, wire.InspectRequest{Code: code, CursorPos: len(code)}, &r)
	if !r.Found || !strings.Contains(string(r.Data), u.f.Inspect.Text) {
		t.Errorf("inspect %q: %+v", code, r)
	}
}

func (u *suite) isComplete(t *testing.T, c *Client) {
	for code, want := range map[string]string{u.f.Whole: "complete", u.f.Half: "incomplete"} {
		var r wire.IsCompleteReply
		c.Request(wire.Shell, wire.TypeIsCompleteRequest, wire.IsCompleteRequest{Code: code}, &r)
		if r.Status != want {
			t.Errorf("is_complete %q: %q, want %q", code, r.Status, want)
		}
	}
}

func (u *suite) update(t *testing.T, c *Client) {
	cell := c.Execute(u.f.Update)
	for msgType, want := range map[string]string{
		wire.TypeDisplayData: "first", wire.TypeUpdateDisplayData: "second",
	} {
		var d wire.DisplayData
		m := cell.First(msgType)
		if m == nil || m.Decode(&d) != nil || d.Transient.DisplayID != "d1" || !strings.Contains(string(d.Data), want) {
			t.Errorf("no %s with id d1 and %q: %v", msgType, want, cell)
		}
	}
}

func (u *suite) clear(t *testing.T, c *Client) {
	cell := c.Execute(u.f.Clear)
	var order []string
	for _, m := range cell.Messages {
		var clear wire.ClearOutput
		switch {
		case m.Type() == wire.TypeStream:
			order = append(order, strings.TrimSpace(streamText(m, "stdout")))
		case m.Type() == wire.TypeClearOutput && m.Decode(&clear) == nil && clear.Wait:
			order = append(order, "clear")
		}
	}
	if got := strings.Join(order, " "); got != "before clear after" {
		t.Errorf("came as %q: %v", got, cell)
	}
}

func (u *suite) comm(t *testing.T, c *Client) {
	if cell := c.Execute(u.f.Comm); cell.Reply.Status != wire.StatusOK {
		t.Fatalf("register the target: %v", cell)
	}
	c.Comm(wire.TypeCommOpen, wire.CommOpen{CommID: "c1", TargetName: "echo", Data: []byte(`{}`)})
	msgs := c.Comm(wire.TypeCommMsg, wire.CommMsg{CommID: "c1", Data: []byte(`{"n":1}`)}, []byte{0, 1, 255}, nil)
	for _, m := range msgs {
		var got wire.CommMsg
		if m.Type() == wire.TypeCommMsg && m.Decode(&got) == nil && got.CommID == "c1" {
			if len(m.Buffers) != 2 || string(m.Buffers[0]) != "\x00\x01\xff" || len(m.Buffers[1]) != 0 {
				t.Errorf("buffers %q", m.Buffers)
			}
			if !strings.Contains(string(got.Data), `"n"`) {
				t.Errorf("data %s", got.Data)
			}
			return
		}
	}
	t.Errorf("no echo: %s", transcript(msgs))
}

func (u *suite) state(t *testing.T, c *Client) {
	if cell := c.Execute(u.f.Set.Code); cell.Reply.Status != wire.StatusOK {
		t.Fatalf("set: %v", cell)
	}
	if cell := c.Execute(u.f.Get.Code); !strings.Contains(cell.Text("stdout"), u.f.Get.Text) {
		t.Errorf("get: %v", cell)
	}
}

// ended waits for the kernel's end and returns how it came.
func ended(t *testing.T, k kernel.Kernel) kernel.Exit {
	t.Helper()
	select {
	case <-k.Done():
		return k.Exit()
	case <-time.After(Patience):
		t.Fatal("the kernel has not ended")
		return kernel.Exit{}
	}
}

// refuses checks that a dead kernel says so.
func (u *suite) refuses(t *testing.T, c *Client) {
	t.Helper()
	drain(t, c.k)
	m := c.stamp.Request(wire.Shell, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{})
	if err := c.k.Send(t.Context(), m); !errors.Is(err, kernel.ErrDead) {
		t.Errorf("Send to a dead kernel: %v, want ErrDead", err)
	}
	if err := c.k.Interrupt(t.Context()); !errors.Is(err, kernel.ErrDead) {
		t.Errorf("Interrupt of a dead kernel: %v, want ErrDead", err)
	}
}

// drain reads Messages to its end, which must come.
func drain(t *testing.T, k kernel.Kernel) {
	t.Helper()
	late := time.After(Patience)
	for {
		select {
		case _, ok := <-k.Messages():
			if !ok {
				return
			}
		case <-late:
			t.Fatal("Messages was not closed")
		}
	}
}

// stampOf counts ids, from any goroutine.
func stampOf(session string) wire.Stamp {
	var n atomic.Int64
	return wire.Stamp{
		Session: session, Username: "test", Now: time.Now,
		NewID: func() string { return fmt.Sprintf("%s-%d", session, n.Add(1)) },
	}
}

func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nk") // t.TempDir is too long for socket names
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func withTimeout(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
