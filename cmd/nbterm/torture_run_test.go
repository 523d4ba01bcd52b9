//go:build torture

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/notebook"
	"nbterm/engine/run"
)

// fate is one way in which a run ends badly.
type fate struct {
	name   string
	cell   string   // what the second of three cells does
	args   []string // of nbterm run
	exit   int
	status run.Status
	kept   string // in the outputs
	group  bool   // the run is put where memory is short
	signal syscall.Signal
	bare   bool // no kernel comes up
}

const printed1 = "print('so ' + 'far', flush=True)\n"

func fates() []fate {
	return []fate{
		{name: "kernel killed", cell: printed1 + "import os, time\ntime.sleep(0.1)\nos.kill(os.getpid(), 9)", exit: exitDied, status: run.Died, kept: "so far"},
		{name: "out of memory", cell: printed1 + "import time\ntime.sleep(0.1)\nx = []\nwhile True: x.append(bytearray(1 << 20))", exit: exitDied, status: run.OOM, kept: "so far", group: true},
		{name: "kernel stopped", cell: printed1 + "import os\nos.kill(os.getpid(), 19)", exit: exitDied, status: run.Stopped, kept: "so far"},
		{name: "dead at start", cell: "1", args: []string{"-k", "stillborn"}, exit: exitKernel, status: run.Unstarted, bare: true},
		{name: "an exception", cell: printed1 + "1 / 0", exit: exitFailed, status: run.Failed, kept: "so far"},
		{name: "sys.exit(3)", cell: printed1 + "import sys\nsys.exit(3)", exit: exitFailed, status: run.Failed, kept: "so far"},
		{name: "too long", cell: printed1 + "import time\ntime.sleep(600)", args: []string{"--execution-timeout", "0.3"}, exit: exitFailed, status: run.TimedOut, kept: "so far"},
		{name: "terminated", cell: printed1 + "open('begun', 'w').close()\nimport time\ntime.sleep(600)", exit: 143, status: run.Aborted, kept: "so far", signal: syscall.SIGTERM},
	}
}

// tortureRuns is how many runs are made to fail: each fate as often as any other.
const tortureRuns = 504

// TestTortureRunsThatFail is [36], [37] and [41]: whatever ends a run, it is seen within
// seconds, what was said is kept, the record says what happened, nothing is left over.
func TestTortureRunsThatFail(t *testing.T) {
	r := newTorture(t, "", "")
	stillborn(t, r)
	group := shortOfMemory(t)
	all := fates()
	if group == "" {
		all = slices.DeleteFunc(all, func(f fate) bool { return f.group })
	}
	jobs, results := make(chan int), make(chan outcome)
	var work sync.WaitGroup
	for range 4 {
		work.Add(1)
		go func() {
			defer work.Done()
			for i := range jobs {
				results <- r.fail(all[i%len(all)], i, group)
			}
		}()
	}
	go func() {
		for i := range tortureRuns {
			jobs <- i
		}
		close(jobs)
		work.Wait()
		close(results)
	}()
	seen, slowest := map[string]int{}, map[string]time.Duration{}
	for o := range results {
		seen[o.fate]++
		slowest[o.fate] = max(slowest[o.fate], o.took)
		for _, fault := range o.faults {
			t.Errorf("run %d, %s: %s", o.run, o.fate, fault)
		}
	}
	for _, f := range all {
		t.Logf("%-15s %3d runs, the slowest %v", f.name, seen[f.name], slowest[f.name].Round(10*time.Millisecond))
	}
	r.nothingLeft()
}

type outcome struct {
	run    int
	fate   string
	took   time.Duration
	faults []string
}

