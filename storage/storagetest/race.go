package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"nbterm/storage"
)

func testCreateRace(t *testing.T, p Place) {
	if p.Racy {
		t.Skip("the server behind this store does not compare and swap in one step")
	}
	const creators = 8
	var won atomic.Int32
	var winner atomic.Value
	all(creators, func(i int) {
		mine := fmt.Appendf(nil, "creator %d", i)
		switch _, err := p.Store.Write(t.Context(), "a", mine, storage.None); {
		case err == nil:
			won.Add(1)
			winner.Store(string(mine))
		case !errors.Is(err, storage.ErrExist):
			t.Errorf("creator %d: %v", i, err)
		}
	})
	if won.Load() != 1 {
		t.Fatalf("%d creators won", won.Load())
	}
	wantContent(t, p.Store, "a", winner.Load().(string))
}

func testCounter(t *testing.T, p Place) {
	if p.Racy {
		t.Skip("the server behind this store does not compare and swap in one step")
	}
	const writers, times = 8, 100
	write(t, p.Store, "counter", []byte("0"), storage.None)
	all(writers, func(i int) {
		if err := Count(t.Context(), p.Store, "counter", times); err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	})
	wantContent(t, p.Store, "counter", strconv.Itoa(writers*times))
}

// Count adds one to the number in an object, n times, each time reading and writing
// until no one else came between. Tests run it in other processes, too.
func Count(ctx context.Context, s storage.Store, name string, n int) error {
	for range n {
		for {
			data, info, err := s.Read(ctx, name)
			if err != nil {
				return err
			}
			was, err := strconv.Atoi(string(data))
			if err != nil {
				return err
			}
			_, err = s.Write(ctx, name, []byte(strconv.Itoa(was+1)), info.Revision)
			if err == nil {
				break
			}
			if !errors.Is(err, storage.ErrConflict) {
				return err
			}
		}
	}
	return nil
}

func testReaders(t *testing.T, p Place) {
	const rounds, size = 40, 300_000
	version := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, size+i%7) }
	rev := write(t, p.Store, "a", version(0), storage.None).Revision
	var done atomic.Bool
	all(4, func(worker int) {
		if worker == 0 {
			defer done.Store(true)
			for i := range rounds {
				info, err := p.Store.Write(t.Context(), "a", version(i), rev)
				if err != nil {
					t.Errorf("round %d: %v", i, err)
					return
				}
				rev = info.Revision
			}
			return
		}
		for !done.Load() {
			data, _, err := p.Store.Read(t.Context(), "a")
			if err != nil || len(data) < size || bytes.Count(data, data[:1]) != len(data) {
				t.Errorf("a torn read of %d bytes: %v", len(data), err)
				return
			}
		}
	})
}
