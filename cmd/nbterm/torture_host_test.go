//go:build torture

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/kernel/bridge"
)

// The kernels of the torture tests, and in which language they are written to.
var tortureKernels = []string{bridge.PythonName, "python3"}

// [8] of the reliability matrix.
func TestTortureDroppedLinksLoseNothing(t *testing.T) {
	const lines, drops = 10_000, 100
	for _, kernel := range tortureKernels {
		t.Run(kernel, func(t *testing.T) {
			r := newTorture(t, kernel, "")
			first := r.dial()
			if err := first.Execute(
				host.Execution{ID: "talk", Code: printer(lines, "time.sleep(0.005)")},
				host.Execution{ID: "queued", Code: "print(i + 1)"},
				host.Execution{ID: "ask", Code: "print(input('name? '))"},
			); err != nil {
				t.Fatal(err)
			}
			var all []host.Event
			during := 0
			for range drops {
				c := r.dial()
				next := uint64(len(all)) + 1
				f := c.Attach(next)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				batch, err := f.Next(ctx)
				cancel()
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, batch[:min(len(batch), 1+r.rng.IntN(150))]...) // the rest is lost with the link
				if st, err := c.Ask(); err == nil && st.Current != nil && st.Current.ID == "talk" {
					during++
				}
				_ = c.Close()
				f.Close()
			}
			last := r.dial()
			f := last.Attach(uint64(len(all)) + 1)
			all = append(all, r.until(f, "queued")...)
			answerOnce(t, r, &all)
			for i, e := range all {
				if e.Seq != uint64(i+1) || e.Kind == host.Gap {
					t.Fatalf("event %d has number %d, kind %d %s", i+1, e.Seq, e.Kind, e.Reason)
				}
			}
			if printed(all, "talk") != numbered(lines) {
				t.Error("lines are missing, doubled or out of order")
			}
			if got := printed(all, "queued") + printed(all, "ask"); got != "10000\nAda\n" {
				t.Errorf("what was queued behind printed %q", got)
			}
			t.Logf("%d lines once each in order, %d drops, %d of them while it printed; the queue went on, input was asked again", lines, drops, during)
		})
	}
}

// answerOnce waits on a new link for the question of the execution "ask", answers
// it and reads to its end.
func answerOnce(t *testing.T, r *torture, all *[]host.Event) {
	t.Helper()
	c := r.dial()
	for begun := time.Now(); ; {
		st, err := c.Ask()
		if err != nil {
			t.Fatal(err)
		}
		if st.Input != nil {
			break
		}
		if time.Since(begun) > patience {
			t.Fatalf("nothing is asked: %+v", st)
		}
	}
	f := c.Attach(uint64(len(*all)) + 1)
	if err := c.Input("Ada"); err != nil {
		t.Fatal(err)
	}
	*all = append(*all, r.until(f, "ask")...)
}

// [10] of the reliability matrix.
func TestTortureAMillionLinesWhileTheClientIsStopped(t *testing.T) {
	const stopped, limit = time.Minute, 300 << 10 // limit in kB
	for _, kernel := range tortureKernels {
		lines := 1_000_000
		if kernel == "python3" && !full() {
			lines = 200_000 // it flushes some 3,000 a second
		}
		t.Run(fmt.Sprintf("%s %d lines", kernel, lines), func(t *testing.T) {
			r := newTorture(t, kernel, "")
			c := r.dial()
			hostPID, _ := r.pids(c)
			begun := time.Now()
			if err := c.Execute(host.Execution{ID: "talk", Code: printer(lines, "pass")}); err != nil {
				t.Fatal(err)
			}
			reader, says := r.client("talk")
			if err := reader.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			asleep := time.After(stopped) // what is tested is a time, so this waits for one
			for st, err := c.Ask(); ; st, err = c.Ask() {
				if err != nil {
					t.Fatal(err)
				}
				if st.Current == nil {
					break
				}
				if time.Since(begun) > long {
					t.Fatal("it does not end")
				}
				<-time.After(100 * time.Millisecond)
			}
			took := time.Since(begun)
			<-asleep
			if err := reader.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			verdict := ""
			for says.Scan() && !strings.HasPrefix(says.Text(), "lines ") {
			}
			verdict = says.Text()
			if verdict != fmt.Sprintf("lines %d faults 0", lines) {
				t.Errorf("the client has %q", verdict)
			}
			peak, now := field(t, hostPID, "VmHWM"), field(t, hostPID, "VmRSS")
			if peak > limit {
				t.Errorf("the host took %d MB", peak>>10)
			}
			t.Logf("%s in %v, client stopped %v; host peak %d MB, now %d MB", verdict, took.Round(time.Second), stopped, peak>>10, now>>10)
		})
	}
}

