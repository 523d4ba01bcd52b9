package local_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/local"
)

// Other editors know nothing of our lock. They write in place, replace or remove.
func TestForeignChangesAreConflicts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	store := open(t, dir)
	for i := range foreign {
		os.RemoveAll(path)
		put(t, path, []byte("seen"))
		_, info, err := store.Read(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		theirs := fmt.Sprintf("%04d", i) // of the same length
		switch i % 3 {
		case 0:
			put(t, path, []byte(theirs))
		case 1:
			put(t, path+".new", []byte(theirs))
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		case 2:
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		if i%2 == 0 && i%3 == 0 { // with the old time stamp, as rsync does
			if err := os.Chtimes(path, info.Modified, info.Modified); err != nil {
				t.Fatal(err)
			}
		}
		_, err = store.Write(t.Context(), "a", []byte("mine"), info.Revision)
		if !errors.Is(err, storage.ErrConflict) {
			t.Fatalf("change %d: %v", i, err)
		}
		if stat, err := store.Stat(t.Context(), "a"); err == nil && stat.Revision == info.Revision {
			t.Fatalf("change %d: Stat did not see it", i)
		}
		if i%3 == 2 {
			continue
		}
		if got := get(t, path); got != theirs {
			t.Fatalf("change %d: holds %q", i, got)
		}
	}
}

func TestTouchingIsNoChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	put(t, path, []byte("x"))
	store := open(t, dir)
	_, info, err := store.Read(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		when := time.Unix(int64(i)*1e6, 0)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
		stat, err := store.Stat(t.Context(), "a")
		if err != nil || stat.Revision != info.Revision || !stat.Modified.Equal(when) {
			t.Fatalf("Stat = %+v, %v", stat, err)
		}
	}
	if _, err := store.Write(t.Context(), "a", []byte("y"), info.Revision); err != nil {
		t.Error(err)
	}
}

// A checkout may replace a link between two saves; each save asks anew where it leads.
func TestOpenFollowsALinkThatMoves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "current.ipynb")
	put(t, filepath.Join(dir, "one"), []byte("1"))
	put(t, filepath.Join(dir, "two"), []byte("2"))
	if err := os.Symlink("one", link); err != nil {
		t.Fatal(err)
	}
	store, name, err := local.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	_, one, err := store.Read(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("two", link); err != nil {
		t.Fatal(err)
	}
	if _, err = store.Write(t.Context(), name, []byte("1+"), one.Revision); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("Write: %v", err)
	}
	if data, _, err := store.Read(t.Context(), name); string(data) != "2" || err != nil {
		t.Errorf("Read = %q, %v", data, err)
	}
}

func TestLeftoversOfCrashesAreSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dead := filepath.Join(dir, ".~nbterm-0123456789abcdef.tmp")
	live := filepath.Join(dir, ".~nbterm-fedcba9876543210.tmp")
	foreign := filepath.Join(dir, ".~lock.a.odt#")
	for _, path := range []string{dead, live, foreign} {
		put(t, path, []byte("x"))
	}
	held := lockFile(t, live)
	store := open(t, dir)
	info, err := store.Write(t.Context(), "a", nil, storage.None)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(list(t, dir)), fmt.Sprint([]string{filepath.Base(foreign), filepath.Base(live), "a"}); got != want {
		t.Errorf("left %s, want %s", got, want)
	}
	held.Close()
	if _, err := open(t, dir).Write(t.Context(), "a", nil, info.Revision); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(live); err == nil {
		t.Error("the leftover of a writer that has ended stays")
	}
	for path, want := range map[string]bool{dead: true, foreign: false, "a.ipynb": false, ".~nbterm-7f.journal": true} {
		if local.IsTemp(filepath.Base(path)) != want {
			t.Errorf("IsTemp(%s) is not %v", path, want)
		}
	}
}

func lockFile(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return file
}
