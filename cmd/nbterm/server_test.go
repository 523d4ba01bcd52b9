package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/kernel/gateway/gatewaytest"
	"nbterm/storage/contents"
)

// onServer runs the real program in a home of its own.
type onServer struct {
	t   *testing.T
	dir string
	env []string
}

func newOnServer(t *testing.T) *onServer {
	t.Helper()
	dir, err := os.MkdirTemp("", "nbs") // t.TempDir is too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &onServer{t, dir, append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME="+dir+"/state", "XDG_CONFIG_HOME="+dir, "XDG_RUNTIME_DIR="+dir)}
}

// run returns what a command said and its exit status.
func (o *onServer) run(token string, args ...string) (stdout, stderr string, status int) {
	o.t.Helper()
	nbterm, err := exec.LookPath("nbterm") // put on PATH by testscript.Main
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(o.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, nbterm, args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = o.dir, &out, &errs
	cmd.Env = append(o.env, "JUPYTER_TOKEN="+token)
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
		o.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func (o *onServer) write(name, text string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

const serverNotebook = `{"cells":[{"cell_type":"code","metadata":{},"source":"import os\nprint(6 * 7, os.getenv('JPY_PARENT_PID') is not None)","outputs":[],"execution_count":null}],
"metadata":{"kernelspec":{"name":"python3","display_name":"Python 3","language":"python"}},"nbformat":4,"nbformat_minor":4}`

func TestANotebookRunsOnAServer(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	o := newOnServer(t)
	o.write("in.ipynb", serverNotebook)
	for name, c := range map[string]struct {
		token  string
		args   []string
		status int
		stderr string
	}{
		"token in the environment": {gatewaytest.Token, []string{"run", "--server", s.URL, "in.ipynb", "env.ipynb"}, exitOK, "1 of 1 cells ran"},
		"token in the URL":         {"", []string{"run", "--server", s.URL + "lab?token=" + gatewaytest.Token, "in.ipynb", "url.ipynb"}, exitOK, "1 of 1 cells ran"},
		"token by another name":    {"", []string{"run", "--server", s.URL, "--token-env", "UNSET_TOKEN", "in.ipynb", "no.ipynb"}, exitUsage, "UNSET_TOKEN is not set"},
		"wrong token":              {"wrong", []string{"run", "--server", s.URL, "in.ipynb", "no.ipynb"}, exitKernel, "does not accept the token"},
		"no server":                {"", []string{"run", "--server", "http://" + gatewaytest.FreePort(t), "in.ipynb", "no.ipynb"}, exitKernel, "refuses connections"},
		"no URL":                   {"", []string{"run", "--server", "localhost:8888", "in.ipynb", "no.ipynb"}, exitUsage, "http://HOST:PORT/"},
		"no such kernel":           {gatewaytest.Token, []string{"run", "--server", s.URL, "-k", "cobol", "in.ipynb", "no.ipynb"}, exitKernel, "python3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr, status := o.run(c.token, c.args...)
			if status != c.status || !strings.Contains(stderr, c.stderr) || strings.Contains(stderr, gatewaytest.Token) {
				t.Errorf("status %d, %q; want %d, %q", status, stderr, c.status, c.stderr)
			}
			if out, err := os.ReadFile(filepath.Join(o.dir, c.args[len(c.args)-1])); status == exitOK && (err != nil || !bytes.Contains(out, []byte("42 True"))) {
				t.Errorf("wrote %s, %v", out, err)
			}
		})
	}
	o.nothingLeft(s.URL)
	_ = filepath.WalkDir(o.dir, func(path string, _ os.DirEntry, _ error) error {
		if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte(gatewaytest.Token)) {
			t.Errorf("the token is written to %s", path)
		}
		return nil
	})
}

func TestKernelsOfAServerAreListed(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	o := newOnServer(t)
	rest, err := contents.New(s.URL, contents.Options{Token: gatewaytest.Token})
	if err != nil {
		t.Fatal(err)
	}
	defer rest.Close()
	k, err := rest.StartKernel(t.Context(), "python3", "")
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := o.run(gatewaytest.Token, "kernels", "--server", s.URL)
	if status != exitOK || !strings.Contains(stdout, "python3") || !strings.Contains(stdout, k.ID) {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	// A running kernel is attached to by its id, and left.
	o.write("in.ipynb", serverNotebook)
	if _, stderr, status := o.run(gatewaytest.Token, "run", "--server", s.URL, "-k", k.ID[:8], "in.ipynb", "out.ipynb"); status != exitOK {
		t.Errorf("status %d: %s", status, stderr)
	}
	if _, err := rest.Kernel(t.Context(), k.ID); err != nil {
		t.Errorf("it was not left: %v", err)
	}
}

func TestAKilledHostsKernelIsEndedByTheNextOneToTidy(t *testing.T) {
	t.Parallel()
	s := gatewaytest.Serve(t)
	o := newOnServer(t)
	o.write("in.ipynb", strings.Replace(serverNotebook, "print(6", "input('wait')\\nprint(6", 1))
	running := make(chan struct{})
	go func() {
		defer close(running)
		o.run(gatewaytest.Token, "run", "--server", s.URL, "in.ipynb", "out.ipynb") // ends with its host
	}()
	host := o.hostOnServer(s.URL)
	if err := syscall.Kill(host, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running
	if _, stderr, status := o.run(gatewaytest.Token, "sessions"); status != exitOK {
		t.Errorf("status %d: %s", status, stderr)
	}
	o.nothingLeft(s.URL)
}

// hostOnServer waits until a kernel runs on the server, and is noted, and gives the
// process of its host.
func (o *onServer) hostOnServer(url string) (pid int) {
	o.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		notes, _ := filepath.Glob(filepath.Join(o.dir, "nbterm", "*", "server-kernel-*"))
		if len(notes) != 1 {
			continue
		}
		id := filepath.Base(filepath.Dir(notes[0]))
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range all {
			line, _ := os.ReadFile(path)
			if strings.HasSuffix(string(line), "\x00"+id+"\x00") && strings.Contains(string(line), hostVerb) {
				pid, _ = strconv.Atoi(strings.Split(path, "/")[2])
				return pid
			}
		}
	}
	o.t.Fatalf("no host of a kernel at %s", url)
	return 0
}

// nothingLeft waits until no kernel of ours runs on the server any more.
func (o *onServer) nothingLeft(url string) {
	o.t.Helper()
	rest, err := contents.New(url, contents.Options{Token: gatewaytest.Token})
	if err != nil {
		o.t.Fatal(err)
	}
	defer rest.Close()
	for deadline := time.Now().Add(30 * time.Second); ; {
		left, err := rest.Kernels(o.t.Context())
		if err == nil && len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("kernels are left: %v, %v", left, err)
		}
	}
}
