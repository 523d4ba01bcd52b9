// Command nbterm edits and runs Jupyter notebooks in a terminal.
package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"nbterm/engine/host/registry"
)

// version is set by the linker (see the Makefile). Empty in a plain go build,
// which then asks the build information.
var version string

func main() { os.Exit(nbterm()) }

func nbterm() int {
	a := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		args: os.Args[1:], environ: os.Environ(), now: time.Now, version: version,
		machine: registry.ThisMachine(),
	}
	if len(a.args) == 4 && a.args[0] == hostVerb {
		return a.hostMain(context.Background(), a.args[1], a.args[2], a.args[3])
	}
	if len(a.args) == 2 && a.args[0] == decodeVerb {
		return a.decodeMain(a.args[1])
	}
	if filepath.Base(os.Args[0]) == "papermill" {
		a.args = append([]string{"run"}, a.args...)
	}
	ctx, stop := withSignals(context.Background())
	defer stop()
	return a.main(ctx)
}
