package registry

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Marker is the environment variable by which everything that a kernel starts
// carries the id of its host. Notebooks may read it, too.
const Marker = "NBTERM_SESSION"

// Place is a folder of the host ID for sockets and connection files of its kernels.
func (d Dirs) Place(id string) string { return filepath.Join(d.Runtime, id) }

// NoteKernel remembers that a host has started a kernel, the leader of a session
// of processes that has its number.
func NoteKernel(folder string, pid int) error {
	f, err := os.OpenFile(filepath.Join(folder, "kernels"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, pid)
	return errors.Join(err, f.Close())
}

// Tidy ends and removes what a dead host could not: its socket, the files of its
// kernels, and processes that its kernels had started and that outlived them (the
// system ends the kernels themselves, see kernel.Tied). What was told stays. A
// living host is left alone.
func (h Host) Tidy() error {
	if alive(h.Folder()) {
		return fmt.Errorf("session %s is still running", h.ID)
	}
	h.endOrphans()
	_ = os.Remove(h.Socket()) // gone already, as a rule
	if err := os.RemoveAll(h.dirs.Place(h.ID)); err != nil {
		return fmt.Errorf("remove the sockets of session %s: %w", h.ID, err)
	}
	return nil
}

// endOrphans kills what is left of the sessions that the kernels led. A number of
// a session is not given away while anything is in it, and the marker tells a
// session of ours from one that got the number afterwards. Daemons, which lead
// sessions of their own, are meant to stay.
func (h Host) endOrphans() {
	data, err := os.ReadFile(filepath.Join(h.Folder(), "kernels"))
	if err != nil {
		return
	}
	kernels := strings.Fields(string(data))
	all, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, p := range all {
		pid, err := strconv.Atoi(p.Name())
		if err != nil || !slices.Contains(kernels, sessionOf(p.Name())) || !h.marked(p.Name()) {
			continue
		}
		_ = unix.Kill(pid, syscall.SIGKILL) // ended meanwhile, at worst
	}
}

// sessionOf gives the session id of a process, "" where there is none.
func sessionOf(pid string) string {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	// PID (NAME) STATE PPID PGRP SESSION …, and a name may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 4 {
		return ""
	}
	return fields[3]
}

// marked is true for a process that carries this host's id.
func (h Host) marked(pid string) bool {
	env, err := os.ReadFile("/proc/" + pid + "/environ")
	if err != nil {
		return false
	}
	return slices.Contains(strings.Split(string(env), "\x00"), Marker+"="+h.ID)
}

// fresh is how long a socket that nobody answers may be one about to be answered.
const fresh = time.Minute

// Strays removes sockets that nobody listens at any more although their hosts have
// left no folder, and what lies beside them.
func (d Dirs) Strays(now time.Time) {
	sockets, err := filepath.Glob(filepath.Join(d.Runtime, "*.sock"))
	if err != nil {
		return
	}
	for _, path := range sockets {
		id := strings.TrimSuffix(filepath.Base(path), ".sock")
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Type() != os.ModeSocket || now.Sub(info.ModTime()) < fresh {
			continue
		}
		if _, err := os.Lstat(d.Folder(id)); err == nil {
			continue // whether that host lives its lock tells
		}
		c, err := net.Dial("unix", path)
		if err == nil {
			_ = c.Close()
			continue // of another state directory
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.Remove(path)
			_ = os.RemoveAll(d.Place(id))
		}
	}
}

// Check says why the directories are not their user's alone, nil when they are.
func (d Dirs) Check() error {
	if err := private(d.Runtime, "set XDG_RUNTIME_DIR to a folder of yours"); err != nil {
		return err
	}
	if err := os.MkdirAll(d.hosts(), 0o700); err != nil {
		return fmt.Errorf("make the folder of sessions: %w", err)
	}
	return private(d.hosts(), "set XDG_STATE_HOME to a folder of yours")
}

// private checks a folder and the one it lies in, where its name could be given to
// another.
func private(dir, try string) error {
	for i, path := range []string{dir, filepath.Dir(dir)} {
		stat := os.Lstat
		if i > 0 {
			stat = os.Stat // a link further up is its owner's affair
		}
		info, err := stat(path)
		if err != nil {
			return fmt.Errorf("look at a folder of sessions: %w; %s", err, try)
		}
		owner := os.Getuid()
		if known, ok := info.Sys().(*syscall.Stat_t); ok {
			owner = int(known.Uid)
		}
		mode := info.Mode()
		switch {
		case !info.IsDir():
			return fmt.Errorf("%s is not a folder but may be somebody's link; remove it, or %s", path, try)
		case owner != os.Getuid() && (i == 0 || owner != 0):
			return fmt.Errorf("%s belongs to user %d, who could read your kernels; %s", path, owner, try)
		case i == 0 && mode.Perm()&0o077 != 0:
			return fmt.Errorf("others may look into %s (mode %04o); try chmod 700 %s", path, mode.Perm(), path)
		case i > 0 && mode.Perm()&0o002 != 0 && mode&os.ModeSticky == 0:
			return fmt.Errorf("others may rename what is in %s (mode %04o); try chmod o-w %s, or %s", path, mode.Perm(), path, try)
		}
	}
	return nil
}

// Settling is held while a host's notebook is brought up to date, so that this is
// done once. It waits for whoever does it now and returns what lets go.
func (h Host) Settling() (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(h.Folder(), "settling"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("settle session %s: %w", h.ID, err)
	}
	for {
		if err = unix.Flock(int(f.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("settle session %s: %w", h.ID, err)
	}
	return func() { _ = f.Close() }, nil // the lock goes with it
}

// Ended is about when a dead host ended: when it last wrote.
func (h Host) Ended() time.Time {
	last := h.Started
	for _, name := range []string{"journal", "log", "mark.json"} {
		if info, err := os.Stat(filepath.Join(h.Folder(), name)); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}
