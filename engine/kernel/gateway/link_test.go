package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/gateway"
	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
	"nbterm/storage/contents"
)

// told is what came of one cell.
type told struct {
	lines []string
	gaps  []string
	reply string // status

	asides int    // gaps told that lie in no cell
	links  []bool // whether the server was lost, or was back, in order
}

// follow runs code and takes all that comes until reply and idle, calling heard
// with the text so far.
func follow(t *testing.T, k kernel.Kernel, stamp wire.Stamp, code string, heard func(text string)) told {
	t.Helper()
	m := stamp.Request(wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{Code: code, AllowStdin: true})
	if err := k.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var out told
	var text strings.Builder
	late := time.After(kerneltest.Patience)
	for idle := false; !idle || out.reply == ""; {
		select {
		case got, ok := <-k.Messages():
			if !ok {
				t.Fatalf("the kernel %v; so far %d bytes, gaps %q", k.Exit(), text.Len(), out.gaps)
			}
			if reason, is := kernel.GapReason(got); is {
				if kernel.IsBetween(got) {
					out.asides++
				} else {
					out.gaps = append(out.gaps, reason)
				}
			}
			if away, is := kernel.LinkAway(got); is {
				out.links = append(out.links, away != "")
			}
			if got.Parent.MsgID != m.Header.MsgID {
				continue
			}
			var s wire.Stream
			var st wire.Status
			var r wire.ExecuteReply
			switch {
			case got.Type() == wire.TypeStream && got.Decode(&s) == nil && s.Name == "stdout":
				text.WriteString(s.Text)
				if heard != nil {
					heard(text.String())
				}
			case got.Type() == wire.TypeStatus && got.Decode(&st) == nil:
				idle = idle || st.ExecutionState == wire.StateIdle
			case got.Type() == wire.TypeExecuteReply && got.Decode(&r) == nil:
				out.reply = r.Status
			}
		case <-late:
			t.Fatalf("not over: %d bytes, idle %t, reply %q, gaps %q", text.Len(), idle, out.reply, out.gaps)
		}
	}
	out.lines = strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	return out
}

// missing says which of "line 0" to n-1 did not come, and fails for any that came
// twice or out of order.
func (o told) missing(t *testing.T, n int) int {
	t.Helper()
	next := 0
	for _, line := range o.lines {
		var i int
		if _, err := fmt.Sscanf(line, "line %d", &i); err != nil || line != fmt.Sprint("line ", i) {
			continue // half a line is lost with its other half
		}
		if i < next {
			t.Fatalf("line %d came after line %d", i, next-1)
		}
		next = i + 1
	}
	return n - len(o.lines)
}

func lines(n int, pause string) string {
	return fmt.Sprintf("import time\nfor i in range(%d):\n    print('line', i, flush=True); time.sleep(%s)", n, pause)
}

// startAt is start with a stamp that follow can use.
func startAt(t *testing.T, s spec.Spec) (kernel.Kernel, wire.Stamp) {
	t.Helper()
	k, _ := start(t, s)
	return k, stampOf()
}

func TestALinkCutMidCellLosesNothingUnseen(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t, gatewaytest.Unlimited...)
	for name, c := range map[string]struct {
		lines int
		pause string
		cuts  int
	}{
		"slow":         {300, "0.01", 5},
		"fast":         {3000, "0.0003", 5},
		"ended within": {10, "0.01", 1}, // the cell is over before the link is back
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := gatewaytest.NewProxy(t, s)
			spec := on(p.URL, "python3")
			k, stamp := startAt(t, spec)
			cuts := 0
			out := follow(t, k, stamp, lines(c.lines, c.pause), func(text string) {
				if n := strings.Count(text, "\n"); cuts < c.cuts && n > (cuts*c.lines)/(c.cuts+1) {
					cuts++
					p.Cut()
					time.AfterFunc(300*time.Millisecond, p.Mend)
				}
			})
			lost := out.missing(t, c.lines)
			t.Logf("%d cuts: %d of %d lines lost, gaps %q", cuts, lost, c.lines, out.gaps)
			if cuts != c.cuts || out.reply != "ok" && len(out.gaps) == 0 {
				t.Errorf("%d cuts, reply %q", cuts, out.reply)
			}
			if lost > 0 && len(out.gaps) == 0 {
				t.Errorf("%d lines were lost without a word", lost)
			}
			if again := follow(t, k, stamp, "print('line 0')", nil); again.missing(t, 1) != 0 || again.reply != "ok" {
				t.Errorf("the cell after it: %+v", again)
			}
		})
	}
}

