// Package registry is where kernel hosts leave word of themselves: one folder each
// under the state directory, one socket each under the runtime directory. It finds
// the host of a notebook, tells the living from the dead, and starts nothing.
//
//	STATE/hosts/ID/entry.json   what the host is for, and on which machine; written once
//	               mark.json    up to where the notebook's file holds its events
//	               lock         locked (flock) for as long as the host lives
//	               journal …    see package journal
//	               kernels      numbers of the processes that were its kernels
//	               log          what the host had to say of itself
//	RUNTIME/ID.sock
//	RUNTIME/ID/                 sockets and connection files of its kernels
//
// A lock dies with its process whatever ends it, which no pid file does.
package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/engine/host"
	"nbterm/engine/kernel/spec"
)

// Dirs is where hosts live. Both directories must be their user's alone (0700).
type Dirs struct {
	State   string // such as ~/.local/state/nbterm
	Runtime string // such as /run/user/1000/nbterm; short, see socketMax
	Machine Machine
}

// Entry is what a host is for.
type Entry struct {
	ID       string
	Notebook string    // absolute path or URL; "" for none
	Spec     spec.Spec // of its kernel
	Dir      string    // working directory of the kernel
	Env      []string  // KEY=value, laid over the host's environment
	Timeout  time.Duration
	Life     Life
	Started  time.Time
	Version  string    // of the nbterm that started it
	Machine  Machine   // on which it runs; set by Create
	Spare    string    // of what kind it is a spare; "" is in use. See Claim
	Born     host.Mark // the mark before a client makes the first
}

// Life says when a host ends by itself.
type Life struct {
	// Idle is how long it stays when nothing runs and nobody is attached; 0 is for
	// ever.
	Idle time.Duration
	// WithClient ends it as soon as the last client has gone.
	WithClient bool
}

// arrival is how long a host that ends with its client waits for the first: one that
// was killed on the way will never come.
const arrival = time.Minute

// Ends says after how long a host ends for which nothing changes any more; ok is false
// where it stays. had says whether it ever had a client.
func (l Life) Ends(busy, had bool, clients int) (after time.Duration, ok bool) {
	switch {
	case clients > 0:
		return 0, false
	case l.WithClient && had:
		return 0, true
	case l.WithClient:
		return arrival, true
	case busy || l.Idle <= 0:
		return 0, false
	}
	return l.Idle, true
}

// Host is an entry and its state on disk.
type Host struct {
	Entry
	Alive bool
	Warm  bool // it was a spare; told by Claim only
	dirs  Dirs
}

// ErrUnknown says that there is no host of that name.
var ErrUnknown = errors.New("there is no such session")

// socketMax is the longest path of a socket on Linux (unix(7)).
const socketMax = 107

func (d Dirs) hosts() string { return filepath.Join(d.State, "hosts") }

// Folder is where the host ID keeps its files.
func (d Dirs) Folder(id string) string { return filepath.Join(d.hosts(), id) }

// Socket is where the host ID listens.
func (d Dirs) Socket(id string) string { return filepath.Join(d.Runtime, id+".sock") }

