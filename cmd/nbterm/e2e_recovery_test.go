package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/recovery"
)

// pid is the process in the terminal.
func (p *pane) pid() int {
	p.t.Helper()
	out, err := p.tmux("display-message", "-p", "#{pane_pid}")
	if err != nil {
		p.t.Fatalf("ask for the process: %v\n%s", err, out)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		p.t.Fatal(err)
	}
	return pid
}

// recoveryOf is where the edits of the notebook at path are kept for the owner of home.
func recoveryOf(home, path string) recovery.Place {
	return recovery.Place{Dir: filepath.Join(home, ".local/state/nbterm/recovery"), Path: path}
}

// onDisk waits until kept edits hold text.
func onDisk(t *testing.T, p recovery.Place, text string) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	deadline := time.Now().Add(patience)
	for {
		paths, err := filepath.Glob(filepath.Join(p.Dir, "*.edits"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), text) {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q does not reach the disk: %q", text, paths)
		}
		<-look.C
	}
}

// typing is a notebook in a terminal with text typed into its first cell.
func typing(t *testing.T, text string) (p *pane, env []string, path string, place recovery.Place) {
	t.Helper()
	needProgram(t, "python3")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env = sandbox(t, dir)
	path = filepath.Join(dir, "nb.ipynb")
	if err := os.WriteFile(path, trivial(2), 0o600); err != nil {
		t.Fatal(err)
	}
	p = startPane(t, dir, env, "nbterm", "nb.ipynb", "--kernel", "nbterm-python")
	p.see("idle", "COMMAND")
	p.keys("Enter")
	p.see("EDIT")
	p.keys("-" + text)
	p.see(text)
	return p, env, path, recoveryOf(dir, path)
}

func TestE2ERecoveryAfterAKill(t *testing.T) {
	t.Parallel()
	p, env, path, place := typing(t, "typed ")
	onDisk(t, place, "typed ")
	if err := syscall.Kill(p.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.ended()
	p = startPane(t, filepath.Dir(path), env, "nbterm", "nb.ipynb")
	p.see("There are unsaved edits of nb.ipynb", "1 cell differs")
	p.keys("v")
	p.see("+ typed ")
	p.keys("Escape")
	p.see("There are unsaved edits")
	p.keys("r")
	p.see("Restored 1 cell", "unsaved")
	p.keys("C-s")
	p.see(" saved ")
	if src := parseFile(t, path).Cell(0).Source(); !strings.HasPrefix(src, "typed ") {
		t.Errorf("the cell is %q", src)
	}
	p.keys("q")
	p.ended()
	left, err := os.ReadDir(place.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("there remain %v, %v", left, err)
	}
}

func TestE2ERecoveryAfterAHangup(t *testing.T) {
	t.Parallel()
	p, _, _, place := typing(t, "the very last ")
	if err := syscall.Kill(p.pid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.ended()
	left, faults := place.Find()
	if len(left) != 1 || len(faults) > 0 {
		t.Fatalf("found %d, %v", len(left), faults)
	}
	e, err := left[0].Read()
	if err != nil || !strings.Contains(string(e.Doc), "the very last ") {
		t.Errorf("kept %s, %v", e.Doc, err)
	}
}

func TestE2ETwoWorkbenchesMeetAtTheFile(t *testing.T) {
	t.Parallel()
	a, env, path, _ := typing(t, "of a ")
	b := startPane(t, filepath.Dir(path), env, "nbterm", "nb.ipynb")
	b.see("back in the session", "COMMAND")
	b.keys("G", "Enter", "-of b ")
	b.see("of b ")
	a.keys("C-s")
	a.see(" saved ")
	b.see("merged 1 cell changed on disk", "of a ")
	b.keys("C-s")
	a.see("reloaded: changed on disk", "of b ")
	doc := parseFile(t, path)
	if x, y := doc.Cell(0).Source(), doc.Cell(1).Source(); !strings.HasPrefix(x, "of a ") || !strings.HasPrefix(y, "of b ") {
		t.Errorf("the cells are %q and %q", x, y)
	}
}
