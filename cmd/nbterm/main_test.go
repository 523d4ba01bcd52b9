package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nbterm/engine/kernel/spec"
)

// TestMain makes this test binary answer as nbterm when a script calls it, so the
// scripts drive the real program and its coverage counts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nbterm": main, "papermill": main})
}

func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               setupScript,
		Condition:           condition,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits,
		},
	})
}

// setupScript gives each script a home, folders and a terminal type of its own.
// The runtime folder lies apart: a socket's path must be short.
func setupScript(env *testscript.Env) error {
	runtime, err := os.MkdirTemp("/tmp", "nbt-")
	if err != nil {
		return err
	}
	env.Defer(func() { _ = os.RemoveAll(runtime) })
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		return err
	}
	env.Setenv("EXAMPLES", examples)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_RUNTIME_DIR", runtime)
	env.Setenv("LANG", "C.UTF-8")
	env.Setenv("TERM", "xterm-256color")
	return nil
}

// cmdExits is `exits STATUS command...`: exec, but for a given exit status.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// condition is [kernel:NAME]: a kernelspec of that name can start here. Where
// NBTERM_REQUIRE_KERNELS is set, as make test does, one that cannot is an error.
func condition(cond string) (bool, error) {
	name, found := strings.CutPrefix(cond, "kernel:")
	if !found {
		return false, fmt.Errorf("there is no condition %q", cond)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	specs, _ := spec.Find(spec.Host())
	for _, s := range specs {
		if s.Name == name && spec.CanLaunch(ctx, s, spec.Host()) == nil {
			return true, nil
		}
	}
	if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
		return false, fmt.Errorf("kernel %s cannot start here; make needs installs it", name)
	}
	return false, nil
}