// Create makes the folder of a new host and returns its lock, held: whoever gets
// the open file, a child for one, keeps the host alive.
func (d Dirs) Create(e Entry) (*os.File, error) {
	if n := len(d.Socket(e.ID)); n > socketMax {
		return nil, fmt.Errorf("the socket path %s is longer than %d bytes; set XDG_RUNTIME_DIR to a shorter folder", d.Socket(e.ID), socketMax)
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	e.Machine = d.Machine
	dir := d.Folder(e.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of a session: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if err == nil {
		err = writeJSON(filepath.Join(dir, "entry.json"), e)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("make the folder of a session: %w", err)
	}
	return lock, nil
}

// Get reads one host. id may be a beginning that only one host has.
func (d Dirs) Get(id string) (Host, error) {
	all, err := d.List()
	if err != nil {
		return Host{}, err
	}
	var found []Host
	for _, h := range all {
		if h.ID == id {
			return h, nil
		}
		if id != "" && strings.HasPrefix(h.ID, id) {
			found = append(found, h)
		}
	}
	switch len(found) {
	case 0:
		return Host{}, d.unknown(id)
	case 1:
		return found[0], nil
	}
	return Host{}, fmt.Errorf("%d sessions begin with %q; write more of the id", len(found), id)
}

// unknown says why there is no host of a name, or where it is.
func (d Dirs) unknown(id string) error {
	others, err := d.Elsewhere()
	for _, h := range others {
		if err == nil && id != "" && strings.HasPrefix(h.ID, id) {
			return fmt.Errorf("%w here as %q: it runs on %s; use it there, or remove %s if that machine is gone", ErrUnknown, id, h.Machine, h.Folder())
		}
	}
	return fmt.Errorf("%w as %q; nbterm sessions lists them", ErrUnknown, id)
}

// List reads all hosts of this machine, the latest first. A folder that is no host's
// is left out.
func (d Dirs) List() ([]Host, error) {
	all, err := d.read()
	var here []Host
	for _, h := range all {
		if h.Machine.same(d.Machine) {
			h.Alive = alive(h.Folder())
			here = append(here, h)
		}
	}
	return here, err
}

// read reads what hosts of any machine left word of, the latest first.
func (d Dirs) read() ([]Host, error) {
	names, err := os.ReadDir(d.hosts())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	var all []Host
	for _, n := range names {
		h := Host{dirs: d}
		if readJSON(filepath.Join(d.Folder(n.Name()), "entry.json"), &h.Entry) != nil || h.ID != n.Name() {
			continue
		}
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b Host) int { return b.Started.Compare(a.Started) })
	return all, nil
}

// Of lists the hosts of a notebook, the living first, then the latest.
func (d Dirs) Of(notebook string) ([]Host, error) {
	all, err := d.List()
	var of []Host
	for _, alive := range []bool{true, false} {
		for _, h := range all {
			if h.Notebook == notebook && notebook != "" && h.Alive == alive {
				of = append(of, h)
			}
		}
	}
	return of, err
}

// alive asks for the lock; whoever has it lives.
func alive(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // read only, nothing to lose
	if err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB); err != nil {
		return errors.Is(err, unix.EWOULDBLOCK)
	}
	return false
}

// Folder is where the host keeps its files.
func (h Host) Folder() string { return h.dirs.Folder(h.ID) }

// Socket is where it listens.
func (h Host) Socket() string { return h.dirs.Socket(h.ID) }

// IsAlive asks anew whether the host lives.
func (h Host) IsAlive() bool { return alive(h.Folder()) }

// Mark is what was marked last.
func (h Host) Mark() host.Mark { return MarkOf(h.Folder(), h.Entry) }

// Wait waits for the end of a host.
func (h Host) Wait(ctx context.Context) error {
	lock, err := os.Open(filepath.Join(h.Folder(), "lock"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("wait for the end of session %s: %w", h.ID, err)
	}
	ended := make(chan error, 1)
	go func() { // ends with the host, at the latest
		defer func() { _ = lock.Close() }()
		for {
			if err := unix.Flock(int(lock.Fd()), unix.LOCK_SH); !errors.Is(err, unix.EINTR) {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the end of session %s: %w", h.ID, ctx.Err())
	}
}

// Remove deletes what a dead host left. A living one is left alone.
func (h Host) Remove() error {
	if err := h.Tidy(); err != nil {
		return err
	}
	if err := os.RemoveAll(h.Folder()); err != nil {
		return fmt.Errorf("remove session %s: %w", h.ID, err)
	}
	return nil
}

// Load reads the entry of the host in folder.
func Load(folder string) (Entry, error) {
	var e Entry
	err := readJSON(filepath.Join(folder, "entry.json"), &e)
	return e, err
}

// MarkOf is the mark kept in a host's folder, else the one it was born with.
func MarkOf(folder string, e Entry) host.Mark {
	var m host.Mark
	if readJSON(filepath.Join(folder, "mark.json"), &m) != nil {
		return e.Born
	}
	return m
}

// SaveMark keeps a mark in the host's folder.
func SaveMark(folder string, m host.Mark) error {
	return writeJSON(filepath.Join(folder, "mark.json"), m)
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// writeJSON replaces a file whole.
func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
