package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/term"

	"nbterm/cmd/nbterm/config"
	"nbterm/engine/host/registry"
)

// app is what every verb is given: the outside world, as values. Nothing below
// asks the os package for these, so a test may hand in its own.
type app struct {
	in       io.Reader
	out, err io.Writer
	args     []string // without the program's name
	environ  []string // KEY=value
	now      func() time.Time
	version  string // "" when not set by the linker
	machine  registry.Machine

	configFile string                 // --config; "" is the default place
	settings   map[string]config.Flag // settings given as flags, by key
	server     serverFlags            // --server; no url for kernels of this machine

	stores stores // opened by place

	log atomic.Pointer[slog.Logger] // set by startLog
}

// main runs the verb that the arguments name and returns the exit status. A
// failure is told in one sentence on err.
func (a *app) main(ctx context.Context) int {
	root := newRootCmd(a)
	if cmd, _, err := root.Find(a.args); err == nil && cmd.Name() == "run" {
		a.args = pairArgs(cmd.Flags(), a.args)
	}
	root.SetArgs(a.args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	cmd, err := root.ExecuteContextC(ctx)
	code := exitCode(ctx, err)
	if err != nil && !isSilent(err) {
		fmt.Fprintln(a.err, "nbterm: "+cleanLines(err.Error()))
		if code == exitUsage && len(faultsOf(err)) == 0 {
			fmt.Fprintf(a.err, "Try '%s --help'.\n", cmd.CommandPath())
		}
	}
	return code
}

// getenv is the value of a variable, "" where unset. As in os.Environ the last
// of several wins.
func (a *app) getenv(key string) string {
	for i := len(a.environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(a.environ[i], key+"="); ok {
			return v
		}
	}
	return ""
}

// isTerminal says whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}
