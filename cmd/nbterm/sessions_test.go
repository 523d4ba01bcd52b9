package main

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/spec"
)

// sessionRig is a home in which sessions are started as the workbench does it.
type sessionRig struct {
	t   *testing.T
	dir string
	app *app
}

func newSessionRig(t *testing.T) *sessionRig {
	t.Helper()
	dir := t.TempDir()
	return &sessionRig{t, dir, &app{environ: sandbox(t, dir), now: time.Now, machine: registry.ThisMachine()}}
}

// start starts a session on the built-in Python and waits until it can run cells.
func (r *sessionRig) start(notebook string, life registry.Life) (*link.Client, registry.Host) {
	r.t.Helper()
	needProgram(r.t, "python3")
	c, h, err := r.app.startHost(r.t.Context(), hostFor{notebook: notebook, spec: r.python(), dir: r.dir, life: life})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c, h
}

func (r *sessionRig) python() spec.Spec {
	for _, s := range bridge.Specs() {
		if s.Name == bridge.PythonName {
			return s
		}
	}
	r.t.Fatal("there is no built-in Python")
	return spec.Spec{}
}

// nbterm runs the program and gives what it printed, and whether it succeeded.
func (r *sessionRig) nbterm(args ...string) (out string, ok bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nbterm", args...)
	cmd.Dir, cmd.Env = r.dir, r.app.environ
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

func (r *sessionRig) rows() []sessionRow {
	r.t.Helper()
	out, ok := r.nbterm("sessions", "--json")
	var rows []sessionRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || !ok {
		r.t.Fatalf("%v\n%s", err, out)
	}
	return rows
}

// printsFirst waits until an execution has printed something.
func printsFirst(t *testing.T, c *link.Client, exec string) {
	t.Helper()
	f := c.Attach(1)
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		events, err := f.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Exec == exec && e.Kind == host.Said && e.Message.Type() == "stream" {
				return
			}
		}
	}
}

func TestSessionsTellWhatRunsAndWhatItCosts(t *testing.T) {
	t.Parallel()
	r := newSessionRig(t)
	if out, ok := r.nbterm("sessions"); !ok || !strings.Contains(out, "No kernel is running") {
		t.Errorf("%s", out)
	}
	c, h := r.start(filepath.Join(r.dir, "nb.ipynb"), registry.Life{})
	code := "hoard = bytearray(50_000_000)\nprint('begun', flush=True)\nwhile True: pass"
	if err := c.Execute(host.Execution{ID: "loop", Code: code, Cell: host.CellRef{Index: 3}}, host.Execution{ID: "next", Code: "1"}); err != nil {
		t.Fatal(err)
	}
	printsFirst(t, c, "loop")
	rows := r.rows()
	if len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
	row := rows[0]
	name, _ := os.Hostname()
	if row.ID != h.ID || row.Notebook != h.Notebook || row.Machine != name || row.State != "busy" || row.Queued != 1 || row.Clients != 0 {
		t.Errorf("%+v", row)
	}
	if row.Running == nil || *row.Running != (runningNow{4, "hoard = bytearray(50_000_000)"}) {
		t.Errorf("running: %+v", row.Running)
	}
	if row.RSS < 50<<20 || row.RSS > 1<<30 || row.CPU < 5 || row.CPU > 150 || math.IsNaN(row.CPU) {
		t.Errorf("%d bytes, %v %%", row.RSS, row.CPU)
	}
	out, ok := r.nbterm("sessions")
	if !ok || !strings.Contains(out, "~/nb.ipynb") || !strings.Contains(out, "cell 4: hoard") || !strings.Contains(out, " MB") || !strings.Contains(out, " %") {
		t.Errorf("%s", out)
	}
	if out, ok := r.nbterm("kill", h.ID[:4]); !ok {
		t.Errorf("kill: %s", out)
	}
	for _, folder := range []string{h.Folder(), filepath.Dir(h.Socket())} {
		if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
			t.Errorf("after the kill: %v", left)
		}
	}
	if left := processesOf(r.dir); len(left) > 0 {
		t.Errorf("after the kill: %v", left)
	}
}