// fail makes one run fail and looks at what it left.
func (r *torture) fail(f fate, i int, group string) outcome {
	o := outcome{run: i, fate: f.name}
	fault := func(format string, args ...any) { o.faults = append(o.faults, fmt.Sprintf(format, args...)) }
	dir := filepath.Join(r.work, strconv.Itoa(i))
	if err := os.Mkdir(dir, 0o700); err != nil {
		fault("%v", err)
		return o
	}
	in, out := filepath.Join(dir, "in.ipynb"), filepath.Join(dir, "out.ipynb")
	doc := notebook.New("nbterm-python", "Python", "python")
	for n, src := range []string{"print('first')", f.cell, "print('ne' + 'ver')"} {
		doc.Insert(n, notebook.NewCell(notebook.Code, src))
	}
	if err := os.WriteFile(in, doc.Bytes(), 0o600); err != nil {
		fault("%v", err)
		return o
	}
	args := append([]string{"run", "--quiet", in, out}, f.args...)
	if !slices.Contains(args, "-k") {
		args = append(args, "-k", "nbterm-python")
	}
	cmd := exec.Command(r.program(), args...)
	if f.group {
		script := `echo $$ > "$0/cgroup.procs" && exec "$@"`
		cmd = exec.Command("/bin/sh", append([]string{"-c", script, group, r.program()}, args...)...)
	}
	cmd.Env, cmd.Dir = r.env, dir
	began := time.Now()
	said, err := runOrSignal(cmd, filepath.Join(dir, "begun"), f.signal)
	o.took = time.Since(began)
	if o.took > 15*time.Second { // ten to see it, some for four at once on two cores
		fault("it took %v", o.took)
	}
	var ended *exec.ExitError
	if !errors.As(err, &ended) || exitOf(ended) != f.exit {
		fault("it ended with %v, not %d: %s", err, f.exit, said)
	}
	r.judge(f, out, fault)
	return o
}

func exitOf(e *exec.ExitError) int { return e.ExitCode() }

// runOrSignal runs cmd to its end; with a signal it is sent once a file is there.
func runOrSignal(cmd *exec.Cmd, begun string, sig syscall.Signal) (string, error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return "", err
	}
	if sig != 0 {
		look := time.NewTicker(20 * time.Millisecond)
		defer look.Stop()
		for range look.C {
			if _, err := os.Stat(begun); err == nil {
				_ = cmd.Process.Signal(sig)
				break
			}
		}
	}
	err := cmd.Wait()
	return said.String(), err
}

// judge holds a record against what is true.
func (r *torture) judge(f fate, out string, fault func(string, ...any)) {
	data, err := os.ReadFile(out)
	if err != nil {
		fault("%v", err)
		return
	}
	s, err := run.Verify(data)
	if err != nil || s.Status != f.status {
		fault("the record says %q, not %q (%v)", s.Status, f.status, err)
	}
	if f.kept != "" && !bytes.Contains(data, []byte(f.kept)) {
		fault("what was printed is not in the record")
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		fault("%v", err)
		return
	}
	if raw, _ := doc.Meta("papermill", "exception"); string(raw) != "true" {
		fault("papermill.exception is %s", raw)
	}
	good := 0
	for i := range doc.Len() {
		var p struct {
			Status string `json:"status"`
		}
		raw, _ := doc.Cell(i).Meta("papermill")
		if _ = json.Unmarshal(raw, &p); p.Status == "completed" {
			good++
		}
	}
	if want := map[bool]int{true: 0, false: 1}[f.bare]; good != want {
		fault("%d cells are marked completed, %d were", good, want)
	}
}

// stillborn is a kernel that ends at once.
func stillborn(t *testing.T, r *torture) {
	t.Helper()
	dir := filepath.Join(r.work, ".local/share/jupyter/kernels/stillborn")
	spec := `{"argv": ["/bin/sh", "-c", "echo no such luck >&2; exit 3", "{connection_file}"], "display_name": "Stillborn", "language": "python"}`
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "kernel.json"), []byte(spec), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// shortOfMemory makes a control group (version 1) with little memory, "" where it cannot.
func shortOfMemory(t *testing.T) string {
	t.Helper()
	group := fmt.Sprintf("/sys/fs/cgroup/memory/nbterm-%d", os.Getpid())
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Logf("no control group for memory here, so nothing runs out of it: %v", err)
		return ""
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	if err := os.WriteFile(filepath.Join(group, "memory.limit_in_bytes"), []byte("128M"), 0o600); err != nil {
		t.Logf("the control group takes no limit: %v", err)
		return ""
	}
	return group
}