// What the server asks an idle kernel hides what a thread may have printed: that is told,
// and in no cell.
func TestACutWithNothingRunningIsNoGapInACell(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	p := gatewaytest.NewProxy(t, s)
	spec := on(p.URL, "python3")
	k, stamp := startAt(t, spec)
	for i := range 3 {
		<-p.Cut() // else the cell goes into the dead link, and its loss is told
		time.AfterFunc(100*time.Millisecond, p.Mend)
		if out := follow(t, k, stamp, "print('line 0')", nil); out.missing(t, 1) != 0 || len(out.gaps) > 0 || out.reply != "ok" {
			t.Errorf("cell %d: %+v", i, out)
		}
	}
}

func TestAKernelWithoutNumbersTellsAGapAtEveryCut(t *testing.T) {
	t.Parallel()
	kerneltest.Installed(t, "ir")
	s := gatewaytest.Serve(t, gatewaytest.Unlimited...)
	p := gatewaytest.NewProxy(t, s)
	spec := on(p.URL, "ir")
	k, stamp := startAt(t, spec)
	cut := false
	out := follow(t, k, stamp, "for (i in 0:99) { cat('line', i); cat('\\n'); flush(stdout()); Sys.sleep(0.01) }", func(string) {
		if !cut {
			cut = true
			p.Cut()
			time.AfterFunc(100*time.Millisecond, p.Mend)
		}
	})
	if len(out.gaps) != 1 {
		t.Errorf("gaps %q, %d lines missing", out.gaps, out.missing(t, 100))
	}
}

func TestADroppingServerIsTold(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"its rate limit":        nil,
		"it is slow, JSON":      append([]string{gatewaytest.Plain}, gatewaytest.Unlimited...),
		"a limit on the volume": {"--ServerApp.iopub_data_rate_limit=1000", "--ServerApp.iopub_msg_rate_limit=0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, _ := start(t, on(gatewaytest.Serve(t, args...).URL, "python3"))
			n, gaps := flood(t, k)
			t.Logf("%d of 10000 lines, %d gaps", n, gaps)
			if n < 10_000 && gaps == 0 {
				t.Errorf("%d lines were lost without a word", 10_000-n)
			}
		})
	}
}

// flood counts the lines that come of 10,000, until reply and idle, or until some
// seconds after the reply: idle may be lost too, which is for the host to tell.
func flood(t *testing.T, k kernel.Kernel) (n, gaps int) {
	t.Helper()
	stamp := stampOf()
	m := stamp.Request(wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{Code: lines(10_000, "0")})
	if err := k.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	late := time.After(kerneltest.Patience)
	for idle, replied := false, false; !idle || !replied; {
		select {
		case got := <-k.Messages():
			if _, is := kernel.GapReason(got); is {
				gaps++
				continue
			}
			var s wire.Stream
			var st wire.Status
			switch {
			case got.Type() == wire.TypeStream && got.Decode(&s) == nil && s.Name == "stdout":
				n += strings.Count(s.Text, "\n")
			case got.Type() == wire.TypeStatus && got.Parent.MsgID == m.Header.MsgID && got.Decode(&st) == nil:
				idle = idle || st.ExecutionState == wire.StateIdle
			case got.Type() == wire.TypeExecuteReply:
				replied = true
				late = time.After(10 * time.Second)
			}
		case <-late:
			if !replied {
				t.Fatal("no reply")
			}
			return n, gaps + 1
		}
	}
	return n, gaps
}

func TestAServerThatDiesEndsItsKernels(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	k, c := start(t, on(s.URL, "python3"))
	c.Execute("1")
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-k.Done():
	case <-time.After(kerneltest.Patience):
		t.Fatal("the kernel is not seen to be lost")
	}
	if e := k.Exit(); e.Asked || !strings.Contains(e.String(), "refuses connections") {
		t.Errorf("the kernel %v", e)
	}
}

func TestAKernelEndedBySomeoneElseIsSeen(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	k, _ := start(t, on(s.URL, "python3"))
	rest := client(t, s)
	id := k.Info().Connection[strings.LastIndexByte(k.Info().Connection, '/')+1:]
	if err := rest.EndKernel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	select {
	case <-k.Done():
	case <-time.After(kerneltest.Patience):
		t.Fatal("not seen")
	}
	if e := k.Exit(); e.Asked || !strings.Contains(e.String(), "no longer on its server") {
		t.Errorf("the kernel %v", e)
	}
}

