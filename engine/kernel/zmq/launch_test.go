package zmq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

func stamp(session string) wire.Stamp {
	var n atomic.Int64
	return wire.Stamp{
		Session: session, Username: "test", Now: time.Now,
		NewID: func() string { return fmt.Sprint(session, "-", n.Add(1)) },
	}
}

func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nz") // t.TempDir is too long for socket names
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// shell is a kernelspec that runs a shell script with the connection file as $1.
func shell(script string) spec.Spec {
	return spec.Spec{Name: "shell", Argv: []string{"/bin/sh", "-c", script, "sh", "{connection_file}"}}
}

// fails launches a kernel that cannot be used, and checks that nothing is left.
func fails(t *testing.T, s spec.Spec, timeout time.Duration) (time.Duration, error) {
	t.Helper()
	dir := runtimeDir(t)
	begun := time.Now()
	k, err := Launch(t.Context(), kernel.Options{Spec: s, RuntimeDir: dir, Timeout: timeout, Stamp: stamp("s")})
	took := time.Since(begun)
	if err == nil {
		_ = k.Shutdown(t.Context())
		t.Fatal("it launched")
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
	return took, err
}

func TestAKernelThatDiesAtItsStartFailsAtOnceWithItsLastWords(t *testing.T) {
	t.Parallel()
	took, err := fails(t, shell("echo hello; echo 'no module named foo' >&2; exit 7"), time.Minute)
	var start *kernel.StartError
	if !errors.As(err, &start) || start.Exit.Code != 7 || start.Exit.Asked {
		t.Fatalf("%v", err)
	}
	want := `start kernel "shell": it ended with exit status 7; its last words: no module named foo`
	if err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestASilentKernelIsGivenUp(t *testing.T) {
	t.Parallel()
	_, err := fails(t, shell("echo thinking >&2; exec sleep 600"), 200*time.Millisecond)
	var start *kernel.StartError
	if !errors.As(err, &start) || start.Silent == 0 ||
		!strings.Contains(err.Error(), "did not answer within 200ms; its last words: thinking") {
		t.Errorf("%v", err)
	}
}

func TestAProgramThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	_, err := fails(t, spec.Spec{Name: "gone", Argv: []string{"/no/such/kernel"}}, time.Minute)
	if !strings.Contains(err.Error(), "/no/such/kernel") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := fails(t, spec.Spec{Name: "empty"}, time.Minute); !strings.Contains(err.Error(), "no argv") {
		t.Errorf("%v", err)
	}
	if _, err := fails(t, spec.Spec{Name: "own", Embedded: true}, time.Minute); !strings.Contains(err.Error(), "embedded") {
		t.Errorf("%v", err)
	}
}

func TestATakenPortIsTriedAgainWithOthers(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	script := "cat \"$1\" >> '" + log + "'; echo 'zmq.error.ZMQError: Address already in use' >&2; exit 1"
	_, err := fails(t, shell(script), time.Minute)
	if err == nil {
		t.Fatal("it launched")
	}
	raw, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	ports := map[int]bool{}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	n := 0
	for ; dec.More(); n++ {
		var c connection
		if err := dec.Decode(&c); err != nil {
			t.Fatal(err)
		}
		ports[c.Shell] = true
	}
	if n != tries || len(ports) < 2 {
		t.Errorf("%d tries with shell ports %v", n, ports)
	}
}

func TestALaunchCalledOffLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := runtimeDir(t)
	fifo := filepath.Join(runtimeDir(t), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		f, err := os.OpenFile(fifo, os.O_RDONLY, 0) // opens when the kernel runs
		cancel()
		if err == nil {
			_ = f.Close()
		}
	}()
	s := shell("echo x > '" + fifo + "'; exec sleep 600")
	_, err := Launch(ctx, kernel.Options{Spec: s, RuntimeDir: dir, Stamp: stamp("s")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// evil is a kernel that shakes hands and then speaks nonsense on one channel.
const evil = `
import json, socket, sys, time
c = json.load(open(sys.argv[1]))
socks = []
for name in ("shell", "iopub", "stdin", "control"):
    s = socket.socket(socket.AF_UNIX)
    s.bind("%s-%d" % (c["ip"], c[name + "_port"]))
    s.listen()
    socks.append((name, s))
greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
conns = {}
def accept(name, s):
    kind = b"PUB" if name == "iopub" else b"ROUTER"
    body = b"\x05READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind
    conn, _ = s.accept()
    conn.sendall(greeting + bytes([4, len(body)]) + body)
    conns[name] = conn
for name in ("iopub", "shell", "stdin", "control"):
    accept(name, dict(socks)[name])
conns["shell"].sendall(b"\x02" + (1 << 61).to_bytes(8, "big"))
time.sleep(600)
`

func TestAKernelThatSpeaksNonsenseIsEndedAndWeLiveOn(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/usr/bin/python3"); err != nil {
		kerneltest.Missing(t, "no /usr/bin/python3")
	}
	s := spec.Spec{
		Name: "evil", Argv: []string{"/usr/bin/python3", "-c", evil, "{connection_file}"},
		Metadata: json.RawMessage(`{"nbterm":{"transport":"ipc"}}`),
	}
	_, err := fails(t, s, time.Minute)
	if !strings.Contains(err.Error(), "lost the shell channel") || !strings.Contains(err.Error(), "malformed ZeroMQ frame") {
		t.Errorf("%v", err)
	}
}

func launched(t *testing.T, s spec.Spec, dir string) (kernel.Kernel, *kerneltest.Client) {
	t.Helper()
	st := stamp("s")
	k, err := Launch(t.Context(), kernel.Options{Spec: s, RuntimeDir: dir, Stamp: st})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return k, kerneltest.NewClient(t, k, st)
}

func TestTheConnectionFileIsForUsAlone(t *testing.T) {
	t.Parallel()
	dir := runtimeDir(t)
	k, _ := launched(t, kerneltest.Installed(t, "python3"), dir)
	info := k.Info()
	file, err := os.Stat(info.Connection)
	if err != nil || file.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", file, err)
	}
	parent, err := os.Stat(filepath.Dir(info.Connection))
	if err != nil || parent.Mode().Perm() != 0o700 || filepath.Dir(filepath.Dir(info.Connection)) != dir {
		t.Errorf("%s lies in %v, %v", info.Connection, parent, err)
	}
	var c connection
	raw, err := os.ReadFile(info.Connection)
	if err != nil || json.Unmarshal(raw, &c) != nil {
		t.Fatal(err)
	}
	if info.Transport != overIPC || c.Transport != overIPC || len(c.Key) != 64 || c.Scheme != wire.Scheme {
		t.Errorf("%+v", c)
	}
	if err := k.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

func TestAKernelWorksOverTCPToo(t *testing.T) {
	t.Parallel()
	s := kerneltest.Installed(t, "python3")
	s.Metadata = json.RawMessage(`{"nbterm":{"transport":"tcp"}}`)
	k, c := launched(t, s, runtimeDir(t))
	if cell := c.Execute("print(6 * 7)"); k.Info().Transport != overTCP || cell.Text("stdout") != "42\n" {
		t.Errorf("%v over %s", cell, k.Info().Transport)
	}
}

func TestARuntimeDirectoryTooLongForSocketsIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(runtimeDir(t), strings.Repeat("long/", 25))
	k, c := launched(t, kerneltest.Installed(t, "python3"), dir)
	if cell := c.Execute("1"); k.Info().Transport != overIPC || cell.Reply.Status != wire.StatusOK {
		t.Errorf("%v over %s", cell, k.Info().Transport)
	}
	if err := k.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(k.Info().Connection)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left behind", k.Info().Connection)
	}
}

