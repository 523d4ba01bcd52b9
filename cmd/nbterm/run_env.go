package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/params"
)

// interpreter is the program that a kernel of this machine runs, as it was called: the
// python of a virtual environment and not the one that this links to.
func interpreter(k kernel.Info) string {
	if k.PID == 0 {
		return ""
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", k.PID))
	if err != nil {
		return ""
	}
	name, _, _ := bytes.Cut(line, []byte{0})
	if path := string(name); filepath.IsAbs(path) {
		return path
	}
	if path, err := exec.LookPath(string(name)); err == nil {
		return path
	}
	exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", k.PID)) // "" where it is not ours
	return exe
}

// uuid is a random one (RFC 9562, version 4).
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// helpNotebook lists the parameters of a notebook, as papermill --help-notebook does.
func (a *app) helpNotebook(ctx context.Context, in string, f runFlags) error {
	o, err := a.readNotebook(ctx, in)
	if err != nil {
		return err
	}
	tagged := params.Find(o.doc, params.Tag) >= 0
	all, err := params.InferAs(o.doc, params.InjectOptions{Kernel: f.kernel, Language: f.language})
	if err != nil {
		return usagef("%w", err)
	}
	fmt.Fprint(a.out, "Usage: nbterm run [OPTIONS] NOTEBOOK_PATH [OUTPUT_PATH]\n"+cleanLines(params.Help(in, all, tagged)))
	if !tagged {
		return exit(exitFailed, nil)
	}
	return nil
}

// forRun is a kernel as a run wants it: an IPython that keeps its history to itself.
// Written to the file that all kernels share it costs a quarter of the time of a short
// cell, fails where many run at once, and holds the code of every run.
func forRun(s spec.Spec) spec.Spec {
	for _, arg := range s.Argv {
		if arg == "ipykernel_launcher" || arg == "ipykernel" {
			s.Argv = append(slices.Clone(s.Argv), "--HistoryManager.hist_file=:memory:")
			return s
		}
	}
	return s
}
