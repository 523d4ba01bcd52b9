package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"nbterm/engine/host/journal"
)

func create(t testing.TB) (*journal.Journal, string) {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j, dir
}

// all reads every record from number from on, in steps.
func all(t testing.TB, j *journal.Journal, from uint64, limit int) [][]byte {
	t.Helper()
	var recs [][]byte
	for {
		more, err := j.Read(from+uint64(len(recs)), limit)
		if err != nil {
			t.Fatal(err)
		}
		if more == nil {
			return recs
		}
		recs = append(recs, more...)
	}
}

func record(i int) []byte {
	if i%97 == 13 {
		return bytes.Repeat([]byte{byte(i)}, 1<<20+i) // spilled
	}
	return []byte(fmt.Sprintf("record %d", i))
}

func TestRecordsComeBackInOrderFromAnyNumber(t *testing.T) {
	t.Parallel()
	j, dir := create(t)
	const n = 400
	for i := range n {
		if err := j.Append(record(i)); err != nil {
			t.Fatal(err)
		}
	}
	other, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, reader := range []*journal.Journal{j, other} {
		for _, from := range []int{1, 2, 63, 64, 65, 129, 399, 400} {
			recs := all(t, reader, uint64(from), 100)
			if len(recs) != n-from+1 {
				t.Fatalf("from %d: %d records", from, len(recs))
			}
			for k, rec := range recs {
				if !bytes.Equal(rec, record(from-1+k)) {
					t.Fatalf("record %d differs", from+k)
				}
			}
		}
		if recs, err := reader.Read(n+1, 100); recs != nil || err != nil {
			t.Errorf("past the end: %d records, %v", len(recs), err)
		}
	}
}

func TestATornTailEndsTheJournalWhereverItIsTorn(t *testing.T) {
	t.Parallel()
	j, dir := create(t)
	for i := range 5 {
		if err := j.Append([]byte(fmt.Sprintf("record %d", i))); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "journal")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	recSize := (len(whole) - 8) / 5
	for cut := 8; cut <= len(whole); cut++ {
		torn := t.TempDir()
		if err := os.WriteFile(filepath.Join(torn, "journal"), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := journal.Open(torn)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := int(k.Count()), (cut-8)/recSize; got != want {
			t.Fatalf("cut at %d: %d records, want %d", cut, got, want)
		}
		_ = k.Close()
	}
}

func TestAFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	j, dir := create(t)
	for i := range 20 {
		if err := j.Append([]byte(fmt.Sprintf("record %d", i))); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := 8 + rnd.IntN(len(data)-8)
	data[at] ^= 1 << rnd.IntN(8)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	recs := all(t, k, 1, 1<<20)
	if len(recs) >= 20 {
		t.Fatalf("bit %d flipped and all %d records read", at, len(recs))
	}
	for i, rec := range recs {
		if string(rec) != fmt.Sprintf("record %d", i) {
			t.Errorf("record %d reads %q", i, rec)
		}
	}
	if _, err := j.Read(1, 1<<20); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("whoever knew the record was told %v", err)
	}
}

func TestReadersFollowAnAppender(t *testing.T) {
	t.Parallel()
	j, dir := create(t)
	const n = 3000
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := range n {
			if err := j.Append([]byte(fmt.Sprint(i))); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	other, err := journal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for next := 0; next < n && !t.Failed(); {
		other.Refresh()
		recs, err := other.Read(uint64(next+1), 1<<16)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range recs {
			if string(rec) != fmt.Sprint(next) {
				t.Fatalf("record %d reads %s", next, rec)
			}
			next++
		}
	}
	wg.Wait()
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("nbtermJ1\x01\x00\x00\x00aaaa\x00x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal"), append([]byte("nbtermJ1"), data...), 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := journal.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		_, _ = j.Read(1, 1<<20)
	})
}

func BenchmarkAppend(b *testing.B) {
	j, _ := create(b)
	rec := bytes.Repeat([]byte("x"), 500)
	b.SetBytes(500)
	for b.Loop() {
		if err := j.Append(rec); err != nil {
			b.Fatal(err)
		}
	}
}
