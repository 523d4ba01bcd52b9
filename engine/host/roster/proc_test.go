package roster

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestAStatIsReadWhateverTheProgramIsCalled(t *testing.T) {
	t.Parallel()
	rest := " S 11 12 13 0 -1 4194304 1 2 3 4 100 50 7 3 20 0 1 0 999 123456 25 18446744073709551615"
	for _, name := range []string{"(sh)", "(a b) c)", "())", "(\n)"} {
		p, ok := parseStat([]byte("42 "+name+rest), 4096)
		want := process{parent: 11, session: 13, cpu: 1600 * time.Millisecond, memory: 25 * 4096}
		if !ok || p != want {
			t.Errorf("%q: %+v, %v", name, p, ok)
		}
	}
	for _, torn := range []string{"", "42 (sh) S 11", "42"} {
		if _, ok := parseStat([]byte(torn), 4096); ok {
			t.Errorf("%q was read", torn)
		}
	}
}

func FuzzStat(f *testing.F) {
	own, _ := os.ReadFile("/proc/self/stat")
	f.Add(own)
	f.Add([]byte("1 (a) b"))
	f.Fuzz(func(t *testing.T, data []byte) { parseStat(data, 4096) })
}

func TestATreeIsCountedWithWhatItStartedAndNoMore(t *testing.T) {
	t.Parallel()
	t0 := table{
		1: {parent: 0, session: 1, memory: 1}, 10: {parent: 1, session: 10, memory: 10, cpu: 1},
		11: {parent: 10, session: 10, memory: 100, cpu: 2}, 12: {parent: 11, session: 12, memory: 1000, cpu: 4}, // a daemon
		13: {parent: 1, session: 10, memory: 10000, cpu: 8}, // its parent has ended
		20: {parent: 21, session: 20, memory: 7}, 21: {parent: 20, session: 20, memory: 7},
	}
	if cpu, memory := t0.tree(10); cpu != 15 || memory != 11110 {
		t.Errorf("%v, %d bytes", cpu, memory)
	}
	if cpu, memory := t0.tree(99); cpu != 0 || memory != 0 {
		t.Errorf("of a process that is gone: %v, %d bytes", cpu, memory)
	}
}

func TestRealProcessesAreMeasured(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("/bin/sh", "-c", "(while :; do :; done) & echo begun; wait")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	loop := 0
	t.Cleanup(func() {
		if p, err := os.FindProcess(loop); err == nil && loop > 0 {
			_ = p.Kill()
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "begun" {
		t.Fatalf("%q, %v", line, err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		all := processes()
		for pid, p := range all {
			if p.parent == cmd.Process.Pid {
				loop = pid
			}
		}
		cpu, memory := all.tree(cmd.Process.Pid)
		if cpu >= 50*time.Millisecond && memory > 100<<10 {
			return // the loop is a child of what was asked for
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v of processor time, %d bytes", cpu, memory)
		}
	}
}
