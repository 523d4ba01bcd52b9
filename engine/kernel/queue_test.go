package kernel_test

import (
	"strconv"
	"sync"
	"testing"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

func numbered(n int) *wire.Message {
	return &wire.Message{Header: wire.Header{MsgID: strconv.Itoa(n)}}
}

func TestAQueueKeepsEverythingInOrderWithoutAReader(t *testing.T) {
	t.Parallel()
	const n = 100_000
	q := kernel.NewQueue()
	for i := range n {
		q.Put(numbered(i)) // nobody reads yet
	}
	q.Close()
	q.Close()
	q.Put(numbered(n)) // too late
	i := 0
	for m := range q.Out() {
		if m.Header.MsgID != strconv.Itoa(i) {
			t.Fatalf("message %d is %s", i, m.Header.MsgID)
		}
		i++
	}
	if i != n {
		t.Errorf("%d messages came out, want %d", i, n)
	}
}

func TestAQueueServesManyWritersAtOnce(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 5_000
	q := kernel.NewQueue()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				q.Put(numbered(w*each + i))
			}
		})
	}
	go func() {
		all.Wait()
		q.Close()
	}()
	last := map[int]int{}
	n := 0
	for m := range q.Out() {
		id, err := strconv.Atoi(m.Header.MsgID)
		if err != nil {
			t.Fatal(err)
		}
		if prev, seen := last[id/each]; seen && prev >= id {
			t.Fatalf("%d came after %d", id, prev)
		}
		last[id/each] = id
		n++
	}
	if n != writers*each {
		t.Errorf("%d messages came out, want %d", n, writers*each)
	}
}

func BenchmarkQueue(b *testing.B) {
	q := kernel.NewQueue()
	m := numbered(1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range q.Out() { // the reader does nothing else
		}
	}()
	for b.Loop() {
		q.Put(m)
	}
	q.Close()
	<-done
}
