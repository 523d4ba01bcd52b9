package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nbterm/engine/host/registry"
)

// What the program of protocol 1 left of a session that was killed, as it left it.
func TestASessionOfTheVersionBeforeIsSettled(t *testing.T) {
	t.Parallel()
	r := newSessionRig(t)
	dirs, err := r.app.hostDirs()
	if err != nil {
		t.Fatal(err)
	}
	entry, err := registry.Load("testdata/v1")
	if err != nil {
		t.Fatal(err)
	}
	entry.Notebook = filepath.Join(r.dir, "nb.ipynb")
	folder := dirs.Folder(entry.ID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{filepath.Join(folder, "entry.json"): written, filepath.Join(folder, "lock"): nil}
	for from, to := range map[string]string{"journal": filepath.Join(folder, "journal"), "nb.ipynb": entry.Notebook} {
		if files[to], err = os.ReadFile(filepath.Join("testdata/v1", from)); err != nil {
			t.Fatal(err)
		}
	}
	for path, data := range files {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, ok := r.nbterm("settle", entry.ID); !ok {
		t.Fatalf("%s", out)
	}
	if got := textOf(parseFile(t, entry.Notebook), 0); got != "said in version 1\n" {
		t.Errorf("the notebook shows %q", got)
	}
	if beside, _ := filepath.Glob(filepath.Join(r.dir, "*.recovered*")); len(beside) > 0 {
		t.Errorf("written beside it: %v", beside)
	}
}

// protocolOne is a commit whose program speaks protocol 1, from this project's history.
const protocolOne = "076f1bf"

// A host of that program, with this one's workbench, sessions and kill.
func TestE2EAHostOfTheVersionBeforeServesThisProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds a program")
	}
	older := buildAt(t, protocolOne)
	needProgram(t, "python3")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env := append(sandbox(t, dir), "NBTERM_KERNEL_SPARE=false")
	path := filepath.Join(dir, "nb.ipynb")
	if err := os.WriteFile(path, talkingNotebook("nbterm-python"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, older, "nb.ipynb")
	p.see("idle", "COMMAND")
	p.keys("M-r")
	p.see("line ", "queued")
	if err := syscall.Kill(p.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.ended()
	p = startPane(t, dir, env, "nbterm", "nb.ipynb")
	p.see("back in the session", "running", "queued", "line ")
	r := &sessionRig{t, dir, &app{environ: env}}
	if rows := r.rows(); len(rows) != 1 || rows[0].State != "busy" || rows[0].Queued != 1 || rows[0].Clients != 1 || rows[0].RSS == 0 {
		t.Errorf("%+v", rows)
	}
	stop(t, path)
	p.keys("G")
	p.see("after ", "idle")
	p.keys("b", "Enter", "-while True: pass", "C-e")
	p.see("busy")
	p.keys("i", "i")
	p.see("KeyboardInterrupt", "idle")
	p.keys("C-s")
	p.see(" saved ")
	wantLines(t, parseFile(t, path))
	p.keys("q")
	p.ended()
	if out, ok := r.nbterm("kill", "--all"); !ok {
		t.Errorf("%s", out)
	}
	eventually(t, "the end of all processes", func() bool { return len(processesOf(dir)) == 0 })
}

// buildAt builds the program of a commit, where the history is at hand.
func buildAt(t *testing.T, commit string) (path string) {
	t.Helper()
	src := t.TempDir()
	path = filepath.Join(src, "nbterm-then")
	archive := exec.Command("git", "archive", "--format=tar", "-o", filepath.Join(src, "src.tar"), commit)
	archive.Dir = "../.."
	if out, err := archive.CombinedOutput(); err != nil {
		t.Skipf("this clone has no commit %s: %s", commit, strings.TrimSpace(string(out)))
	}
	for _, step := range [][]string{{"tar", "-xf", "src.tar"}, {"go", "build", "-o", path, "./cmd/nbterm"}} {
		cmd := exec.Command(step[0], step[1:]...)
		cmd.Dir = src
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", step, err, out)
		}
	}
	return path
}
