package local_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"nbterm/storage"
)

// between is a context that does something at the second look at it, which a read of a
// large file takes between two pieces.
type between struct {
	context.Context
	looks int
	do    func()
}

func (b *between) Err() error {
	if b.looks++; b.looks == 3 {
		b.do()
	}
	return nil
}

func TestReadIsNotTornByASaveInPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	put(t, path, version(1, 9<<20))
	if err := os.Link(path, path+".link"); err != nil {
		t.Fatal(err)
	}
	store := open(t, dir)
	_, info, err := store.Read(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	saved := false
	ctx := &between{Context: t.Context(), do: func() {
		if _, err := store.Write(t.Context(), "a", version(2, 9<<20), info.Revision); err != nil {
			t.Error(err)
		}
		saved = true
	}}
	data, _, err := store.Read(ctx, "a")
	if err != nil || !saved {
		t.Fatal(saved, err)
	}
	if n, err := versionOf(data); n != 2 {
		t.Errorf("version %d, %v", n, err)
	}
}

// A large file is not read into memory to be told from another.
func TestTheRevisionOfALargeFileTakesLittleMemory(t *testing.T) {
	store := open(t, t.TempDir())
	data := bytes.Repeat([]byte("0123456789abcdef"), 64<<16)
	info, err := store.Write(t.Context(), "a", data, storage.None)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := store.Stat(t.Context(), "a")
	runtime.ReadMemStats(&after)
	if err != nil || got.Revision != info.Revision || got.Size != int64(len(data)) {
		t.Errorf("Stat = %+v, %v after %+v", got, err, info)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("it took %d MB for %d MB", used>>20, len(data)>>20)
	}
}
