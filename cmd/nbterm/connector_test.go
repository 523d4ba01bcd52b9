package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nbterm/engine/host/registry"
	"nbterm/storage"
)

// A host whose last window has just gone takes nobody, and still lives until its kernel
// has ended. Who comes then waits for that; a viewer, who starts nothing, shows it best.
func TestWhoComesWhileASessionEndsWaitsForItsEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := &app{environ: sandbox(t, dir), now: time.Now}
	dirs, err := a.hostDirs()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "nb.ipynb")
	lock, err := dirs.Create(registry.Entry{ID: "ending", Notebook: path, Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	k := &connector{app: a, want: hostFor{notebook: path}, readOnly: true, left: make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		_, err := k.connect(t.Context(), storage.None)
		done <- err
	}()
	eventually(t, "one who waits for the lock", func() bool {
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		return timesOpen(t, lock.Name()) > 1
	})
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, errNoSession) {
		t.Errorf("after its end: %v", err)
	}
}

// timesOpen is how often this process has a file open.
func timesOpen(t *testing.T, path string) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, fd := range open {
		if at, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && at == path {
			n++
		}
	}
	return n
}
