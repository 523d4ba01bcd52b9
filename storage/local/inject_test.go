//go:build torture

package local_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/storage/local"
)

// Every system call a save makes on the disk fails once, at its first, second, …
// occurrence, or from there on for good, until a save gets through without having met
// it; or the process is killed there.
func TestFailingSystemCallsLoseNothing(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed")
	}
	for _, call := range []string{
		"fsync", "pwrite64", "renameat,renameat2", "fchmod", "fchown", "ftruncate", "fallocate", "unlinkat", "openat", "flock",
		"fstat,newfstatat", "pread64", "fsetxattr,flistxattr",
	} {
		for _, how := range []string{"error=EIO", "error=ENOSPC", "error=EIO for good", "error=ENOSPC for good", "error=EINTR", "signal=KILL"} {
			for _, kind := range []string{"renamed", "in place"} {
				t.Run(fmt.Sprintf("%s %s %s", call, how, kind), func(t *testing.T) {
					t.Parallel()
					injections(t, strace, call, how, kind)
				})
			}
		}
	}
}

func injections(t *testing.T, strace, call, how, kind string) {
	const most = 60 // occurrences
	met := 0
	for when := 1; when <= most; when++ {
		inject, forGood := strings.CutSuffix(how, " for good")
		inject += fmt.Sprintf(":when=%d", when)
		if forGood {
			inject += "+"
		}
		if !injectOnce(t, strace, call, inject, kind) {
			break
		}
		met++
	}
	t.Logf("%d injections", met)
}

// injectOnce reports whether the failure was met.
func injectOnce(t *testing.T, strace, call, inject, kind string) bool {
	t.Helper()
	path, log := filepath.Join(t.TempDir(), "a.ipynb"), filepath.Join(t.TempDir(), "strace")
	j := job{Do: "save", Path: path, Journals: t.TempDir(), Size: 9000, Times: 1}
	put(t, path, version(1, j.Size))
	if kind == "in place" {
		if err := os.Link(path, path+".link"); err != nil {
			t.Fatal(err)
		}
	}
	cmd := j.command(t)
	cmd.Args = append([]string{strace, "-f", "-qq", "-o", log, "-e", "trace=" + call, "-e", "inject=" + call + ":" + inject}, cmd.Path)
	cmd.Path, cmd.Stderr = strace, nil
	out, err := cmd.Output()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	trace := get(t, log)
	met := strings.Contains(trace, "(INJECTED)") || strings.Contains(trace, "SIGKILL")
	store, name, err := local.Open(path, local.Journals(j.Journals))
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := store.Read(t.Context(), name)
	if err != nil {
		t.Fatalf("%s: Read: %v\n%s\n%s", inject, err, out, trace)
	}
	n, err := versionOf(data)
	said := string(out)
	switch {
	case err != nil:
		t.Fatalf("%s: %v\n%s\n%s", inject, err, out, trace)
	case strings.Contains(said, "saved 2") && n != 2:
		t.Fatalf("%s: version %d after a save that said it was done\n%s", inject, n, trace)
	case strings.Contains(said, "error") && !strings.Contains(said, "saved 2") && !strings.Contains(said, "will be whole") && n != 1:
		t.Fatalf("%s: version %d after %q\n%s", inject, n, said, trace)
	case !met && n != 2:
		t.Fatalf("%s: nothing was injected and nothing saved: %q", inject, said)
	}
	return met
}
