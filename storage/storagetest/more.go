package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"nbterm/storage"
)

// The tests of what a store may be able to do besides. A store says at compile time
// which of these it can, so that one which loses an ability does not pass by skipping.
func optional() []behaviour {
	return []behaviour{
		{"a folder lists what is in it", testList},
		{"a long listing comes in pages and holds each name once", testPages},
		{"a missing folder cannot be listed", testListMissing},
		{"a range is the part that was asked for", testRange},
		{"a range of a changed object is a conflict", testRangeChanged},
		{"a removed object does not exist", testRemove},
		{"a stale removal is a conflict and removes nothing", testRemoveStale},
		{"a folder that was made is there, once", testMakeDir},
		{"a copy is equal and overwrites nothing", testCopy},
		{"a move leaves nothing behind and overwrites nothing", testMove},
		{"an object has its past", testVersions},
		{"a large object comes in parts", testPut},
		{"a large object that was cut short is gone on with", testPutResumed},
		{"no ability leaves the root", testMoreTraversal},
	}
}

// need is the ability of a store, or the end of the test.
func need[T any](t *testing.T, p Place) T {
	t.Helper()
	able, ok := p.Store.(T)
	if !ok {
		t.Skip("this store cannot")
	}
	return able
}

// listed is every entry of a folder, page by page.
func listed(t *testing.T, l storage.Lister, dir string) (entries []storage.Info, pages int) {
	t.Helper()
	for page := ""; ; pages++ {
		got, err := l.List(t.Context(), dir, page)
		if err != nil {
			t.Fatalf("List(%q, %q): %v", dir, page, err)
		}
		entries = append(entries, got.Entries...)
		if got.Next == "" {
			return entries, pages + 1
		}
		if got.Next == page {
			t.Fatalf("List(%q) turns in a circle at %q", dir, page)
		}
		page = got.Next
	}
}

