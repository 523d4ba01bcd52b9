package local_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nbterm/storage"
	"nbterm/storage/local"
)

// A disk of 20 MB in a mount namespace of the child's own: it is gone with the child.
func TestFullDiskTruncatesNothing(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	j := job{Do: "fill", Path: filepath.Join(t.TempDir(), "disk", "a.ipynb"), Journals: t.TempDir(), Times: fullSaves, Seed: random.Uint64()}
	mkdir(t, filepath.Dir(j.Path))
	cmd := j.command(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.Output()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Skipf("this machine lets nobody mount a disk in a namespace: %v", err)
	}
	if strings.Contains(string(out), "cannot mount") {
		t.Skip(string(out))
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}

// fill saves over and over on a disk with less room than most saves need, in turn by
// rename and in place.
func (j job) fill() error {
	dir := filepath.Dir(j.Path)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=20m"); err != nil {
		fmt.Println("cannot mount a disk:", err)
		return nil
	}
	random := rand.New(rand.NewPCG(j.Seed, 0))
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 11<<20), 0o600); err != nil {
		return err
	}
	store, err := local.New(dir, local.Journals(j.Journals))
	if err != nil {
		return err
	}
	current := version(1, 3<<20)
	info, err := store.Write(context.Background(), "a.ipynb", current, storage.None)
	if err != nil {
		return err
	}
	link := filepath.Join(dir, "link.ipynb")
	full := 0
	for i := range j.Times {
		if os.Remove(link); i%2 == 1 {
			if err := os.Link(j.Path, link); err != nil {
				return err
			}
		}
		next := version(i+2, 1<<20+random.IntN(10<<20))
		wrote, err := store.Write(context.Background(), "a.ipynb", next, info.Revision)
		switch {
		case err == nil:
			current, info = next, wrote
		case errors.Is(err, storage.ErrNoSpace) && strings.HasPrefix(err.Error(), "save "+j.Path+": ") && wrote.Revision == storage.None:
			full++
		default:
			return fmt.Errorf("save %d of %d bytes: %w", i, len(next), err)
		}
		if err := j.check(dir, current); err != nil {
			return fmt.Errorf("after save %d of %d bytes: %w", i, len(next), err)
		}
	}
	if full < j.Times/10 || full == j.Times {
		return fmt.Errorf("%d of %d saves met a full disk: this tests nothing", full, j.Times)
	}
	fmt.Printf("%d of %d saves met a full disk, nothing was lost", full, j.Times)
	return nil
}

func (j job) check(dir string, want []byte) error {
	data, err := os.ReadFile(j.Path)
	if err != nil {
		return err
	}
	if string(data) != string(want) {
		return fmt.Errorf("%d bytes, not the %d expected", len(data), len(want))
	}
	for _, d := range []string{dir, j.Journals} {
		left, _ := os.ReadDir(d)
		for _, e := range left {
			if local.IsTemp(e.Name()) {
				return fmt.Errorf("%s was left", e.Name())
			}
		}
	}
	return nil
}
