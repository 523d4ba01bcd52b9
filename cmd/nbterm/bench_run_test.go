package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"nbterm/engine/notebook"
)

// BenchmarkRun is `nbterm run` of trivial cells, cold: process, host, kernel and all.
// Targets with ipykernel: 1 cell 0.6 s, 100 cells 1 s, 1,000 cells 4.5 s; embedded: 1
// cell 0.12 s, 1,000 cells 1 s. Where nbconvert is installed its time is measured
// beside ours and told as a ratio.
func BenchmarkRun(b *testing.B) {
	k := newBench(b)
	peer := hasNbconvert()
	for _, kernel := range []string{"nbterm-python", "python3"} {
		if ok, err := condition("kernel:" + kernel); kernel == "python3" && (err != nil || !ok) {
			continue
		}
		for _, n := range []int{1, 100, 1000} {
			in := k.write(fmt.Sprintf("run-%d.ipynb", n), trivial(n))
			b.Run(fmt.Sprintf("%s/%d_cells", kernel, n), func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					took = append(took, k.time(k.bin, "run", "--quiet", "--kernel", kernel, in, filepath.Join(k.dir, "out.ipynb")))
				}
				report(b, took, "run")
				if peer && kernel == "python3" {
					theirs := k.time("jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "peer.ipynb", in)
					b.ReportMetric(float64(theirs)/float64(took[len(took)/2]), "nbconvert/ours")
				}
			})
		}
	}
}

// time runs a program to its end.
func (k *bench) time(program string, args ...string) time.Duration {
	k.b.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = k.dir, k.env
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		k.b.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return time.Since(begun)
}

func hasNbconvert() bool { return exec.Command("jupyter", "nbconvert", "--version").Run() == nil }

func trivial(n int) []byte {
	doc := notebook.New("python3", "Python 3", "python")
	all := make([]*notebook.Cell, n)
	for i := range all {
		all[i] = notebook.NewCell(notebook.Code, "print(1)")
	}
	doc.Insert(0, all...)
	return doc.Bytes()
}
