//go:build torture

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nbterm/engine/notebook"
)

// faultyRun is `nbterm run` of a notebook that prints numbered lines, where the host's
// system calls are tampered with by strace: its journal is what writes by pwrite64.
func faultyRun(t *testing.T, inject string) (text, said string, ok bool) {
	t.Helper()
	needProgram(t, "strace")
	dir := t.TempDir()
	env := append(sandbox(t, dir), "NBTERM_KERNEL_SPARE=false")
	doc := notebook.New("nbterm-python", "Python", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, "for i in range(20): print('line', i, flush=True)"), notebook.NewCell(notebook.Code, "print('after', i + 1, 'lines')"))
	if err := os.WriteFile(filepath.Join(dir, "in.ipynb"), doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-f", "-qq", "-o", filepath.Join(dir, "trace"), "-e", "trace=pwrite64,fallocate,fsync"}
	if inject != "" {
		args = append(args, "-e", "inject="+inject)
	}
	cmd := exec.Command("strace", append(args, "nbterm", "run", "in.ipynb", "out.ipynb")...)
	cmd.Dir, cmd.Env = dir, env
	raw, err := cmd.CombinedOutput()
	r := &sessionRig{t, dir, &app{environ: env}}
	if out, fine := r.nbterm("sessions"); !fine { // folds what a killed host left
		t.Errorf("sessions: %s", out)
	}
	for _, name := range []string{"out.ipynb", "out.recovered.ipynb"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			doc, err := notebook.Parse(data)
			if err != nil {
				t.Fatalf("%s, %s: %v", inject, name, err)
			}
			if one := textOf(doc, 0) + textOf(doc, 1); len(one) > len(text) {
				text = one
			}
		}
	}
	return text, string(raw), err == nil
}

// wholeRun is what a run prints to which nothing happens.
func wholeRun() string {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String() + "after 20 lines\n"
}

// [2] of the reliability matrix, for the host of a real run: each of its writes to the
// journal fails in turn, or is its last.
func TestTortureEveryWriteOfTheJournalFailsInTurn(t *testing.T) {
	const writes = 40
	for name, c := range map[string]struct {
		inject string
		every  int
		killed bool
	}{
		"EIO once":          {"pwrite64:error=EIO:when=%d", 1, false},
		"EIO from there on": {"pwrite64:error=EIO:when=%d+", 3, false},
		"ENOSPC once":       {"pwrite64:error=ENOSPC:when=%d", 3, false},
		"full for good":     {"pwrite64,fallocate:error=ENOSPC:when=%d+", 3, false},
		"kill -9":           {"pwrite64:signal=KILL:when=%d", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			runs, whole, gaps, told := 0, 0, 0, 0
			for at := 2; at <= writes; at += c.every { // the first begins the journal: without it there is no host
				runs++
				text, said, ok := faultyRun(t, fmt.Sprintf(c.inject, at))
				switch {
				case text == wholeRun() && (ok || c.killed):
					whole++
				case c.killed && strings.HasPrefix(wholeRun(), text) && !ok:
				case strings.Contains(text, "output may be missing here"):
					gaps++
				case !ok && strings.Contains(said, "no space left"): // nothing can be saved anywhere
					told++
				default:
					t.Errorf("write %d: success %v, %s\nin the notebook: %q", at, ok, said, text)
				}
			}
			t.Logf("%d runs: %d whole, %d with a visible gap, %d that said that nothing can be saved, 0 lost unseen", runs, whole, gaps, told)
		})
	}
}

// [2] for real: a disk that fills up while a cell prints.
func TestTortureASmallDiskFillsUp(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	dir := t.TempDir()
	env := append(sandbox(t, dir), "NBTERM_KERNEL_SPARE=false", "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", filepath.Join(dir, "state"), "tmpfs", 0, "size=3m,mode=700"); err != nil {
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() { // before sandbox has its sessions end
		r := &sessionRig{t, dir, &app{environ: env}}
		_, _ = r.nbterm("kill", "--all")
		_ = unix.Unmount(filepath.Join(dir, "state"), unix.MNT_DETACH)
	})
	doc := notebook.New("nbterm-python", "Python", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, "for i in range(20_000): print('line', i, flush=True)"), notebook.NewCell(notebook.Code, "print('after', i + 1, 'lines')"))
	if err := os.WriteFile(filepath.Join(dir, "in.ipynb"), doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &sessionRig{t, dir, &app{environ: env}}
	out, ok := r.nbterm("run", "in.ipynb", "out.ipynb")
	got := parseFile(t, filepath.Join(dir, "out.ipynb"))
	text := textOf(got, 0)
	if !ok || textOf(got, 1) == "" || !strings.Contains(text, "output may be missing here") {
		t.Errorf("%s\n%d bytes; the second cell: %q", out, len(text), textOf(got, 1))
	}
	t.Logf("%d of 20000 lines and a visible gap; both cells ran to their end", strings.Count(text, "line "))
}
