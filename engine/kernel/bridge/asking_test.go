package bridge_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"nbterm/engine/wire"
)

func TestCompletionLooksWithoutRunning(t *testing.T) {
	t.Parallel()
	for _, path := range pythons(t) {
		s := start(t, pythonSpec(path))
		if err := os.WriteFile(s.dir+"/notes.txt", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s.run(t, "import os\nd = {'key one': 1, 2: 3}\ndef f(alpha, beta=1): pass\nclass A:\n    @property\n    def danger(self): print('RAN'); return 1\n"+
			"    def __getattr__(self, n): print('RAN'); raise AttributeError\n    def method(self): pass\na = A()\na.own = d\nsuite = 1\ntext = 'x'")
		for _, one := range []struct{ code, want string }{
			{"prin", "print"}, {"os.pa", "path"}, {"os.path.joi", "join"}, {"import o", "os"}, {"from os import pat", "path"}, {"from os.pa", "path"},
			{"d['", "'key one'"}, {"d[", "2"}, {"f(al", "alpha="}, {"f(1, be", "beta="}, {"open('not", "notes.txt"}, {"%timei", "%timeit"},
			{"%%bas", "%%bash"}, {"a.meth", "method"}, {"A().meth", "method"}, {"a.own['k", "'key one'"}, {"a.own.ke", "keys"}, {"'abc'.upp", "upper"}, {"[1].app", "append"},
			{"for x in sui", "suite"}, {"x = 'é' + te", "text"}, {"whil", "while"}, {"from json import dum", "dumps"},
		} {
			var r wire.CompleteReply
			s.Request(wire.Shell, wire.TypeCompleteRequest, wire.CompleteRequest{Code: one.code, CursorPos: len([]rune(one.code))}, &r)
			if !slices.Contains(r.Matches, one.want) {
				t.Errorf("%s: %s: %+v", path, one.code, r)
			}
		}
		var r wire.CompleteReply
		s.Request(wire.Shell, wire.TypeCompleteRequest, wire.CompleteRequest{Code: "a.danger.x", CursorPos: 10}, &r)
		var in wire.InspectReply
		s.Request(wire.Shell, wire.TypeInspectRequest, wire.InspectRequest{Code: "a.danger", CursorPos: 8}, &in)
		if out := s.run(t, "1").Text("stdout"); out != "" {
			t.Errorf("%s: completion ran user code: %q", path, out)
		}
		for _, m := range s.Strays {
			if m.Type() == wire.TypeStream {
				t.Errorf("%s: completion ran user code: %s", path, m.Content)
			}
		}
	}
}

func TestCompletionWorksWhileACellRuns(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	matches, sent := "", false
	s.Heard = func(m *wire.Message) {
		if sent || m.Type() != wire.TypeStream {
			return
		}
		sent = true
		ask := &wire.Message{Channel: wire.Shell, Header: wire.Header{MsgID: "c", MsgType: wire.TypeCompleteRequest}, Content: []byte(`{"code":"prin","cursor_pos":4}`)}
		if err := s.kernel.Send(t.Context(), ask); err != nil {
			t.Error(err)
		}
		for m := range s.kernel.Messages() {
			if m.Type() == wire.TypeCompleteReply {
				matches = string(m.Content)
				break
			}
		}
		if err := s.kernel.Interrupt(t.Context()); err != nil {
			t.Error(err)
		}
	}
	cell := s.Execute("print('now', flush=True)\nwhile True: pass")
	if !strings.Contains(matches, `"print"`) || cell.Reply.EName != "KeyboardInterrupt" {
		t.Errorf("matches %s, %v", matches, cell)
	}
}

func TestInspectAndIsComplete(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	s.run(t, "def f(a, b=1):\n    'The doc.'\n    return a\nclass K:\n    def m(self): return 1")
	for _, one := range []struct {
		code   string
		detail int
		want   string
	}{
		{"f", 0, "The doc."}, {"f(", 0, "f(a, b=1)"}, {"f", 1, "return a"}, {"K", 1, "def m(self)"}, {"%timeit", 0, "STATEMENT"}, {"len(x", 0, "number of items"},
	} {
		var r wire.InspectReply
		s.Request(wire.Shell, wire.TypeInspectRequest, wire.InspectRequest{Code: one.code, CursorPos: len(one.code), DetailLevel: one.detail}, &r)
		if !r.Found || !strings.Contains(string(r.Data), one.want) {
			t.Errorf("%s %d: %+v", one.code, one.detail, r)
		}
	}
	for code, want := range map[string]string{
		"x = 1": "complete", "def f():": "incomplete", "def f():\n    pass": "incomplete", "x = (": "incomplete", "'''a": "incomplete",
		"x = = 1": "invalid", "%time x": "complete", "!ls": "complete", "f?": "complete", "%%bash\nls": "incomplete", "await x": "complete", "": "complete",
	} {
		var r wire.IsCompleteReply
		s.Request(wire.Shell, wire.TypeIsCompleteRequest, wire.IsCompleteRequest{Code: code}, &r)
		if r.Status != want {
			t.Errorf("%q: %s, want %s", code, r.Status, want)
		}
	}
	cell := s.run(t, "f?")
	if got := cell.Reply.Payloads(); len(got) != 1 || got[0].Source != "page" {
		t.Errorf("payload %+v", got)
	}
	if got := s.run(t, "exit()"); !got.Reply.AsksExit() {
		t.Errorf("exit(): %+v", got.Reply)
	}
}

func TestThreadsSpeakForTheCellThatStartedThem(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	s.run(t, "import threading\ngo, done = threading.Event(), threading.Event()\ndef work():\n    go.wait()\n    print('late', flush=True)\n    done.set()\n"+
		"threading.Thread(target=work).start()")
	cell := s.run(t, "go.set(); done.wait(); print('second')")
	if got := cell.Text("stdout"); got != "second\n" {
		t.Errorf("second cell got %q", got)
	}
	found := false
	for _, m := range s.Strays {
		found = found || strings.Contains(string(m.Content), "late")
	}
	if !found {
		t.Error("the thread's line was lost")
	}
}