// nothingLeft looks for processes of the sandbox, and for zombies of ours.
func (r *torture) nothingLeft() {
	r.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		left := r.processes()
		if len(left) == 0 {
			r.t.Log("no process is left")
			return
		}
		if time.Now().After(deadline) {
			r.t.Errorf("%d processes are left: %q", len(left), left)
			return
		}
	}
}

// processes lists what runs with the home of the sandbox, but for ourselves.
func (r *torture) processes() (left []string) {
	all, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range all {
		env, err := os.ReadFile(path)
		if err != nil || !slices.Contains(strings.Split(string(env), "\x00"), "HOME="+r.work) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		left = append(left, strings.ReplaceAll(string(line), "\x00", " "))
	}
	return left
}

// TestTortureAReaderNeverSeesATornRecord polls the output of a run that saves often.
func TestTortureAReaderNeverSeesATornRecord(t *testing.T) {
	r := newTorture(t, "", "")
	doc := notebook.New("nbterm-python", "Python", "python")
	for i := range 40 {
		doc.Insert(i, notebook.NewCell(notebook.Code, fmt.Sprintf("import time\nfor i in range(10): print('%d' * 5000, flush=True); time.sleep(0.03)", i%10)))
	}
	in, out := filepath.Join(r.work, "in.ipynb"), filepath.Join(r.work, "out.ipynb")
	if err := os.WriteFile(in, doc.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.nbterm("run", "--quiet", in, out).Run() }()
	reads, torn, versions, last := 0, 0, 0, ""
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil || torn > 0 || versions < 5 {
				t.Errorf("%v; %d of %d readings torn, %d versions", err, torn, reads, versions)
			}
			t.Logf("%d readings, %d versions, %d torn", reads, versions, torn)
			return
		case <-poll.C:
		}
		data, err := os.ReadFile(out)
		if errors.Is(err, os.ErrNotExist) && reads == 0 {
			continue
		}
		if reads++; err != nil || !json.Valid(data) {
			torn++
		}
		if string(data) != last {
			versions, last = versions+1, string(data)
		}
	}
}

