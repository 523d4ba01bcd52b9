package local_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/storage/storagetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		root := t.TempDir()
		mkdir(t, filepath.Join(root, "folder"))
		return storagetest.Place{Store: open(t, root), Folder: "folder", PageSize: 1000}
	})
}

// The same promises hold where every save is in place.
func TestStoreInPlace(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		root := t.TempDir()
		mkdir(t, filepath.Join(root, "folder"))
		return storagetest.Place{Store: linking{open(t, root), root, t.TempDir()}, Folder: "folder"}
	})
}

// And where a folder is said to be on a network disk, with lock files beside it.
func TestStoreOnNetworkDisk(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		root := t.TempDir()
		mkdir(t, filepath.Join(root, "folder"))
		store, err := local.New(root, local.Journals(t.TempDir()), local.DiskKind(func(string) local.Disk { return local.Disk{Network: true, Name: "nfs"} }))
		if err != nil {
			t.Fatal(err)
		}
		return storagetest.Place{Store: store, Folder: "folder", PageSize: 1000}
	})
}

// linking gives every file it makes a second hard link.
type linking struct {
	*local.Local
	root, links string
}

func (l linking) Write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	info, err := l.Local.Write(ctx, name, data, was)
	if err == nil && was == storage.None {
		second := filepath.Join(l.links, strings.ReplaceAll(name, "/", "_"))
		os.Remove(second) // of one that was removed
		err = os.Link(filepath.Join(l.root, name), second)
	}
	return info, err
}

func open(t *testing.T, root string) *local.Local {
	t.Helper()
	store, err := local.New(root, local.Journals(filepath.Join(t.TempDir(), "journals")))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}
