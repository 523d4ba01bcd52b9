package kerneltest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/wire"
)

func stamp() wire.Stamp {
	n := 0
	return wire.Stamp{
		Session: "s", Username: "u", Now: func() time.Time { return time.Unix(0, 0) },
		NewID: func() string { n++; return fmt.Sprint("m", n) },
	}
}

func scripted(t *testing.T, script kerneltest.Script) (*kerneltest.Scripted, *kerneltest.Client) {
	t.Helper()
	k := kerneltest.NewScripted(script)
	t.Cleanup(func() {
		if err := k.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return k, kerneltest.NewClient(t, k, stamp())
}

func TestAScriptedCellSaysWhatTheScriptSays(t *testing.T) {
	t.Parallel()
	_, c := scripted(t, func(c *kerneltest.ScriptCell) {
		name, _ := c.Input("name? ", true)
		c.Stdout("hi " + name + "\n")
		c.Display(map[string]any{"text/html": "<b>x</b>"}, "d1")
		c.Update(map[string]any{"text/html": "<b>y</b>"}, "d1")
		c.Clear(true)
		c.Result("42")
		c.IdleFirst = true
	})
	c.Answer = func(q wire.InputRequest) string {
		if q.Prompt != "name? " || !q.Password {
			t.Errorf("asked %+v", q)
		}
		return "Bo"
	}
	cell := c.Execute("whatever")
	if cell.Reply.Status != wire.StatusOK || cell.Reply.ExecutionCount != 1 || cell.Text("stdout") != "hi Bo\n" ||
		cell.Data(wire.TypeExecuteResult, "text/plain") != "42" ||
		cell.Data(wire.TypeUpdateDisplayData, "text/html") != "<b>y</b>" {
		t.Errorf("%v", cell)
	}
}

func TestAScriptedErrorFailsTheReply(t *testing.T) {
	t.Parallel()
	_, c := scripted(t, func(c *kerneltest.ScriptCell) { c.Error("ValueError", c.Code) })
	cell := c.Execute("bad")
	if cell.Reply.Status != wire.StatusError || cell.Reply.EName != "ValueError" || cell.Reply.EValue != "bad" {
		t.Errorf("%v", cell)
	}
}

func TestAScriptedKernelIsInterruptedInTheMiddleOfACell(t *testing.T) {
	t.Parallel()
	k, c := scripted(t, func(c *kerneltest.ScriptCell) {
		c.Stdout("busy")
		<-c.Stopped()
	})
	c.Heard = func(m *wire.Message) {
		if m.Type() == wire.TypeStream {
			if err := k.Interrupt(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	if cell := c.Execute("loop"); cell.Reply.EName != "KeyboardInterrupt" || k.Interrupts() != 1 {
		t.Errorf("%v", cell)
	}
}

func TestAScriptedKernelDiesInTheMiddleOfACell(t *testing.T) {
	t.Parallel()
	k, c := scripted(t, func(c *kerneltest.ScriptCell) {
		c.Stdout("last")
		c.Die(kernel.Exit{Signal: syscall.SIGKILL, Stderr: "Killed"})
		c.Stdout("never said")
	})
	cell := c.Execute("boom")
	if cell.Ended || !strings.Contains(cell.Text("stdout"), "last") || strings.Contains(cell.Text("stdout"), "never") {
		t.Errorf("%v", cell)
	}
	<-k.Done()
	if e := k.Exit(); e.Code != -1 || e.Signal != syscall.SIGKILL || e.Asked || e.LastWords() != "Killed" {
		t.Errorf("Exit() = %+v", e)
	}
	err := k.Send(t.Context(), stamp().Request(wire.Shell, wire.TypeCommOpen, wire.CommOpen{}))
	if !errors.Is(err, kernel.ErrDead) {
		t.Errorf("Send: %v", err)
	}
}

func TestAScriptedKernelAnswersOtherRequestsByHandle(t *testing.T) {
	t.Parallel()
	k, c := scripted(t, nil)
	k.Handle = func(_ *kerneltest.Scripted, m *wire.Message) any {
		return wire.CompleteReply{Status: wire.StatusOK, Matches: []string{m.Type()}}
	}
	var r wire.CompleteReply
	c.Request(wire.Shell, wire.TypeCompleteRequest, wire.CompleteRequest{Code: "a"}, &r)
	if len(r.Matches) != 1 || r.Matches[0] != wire.TypeCompleteRequest {
		t.Errorf("%+v", r)
	}
	var info wire.KernelInfoReply
	c.Request(wire.Shell, wire.TypeKernelInfoRequest, wire.KernelInfoRequest{}, &info)
	if info.LanguageInfo.Name != "python" {
		t.Errorf("%+v", info)
	}
}

func TestALauncherTellsEachKernelItStarts(t *testing.T) {
	t.Parallel()
	started := make(chan *kerneltest.Scripted, 2)
	launch := kerneltest.Launcher(func(*kerneltest.ScriptCell) {}, started)
	for range 2 {
		k, err := launch(t.Context(), kernel.Options{Stamp: stamp()})
		if err != nil || k != kernel.Kernel(<-started) {
			t.Fatalf("launch: %v", err)
		}
		if err := k.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if !k.Exit().Asked {
			t.Error("not marked as asked")
		}
	}
}
