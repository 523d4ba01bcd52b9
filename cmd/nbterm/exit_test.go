package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"nbterm/engine/host/link"
	"nbterm/engine/kernel"
	"nbterm/storage"
)

func TestExitStatusTellsWhatFailed(t *testing.T) {
	t.Parallel()
	_, missing := os.ReadFile("/nonexistent")
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"success":               {nil, 0},
		"a failed notebook":     {exit(exitFailed, errors.New("cell 3: ValueError")), 1},
		"misuse":                {usagef("no"), 2},
		"misuse, wrapped":       {fmt.Errorf("open: %w", usagef("no")), 2},
		"a conflict":            {fmt.Errorf("save: %w", &storage.Conflict{Path: "a"}), 3},
		"a file that is absent": {fmt.Errorf("open: %w", missing), 3},
		"a dead kernel":         {fmt.Errorf("run: %w", kernel.ErrDead), 4},
		"a host that is lost":   {fmt.Errorf("run: %w", link.ErrLost), 4},
		"anything else":         {errors.New("what"), 1},
	} {
		if got := exitCode(t.Context(), c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Not parallel: it signals its own process.
func TestASignalEndsTheContextAndDecidesTheStatus(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		ctx, stop := withSignals(context.Background())
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		stop()
		if got := exitCode(ctx, ctx.Err()); got != want {
			t.Errorf("%v: %d, want %d", sig, got, want)
		}
		if got := exitCode(ctx, nil); got != 0 {
			t.Errorf("%v after all was done: %d, want 0", sig, got)
		}
	}
}

func TestStoppingWithoutASignalLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	ctx, stop := withSignals(t.Context())
	stop()
	var sig signalError
	if errors.As(context.Cause(ctx), &sig) {
		t.Errorf("the cause is %v", sig)
	}
}

// call runs nbterm in this process with an environment of its own.
func call(t *testing.T, environ []string, args ...string) (status int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &o, err: &e, args: args, environ: environ, version: "v0-test"}
	status = a.main(t.Context())
	return status, o.String(), e.String()
}

func TestErrorsAreCleanedForTheTerminal(t *testing.T) {
	t.Parallel()
	_, _, errOut := call(t, nil, "version", "\x1b]0;owned\a\u202e\n")
	if strings.ContainsAny(errOut, "\x1b\a\u202e") || !strings.HasPrefix(errOut, "nbterm: ") {
		t.Errorf("got %q", errOut)
	}
}

func TestEveryVerbHasAnExampleAndShortHelp(t *testing.T) {
	t.Parallel()
	root := newRootCmd(&app{})
	for _, cmd := range root.Commands() {
		if cmd.Name() == "help" || cmd.Hidden {
			continue
		}
		_, out, _ := call(t, nil, cmd.Name(), "--help")
		if cmd.Example == "" || !strings.Contains(out, "Examples:") {
			t.Errorf("%s has no example", cmd.Name())
		}
		most := 40
		if cmd.Name() == "run" {
			most = 75 // papermill's flags are many
		}
		if n := strings.Count(out, "\n"); n > most {
			t.Errorf("the help of %s has %d lines", cmd.Name(), n)
		}
		for line := range strings.Lines(out) {
			if len([]rune(line)) > 100 {
				t.Errorf("the help of %s is too wide: %q", cmd.Name(), line)
			}
		}
	}
}

func TestTheManualTellsEveryVerbAndFlag(t *testing.T) {
	t.Parallel()
	root := newRootCmd(&app{})
	page := manPage(root, "v1-x")
	for _, cmd := range root.Commands() {
		if cmd.Name() != "help" && !cmd.Hidden && !strings.Contains(page, "\n.SS nbterm "+roff(cmd.Use)+"\n") {
			t.Errorf("%s is not in the manual", cmd.Name())
		}
	}
	for _, want := range []string{`\fB\-\-config\fR \fIFILE\fR`, `nbterm v1\-x`, ".SH EXIT STATUS"} {
		if !strings.Contains(page, want) {
			t.Errorf("the manual lacks %q", want)
		}
	}
}

func TestRoffKeepsTextFromActingAsARequest(t *testing.T) {
	t.Parallel()
	if got, want := roff(".TH x\n'y\na-b\\c"), "\\&.TH x\n\\&'y\na\\-b\\ec"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkHelp(b *testing.B) {
	for b.Loop() {
		a := &app{out: &bytes.Buffer{}, err: &bytes.Buffer{}, args: []string{"--help"}}
		if a.main(b.Context()) != 0 {
			b.Fatal("failed")
		}
	}
}
