package zmq_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/kernel/zmq"
	"nbterm/engine/wire"
)

func benchKernel(b *testing.B, name string) (kernel.Kernel, wire.Stamp) {
	b.Helper()
	s := kerneltest.Installed(b, name)
	var n atomic.Int64
	stamp := wire.Stamp{
		Session: "bench", Username: "bench", Now: time.Now,
		NewID: func() string { return fmt.Sprint("bench", n.Add(1)) },
	}
	k, err := zmq.Launch(b.Context(), kernel.Options{Spec: s, RuntimeDir: b.TempDir(), Stamp: stamp})
	if err != nil {
		b.Fatal(err)
	}
	return k, stamp
}

// BenchmarkColdCell is spawn, one cell and shutdown. The shutdown is left out of
// the time: nbterm does not wait for it.
func BenchmarkColdCell(b *testing.B) {
	for b.Loop() {
		k, stamp := benchKernel(b, "python3")
		kerneltest.NewClient(b, k, stamp).Execute("1")
		b.StopTimer()
		if err := k.Shutdown(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkExecute is one trivial cell on a warm kernel: reply and idle.
func BenchmarkExecute(b *testing.B) {
	k, stamp := benchKernel(b, "python3")
	c := kerneltest.NewClient(b, k, stamp)
	for b.Loop() {
		c.Execute("1")
	}
	b.StopTimer()
	if err := k.Shutdown(b.Context()); err != nil {
		b.Fatal(err)
	}
}
