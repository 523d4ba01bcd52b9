//go:build torture

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/storage/local"
)

// saved starts a host on a kernel for a notebook that is saved and has one cell,
// which it queues under an id.
func (r *torture) saved(kernel, name, code, id string) (path string) {
	r.t.Helper()
	path = r.notebook(name, code)
	store, at, err := local.Open(path)
	if err != nil {
		r.t.Fatal(err)
	}
	_, info, err := store.Read(r.t.Context(), at)
	if err != nil {
		r.t.Fatal(err)
	}
	r.start(kernel, path, host.Mark{Revision: string(info.Revision)})
	c := r.dial()
	ref := host.CellRef{ID: "c1", Hash: session.Hash(code)}
	if err := c.Execute(host.Execution{ID: id, Cell: ref, Code: code}); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// firstCell is the text of a notebook's first cell.
func firstCell(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, o := range doc.Cell(0).Outputs() {
		text += o.Text()
	}
	return text
}

// [9] of the reliability matrix.
func TestTortureKilledClientsAndSettlersLoseNothing(t *testing.T) {
	const lines, kills = 10_000, 50
	for _, kernel := range tortureKernels {
		t.Run(kernel, func(t *testing.T) {
			r := newTorture(t, "", "")
			path := r.saved(kernel, "nb.ipynb", "secret = 41\n"+printer(lines, "time.sleep(0.01)"), "talk")
			c := r.dial()
			_, before := r.pids(c)
			during := 0
			for i := range kills {
				if i%2 == 0 {
					p, _ := r.client("talk")
					_ = p.Kill()
				} else {
					cmd := r.nbterm("settle", r.id)
					if err := cmd.Start(); err != nil {
						t.Fatal(err)
					}
					<-time.After(time.Duration(r.rng.IntN(60)) * time.Millisecond)
					_ = cmd.Process.Kill()
					_ = cmd.Wait()
				}
				if st, err := c.Ask(); err == nil && st.Current != nil {
					during++
				}
			}
			all := r.until(c.Attach(1), "talk")
			for i, e := range all {
				if e.Seq != uint64(i+1) || e.Kind == host.Gap {
					t.Fatalf("event %d has number %d, kind %d %s", i+1, e.Seq, e.Kind, e.Reason)
				}
			}
			if printed(all, "talk") != numbered(lines) {
				t.Error("messages are missing")
			}
			if _, after := r.pids(c); after != before || r.run(c, "print(secret + 1)") != "42\n" {
				t.Errorf("kernel %d was %d, or its variables are gone", after, before)
			}
			r.settles()
			if firstCell(t, path) != numbered(lines) {
				t.Error("the file lacks lines")
			}
			r.alone(path)
			t.Logf("%d kills, %d of them mid-cell: same kernel, %d lines, one file", kills, during, lines)
		})
	}
}

// settles runs nbterm settle to its end.
func (r *torture) settles() {
	r.t.Helper()
	if out, err := r.nbterm("settle", r.id).CombinedOutput(); err != nil {
		r.t.Fatalf("settle: %v\n%s", err, out)
	}
}

// alone fails when there is a recovered file beside a notebook.
func (r *torture) alone(path string) {
	r.t.Helper()
	if beside, _ := filepath.Glob(strings.TrimSuffix(path, ".ipynb") + ".recovered*"); len(beside) > 0 {
		r.t.Errorf("written beside the notebook: %v", beside)
	}
}

// [9] for the host itself: what it told is in the notebook at the next opening.
func TestTortureTheNotebookHasAllThatAKilledHostTold(t *testing.T) {
	for _, kernel := range tortureKernels {
		t.Run(kernel, func(t *testing.T) {
			r := newTorture(t, "", "")
			for _, name := range []string{"a.ipynb", "b.ipynb", "c.ipynb"} {
				path := r.saved(kernel, name, printer(1_000_000, "pass"), "talk")
				c := r.dial()
				hostPID, kernelPID := r.pids(c)
				k := watch(t, kernelPID)
				f, seen := c.Attach(1), ""
				for lines := 100 + r.rng.IntN(5000); strings.Count(seen, "\n") < lines; {
					batch, err := f.Next(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					seen += printed(batch, "talk")
				}
				if err := syscall.Kill(hostPID, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				for {
					batch, err := f.Next(t.Context())
					seen += printed(batch, "talk")
					if err != nil {
						break
					}
				}
				if !k.ended(patience) {
					t.Error("the kernel outlives its host")
				}
				r.settles()
				text := firstCell(t, path)
				if !strings.HasPrefix(text, seen) || !strings.HasPrefix(numbered(1_000_000), text) {
					t.Errorf("the notebook shows %d bytes, the client had seen %d", len(text), len(seen))
				}
				r.alone(path)
				t.Logf("%d lines seen, %d in the notebook", strings.Count(seen, "\n"), strings.Count(text, "\n"))
			}
		})
	}
}

// Settlers at the same time, of a host that is dead.
func TestTortureManySettlersWriteOneFile(t *testing.T) {
	r := newTorture(t, "", "")
	path := r.saved(bridge.PythonName, "nb.ipynb", printer(20_000, "pass"), "talk")
	c := r.dial()
	r.until(c.Attach(1), "talk")
	hostPID, _ := r.pids(c)
	if err := syscall.Kill(hostPID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	for range 10 {
		go func() { done <- r.nbterm("settle", r.id).Run() }()
	}
	for range 10 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if firstCell(t, path) != numbered(20_000) {
		t.Error("the file lacks lines")
	}
	r.alone(path)
}

// A workbench killed as soon as its save can be seen on disk, mostly before it could tell
// its session: one file, nothing twice, nothing beside it.
func TestTortureAKillRightAfterASaveLeavesOneFile(t *testing.T) {
	const kills = 30
	p, env, path := talking(t, "nbterm-python")
	r := &sessionRig{t, filepath.Dir(path), &app{environ: env, now: time.Now}}
	early := 0
	for i := range kills {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pid := p.pid()
		p.keys("C-s")
		for begun := time.Now(); time.Since(begun) < patience; {
			if now, err := os.ReadFile(path); err == nil && len(now) != len(before) {
				break
			}
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.ended()
		h, lives := r.app.living(path)
		if !lives {
			t.Fatalf("after kill %d there is no session", i)
		}
		if next := h.Mark().Next; next != nil {
			early++
		}
		if out, ok := r.nbterm("settle", h.ID); !ok {
			t.Fatalf("%s", out)
		}
		if beside, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.recovered*")); len(beside) > 0 {
			t.Fatalf("after kill %d there is %v", i, beside)
		}
		p = startPane(t, filepath.Dir(path), env, "nbterm", "nb.ipynb")
		p.see("back in the session", "line ")
	}
	stop(t, path)
	p.keys("G")
	p.see("after ", "idle")
	p.keys("C-s")
	p.see(" saved ")
	wantLines(t, parseFile(t, path))
	t.Logf("%d kills, %d of them between the save and the mark: one file, every line once", kills, early)
}
