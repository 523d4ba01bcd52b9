package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nbterm/storage"
	"nbterm/storage/local"
)

// hostile makes 200 names that try to leave a root.
func hostile(outside string) []string {
	var names []string
	for _, up := range []string{"..", "../..", "d/../..", "d/../../..", "./..", "d/./../..", "../root/..", "link/..", "link", "link/d", "far", "far/secret", "deep/link", "deep/link/secret", "loop", "loop/loop"} {
		for _, rest := range []string{"", "/secret", "/secret/", "//secret", "/./secret", "/../secret", "/d/../secret", "/etc/passwd", "/new", "/d/new", "/\x00", "/" + strings.Repeat("../", 40) + "etc/passwd"} {
			names = append(names, up+rest)
		}
	}
	return append(names, outside, outside+"/secret", "/etc/passwd", "/", "//etc/passwd", "/proc/self/root/etc/passwd", "/dev/null", "\x00")
}

// trap is a root with links that lead out of it, beside a secret.
func trap(t *testing.T) (store *local.Local, outside string) {
	t.Helper()
	base := t.TempDir()
	root := filepath.Join(base, "root")
	outside = filepath.Join(base, "outside")
	mkdir(t, filepath.Join(root, "d"))
	mkdir(t, filepath.Join(root, "deep"))
	mkdir(t, filepath.Join(outside, "d"))
	for _, name := range []string{filepath.Join(outside, "secret"), filepath.Join(base, "secret")} {
		if err := os.WriteFile(name, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"link": "../outside", "far": outside, "deep/link": "../../outside", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, root), outside
}

func TestNoNameLeavesTheRoot(t *testing.T) {
	t.Parallel()
	store, outside := trap(t)
	if _, err := store.Write(t.Context(), "inside", []byte("mine"), storage.None); err != nil {
		t.Fatal(err)
	}
	names := hostile(outside)
	if len(names) < 200 {
		t.Fatalf("only %d names", len(names))
	}
	ctx := t.Context()
	for _, name := range names {
		if data, _, err := store.Read(ctx, name); err == nil && string(data) != "x" {
			t.Errorf("Read(%q) = %q", name, data)
		}
		if data, _, err := store.ReadRange(ctx, name, 0, 9, storage.None); err == nil && string(data) != "x" { // x is ours, inside
			t.Errorf("ReadRange(%q) = %q", name, data)
		}
		_, _ = store.Write(ctx, name, []byte("x"), storage.None)
		_, _ = store.Copy(ctx, "inside", name)
		_ = store.MakeDir(ctx, name)
		if page, err := store.List(ctx, name, ""); err == nil {
			for _, e := range page.Entries {
				if strings.Contains(e.Path, "secret") {
					t.Errorf("List(%q) tells %q", name, e.Path)
				}
			}
		}
	}
	wantOutside(t, outside)
}

// wantOutside fails if anything was read into, written to or removed from outside.
func wantOutside(t *testing.T, outside string) {
	t.Helper()
	if got := fmt.Sprint(ls(t, outside), ls(t, filepath.Join(outside, "d")), ls(t, filepath.Dir(outside))); got != "[d secret] [] [outside root secret]" {
		t.Errorf("outside there is now %s", got)
	}
	if data, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(data) != "secret" {
		t.Errorf("the secret is %q, %v", data, err)
	}
}

func TestAFolderSwappedForALinkLeadsNowhere(t *testing.T) {
	t.Parallel()
	store, outside := trap(t)
	root := filepath.Join(filepath.Dir(outside), "root")
	real, link, at := filepath.Join(root, "real"), filepath.Join(root, "swap"), filepath.Join(root, "at")
	mkdir(t, real)
	if err := os.WriteFile(filepath.Join(real, "secret"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() { pokeAt(t, store, i, done) })
	}
	for range swaps {
		for _, from := range []string{real, link} { // at is by turns a folder and a link
			if err := os.Rename(from, at); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(at, from); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(done)
	group.Wait()
	wantOutside(t, outside)
}

// pokeAt reads, writes and removes below the swapped name until done.
func pokeAt(t *testing.T, store *local.Local, who int, done chan struct{}) {
	ctx := t.Context()
	mine := fmt.Sprintf("at/by-%d", who)
	for {
		select {
		case <-done:
			return
		default:
		}
		if data, _, err := store.Read(ctx, "at/secret"); err == nil && string(data) == "secret" {
			t.Errorf("read the secret")
			return
		}
		if data, _, err := store.ReadRange(ctx, "at/secret", 0, 6, storage.None); err == nil && string(data) == "secret" {
			t.Errorf("read a part of the secret")
			return
		}
		_, _ = store.Write(ctx, mine, []byte("x"), storage.None)
		_ = store.MakeDir(ctx, mine+"-dir")
		_ = store.Remove(ctx, mine, storage.None)
		_ = store.Remove(ctx, "at/d", storage.None)
		_ = store.Move(ctx, "at/d", mine+"-moved")
	}
}