// A home that two machines share.
func TestSessionsOfAnotherMachineAreShownAndLeftAlone(t *testing.T) {
	t.Parallel()
	r := newSessionRig(t)
	path := filepath.Join(r.dir, "nb.ipynb")
	dirs, err := r.app.hostDirs()
	if err != nil {
		t.Fatal(err)
	}
	there := dirs
	there.Machine = registry.Machine{Name: "faraway", ID: "f00"}
	lock, err := there.Create(registry.Entry{ID: "feed0123", Notebook: path, Spec: r.python(), Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	_ = lock.Close() // as locks may not be seen from here
	rows := r.rows() // which sweeps
	if len(rows) != 1 || rows[0].State != "elsewhere" || rows[0].Machine != "faraway" {
		t.Errorf("%+v", rows)
	}
	if out, _ := r.nbterm("sessions"); !strings.Contains(out, "on faraway") {
		t.Errorf("%s", out)
	}
	if _, lives := r.app.living(path); lives {
		t.Error("it would be attached to")
	}
	if out, ok := r.nbterm("kill", "feed"); ok || !strings.Contains(out, "it runs on faraway") {
		t.Errorf("%s", out)
	}
	if out, ok := r.nbterm("kill", "--all"); !ok {
		t.Errorf("%s", out)
	}
	if notes := r.app.sweep(t.Context(), path); len(notes) != 1 || !strings.Contains(notes[0], "runs on faraway") {
		t.Errorf("an opening would say %q", notes)
	}
	r.app.sweepAll(t.Context())
	if _, err := os.Stat(dirs.Folder("feed0123")); err != nil {
		t.Errorf("it was swept: %v", err)
	}
}

// What nobody fetches goes after a month, and what is done is in the log.
func TestSweepingRemovesWhatIsOldAndSaysSo(t *testing.T) {
	t.Parallel()
	r := newSessionRig(t)
	_, h := r.start(filepath.Join(r.dir, "nb.ipynb"), registry.Life{})
	if out, ok := r.nbterm("kill", h.ID); !ok {
		t.Fatalf("%s", out)
	}
	results := filepath.Join(r.dir, ".local/state/nbterm/results")
	if err := os.MkdirAll(results, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, days := range map[string]int{"old.ipynb": 31, "young.ipynb": 29} {
		path := filepath.Join(results, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-time.Duration(days) * dayLong)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	// The journal of a host that was killed and whose notebook cannot be read.
	c, old := r.start("/nowhere/that/is/a/folder/\x00.ipynb", registry.Life{})
	st, err := c.Ask()
	for err == nil && st.Info == nil {
		st, err = c.Ask()
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(parentPID(t, st.Info.PID), syscall.SIGKILL)
	if err := old.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.rows()
	if _, err := os.Stat(old.Folder()); err != nil {
		t.Errorf("a journal that cannot be settled was removed at once: %v", err)
	}
	r.app.now = func() time.Time { return time.Now().Add(31 * dayLong) }
	r.app.sweepAll(t.Context())
	if _, err := os.Stat(old.Folder()); err == nil {
		t.Error("it is there after a month")
	}
	r.app.now = time.Now
	if left, _ := filepath.Glob(filepath.Join(results, "*")); len(left) > 0 {
		t.Errorf("after another month: %v", left)
	}
	for _, want := range []string{`"msg":"session killed"`, `"host":"` + h.ID, "results/old.ipynb"} {
		// A settler that has just begun may be who swept.
		eventually(t, want+" in the log", func() bool {
			log, err := os.ReadFile(filepath.Join(r.dir, ".local/state/nbterm/nbterm.log"))
			return err == nil && strings.Contains(string(log), want)
		})
	}
}

// parentPID is the process that a kernel is a child of.
func parentPID(t *testing.T, kernel int) int {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(kernel) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	pid, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
