// Package storagetest is what every storage.Store promises, as a suite of tests.
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"path"
	"strconv"
	"sync"
	"testing"
	"time"

	"nbterm/storage"
)

// Place is a store to test, fresh for every test.
type Place struct {
	Store storage.Store
	// Folder is a path of the store that is a folder, "" where the store knows none.
	Folder string
	// PageSize is how many names a page of a listing has at most, 0 where it has all.
	PageSize int
	// Racy says that of two writers of one moment both may win: the server behind the
	// store does not compare and swap in one step.
	Racy bool
	// Unversioned says that the server behind the store keeps no versions, or tells them
	// in another order than it should.
	Unversioned bool
	// Names are odd names to try, where a server does not take all of the usual ones.
	Names []string
}

// behaviour is one promise.
type behaviour struct {
	name string
	run  func(*testing.T, Place)
}

// Run runs the suite. open makes an empty place; names in it are free to use.
func Run(t *testing.T, open func(t *testing.T) Place) {
	tests := []behaviour{
		{"a new object is read as it was written", testCreate},
		{"creating over an object fails", testCreateOver},
		{"a missing object does not exist", testMissing},
		{"a write sees its own revision", testReadYourWrite},
		{"revisions are equal iff contents are", testRevisions},
		{"a stale write is a conflict and changes nothing", testConflict},
		{"a write to a removed or imagined object is a conflict", testConflictGone},
		{"any bytes and sizes survive", testSizes},
		{"a folder is not an object", testFolder},
		{"odd names are names", testNames},
		{"paths do not leave the root", testTraversal},
		{"a context that has ended changes nothing", testCancelled},
		{"of many creators one wins", testCreateRace},
		{"no increment of a contended counter is lost", testCounter},
		{"a reader beside a writer sees whole contents", testReaders},
	}
	for _, test := range append(tests, optional()...) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

func testCreate(t *testing.T, p Place) {
	before := time.Now().Add(-time.Minute)
	info := write(t, p.Store, "a.ipynb", []byte("{}\n"), storage.None)
	if info.Path != "a.ipynb" || info.Size != 3 || info.Dir || info.Revision == storage.None || info.Modified.Before(before) {
		t.Errorf("Write returned %+v", info)
	}
	data, got, err := p.Store.Read(t.Context(), "a.ipynb")
	if err != nil || string(data) != "{}\n" {
		t.Fatalf("Read = %q, %v", data, err)
	}
	if got.Path != "a.ipynb" || got.Size != 3 || got.Dir || got.Revision != info.Revision {
		t.Errorf("Read returned %+v after Write %+v", got, info)
	}
	stat, err := p.Store.Stat(t.Context(), "a.ipynb")
	if err != nil || stat.Path != "a.ipynb" || stat.Size != 3 || stat.Dir {
		t.Errorf("Stat = %+v, %v", stat, err)
	}
	if stat.Revision != storage.None && stat.Revision != info.Revision {
		t.Errorf("Stat has revision %s, Write %s", stat.Revision, info.Revision)
	}
}

func testCreateOver(t *testing.T, p Place) {
	write(t, p.Store, "a", []byte("first"), storage.None)
	_, err := p.Store.Write(t.Context(), "a", []byte("second"), storage.None)
	wantIs(t, err, storage.ErrExist)
	wantContent(t, p.Store, "a", "first")
}

func testMissing(t *testing.T, p Place) {
	_, _, err := p.Store.Read(t.Context(), "none")
	wantIs(t, err, storage.ErrNotExist)
	_, err = p.Store.Stat(t.Context(), "none")
	wantIs(t, err, storage.ErrNotExist)
	_, _, err = p.Store.Read(t.Context(), "no/such/place")
	wantIs(t, err, storage.ErrNotExist)
}

func testReadYourWrite(t *testing.T, p Place) {
	rev := storage.None
	for i := range 20 {
		want := []byte("version " + strconv.Itoa(i))
		rev = write(t, p.Store, "a", want, rev).Revision
		got, info, err := p.Store.Read(t.Context(), "a")
		if err != nil || !bytes.Equal(got, want) || info.Revision != rev {
			t.Fatalf("Read = %q, %s, %v; wrote %q, %s", got, info.Revision, err, want, rev)
		}
		stat, err := p.Store.Stat(t.Context(), "a")
		if err != nil || (stat.Revision != storage.None && stat.Revision != rev) {
			t.Fatalf("Stat = %+v, %v; wrote %s", stat, err, rev)
		}
	}
}

func testRevisions(t *testing.T, p Place) {
	one := write(t, p.Store, "a", []byte("one"), storage.None)
	two := write(t, p.Store, "a", []byte("two"), one.Revision)
	if one.Revision == two.Revision {
		t.Errorf("two contents, one revision %s", one.Revision)
	}
	_, read1, _ := p.Store.Read(t.Context(), "a")
	_, read2, _ := p.Store.Read(t.Context(), "a")
	if read1.Revision != two.Revision || read2.Revision != two.Revision {
		t.Errorf("an unchanged object is read as %s and %s, was written as %s", read1.Revision, read2.Revision, two.Revision)
	}
}

func testConflict(t *testing.T, p Place) {
	seen := write(t, p.Store, "a", []byte("seen"), storage.None)
	theirs := write(t, p.Store, "a", []byte("theirs"), seen.Revision)
	info, err := p.Store.Write(t.Context(), "a", []byte("mine"), seen.Revision)
	wantIs(t, err, storage.ErrConflict)
	conflict, ok := errors.AsType[*storage.Conflict](err)
	if !ok || conflict.Have != theirs.Revision || conflict.Path == "" {
		t.Errorf("conflict = %+v, want revision %s", conflict, theirs.Revision)
	}
	if info.Revision != storage.None {
		t.Errorf("a refused write returned revision %s", info.Revision)
	}
	wantContent(t, p.Store, "a", "theirs")
}

func testConflictGone(t *testing.T, p Place) {
	seen := write(t, p.Store, "a", []byte("seen"), storage.None)
	_, err := p.Store.Write(t.Context(), "b", []byte("mine"), seen.Revision)
	wantIs(t, err, storage.ErrConflict)
	if conflict, ok := errors.AsType[*storage.Conflict](err); !ok || conflict.Have != storage.None {
		t.Errorf("conflict = %+v, want no revision", conflict)
	}
	_, err = p.Store.Stat(t.Context(), "b")
	wantIs(t, err, storage.ErrNotExist)
	_, err = p.Store.Write(t.Context(), "a", []byte("mine"), "no revision of this store")
	wantIs(t, err, storage.ErrConflict)
	wantContent(t, p.Store, "a", "seen")
}

func testSizes(t *testing.T, p Place) {
	random := rand.NewChaCha8([32]byte{1})
	rev := storage.None
	for _, size := range []int{0, 1, 511, 4096, 1<<20 + 1, 12 << 20, 3, 0} {
		want := make([]byte, size)
		random.Read(want)
		info := write(t, p.Store, "a", want, rev)
		rev = info.Revision
		got, _, err := p.Store.Read(t.Context(), "a")
		if err != nil || !bytes.Equal(got, want) || info.Size != int64(size) {
			t.Fatalf("%d bytes: read %d, size %d, %v", size, len(got), info.Size, err)
		}
	}
}

func testFolder(t *testing.T, p Place) {
	if p.Folder == "" {
		t.Skip("this store has no folders")
	}
	_, _, err := p.Store.Read(t.Context(), p.Folder)
	wantIs(t, err, storage.ErrIsDir)
	_, err = p.Store.Write(t.Context(), p.Folder, nil, storage.None)
	wantIs(t, err, storage.ErrIsDir)
	_, err = p.Store.Write(t.Context(), p.Folder, nil, "some revision")
	wantIs(t, err, storage.ErrIsDir)
	info, err := p.Store.Stat(t.Context(), p.Folder)
	if err != nil || !info.Dir || info.Path != p.Folder {
		t.Errorf("Stat = %+v, %v", info, err)
	}
	inside := path.Join(p.Folder, "a.ipynb")
	write(t, p.Store, inside, []byte("x"), storage.None)
	wantContent(t, p.Store, inside, "x")
}

func testNames(t *testing.T, p Place) {
	odd := []string{" ", "-", "a b.ipynb", "ü😀.ipynb", "~", "%2e%2e", "a\nb", "#?&*", "back\\slash", "...", ".hidden"}
	if p.Names != nil {
		odd = p.Names
	}
	for _, name := range odd {
		write(t, p.Store, name, []byte(name), storage.None)
		wantContent(t, p.Store, name, name)
	}
}

func testTraversal(t *testing.T, p Place) {
	for _, name := range []string{"../a", "..", "a/../../b", "/etc/passwd", "", "./../a"} {
		if _, _, err := p.Store.Read(t.Context(), name); err == nil {
			t.Errorf("Read(%q) succeeded", name)
		}
		if _, err := p.Store.Stat(t.Context(), name); err == nil {
			t.Errorf("Stat(%q) succeeded", name)
		}
		if _, err := p.Store.Write(t.Context(), name, []byte("x"), storage.None); err == nil {
			t.Errorf("Write(%q) succeeded", name)
		}
	}
}

func testCancelled(t *testing.T, p Place) {
	info := write(t, p.Store, "a", []byte("old"), storage.None)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Store.Write(ctx, "a", []byte("new"), info.Revision)
	wantIs(t, err, context.Canceled)
	_, err = p.Store.Write(ctx, "b", []byte("new"), storage.None)
	wantIs(t, err, context.Canceled)
	_, _, err = p.Store.Read(ctx, "a")
	wantIs(t, err, context.Canceled)
	wantContent(t, p.Store, "a", "old")
	_, err = p.Store.Stat(t.Context(), "b")
	wantIs(t, err, storage.ErrNotExist)
}

func write(t *testing.T, s storage.Store, name string, data []byte, was storage.Revision) storage.Info {
	t.Helper()
	info, err := s.Write(t.Context(), name, data, was)
	if err != nil {
		t.Fatalf("Write(%q): %v", name, err)
	}
	return info
}

func wantIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want one that is %v", err, want)
	}
}

func wantContent(t *testing.T, s storage.Store, name, want string) {
	t.Helper()
	data, _, err := s.Read(t.Context(), name)
	if err != nil || string(data) != want {
		t.Errorf("Read(%q) = %.100q, %v; want %.100q", name, data, err, want)
	}
}

// all runs f for 0 to n-1 at once and waits.
func all(n int, f func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { f(i) })
	}
	group.Wait()
}
