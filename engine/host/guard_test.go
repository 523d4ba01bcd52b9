package host_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/wire"
)

// pythonHost is a host on the embedded Python, with a journal in folder.
func pythonHost(t *testing.T, folder string) *host.Host {
	t.Helper()
	j, err := journal.Create(folder)
	if err != nil {
		t.Fatal(err)
	}
	newID := func() string { var b [8]byte; _, _ = rand.Read(b[:]); return hex.EncodeToString(b[:]) }
	stamp := wire.Stamp{Session: "s", Username: "u", Now: time.Now, NewID: newID}
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) {
			for _, s := range bridge.Specs() {
				if s.Name == "nbterm-python" {
					return bridge.Launch(ctx, kernel.Options{Spec: s, Dir: folder, RuntimeDir: t.TempDir(), Stamp: stamp})
				}
			}
			return nil, os.ErrNotExist
		},
		Stamp: stamp, Now: time.Now, Journal: j,
	})
	t.Cleanup(func() { _ = h.Close(); _ = j.Close() })
	return h
}

// ends reads events until an execution has ended.
func ends(t *testing.T, f host.Feed, exec string, seen func(host.Event)) host.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		events, err := f.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if seen != nil {
				seen(e)
			}
			if e.Exec == exec && (e.Kind == host.Finished || e.Kind == host.Dropped) {
				return e
			}
		}
	}
}

func TestACellThatTakesTooLongIsInterruptedAndTheRestDropped(t *testing.T) {
	t.Parallel()
	h := pythonHost(t, t.TempDir())
	f := h.Attach(1)
	defer f.Close()
	err := h.Execute(
		host.Execution{ID: "a", Code: "import time\ntime.sleep(60)", Limit: 400 * time.Millisecond, KeepGoing: true},
		host.Execution{ID: "b", Code: "1"},
	)
	if err != nil {
		t.Fatal(err)
	}
	raised := false
	if e := ends(t, f, "a", func(e host.Event) { raised = raised || e.Kind == host.Said && e.Message.Type() == wire.TypeError }); e.Outcome != host.TimedOut || !strings.Contains(e.Reason, "400ms") {
		t.Errorf("it ended %v: %s", e.Outcome, e.Reason)
	}
	if !raised {
		t.Error("where it was interrupted is not told")
	}
	f = h.Attach(1)
	if e := ends(t, f, "b", nil); e.Kind != host.Dropped {
		t.Errorf("the cell behind it: %+v", e)
	}
	if h.Status().State == host.Dead {
		t.Error("a kernel that obeys was ended")
	}
}

func TestAKernelThatIgnoresItsInterruptIsEnded(t *testing.T) {
	t.Parallel()
	h := pythonHost(t, t.TempDir())
	f := h.Attach(1)
	defer f.Close()
	code := "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except KeyboardInterrupt:\n        pass"
	if err := h.Execute(host.Execution{ID: "a", Code: code, Limit: 300 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if e := ends(t, f, "a", nil); e.Outcome != host.TimedOut {
		t.Errorf("it ended %v: %s", e.Outcome, e.Reason)
	}
}

func TestAStoppedKernelIsEndedWhereNobodyLooksAfterIt(t *testing.T) {
	t.Parallel()
	h := pythonHost(t, t.TempDir())
	f := h.Attach(1)
	defer f.Close()
	begun := time.Now()
	if err := h.Execute(host.Execution{ID: "a", Code: "import os\nos.kill(os.getpid(), 19)", Unattended: true}); err != nil {
		t.Fatal(err)
	}
	e := ends(t, f, "a", nil)
	if e.Outcome != host.Died || !strings.Contains(e.Reason, "SIGSTOP") {
		t.Errorf("it ended %v: %s", e.Outcome, e.Reason)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v to see it", took)
	}
}

func TestASecretIsInNoEventAndInNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	h := pythonHost(t, folder)
	f := h.Attach(1)
	defer f.Close()
	secret := "ca'na\"ry\\ é " + strings.Repeat("x", 8)
	quoted := `"ca'na\"ry\\ é ` + strings.Repeat("x", 8) + `"`
	if err := h.Confide("a", "TOKEN = "+quoted, []string{secret}); err != nil {
		t.Fatal(err)
	}
	code := "import time\nfor c in TOKEN: sys = print(c, end='', flush=True); time.sleep(0.002)\nprint()\nimport json, sys, html, urllib.parse\nassert len(TOKEN) == 20\nprint(TOKEN, [TOKEN], json.dumps(TOKEN), html.escape(TOKEN), urllib.parse.quote(TOKEN))\n" +
		"print(TOKEN, file=sys.stderr)\ndisplay({'text/plain': TOKEN, 'application/json': {TOKEN: TOKEN}}, raw=True)\nraise ValueError(TOKEN)"
	if err := h.Execute(host.Execution{ID: "default", Code: "TOKEN = None"}, host.Execution{ID: "a", Code: code}); err != nil {
		t.Fatal(err)
	}
	hidden := 0
	e := ends(t, f, "a", func(e host.Event) {
		raw := string(e.Encode())
		if strings.Contains(raw, "na\"ry") || strings.Contains(raw, `na\"ry`) || strings.Contains(raw, "xxxxxxxx") {
			t.Errorf("told: %s", raw)
		}
		hidden += strings.Count(raw, host.Hidden)
	})
	if e.Outcome != host.Error || hidden < 9 {
		t.Errorf("%v, %d times hidden", e.Outcome, hidden)
	}
	if err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "xxxxxxxx") {
			t.Errorf("%s holds it", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestWhereASecretIsNotTakenNothingRunsWithoutIt(t *testing.T) {
	t.Parallel()
	h := pythonHost(t, t.TempDir())
	f := h.Attach(1)
	defer f.Close()
	if err := h.Confide("b", "no-name = 'canary'", []string{"canary"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Execute(host.Execution{ID: "a", Code: "1"}, host.Execution{ID: "b", Code: "2", KeepGoing: true}, host.Execution{ID: "c", Code: "3"}); err != nil {
		t.Fatal(err)
	}
	var dropped []string
	e := ends(t, f, "b", func(e host.Event) {
		if e.Kind == host.Dropped {
			dropped = append(dropped, e.Exec)
		}
		if e.Kind == host.Said && e.Exec == "b" {
			t.Errorf("it ran: %s", e.Encode())
		}
	})
	if e.Outcome != host.Error || e.Reason != host.NotTold || !slices.Equal(dropped, []string{"c"}) {
		t.Errorf("it ended %v: %s; dropped are %v", e.Outcome, e.Reason, dropped)
	}
}
