package registry_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host/registry"
)

// group starts a leader of a session, with the marker of a host, whose child goes
// on sleeping after it has ended, and gives the child.
func group(t *testing.T, d registry.Dirs, id string, noted bool) (child int) {
	t.Helper()
	pidFile := filepath.Join(t.TempDir(), "pid")
	cmd := exec.Command("/bin/sh", "-c", "sleep 600 & echo $! > "+pidFile)
	cmd.Env = []string{registry.Marker + "=" + id}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if noted {
		if err := registry.NoteKernel(d.Folder(id), cmd.Process.Pid); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if child, err = strconv.Atoi(strings.TrimSpace(string(data))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(child, syscall.SIGKILL) })
	return child
}

func living(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(stat), ") Z ") && !strings.Contains(string(stat), ") X ")
}

func TestWhatAKilledHostLeftBehindIsTidiedUp(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	lock := create(t, d, "abc", "/x.ipynb", 1)
	orphan, daemon := group(t, d, "abc", true), group(t, d, "abc", false)
	if err := os.Mkdir(d.Place("abc"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{d.Socket("abc"), filepath.Join(d.Place("abc"), "kernel.json")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := d.Get("abc")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Tidy(); err == nil || !living(orphan) {
		t.Fatalf("a living host was tidied up: %v", err)
	}
	_ = lock.Close()
	if err := h.Tidy(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); living(orphan) && time.Now().Before(deadline); {
	}
	if living(orphan) || !living(daemon) {
		t.Errorf("orphan lives: %v, daemon lives: %v", living(orphan), living(daemon))
	}
	for _, path := range []string{d.Socket("abc"), d.Place("abc")} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	if _, err := os.Stat(h.Folder()); err != nil {
		t.Errorf("what was told has gone: %v", err)
	}
}

func TestOnlySocketsThatNobodyAnswersAreStrays(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	listen := func(id string, lives bool) {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: d.Socket(id), Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		if lives {
			t.Cleanup(func() { _ = l.Close() })
			return
		}
		_ = l.Close()
		if err := os.MkdirAll(filepath.Join(d.Place(id), "k"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	listen("dead", false)
	listen("other", true)
	listen("known", false)
	create(t, d, "known", "", 1)
	left := func() string {
		names, err := os.ReadDir(d.Runtime)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, n := range names {
			all = append(all, n.Name())
		}
		return strings.Join(all, " ")
	}
	before := left()
	d.Strays(time.Now())
	if left() != before {
		t.Errorf("new ones were removed: %s", left())
	}
	d.Strays(time.Now().Add(time.Hour))
	if got := left(); got != "known known.sock other.sock" {
		t.Errorf("left: %s", got)
	}
}

func TestAFolderThatIsNotOursAloneIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(d registry.Dirs) error{
		"others may look into": func(d registry.Dirs) error { return os.Chmod(d.Runtime, 0o750) },
		"is not a folder": func(d registry.Dirs) error {
			if err := os.Rename(d.Runtime, d.Runtime+"2"); err != nil {
				return err
			}
			return os.Symlink(d.Runtime+"2", d.Runtime)
		},
		"belongs to user": func(d registry.Dirs) error {
			if os.Getuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			return os.Chown(d.Runtime, 65534, 65534)
		},
		"others may rename": func(d registry.Dirs) error { return os.Chmod(filepath.Dir(d.Runtime), 0o777) },
		"XDG_STATE_HOME": func(d registry.Dirs) error {
			return errors.Join(os.Mkdir(filepath.Join(d.State, "real"), 0o700), os.Symlink("real", filepath.Join(d.State, "hosts")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := registry.Dirs{State: t.TempDir(), Runtime: filepath.Join(t.TempDir(), "nbterm")}
			if err := os.Mkdir(d.Runtime, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := spoil(d); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Create(registry.Entry{ID: "x"}); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(d.State, "hosts", "*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
