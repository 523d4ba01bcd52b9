package bridge_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/wire"
)

// session is a launched kernel with a client; it ends with its test.
type session struct {
	*kerneltest.Client
	kernel kernel.Kernel
	dir    string
}

func pythonSpec(path string) spec.Spec {
	s := bridge.Specs()[0]
	if path != "" {
		s.Argv = []string{path}
	}
	return s
}

func start(t testing.TB, s spec.Spec, env ...string) session {
	t.Helper()
	var n atomic.Int64
	stamp := wire.Stamp{
		Session: t.Name(), Username: "test", Now: time.Now,
		NewID: func() string { return fmt.Sprint("m", n.Add(1)) },
	}
	dir := t.TempDir()
	k, err := bridge.Launch(t.Context(), kernel.Options{Spec: s, Dir: dir, Env: env, RuntimeDir: dir, Stamp: stamp})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		for range k.Messages() { // emptied, so that its goroutine ends
		}
	})
	return session{kerneltest.NewClient(t, k, stamp), k, dir}
}

// run executes code that must succeed.
func (s session) run(t testing.TB, code string) kerneltest.Cell {
	t.Helper()
	cell := s.Execute(code)
	if !cell.Ended || cell.Reply.Status != wire.StatusOK {
		t.Fatalf("%s: %v", code, cell)
	}
	return cell
}

// pythons are the interpreters of this machine that the worker must run on.
func pythons(t *testing.T) []string {
	t.Helper()
	var found []string
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	for minor := 8; minor < 20; minor++ {
		name := fmt.Sprintf("python3.%d", minor)
		matches, err := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "3.*", "bin", name))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, matches...)
		if path, err := exec.LookPath(name); err == nil && filepath.Base(filepath.Dir(path)) != "shims" {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		path, _, err := bridge.Python(t.Context(), os.Getenv, "")
		if err != nil {
			t.Skip(err)
		}
		found = []string{path}
	}
	return found
}
