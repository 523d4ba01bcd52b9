package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/storage"
)

// homeApp is an app at home in a folder of the test's own.
func homeApp(t *testing.T) (files, string) {
	t.Helper()
	home := t.TempDir()
	a := &app{environ: []string{"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state")}, now: time.Now}
	return files{a}, home
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsRemovedGoesToTheWastebasketAndComesBack(t *testing.T) {
	t.Parallel()
	f, home := homeApp(t)
	for _, name := range []string{"a b.txt", "sub/a b.txt"} {
		put(t, filepath.Join(home, name), name)
		if _, err := f.Remove(t.Context(), filepath.Join(home, name)); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.ReadFile(filepath.Join(home, ".local/share/Trash/info/a b.txt.2.trashinfo"))
	if err != nil || !strings.Contains(string(info), "Path="+home+"/sub/a%20b.txt\n") {
		t.Errorf("%v\n%s", err, info)
	}
	put(t, filepath.Join(home, "dir/x"), "x")
	back, err := f.Remove(t.Context(), filepath.Join(home, "dir"))
	if err != nil {
		t.Fatal(err)
	}
	if err := back(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(home, "dir/x")); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	back, err = f.Remove(t.Context(), filepath.Join(home, "dir"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(home, "dir/y"), "y")
	if err := back(t.Context()); !errors.Is(err, storage.ErrExist) {
		t.Errorf("brought back over another folder: %v", err)
	}
}

func TestAFolderIsCopiedWholeAndAStoppedCopyGoesOn(t *testing.T) {
	t.Parallel()
	f, home := homeApp(t)
	for _, name := range []string{"src/a", "src/b/c", "src/b/d"} {
		put(t, filepath.Join(home, name), name)
	}
	from, to := filepath.Join(home, "src"), filepath.Join(home, "dst")
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	stop := func(int64, int64) {
		if n++; n == 2 {
			cancel()
		}
	}
	if err := f.Copy(ctx, from, to, stop); !errors.Is(err, context.Canceled) {
		t.Fatalf("the copy was not stopped: %v", err)
	}
	if err := f.Copy(t.Context(), from, to, func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b/c", "b/d"} {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(got) != "src/"+name {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	put(t, filepath.Join(to, "a"), "mine")
	if err := f.Copy(t.Context(), from, to, func(int64, int64) {}); !errors.Is(err, storage.ErrExist) {
		t.Errorf("another file was overwritten: %v", err)
	}
	if err := f.Copy(t.Context(), from, filepath.Join(from, "b", "in"), func(int64, int64) {}); err == nil {
		t.Error("a folder was copied into itself")
	}
	if err := f.Move(t.Context(), from, to, func(int64, int64) {}); !errors.Is(err, storage.ErrExist) {
		t.Errorf("a folder was moved over another: %v", err)
	}
}

func TestBookmarksAreKeptAndForgotten(t *testing.T) {
	t.Parallel()
	f, _ := homeApp(t)
	a := f.app
	for _, url := range []string{"/one", "s3://b/two", "/one"} {
		if err := a.bookmark(t.Context(), url, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.bookmark(t.Context(), "s3://b/two", false); err != nil {
		t.Fatal(err)
	}
	if got, err := a.addresses(bookmarkList); err != nil || strings.Join(got, " ") != "/one" {
		t.Errorf("%q, %v", got, err)
	}
}
