package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkSweep is a sweep of 100 runs of one cell, four at a time. Target: 8 s on the
// embedded kernel; on ipykernel it is bound by what a kernel's start costs. The CPU told is that
// of driver, hosts and kernels.
func BenchmarkSweep(b *testing.B) {
	k := newBench(b)
	in := k.write("one.ipynb", trivial(1))
	for _, c := range []struct {
		kernel string
		runs   int
	}{{"nbterm-python", 100}, {"python3", 20}} {
		if ok, err := condition("kernel:" + c.kernel); c.kernel == "python3" && (err != nil || !ok) {
			continue
		}
		b.Run(fmt.Sprintf("%s/%d_runs", c.kernel, c.runs), func(b *testing.B) {
			n := 0
			var took []time.Duration
			var spent time.Duration
			for b.Loop() {
				n++
				out := filepath.Join(k.dir, fmt.Sprintf("%s-%d", c.kernel, n))
				cmd := exec.Command(k.bin, "run", "--quiet", "--kernel", c.kernel, in, out, "--sweep", fmt.Sprintf("n=1..%d", c.runs), "-j", "4")
				cmd.Dir, cmd.Env = k.dir, k.env
				begun := time.Now()
				if text, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, text)
				}
				took = append(took, time.Since(begun))
				spent += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
				if made, _ := filepath.Glob(filepath.Join(out, "one-*.ipynb")); len(made) != c.runs+1 {
					b.Fatalf("%d files, want %d records and a summary", len(made), c.runs)
				}
				_ = os.RemoveAll(out)
			}
			report(b, took, "sweep")
			b.ReportMetric(float64(spent.Milliseconds())/float64(n*c.runs), "cpu-ms/run")
		})
	}
}
