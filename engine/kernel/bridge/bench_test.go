package bridge_test

import (
	"fmt"
	"testing"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/wire"
)

// BenchmarkStart is spawn to kernel_info_reply: at most 60 ms for Python.
func BenchmarkStart(b *testing.B) {
	for _, s := range bridge.Specs() {
		b.Run(s.Language, func(b *testing.B) {
			for b.Loop() {
				n := 0
				k, err := bridge.Launch(b.Context(), kernel.Options{Spec: s, Dir: b.TempDir(), Stamp: wire.Stamp{
					Session: "b", Username: "b", Now: time.Now, NewID: func() string { n++; return fmt.Sprint(n) },
				}})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := k.Shutdown(b.Context()); err != nil {
					b.Fatal(err)
				}
				for range k.Messages() { // emptied, so that its goroutine ends
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkCell is one trivial cell, there and back: at most 0.3 ms, so that 1,000
// take less than a second.
func BenchmarkCell(b *testing.B) {
	for _, one := range bridge.Specs() {
		b.Run(one.Language, func(b *testing.B) {
			s := start(b, one)
			code := map[string]string{"python": "1", "bash": ":"}[one.Language]
			for b.Loop() {
				s.run(b, code)
			}
		})
	}
}

// BenchmarkPrint is 100,000 lines (at most 0.4 s) and 20,000 flushed ones (0.7 s).
func BenchmarkPrint(b *testing.B) {
	for _, one := range []struct{ name, code string }{
		{"100k lines", "for i in range(100_000): print('line', i)"},
		{"20k flushed", "for i in range(20_000): print('line', i, flush=True)"},
		{"50 MB display", "display({'text/plain': 'x' * 50_000_000}, raw=True)"},
	} {
		b.Run(one.name, func(b *testing.B) {
			s := start(b, pythonSpec(""))
			for b.Loop() {
				s.run(b, one.code)
			}
		})
	}
	b.Run("bash 20k lines", func(b *testing.B) {
		s := start(b, bridge.Specs()[1])
		for b.Loop() {
			s.run(b, "for ((i=0; i<20000; i++)); do echo line $i; done")
		}
	})
}
