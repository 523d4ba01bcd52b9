package browser

import (
	"context"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// spent is the processor time of this thread.
func spent() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_THREAD, &u) // it has no way to fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// slowest is how long the slowest of these keys took, its frame included.
func slowest(s *Screen, keys ...string) time.Duration {
	var worst time.Duration
	for _, k := range keys {
		from := spent()
		s.Update(key(k))
		s.Rows()
		worst = max(worst, spent()-from)
	}
	return worst
}

// BenchmarkKeyInAFolderOf100000 is a key and its frame: while the folder streams in, in
// the whole of it, and each of a filter, with a copy under way. ms/slowest is the figure
// that must stay below 16: processor time, as other programs of the machine take theirs.
func BenchmarkKeyInAFolderOf100000(b *testing.B) {
	for _, c := range []struct {
		name string
		keys []string
	}{
		{"move", []string{"down", "G", "k", "g"}},
		{"filter", []string{"/", "r", "9", "7", "5", "enter"}},
		{"sort", []string{"s", "down"}},
		{"hidden", []string{".", "."}},
		{"mark", []string{" ", "down"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			store := bucket{keys: manyKeys, hold: make(chan struct{})}
			s := wide(b, store)
			var worst time.Duration
			stream(s, func(int) { s.Rows() })
			s.start("copying", []Entry{{Name: "x", URL: "x"}}, nil, func(ctx context.Context, e Entry, report func(done, total int64)) (func(context.Context) error, error) {
				return nil, store.Copy(ctx, e.URL, "y", report)
			})
			for b.Loop() {
				worst = max(worst, slowest(s, c.keys...))
				s.tree.setFilter("")
				s.prompt = nil
			}
			b.ReportMetric(float64(worst.Microseconds())/1000, "ms/slowest")
		})
	}
	b.Run("page", func(b *testing.B) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var worst time.Duration
		for b.Loop() {
			s := wide(b, bucket{keys: manyKeys})
			var last listed
			next := ""
			s.Init()
			for {
				last = answer(s, next)
				from := spent()
				s.Update(last)
				s.Rows()
				worst = max(worst, spent()-from, slowest(s, "down"))
				if next = last.page.Next; next == "" {
					break
				}
			}
		}
		b.ReportMetric(float64(worst.Microseconds())/1000, "ms/slowest")
	})
}
