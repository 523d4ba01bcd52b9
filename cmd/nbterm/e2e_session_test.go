package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/notebook"
)

// talker prints numbered lines until there is a file "stop".
const talker = "import os, time\ni = 0\nwhile not os.path.exists('stop'):\n    print('line', i, flush=True)\n    i += 1\n    time.sleep(0.02)"

// talking is a workbench whose first cell runs talker, with a second cell queued.
func talking(t *testing.T, kernel string, settings ...string) (p *pane, env []string, path string) {
	t.Helper()
	if kernel == "nbterm-python" {
		needProgram(t, "python3") // it is built in
	} else {
		needKernel(t, kernel)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env = append(sandbox(t, dir), settings...)
	path = filepath.Join(dir, "nb.ipynb")
	if err := os.WriteFile(path, talkingNotebook(kernel), 0o600); err != nil {
		t.Fatal(err)
	}
	p = startPane(t, dir, env, "nbterm", "nb.ipynb")
	p.see("idle", "COMMAND")
	p.keys("M-r")
	p.see("line ", "queued")
	return p, env, path
}

func talkingNotebook(kernel string) []byte {
	doc := notebook.New(kernel, kernel, "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, talker), notebook.NewCell(notebook.Code, "print('after', i, 'lines')"))
	return doc.Bytes()
}

// stop ends talker.
func stop(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "stop"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantLines fails unless the first cell printed line 0 to the last, once each, and the
// second how many that were.
func wantLines(t *testing.T, doc *notebook.Notebook) {
	t.Helper()
	text := ""
	for _, o := range doc.Cell(0).Outputs() {
		text += o.Text()
	}
	var want strings.Builder
	n := strings.Count(text, "\n")
	for i := range n {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	if n == 0 || text != want.String() {
		t.Errorf("%d lines, some of them missing, twice or out of order:\n%.500s", n, text)
	}
	after := ""
	for _, o := range doc.Cell(1).Outputs() {
		after += o.Text()
	}
	if after != fmt.Sprintf("after %d lines\n", n) {
		t.Errorf("%d lines, and the cell behind printed %q", n, after)
	}
}

func TestE2EARunningCellOutlivesItsWindow(t *testing.T) {
	t.Parallel()
	for _, kernel := range []string{"nbterm-python", "python3"} {
		t.Run(kernel, func(t *testing.T) {
			t.Parallel()
			p, env, path := talking(t, kernel)
			for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGHUP} {
				if err := syscall.Kill(p.pid(), sig); err != nil {
					t.Fatal(err)
				}
				p.ended()
				p = startPane(t, filepath.Dir(path), env, "nbterm", "nb.ipynb")
				p.see("back in the session", "running", "queued", "line ")
			}
			stop(t, path)
			p.keys("G")
			p.see("after ", "idle")
			p.keys("C-s")
			p.see(" saved ")
			wantLines(t, parseFile(t, path))
		})
	}
}

func TestE2EANotebookOpenedAgainAtOnceHasAKernel(t *testing.T) {
	t.Parallel()
	needKernel(t, "python3")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env := append(sandbox(t, dir), "NBTERM_KERNEL_SPARE=false")
	doc := notebook.New("python3", "Python 3", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, "print(6 * 7)"))
	if err := os.WriteFile(filepath.Join(dir, "nb.ipynb"), doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "nb.ipynb")
	p.see("idle", "COMMAND")
	p.keys("q") // the kernel, which was not used, takes a moment to end
	p.ended()
	p = startPane(t, dir, env, "nbterm", "nb.ipynb")
	p.see("idle", "COMMAND")
	p.keys("C-e")
	p.see("42")
}

func TestE2EAViewerFollowsLiveWhatAnotherWindowDoes(t *testing.T) {
	t.Parallel()
	p, env, path := talking(t, "nbterm-python")
	v := startPane(t, filepath.Dir(path), env, "nbterm", "view", "nb.ipynb")
	v.see("following the session", "line ")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, path)
	v.keys("G")
	v.see("after ")
	p.keys("G", "b", "Enter", "-print(6 * 7)", "C-e")
	p.see("42", "idle")
	if now, err := os.ReadFile(path); err != nil || string(now) != string(before) {
		t.Errorf("somebody wrote the file: %v", err)
	}
	p.keys("C-s")
	p.see(" saved ")
	v.see("reloaded")
	v.keys("G")
	v.see("print(6 * 7)", "42") // the viewer reloads what was saved and has its output
	v.keys("dd", "C-s", "q")
	v.ended()
	wantLines(t, parseFile(t, path))
	if n := parseFile(t, path).Len(); n != 3 {
		t.Errorf("%d cells: the viewer has changed something", n)
	}
}

// The rules by which a session ends by itself.
func TestE2ESessionsEndByTheirRule(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		settings []string
		ends     bool // with the window, though its cell runs on
	}{
		"with-client": {[]string{"NBTERM_KERNEL_LIFE=with-client"}, true},
		"idle":        {[]string{"NBTERM_KERNEL_LIFE=idle", "NBTERM_KERNEL_IDLE=1s"}, false},
		"keep":        {[]string{"NBTERM_KERNEL_LIFE=keep", "NBTERM_KERNEL_IDLE=1s"}, false},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			p, env, path := talking(t, "nbterm-python", append(c.settings, "NBTERM_KERNEL_SPARE=false")...)
			r := &sessionRig{t, filepath.Dir(path), &app{environ: env, now: time.Now}}
			h, lives := r.app.living(path)
			if !lives {
				t.Fatal("there is no session")
			}
			if err := syscall.Kill(p.pid(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			p.ended()
			if !c.ends {
				if rows := r.rows(); len(rows) != 1 || rows[0].State != "busy" || rows[0].Clients != 0 {
					t.Errorf("without its window: %+v", rows)
				}
				stop(t, path)
			}
			if rule == "keep" {
				// Settling comes after the moment from which an idle host counts its time.
				eventually(t, "the outputs in the file", func() bool { return strings.Contains(textOf(parseFile(t, path), 1), "after") })
				if _, ok := h.Life.Ends(false, true, 0); ok || h.Life.WithClient || !h.IsAlive() {
					t.Errorf("it may end: %+v", h.Life)
				}
				wantLines(t, parseFile(t, path))
				return
			}
			if err := h.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the outputs in the file", func() bool { return strings.Contains(textOf(parseFile(t, path), 0), "line 1") })
			if c.ends {
				return
			}
			wantLines(t, parseFile(t, path))
		})
	}
}