func TestTortureNoKernelOutlivesItsHost(t *testing.T) {
	forks := map[string]string{
		bridge.PythonName: "import subprocess, os\nprint(subprocess.Popen(['sleep', '1000']).pid)",
		"python3":         "import subprocess, os\nprint(subprocess.Popen(['sleep', '1000']).pid)",
		"ir":              "cat(system('sleep 1000 > /dev/null 2>&1 & echo $!', intern = TRUE))",
		bridge.BashName:   "sleep 1000 & echo $!",
	}
	loops := map[string]string{
		bridge.PythonName: "while True: pass", "python3": "while True: pass", "ir": "repeat {}", bridge.BashName: "while :; do :; done",
	}
	for kernel, fork := range forks {
		t.Run(kernel, func(t *testing.T) {
			r := newTorture(t, kernel, "")
			c := r.dial()
			hostPID, kernelPID := r.pids(c)
			var child int
			if _, err := fmt.Sscan(r.run(c, fork), &child); err != nil {
				t.Fatal(err)
			}
			if err := c.Execute(host.Execution{ID: "loop", Code: loops[kernel]}); err != nil {
				t.Fatal(err)
			}
			k, s := watch(t, kernelPID), watch(t, child)
			if k.ended(0) || s.ended(0) {
				t.Fatal("it ended by itself")
			}
			begun := time.Now()
			if err := syscall.Kill(hostPID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if !k.ended(patience) {
				t.Error("the kernel outlives its host")
			}
			took := time.Since(begun)
			if h, err := r.dirs.Get(r.id); err != nil || h.Wait(t.Context()) != nil { // its last thread, which has the lock
				t.Fatal(err)
			}
			if out, err := r.nbterm("sessions").CombinedOutput(); err != nil { // tidies up
				t.Errorf("sessions: %v\n%s", err, out)
			}
			if !s.ended(patience) {
				t.Error("a child of the kernel was left")
			}
			left, err := os.ReadDir(r.dirs.Runtime)
			if err != nil || len(left) > 0 {
				t.Errorf("left in the runtime folder: %v, %v", left, err)
			}
			t.Logf("the kernel ended %v after its host", took)
		})
	}
}

// The figures of the host itself.
func TestTortureFiguresOfAHost(t *testing.T) {
	r := newTorture(t, "", "")
	var starts []time.Duration
	for range 20 {
		begun := time.Now()
		r.start(bridge.PythonName, "", host.Mark{})
		starts = append(starts, time.Since(begun))
		if out, err := r.nbterm("kill", r.id).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	slices.Sort(starts)
	t.Logf("start of a host process: min %v, median %v, max %v", starts[0], starts[10], starts[19])
	r.start(bridge.PythonName, "", host.Mark{})
	c := r.dial()
	hostPID, _ := r.pids(c)
	r.run(c, "pass")
	<-time.After(3 * time.Second) // a host gives memory back when it has been idle
	const limit = 20 << 10        // kB
	size := func(when string) {
		rss, anon, peak := field(t, hostPID, "VmRSS"), field(t, hostPID, "RssAnon"), field(t, hostPID, "VmHWM")
		t.Logf("%s: resident %.1f MB, %.1f MB of it anonymous, peak %.1f MB", when, float64(rss)/1024, float64(anon)/1024, float64(peak)/1024)
		if rss > limit {
			t.Errorf("%s: %d kB", when, rss)
		}
	}
	size("after start")
	r.run(c, printer(100_000, "pass"))
	<-time.After(3 * time.Second)
	size("after 100,000 messages")
}

// [9], the end of a host itself: see also torture_settle_test.go.
func TestTortureAKilledHostLeavesAWholeJournal(t *testing.T) {
	r := newTorture(t, "", "")
	for range 10 {
		r.start(bridge.PythonName, "", host.Mark{})
		c := r.dial()
		hostPID, _ := r.pids(c)
		if err := c.Execute(host.Execution{ID: "talk", Code: printer(100_000, "pass")}); err != nil {
			t.Fatal(err)
		}
		f := c.Attach(1)
		var seen []host.Event
		kill := 20 + r.rng.IntN(2000)
		for err := error(nil); err == nil; {
			var batch []host.Event
			batch, err = f.Next(t.Context())
			if seen = append(seen, batch...); len(seen) > kill {
				_ = syscall.Kill(hostPID, syscall.SIGKILL)
			}
		}
		h, err := r.dirs.Get(r.id)
		if err == nil {
			err = h.Wait(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		j, err := journal.Open(h.Folder())
		if err != nil {
			t.Fatal(err)
		}
		var kept []host.Event
		host.Replay(j, func(events []host.Event) { kept = append(kept, events...) })
		_ = j.Close()
		text := printed(kept, "talk")
		if len(kept) < len(seen) || !strings.HasPrefix(numbered(100_000), text) || !strings.HasPrefix(text, printed(seen, "talk")) {
			t.Errorf("the client had seen %d events, the journal has %d", len(seen), len(kept))
		}
	}
}

// A host that gets no processor for a while: what the kernel publishes meanwhile
// waits in the kernel.
func TestTortureAStoppedHostMissesNothing(t *testing.T) {
	const lines = 20_000
	for _, kernel := range tortureKernels {
		t.Run(kernel, func(t *testing.T) {
			r := newTorture(t, kernel, "")
			c := r.dial()
			hostPID, _ := r.pids(c)
			if err := c.Execute(host.Execution{ID: "talk", Code: printer(lines, "pass")}); err != nil {
				t.Fatal(err)
			}
			reader, says := r.client("talk")
			_ = syscall.Kill(hostPID, syscall.SIGSTOP)
			<-time.After(10 * time.Second) // the kernel is done long before, or waits
			_ = syscall.Kill(hostPID, syscall.SIGCONT)
			for says.Scan() && !strings.HasPrefix(says.Text(), "lines ") {
			}
			if got := says.Text(); got != fmt.Sprintf("lines %d faults 0", lines) {
				t.Errorf("client %d has %q", reader.Pid, got)
			}
		})
	}
}