func client(t *testing.T, s *gatewaytest.Server) *contents.Client {
	t.Helper()
	rest, err := contents.New(s.URL, contents.Options{Token: gatewaytest.Token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rest.Close)
	return rest
}

func TestAttachingLeavesTheKernelAndRestartsIt(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	rest := client(t, s)
	running, err := rest.StartKernel(t.Context(), "python3", "")
	if err != nil {
		t.Fatal(err)
	}
	sp := on(s.URL, "python3")
	sp.Remote.Kernel = running.ID

	first, c := start(t, sp)
	c.Execute("x = 'kept'")
	if err := first.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, c := start(t, sp)
	if cell := c.Execute("print(x)"); cell.Text("stdout") != "kept\n" {
		t.Errorf("attached again: %v", cell)
	}
	if err := second.(kernel.Restarter).Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, c = start(t, sp)
	if cell := c.Execute("print('x' in globals())"); cell.Text("stdout") != "False\n" {
		t.Errorf("after the restart: %v", cell)
	}
	if _, err := rest.Kernel(t.Context(), running.ID); err != nil {
		t.Errorf("it was not left: %v", err)
	}
}

func TestAttachingToABusyKernelDoesNotWaitForItsCell(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	k, c := start(t, on(s.URL, "python3"))
	at := k.Info().Connection
	sp := on(s.URL, "python3")
	sp.Remote.Kernel = at[strings.LastIndexByte(at, '/')+1:]
	attached := false
	c.Heard = func(m *wire.Message) {
		if m.Type() != wire.TypeStream || attached {
			return
		}
		attached = true
		other, _ := start(t, sp) // returns while the cell runs
		if err := other.Interrupt(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if cell := c.Execute("print('busy', flush=True)\nwhile True: pass"); !attached || cell.Reply.Status != wire.StatusError {
		t.Errorf("attached %t: %v", attached, cell)
	}
}

func TestWhatCannotBeStartedSaysWhy(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	for name, c := range map[string]struct {
		spec spec.Spec
		env  string
		kind error
		says string
	}{
		"wrong token":     {on(s.URL, "python3"), "wrong", contents.ErrToken, "wrong or has expired"},
		"no token":        {on(s.URL, "python3"), "", contents.ErrToken, "it wants one"},
		"no such kernel":  {on(s.URL, "cobol"), gatewaytest.Token, contents.ErrServer, "cobol"},
		"nobody there":    {on("http://"+gatewaytest.FreePort(t)+"/", "python3"), gatewaytest.Token, contents.ErrRefused, "refuses connections"},
		"another program": {on(page.URL, "python3"), gatewaytest.Token, contents.ErrNotJupyter, "not a Jupyter Server"},
		"not trusted":     {on(secure.URL, "python3"), gatewaytest.Token, contents.ErrTLS, "SSL_CERT_FILE"},
		"no such host":    {on("http://nowhere.invalid/", "python3"), gatewaytest.Token, contents.ErrUnreachable, "no host nowhere.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, err := gateway.Launch(t.Context(), kernel.Options{Spec: c.spec, Stamp: stampOf(), Env: []string{tokenEnv + "=" + c.env}})
			if err == nil {
				_ = k.Shutdown(context.Background())
				t.Fatal("it was started")
			}
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %v and %q", err, c.kind, c.says)
			}
			t.Log(err)
		})
	}
	if left, err := client(t, s).Kernels(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("kernels are left: %v, %v", left, err)
	}
}

// A thread that prints while no cell runs, and a link that breaks then.
func TestWhatAThreadPrintsIsNotLostUnseen(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t, gatewaytest.Unlimited...)
	p := gatewaytest.NewProxy(t, s)
	k, stamp := startAt(t, on(p.URL, "python3"))
	first := follow(t, k, stamp, "import threading, time\nn = 0\ndef tick():\n    global n\n    while n < 200:\n        print('line', n, flush=True); n += 1; time.sleep(0.005)\nt = threading.Thread(target=tick); t.start()", nil)
	text, asides, cut := strings.Join(first.lines, "\n"), 0, false
	if text != "" {
		text += "\n"
	}
	late := time.After(kerneltest.Patience)
	for !strings.Contains(text, "line 199\n") {
		select {
		case m := <-k.Messages():
			var st wire.Stream
			if m.Type() == wire.TypeStream && m.Decode(&st) == nil {
				text += st.Text
			}
			if _, is := kernel.GapReason(m); is {
				asides++
			}
		case <-late:
			t.Fatalf("%d gaps; heard %q", asides, text)
		}
		if !cut && strings.Contains(text, "line 20\n") {
			cut = true
			p.Cut()
			time.AfterFunc(200*time.Millisecond, p.Mend)
		}
	}
	whole := strings.Count(text, "\n")
	t.Logf("%d of 200 lines, %d gaps", whole, asides)
	if text != wholeLines(200) && asides == 0 {
		t.Errorf("lines of a thread were lost without a word: %q", text)
	}
}

func wholeLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}