// TestTortureSecretsAreNowhere is [26]: 20 secrets, runs that end in every way, and not
// one of them in a file, in the arguments of a process or in what was printed.
func TestTortureSecretsAreNowhere(t *testing.T) {
	r := newTorture(t, "", "")
	r.env = append(r.env, "NBTERM_LOG_LEVEL=debug")
	var args, canaries []string
	outside := t.TempDir() // where the secrets come from
	var show, name strings.Builder
	for i := range 20 {
		canary := fmt.Sprintf("canary-%d-%x-'\"\\ é", i, r.rng.Uint64())
		canaries = append(canaries, fmt.Sprintf("canary-%d-", i))
		name.Reset()
		fmt.Fprintf(&name, "SECRET_%d", i)
		if i%2 == 0 {
			r.env = append(r.env, fmt.Sprintf("CANARY_%d=%s", i, canary))
			args = append(args, "--secret", fmt.Sprintf("%s=env:CANARY_%d", name.String(), i))
		} else {
			file := filepath.Join(outside, strconv.Itoa(i))
			if err := os.WriteFile(file, []byte(canary+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			args = append(args, "--secret", name.String()+"=file:"+file)
		}
		fmt.Fprintf(&show, "print(SECRET_%d, [SECRET_%[1]d], flush=True)\nassert len(SECRET_%[1]d) > 20\n", i)
	}
	ends := map[string]string{
		"well": "SECRET_3", "raised": "raise ValueError(SECRET_4)", "killed": "import os\nos.kill(os.getpid(), 9)",
		"stderr": "import sys, logging\nlogging.error(SECRET_5)\nsys.stderr.write(SECRET_6)\ndisplay(SECRET_7)",
	}
	for _, kernel := range []string{"nbterm-python", "python3"} {
		for end, code := range ends {
			r.watchArguments(kernel+"-"+end, show.String()+code, append(args, "-k", kernel, "--log-output", "--keep-kernel", "1m"), canaries)
		}
	}
	for _, canary := range canaries {
		out, _ := exec.Command("grep", "-rlF", canary, r.work, envOf(r.env, "XDG_RUNTIME_DIR")).CombinedOutput()
		if len(out) > 0 {
			t.Errorf("%s is in\n%s", canary, out)
		}
	}
	masked, _ := exec.Command("grep", "-rlF", "•••", r.work).CombinedOutput()
	if lines := strings.Count(string(masked), "\n"); lines < len(ends) {
		t.Errorf("masks stand in %d files only: the runs said nothing", lines)
	}
}

func envOf(env []string, key string) string {
	for _, pair := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(pair, key+"="); ok {
			return value
		}
	}
	return ""
}

// watchArguments runs code and looks meanwhile at what every process was called with.
func (r *torture) watchArguments(name, code string, args, canaries []string) {
	r.t.Helper()
	in := r.notebook(name+".ipynb", code)
	var said bytes.Buffer
	cmd := r.nbterm(append([]string{"run", in, filepath.Join(r.work, name+"-out.ipynb")}, args...)...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, path := range lines {
			line, _ := os.ReadFile(path)
			for _, c := range canaries {
				if bytes.Contains(line, []byte(c)) {
					r.t.Errorf("%s is in the arguments %q", c, line)
				}
			}
		}
		select {
		case <-ended:
			for _, c := range canaries {
				if strings.Contains(said.String(), c) {
					r.t.Errorf("%s: %s was printed", name, c)
				}
			}
			return
		case <-look.C:
		}
	}
}

// TestTortureADriverThatIsKilled kills drivers at any moment: the run goes on, no cell
// runs twice, nothing that was said is lost, and the record is made.
func TestTortureADriverThatIsKilled(t *testing.T) {
	r := newTorture(t, "", "")
	const kills = 60
	took := make(map[string]int)
	for i := range kills {
		dir := filepath.Join(r.work, strconv.Itoa(i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		doc := notebook.New("nbterm-python", "Python", "python")
		for n := range 20 {
			doc.Insert(n, notebook.NewCell(notebook.Code, fmt.Sprintf("import time\nopen('%s/log', 'a').write('%d ')\nfor i in range(5): print(%[2]d, i, flush=True); time.sleep(0.005)", dir, n)))
		}
		in, out := filepath.Join(dir, "in.ipynb"), filepath.Join(dir, "out.ipynb")
		if err := os.WriteFile(in, doc.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := r.nbterm("run", "--quiet", "-k", "nbterm-python", in, out)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := time.NewTimer(time.Duration(r.rng.IntN(700)) * time.Millisecond)
		<-after.C
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		// Half are taken over, half are left to themselves.
		if i%2 == 0 {
			said, err := r.nbterm("run", "--quiet", "--resume", out).CombinedOutput()
			if err != nil {
				took["told that there was nothing to resume"]++
				t.Logf("kill %d: %s", i, said)
			}
		}
		took[r.whole(out, dir, i)]++
	}
	t.Logf("%d drivers killed: %v", kills, took)
	r.nothingLeft()
}

// whole waits for the record of a run of 20 cells and looks at it.
func (r *torture) whole(out, dir string, i int) string {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for range look.C {
		data, err := os.ReadFile(out)
		s, verr := run.Verify(data)
		if err == nil && verr == nil {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			var want, said strings.Builder
			for n := range 20 {
				fmt.Fprintf(&want, "%d ", n)
			}
			doc, _ := notebook.Parse(data)
			for n := range doc.Len() {
				for _, o := range doc.Cell(n).Outputs() {
					said.WriteString(o.Text())
				}
			}
			if s.Status != run.Completed || string(log) != want.String() || strings.Count(said.String(), "\n") != 100 {
				r.t.Errorf("kill %d: %q, cells ran %q, %d lines", i, s.Status, log, strings.Count(said.String(), "\n"))
			}
			return "whole"
		}
		if _, err := os.Stat(filepath.Join(dir, "log")); errors.Is(err, os.ErrNotExist) && len(r.processes()) == 0 {
			return "killed before anything ran"
		}
		if time.Now().After(deadline) {
			r.t.Errorf("kill %d: no record in time: %v, %v", i, err, verr)
			return "lost"
		}
	}
	return ""
}
