package bridge_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/wire"
)

// interrupted runs code that says "now" when it is to be interrupted.
func interrupted(t *testing.T, s session, code string) kerneltest.Cell {
	t.Helper()
	text, sent := "", false
	s.Heard = func(m *wire.Message) {
		var stream wire.Stream
		if m.Type() == wire.TypeStream && m.Decode(&stream) == nil {
			text += stream.Text
		}
		if !sent && strings.Contains(text, "now") {
			sent = true
			if err := s.kernel.Interrupt(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	defer func() { s.Heard = nil }()
	return s.Execute(code)
}

func TestInterruptReachesWhateverRuns(t *testing.T) {
	t.Parallel()
	for _, path := range pythons(t) {
		s := start(t, pythonSpec(path))
		for _, code := range []string{
			"while True: pass",
			"import time; time.sleep(1000)",
			"!sleep 1000",
			"%%bash\necho now\nsleep 1000",
			"import subprocess; subprocess.run(['sleep', '1000'])",
			"import asyncio; await asyncio.sleep(1000)",
			"import threading; threading.Event().wait()",
			"import socket; a, b = socket.socketpair(); a.recv(1)",
			"while True: print('more')",
			"class R:\n    def __repr__(self):\n        while True: pass\nR()",
		} {
			if !strings.HasPrefix(code, "%%") {
				code = "print('now', flush=True)\n" + code
			}
			if cell := interrupted(t, s, code); cell.Reply.EName != "KeyboardInterrupt" {
				t.Fatalf("%s: %s: %v", path, code, cell)
			}
		}
		s.run(t, "1")
	}
}

// TestInterruptsNeverTearTheFrames interrupts a printing loop at many different places.
func TestInterruptsNeverTearTheFrames(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	for i := range 100 {
		code := "for i in range(" + strconv.Itoa(i*7) + "): pass\nprint('now', flush=True)\nn = 0\nwhile True:\n    n += 1; print('y' * 50, flush=n % 3 == 0)"
		if cell := interrupted(t, s, code); cell.Reply.EName != "KeyboardInterrupt" {
			t.Fatalf("round %d: %v", i, cell)
		}
	}
}

func TestAnInterruptThatComesBeforeTheCellBeginsIsKept(t *testing.T) {
	t.Parallel()
	for _, one := range bridge.Specs() {
		code := map[string]string{"python": "while True: pass", "bash": "while :; do :; done"}[one.Language]
		s := start(t, one)
		for range 20 {
			// status busy comes before the worker is ready to be interrupted
			s.Heard = func(got *wire.Message) {
				if got.Type() == wire.TypeStatus {
					if err := s.kernel.Interrupt(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
			if cell := s.Execute(code); cell.Reply.EName != "KeyboardInterrupt" {
				t.Fatalf("%s: %v", one.Name, cell)
			}
		}
		s.Heard = nil
		s.Execute("true")
	}
}

func TestAnIdleKernelSurvivesInterrupts(t *testing.T) {
	t.Parallel()
	for _, one := range bridge.Specs() {
		s := start(t, one)
		for range 50 {
			if err := s.kernel.Interrupt(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		s.run(t, "echo=1")
	}
}

func TestACrashIsToldInFull(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		code   string
		signal syscall.Signal
		status int
		words  string
	}{
		{"print('bye')\nimport ctypes; ctypes.string_at(0)", syscall.SIGSEGV, -1, "Segmentation fault"},
		{"print('bye')\nimport os; os._exit(7)", 0, 7, ""},
		{"print('bye', flush=True)\nimport os, signal; os.kill(os.getpid(), signal.SIGKILL)", syscall.SIGKILL, -1, ""},
		{"print('bye', flush=True)\nimport os; os.abort()", syscall.SIGABRT, -1, "Aborted"},
	} {
		s := start(t, pythonSpec(""))
		cell := s.Execute(one.code)
		if cell.Ended {
			t.Fatalf("%s: the kernel lives: %v", one.code, cell)
		}
		<-s.kernel.Done()
		exit := s.kernel.Exit()
		if exit.Signal != one.signal || exit.Code != one.status || !strings.Contains(exit.Stderr, one.words) {
			t.Errorf("%s: %+v", one.code, exit)
		}
		if one.words == "" && cell.Text("stdout") != "bye\n" {
			t.Errorf("%s: last words %q", one.code, cell.Text("stdout"))
		}
		if !strings.Contains(cell.Text("stderr"), one.words) {
			t.Errorf("%s: the cell does not show %q: %v", one.code, one.words, cell)
		}
	}
}

func TestShutdownLeavesNoChildren(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ name, code string }{
		{bridge.PythonName, "import subprocess\nprint(subprocess.Popen(['sleep', '1000']).pid)"},
		{bridge.BashName, "sleep 1000 & echo $!"},
	} {
		spec := bridge.Specs()[0]
		if one.name == bridge.BashName {
			spec = bridge.Specs()[1]
		}
		s := start(t, spec)
		pid, err := strconv.Atoi(strings.TrimSpace(s.run(t, one.code).Text("stdout")))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.kernel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		gone := false
		for deadline := time.Now().Add(5 * time.Second); !gone && time.Now().Before(deadline); {
			state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
			gone = err != nil || strings.Contains(string(state), ") Z ")
		}
		if !gone {
			t.Errorf("%s: child %d lives", one.name, pid)
		}
		if !s.kernel.Exit().Asked {
			t.Errorf("%s: %+v", one.name, s.kernel.Exit())
		}
	}
}

func TestAtexitRunsOnShutdown(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	s.run(t, "import atexit\natexit.register(lambda: open('done', 'w').close());")
	if err := s.kernel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.dir + "/done"); err != nil {
		t.Error(err)
	}
}

func TestLaunchSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name string
		env  []string
		argv string
		want string
	}{
		{bridge.PythonName, []string{"PATH=/nonexistent", "VIRTUAL_ENV=", "CONDA_PREFIX="}, "", "no Python was found"},
		{bridge.BashName, []string{"PATH=/nonexistent"}, "", "no bash was found"},
		{bridge.PythonName, nil, "/bin/false", "ended before it was ready"},
		{"nbterm-cobol", nil, "", "no such embedded kernel"},
	} {
		spec := bridge.Specs()[0]
		spec.Name = one.name
		if one.argv != "" {
			spec.Argv = []string{one.argv}
		}
		_, err := bridge.Launch(t.Context(), kernel.Options{
			Spec: spec, Dir: t.TempDir(), Env: one.env,
			Stamp: wire.Stamp{Session: "s", Username: "u", Now: time.Now, NewID: func() string { return "1" }},
		})
		if err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s %v: %v, want %q", one.name, one.env, err, one.want)
		}
	}
}

func TestAskAndStopOnError(t *testing.T) {
	t.Parallel()
	s := start(t, pythonSpec(""))
	s.Answer = func(q wire.InputRequest) string { return map[bool]string{true: "hush", false: "Bob"}[q.Password] }
	cell := s.run(t, "import getpass\ninput('n? '), getpass.getpass('p? ')")
	if got := cell.Data(wire.TypeExecuteResult, "text/plain"); got != "('Bob', 'hush')" {
		t.Errorf("answers %q", got)
	}
	var reply wire.ExecuteReply
	s.Request(wire.Shell, wire.TypeExecuteRequest, wire.ExecuteRequest{Code: "input()", StoreHistory: true}, &reply)
	if reply.EName != "StdinNotImplementedError" {
		t.Errorf("without stdin: %+v", reply)
	}
	if errors.Is(s.kernel.Send(t.Context(), &wire.Message{Channel: wire.Shell, Header: wire.Header{MsgType: "unknown_request"}}), kernel.ErrDead) {
		t.Error("the kernel is dead")
	}
	s.run(t, "1")
}