func TestShutdownEndsWhatTheKernelStarted(t *testing.T) {
	t.Parallel()
	k, c := launched(t, kerneltest.Installed(t, "python3"), runtimeDir(t))
	cell := c.Execute("import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)")
	var pid int
	if _, err := fmt.Sscan(cell.Text("stdout"), &pid); err != nil {
		t.Fatalf("%v: %v", err, cell)
	}
	if err := k.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The orphan is reaped by init in its own time; until then it is a zombie.
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil && !strings.Contains(string(raw), ") Z ") {
		t.Errorf("it lives on: %s", raw)
	}
}

func TestOnlyKernelsKnownToSpeakItAreReachedOverIPC(t *testing.T) {
	t.Parallel()
	argv := func(a ...string) spec.Spec { return spec.Spec{Argv: a} }
	for want, specs := range map[string][]spec.Spec{
		overIPC: {
			argv("/usr/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"),
			argv("R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"),
			{Argv: []string{"x"}, Metadata: json.RawMessage(`{"nbterm":{"transport":"ipc"}}`)},
		},
		overTCP: {
			argv("/opt/bin/xpython", "-f", "{connection_file}"),
			argv("python3", "-m", "xpython", "--ipykernel"),
			argv("julia", "kernel.jl", "{connection_file}"),
			{Argv: []string{"ipykernel"}, Metadata: json.RawMessage(`{"nbterm":{"transport":"tcp"}}`)},
		},
	} {
		for _, s := range specs {
			if got := transportFor(s); got != want {
				t.Errorf("%q %s: %s, want %s", s.Argv, s.Metadata, got, want)
			}
		}
	}
}

func TestNothingCanBeSentOnIOPub(t *testing.T) {
	t.Parallel()
	k, _ := launched(t, kerneltest.Installed(t, "python3"), runtimeDir(t))
	for _, ch := range []wire.Channel{wire.IOPub, "nonsense"} {
		if err := k.Send(t.Context(), stamp("x").Request(ch, "x", struct{}{})); err == nil {
			t.Errorf("sent on %q", ch)
		}
	}
}
