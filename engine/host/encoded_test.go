package host

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"nbterm/engine/host/journal"
	"nbterm/engine/wire"
)

// journaled is a log with n lines of output, most of them in the journal alone.
func journaled(t testing.TB, n int) *Host {
	t.Helper()
	j, err := journal.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	l := newLog(j, DefaultCap)
	for i := range n {
		l.append(Event{Time: time.Unix(int64(i), 0), Kind: Said, Exec: "e", Message: &wire.Message{
			Channel: wire.IOPub, Header: wire.Header{MsgID: fmt.Sprint("k_1_", i), MsgType: wire.TypeStream, Session: "k"},
			Parent: wire.Header{MsgID: "e"}, Content: fmt.Appendf(nil, `{"name":"stdout","text":"message %d\n"}`, i),
		}})
	}
	return &Host{log: l}
}

func TestEncodedEventsAreThoseOfAFeedInTheVersionAskedFor(t *testing.T) {
	t.Parallel()
	const n = 30_000
	h := journaled(t, n)
	for version := jsonHeads; version <= codecVersion; version++ {
		plain, encoded := h.Attach(1), h.AttachEncoded(1, version)
		var want []Event
		for seq := uint64(1); seq <= n; {
			batch, err := encoded.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range batch {
				if len(want) == 0 {
					if want, err = plain.Next(context.Background()); err != nil {
						t.Fatal(err)
					}
				}
				got, err := DecodeEvent(e.Seq, e.Data)
				if err != nil || e.Seq != seq || int(e.Data[0]) > version || got.Kind != want[0].Kind ||
					got.Seq != want[0].Seq || !bytes.Equal(got.Message.Content, want[0].Message.Content) {
					t.Fatalf("version %d: event %d: %+v, %v; want %+v", version, seq, got, err, want[0])
				}
				want = want[1:]
				seq++
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if more, err := encoded.Next(ctx); err == nil {
			t.Errorf("version %d: then %d more", version, len(more))
		}
		plain.Close()
		encoded.Close()
	}
}

// BenchmarkPassOn hands 20,000 events to a client that comes back: version 2 as they lie
// in the journal, version 1 encoded again.
func BenchmarkPassOn(b *testing.B) {
	const n = 20_000
	h := journaled(b, n)
	for version := codecVersion; version >= jsonHeads; version-- {
		b.Run(fmt.Sprint("version", version), func(b *testing.B) {
			for b.Loop() {
				f := h.AttachEncoded(1, version)
				for got := 0; got < n; {
					batch, err := f.Next(context.Background())
					if err != nil {
						b.Fatal(err)
					}
					got += len(batch)
				}
				f.Close()
			}
		})
	}
}