// textOf is what a cell of a notebook shows.
func textOf(doc *notebook.Notebook, cell int) string {
	text := ""
	for _, o := range doc.Cell(cell).Outputs() {
		text += o.Text()
	}
	return text
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	look := time.NewTicker(25 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(patience); !is(); <-look.C {
		if time.Now().After(deadline) {
			t.Fatalf("waiting for %s took more than %v", what, patience)
		}
	}
}

// A session knows that the file was changed by somebody else and taken in: what that one
// cleared does not come back, in the file or beside it.
func TestE2EASilentReloadMovesTheMark(t *testing.T) {
	t.Parallel()
	p, env, path := talking(t, "nbterm-python")
	stop(t, path)
	p.keys("G")
	p.see("after ", "idle")
	p.keys("C-s")
	p.see(" saved ")
	doc := parseFile(t, path)
	for i := range doc.Len() {
		doc.Replace(i, doc.Cell(i).WithOutputs(nil).WithCount(0, false))
	}
	doc.Insert(0, notebook.NewCell(notebook.Markdown, "Cleared by a hook"))
	theirs := doc.Bytes()
	if err := os.WriteFile(path, theirs, 0o600); err != nil {
		t.Fatal(err)
	}
	p.see("reloaded: changed on disk")
	r := &sessionRig{t, filepath.Dir(path), &app{environ: env, now: time.Now}}
	h, _ := r.app.living(path)
	at, err := r.app.place(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_, info, err := at.store.Read(t.Context(), at.name)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mark", func() bool { return h.Mark().Revision == string(info.Revision) })
	if err := syscall.Kill(p.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.ended()
	if out, ok := r.nbterm("kill", "--all"); !ok {
		t.Errorf("%s", out)
	}
	now, err := os.ReadFile(path)
	beside, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.recovered*"))
	if err != nil || string(now) != string(theirs) || len(beside) > 0 {
		t.Errorf("%v, beside it %v; the file:\n%s", err, beside, now)
	}
}