func names(entries []storage.Info) []string {
	var out []string
	for _, e := range entries {
		name := e.Path
		if e.Dir {
			name += "/"
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func testList(t *testing.T, p Place) {
	l := need[storage.Lister](t, p)
	makeDir(t, p, "d")
	makeDir(t, p, "d/e")
	write(t, p.Store, "a.ipynb", []byte("four"), storage.None)
	write(t, p.Store, "d/b b.txt", nil, storage.None)
	write(t, p.Store, "d/ü", []byte("x"), storage.None)
	write(t, p.Store, "d/e/c", []byte("x"), storage.None)
	for dir, want := range map[string][]string{
		"": {"a.ipynb", "d/"}, "d": {"d/b b.txt", "d/e/", "d/ü"}, "d/e": {"d/e/c"},
	} {
		entries, _ := listed(t, l, dir)
		got := names(entries)
		if p.Folder != "" && dir == "" {
			got = slices.DeleteFunc(got, func(s string) bool { return s == p.Folder+"/" })
		}
		if !slices.Equal(got, want) {
			t.Errorf("List(%q) = %q, want %q", dir, got, want)
		}
		for _, e := range entries {
			if e.Path == "a.ipynb" && (e.Size != 4 || e.Modified.IsZero()) {
				t.Errorf("List tells %+v", e)
			}
		}
	}
}

func testPages(t *testing.T, p Place) {
	l := need[storage.Lister](t, p)
	n := max(p.PageSize*2+p.PageSize/2, 25)
	makeDir(t, p, "many")
	var want []string
	for i := range n {
		name := fmt.Sprintf("many/%04d", i)
		want = append(want, name)
		write(t, p.Store, name, nil, storage.None)
	}
	entries, pages := listed(t, l, "many")
	if got := names(entries); !slices.Equal(got, want) {
		t.Errorf("listed %d names, want %d", len(got), len(want))
	}
	if p.PageSize > 0 && pages < 2 {
		t.Errorf("%d names came in %d page of at most %d", n, pages, p.PageSize)
	}
}

func testListMissing(t *testing.T, p Place) {
	l := need[storage.Lister](t, p)
	_, err := l.List(t.Context(), "no/such", "")
	wantIs(t, err, storage.ErrNotExist)
	write(t, p.Store, "a", []byte("x"), storage.None)
	if got, err := l.List(t.Context(), "a", ""); err == nil {
		t.Errorf("a file was listed as a folder of %d", len(got.Entries))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.List(ctx, "", "")
	wantIs(t, err, context.Canceled)
}

func testRange(t *testing.T, p Place) {
	r := need[storage.Ranger](t, p)
	info := write(t, p.Store, "a", []byte("0123456789"), storage.None)
	for _, part := range []struct {
		offset, length int64
		want           string
	}{
		{0, 3, "012"}, {3, 4, "3456"}, {8, 100, "89"}, {0, 10, "0123456789"}, {10, 5, ""}, {99, 1, ""}, {-3, 2, "78"}, {-4, 99, "6789"}, {-99, 2, "01"}, {4, 0, ""},
	} {
		got, at, err := r.ReadRange(t.Context(), "a", part.offset, part.length, info.Revision)
		if err != nil || string(got) != part.want || at.Size != 10 || at.Revision != info.Revision {
			t.Errorf("ReadRange(%d, %d) = %q, %+v, %v; want %q", part.offset, part.length, got, at, err, part.want)
		}
	}
	_, _, err := r.ReadRange(t.Context(), "none", 0, 1, storage.None)
	wantIs(t, err, storage.ErrNotExist)
	write(t, p.Store, "empty", nil, storage.None)
	if got, _, err := r.ReadRange(t.Context(), "empty", 0, 9, storage.None); err != nil || len(got) != 0 {
		t.Errorf("a range of nothing is %q, %v", got, err)
	}
}

func testRangeChanged(t *testing.T, p Place) {
	r := need[storage.Ranger](t, p)
	old := write(t, p.Store, "a", []byte("old bytes"), storage.None)
	write(t, p.Store, "a", []byte("new bytes"), old.Revision)
	_, _, err := r.ReadRange(t.Context(), "a", 0, 3, old.Revision)
	wantIs(t, err, storage.ErrConflict)
	got, _, err := r.ReadRange(t.Context(), "a", 0, 3, storage.None)
	if err != nil || string(got) != "new" {
		t.Errorf("ReadRange = %q, %v", got, err)
	}
}

func testRemove(t *testing.T, p Place) {
	r := need[storage.Remover](t, p)
	info := write(t, p.Store, "a", []byte("x"), storage.None)
	write(t, p.Store, "b", []byte("x"), storage.None)
	for name, was := range map[string]storage.Revision{"a": info.Revision, "b": storage.None} {
		if err := r.Remove(t.Context(), name, was); err != nil {
			t.Errorf("Remove(%q): %v", name, err)
		}
		_, err := p.Store.Stat(t.Context(), name)
		wantIs(t, err, storage.ErrNotExist)
	}
	wantIs(t, r.Remove(t.Context(), "a", storage.None), storage.ErrNotExist)
	write(t, p.Store, "a", []byte("again"), storage.None)
	wantContent(t, p.Store, "a", "again")
}

func testRemoveStale(t *testing.T, p Place) {
	r := need[storage.Remover](t, p)
	old := write(t, p.Store, "a", []byte("old"), storage.None)
	write(t, p.Store, "a", []byte("new"), old.Revision)
	wantIs(t, r.Remove(t.Context(), "a", old.Revision), storage.ErrConflict)
	wantContent(t, p.Store, "a", "new")
}

func makeDir(t *testing.T, p Place, dir string) {
	t.Helper()
	if m, ok := p.Store.(storage.Maker); ok {
		if err := m.MakeDir(t.Context(), dir); err != nil {
			t.Fatalf("MakeDir(%q): %v", dir, err)
		}
	}
}

func testMakeDir(t *testing.T, p Place) {
	m, l := need[storage.Maker](t, p), need[storage.Lister](t, p)
	if err := m.MakeDir(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	if entries, _ := listed(t, l, "new"); len(entries) != 0 {
		t.Errorf("a new folder holds %q", names(entries))
	}
	if info, err := p.Store.Stat(t.Context(), "new"); err != nil || !info.Dir {
		t.Errorf("Stat = %+v, %v", info, err)
	}
	wantIs(t, m.MakeDir(t.Context(), "new"), storage.ErrExist)
	write(t, p.Store, "file", nil, storage.None)
	wantIs(t, m.MakeDir(t.Context(), "file"), storage.ErrExist)
	r := need[storage.Remover](t, p)
	if err := r.Remove(t.Context(), "new", storage.None); err != nil {
		t.Errorf("Remove of an empty folder: %v", err)
	}
	_, err := p.Store.Stat(t.Context(), "new")
	wantIs(t, err, storage.ErrNotExist)
	makeDir(t, p, "full")
	write(t, p.Store, "full/a", []byte("x"), storage.None)
	if err := r.Remove(t.Context(), "full", storage.None); err == nil {
		t.Error("a folder went with what was in it")
	}
	wantContent(t, p.Store, "full/a", "x")
}

func testCopy(t *testing.T, p Place) {
	c := need[storage.Copier](t, p)
	want := bytes.Repeat([]byte("0123456789"), 100_000)
	makeDir(t, p, "d")
	write(t, p.Store, "a b?%2e.ipynb", want, storage.None)
	info, err := c.Copy(t.Context(), "a b?%2e.ipynb", "d/copy")
	if err != nil || info.Path != "d/copy" || info.Size != int64(len(want)) {
		t.Fatalf("Copy = %+v, %v", info, err)
	}
	got, at, err := p.Store.Read(t.Context(), "d/copy")
	if err != nil || !bytes.Equal(got, want) || at.Revision != info.Revision {
		t.Errorf("the copy has %d bytes of %d and revision %s of %s: %v", len(got), len(want), at.Revision, info.Revision, err)
	}
	write(t, p.Store, "there", []byte("theirs"), storage.None)
	_, err = c.Copy(t.Context(), "d/copy", "there")
	wantIs(t, err, storage.ErrExist)
	wantContent(t, p.Store, "there", "theirs")
	_, err = c.Copy(t.Context(), "none", "d/other")
	wantIs(t, err, storage.ErrNotExist)
}

func testMove(t *testing.T, p Place) {
	m := need[storage.Mover](t, p)
	makeDir(t, p, "d")
	write(t, p.Store, "a", []byte("mine"), storage.None)
	if err := m.Move(t.Context(), "a", "d/b"); err != nil {
		t.Fatal(err)
	}
	wantContent(t, p.Store, "d/b", "mine")
	_, err := p.Store.Stat(t.Context(), "a")
	wantIs(t, err, storage.ErrNotExist)
	write(t, p.Store, "there", []byte("theirs"), storage.None)
	wantIs(t, m.Move(t.Context(), "d/b", "there"), storage.ErrExist)
	wantContent(t, p.Store, "there", "theirs")
	wantContent(t, p.Store, "d/b", "mine")
	wantIs(t, m.Move(t.Context(), "none", "other"), storage.ErrNotExist)
}

func testVersions(t *testing.T, p Place) {
	v := need[storage.Versioner](t, p)
	if p.Unversioned {
		t.Skip("the server behind this store keeps no versions")
	}
	rev := storage.None
	for i := range 3 {
		rev = write(t, p.Store, "a", fmt.Appendf(nil, "version %d", i), rev).Revision
	}
	write(t, p.Store, "ab", []byte("another"), storage.None)
	versions, err := v.Versions(t.Context(), "a", 10)
	if err != nil || len(versions) != 3 {
		t.Fatalf("Versions = %+v, %v; want 3", versions, err)
	}
	for i, version := range versions {
		want := fmt.Sprintf("version %d", 2-i)
		got, err := v.ReadVersion(t.Context(), "a", version.ID)
		if err != nil || string(got) != want || version.Size != int64(len(want)) || version.Removed {
			t.Errorf("version %d is %q, %v, told as %+v; want %q", i, got, err, version, want)
		}
	}
	if two, err := v.Versions(t.Context(), "a", 2); err != nil || len(two) != 2 || two[0].ID != versions[0].ID {
		t.Errorf("the newest two are %+v, %v", two, err)
	}
	if _, err := v.ReadVersion(t.Context(), "a", "no-such-version"); err == nil {
		t.Error("a version that never was is read")
	}
	r := need[storage.Remover](t, p)
	if err := r.Remove(t.Context(), "a", rev); err != nil {
		t.Fatal(err)
	}
	versions, err = v.Versions(t.Context(), "a", 10)
	if err != nil || len(versions) != 4 || !versions[0].Removed {
		t.Errorf("after a removal the past is %+v, %v", versions, err)
	}
}

func testMoreTraversal(t *testing.T, p Place) {
	write(t, p.Store, "a", []byte("x"), storage.None)
	ctx := t.Context()
	for _, name := range []string{"../a", "..", "d/../../b", "/etc/passwd", "./../a"} {
		for verb, try := range map[string]func() error{
			"List":      func() error { _, err := call[storage.Lister](p).List(ctx, name, ""); return err },
			"ReadRange": func() error { _, _, err := call[storage.Ranger](p).ReadRange(ctx, name, 0, 1, ""); return err },
			"Remove":    func() error { return call[storage.Remover](p).Remove(ctx, name, "") },
			"MakeDir":   func() error { return call[storage.Maker](p).MakeDir(ctx, name) },
			"Move":      func() error { return call[storage.Mover](p).Move(ctx, "a", name) },
			"Move from": func() error { return call[storage.Mover](p).Move(ctx, name, "b") },
			"Copy":      func() error { _, err := call[storage.Copier](p).Copy(ctx, "a", name); return err },
			"Copy from": func() error { _, err := call[storage.Copier](p).Copy(ctx, name, "b"); return err },
			"Versions":  func() error { _, err := call[storage.Versioner](p).Versions(ctx, name, 1); return err },
		} {
			if err := try(); err == nil {
				t.Errorf("%s(%q) succeeded", verb, name)
			}
		}
	}
	wantContent(t, p.Store, "a", "x")
}

// unable stands in for an ability that a store has not got.
type unable struct{}

var errUnable = errors.New("this store cannot")

func (unable) List(context.Context, string, string) (storage.Page, error) {
	return storage.Page{}, errUnable
}
func (unable) ReadRange(context.Context, string, int64, int64, storage.Revision) ([]byte, storage.Info, error) {
	return nil, storage.Info{}, errUnable
}
func (unable) Remove(context.Context, string, storage.Revision) error { return errUnable }
func (unable) MakeDir(context.Context, string) error                  { return errUnable }
func (unable) Move(context.Context, string, string) error             { return errUnable }
func (unable) Copy(context.Context, string, string) (storage.Info, error) {
	return storage.Info{}, errUnable
}
func (unable) Versions(context.Context, string, int) ([]storage.Version, error) {
	return nil, errUnable
}
func (unable) ReadVersion(context.Context, string, string) ([]byte, error) { return nil, errUnable }

func call[T any](p Place) T {
	if able, ok := p.Store.(T); ok {
		return able
	}
	return any(unable{}).(T)
}

func testPut(t *testing.T, p Place) {
	put := need[storage.Putter](t, p)
	data := big()
	var done atomic.Int64
	info, err := put.Put(t.Context(), "big", bytes.NewReader(data), int64(len(data)), storage.None, storage.Transfer{Progress: func(n int64) { done.Store(n) }})
	if err != nil || info.Size != int64(len(data)) || done.Load() != info.Size {
		t.Fatalf("Put = %+v, %v; told of %d bytes", info, err, done.Load())
	}
	got, at, err := p.Store.Read(t.Context(), "big")
	if err != nil || !bytes.Equal(got, data) || at.Revision != info.Revision {
		t.Errorf("read %d of %d bytes, revision %s of %s: %v", len(got), len(data), at.Revision, info.Revision, err)
	}
	_, err = put.Put(t.Context(), "big", bytes.NewReader(data), int64(len(data)), storage.None, storage.Transfer{})
	wantIs(t, err, storage.ErrExist)
	data[0]++
	next, err := put.Put(t.Context(), "big", bytes.NewReader(data), int64(len(data)), info.Revision, storage.Transfer{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = put.Put(t.Context(), "big", bytes.NewReader(data), int64(len(data)), info.Revision, storage.Transfer{})
	wantIs(t, err, storage.ErrConflict)
	if got, at, err := p.Store.Read(t.Context(), "big"); err != nil || !bytes.Equal(got, data) || at.Revision != next.Revision {
		t.Errorf("the second Put is read as %d bytes, %v", len(got), err)
	}
}

// big is more than any store sends at once.
func big() []byte {
	data := make([]byte, 40<<20)
	rand.NewChaCha8([32]byte{2}).Read(data)
	return data
}

func testPutResumed(t *testing.T, p Place) {
	put := need[storage.Putter](t, p)
	data := big()
	ctx, cancel := context.WithCancel(t.Context())
	var token string
	var mu sync.Mutex
	keep := func(s string) { mu.Lock(); defer mu.Unlock(); token = s }
	var told atomic.Int64
	stop := func(n int64) { told.Store(max(told.Load(), n)); cancel() }
	_, err := put.Put(ctx, "big", bytes.NewReader(data), int64(len(data)), storage.None, storage.Transfer{Keep: keep, Progress: stop})
	wantIs(t, err, context.Canceled)
	if _, err := p.Store.Stat(t.Context(), "big"); !errors.Is(err, storage.ErrNotExist) {
		t.Errorf("half an object is there: %v", err)
	}
	if token == "" {
		t.Fatal("there is nothing to go on by")
	}
	var first atomic.Int64
	info, err := put.Put(t.Context(), "big", bytes.NewReader(data), int64(len(data)), storage.None, storage.Transfer{
		Token: token, Keep: keep, Progress: func(n int64) { first.CompareAndSwap(0, n) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if first.Load() <= told.Load() {
		t.Errorf("it began anew: it had told of %d bytes, and then first of %d", told.Load(), first.Load())
	}
	if got, at, err := p.Store.Read(t.Context(), "big"); err != nil || !bytes.Equal(got, data) || at.Revision != info.Revision {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	if l, ok := p.Store.(storage.Lister); ok {
		if entries, _ := listed(t, l, ""); len(names(entries)) > 2 {
			t.Errorf("something is left: %q", names(entries))
		}
	}
}
