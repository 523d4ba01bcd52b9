package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/local"
)

func onNFS(string) local.Disk { return local.Disk{Network: true, Name: "nfs"} }

func openNFS(t *testing.T, root string, options ...local.Option) *local.Local {
	t.Helper()
	store, err := local.New(root, append([]local.Option{local.Journals(t.TempDir()), local.DiskKind(onNFS)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// The lock file of another machine is what flock cannot show where a mount keeps locks
// to itself.
func TestALockFileOfAnotherMachineHoldsASaveBack(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	store := openNFS(t, root, local.Patience(30*time.Millisecond))
	info, err := store.Write(t.Context(), "a", []byte("old"), storage.None)
	if err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(root, local.LockName("a"))
	if err := os.WriteFile(lock, []byte("another machine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Write(t.Context(), "a", []byte("new"), info.Revision); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("a locked file was written: %v", err)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(lock, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Write(t.Context(), "a", []byte("new"), info.Revision); err != nil {
		t.Errorf("the lock of a writer that crashed an hour ago holds: %v", err)
	}
	if left := ls(t, root); !slices.Equal(left, []string{"a"}) {
		t.Errorf("left behind: %q", left)
	}
}

func TestWhatNFSKeepsOfRemovedFilesIsNotListed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{".nfs000000000012d68100000005", "a", local.LockName("a"), ".hidden"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page, err := openNFS(t, root).List(t.Context(), "", "")
	if err != nil || fmt.Sprint(len(page.Entries)) != "2" || page.Entries[0].Path != ".hidden" || page.Entries[1].Path != "a" {
		t.Errorf("List = %+v, %v", page, err)
	}
}

func TestDisksAreKnownByTheirNumbers(t *testing.T) {
	t.Parallel()
	for magic, want := range map[int64]string{0x6969: "nfs", 0xff534d42: "smb", 0x65735546: "fuse", 0x01021994: "", 0xef53: "", 0x9123683e: ""} {
		if got := local.DiskName(magic); got != want {
			t.Errorf("%#x is %q, want %q", magic, got, want)
		}
	}
}

func ls(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
