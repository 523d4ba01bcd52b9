package local_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
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
