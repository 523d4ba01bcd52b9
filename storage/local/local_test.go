package local_test

import (
	"os"
	"path/filepath"
	"testing"

	"nbterm/storage/local"
	"nbterm/storage/storagetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		root := t.TempDir()
		mkdir(t, filepath.Join(root, "folder"))
		return storagetest.Place{Store: open(t, root), Folder: "folder"}
	})
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
