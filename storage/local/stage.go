package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Names of files that are only there while something is saved. Dropbox and the like
// leave files alone whose name begins with ".~".
const (
	ours       = ".~nbterm-"
	tempEnd    = ".tmp"
	journalEnd = ".journal"
)

// IsTemp reports whether a file of this name is a leftover or a passing part of a save:
// nothing to list, copy or upload.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, ours) && (strings.HasSuffix(name, tempEnd) || strings.HasSuffix(name, journalEnd) || strings.HasSuffix(name, partEnd))
}

// staged is a complete and durable file that has not got its name yet. It is locked as
// long as it is open: by that, others tell it from the leftovers of a crash.
type staged struct {
	dir  *os.Root
	name string // "" once it has its own
	file *os.File
	info fs.FileInfo // once filled
}

// stage writes data to a new file beside a spot. With like, it has those traits.
func stage(ctx context.Context, at spot, data []byte, mode fs.FileMode, like *traits) (*staged, error) {
	s, err := newStaged(at.dir, mode)
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, data, like); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func newStaged(dir *os.Root, mode fs.FileMode) (*staged, error) {
	for {
		var random [8]byte
		rand.Read(random[:])
		name := ours + hex.EncodeToString(random[:]) + tempEnd
		file, err := dir.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s := &staged{dir: dir, name: name, file: file}
		busy, err := tryLock(file, unix.LOCK_EX)
		if err != nil {
			s.Close()
			return nil, err
		}
		if swept, err := named(spot{dir: dir, base: name}, file); err == nil && swept && !busy {
			return s, nil
		}
		s.Close() // swept up before it was locked
	}
}

// fill gives the file its traits first: where that cannot be, nothing is written.
func (s *staged) fill(ctx context.Context, data []byte, like *traits) error {
	if like != nil {
		if err := like.give(s.file); err != nil {
			return err
		}
	}
	if err := writeAll(ctx, s.file, data); err != nil {
		return err
	}
	if like != nil {
		if err := like.giveMode(s.file); err != nil {
			return err
		}
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	info, err := s.file.Stat()
	s.info = info
	return err
}

// appear gives the file a name that must be free.
func (s *staged) appear(base string) error {
	err := renameNew(s.dir, s.name, base)
	if err == nil {
		s.name = ""
		return nil
	}
	if !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	if err = s.dir.Link(s.name, base); err == nil {
		return nil // Close removes the other name; after a crash, a sweep
	}
	if !errors.Is(err, syscall.EPERM) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	// FAT and its like: take the name with an empty file, then replace that.
	taken, err := s.dir.OpenFile(base, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	taken.Close()
	if err = s.dir.Rename(s.name, base); err == nil {
		s.name = ""
	}
	return err
}

// endure makes the new name durable.
func (s *staged) endure() (fs.FileInfo, error) {
	if err := syncDir(s.dir); err != nil {
		return s.info, fmt.Errorf("it is saved, but a power cut could undo that: %w", why(err))
	}
	return s.info, nil
}

// Close lets go of the file and removes it if it never got its name.
func (s *staged) Close() {
	if s.name != "" {
		_ = s.dir.Remove(s.name) // or the next sweep does
	}
	s.file.Close()
}

// abandoned is the age at which a temporary file is taken for a leftover on a disk
// without locks.
const abandoned = time.Hour

// sweep removes what crashed saves left in a folder, once per folder and store. It is
// no part of the save: what cannot be removed stays.
func (l *Local) sweep(at spot) {
	l.mu.Lock()
	folder := at.path[:len(at.path)-len(at.base)]
	done := l.swept[folder]
	l.swept[folder] = true
	l.mu.Unlock()
	if done {
		return
	}
	d, err := at.dir.Open(".")
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		if strings.HasPrefix(name, ours) && strings.HasSuffix(name, tempEnd) {
			l.sweepOne(spot{dir: at.dir, base: name})
		}
		if strings.HasPrefix(name, ours) && strings.HasSuffix(name, partEnd) {
			l.sweepPart(spot{dir: at.dir, base: name})
		}
	}
}

func (l *Local) sweepOne(at spot) {
	file, err := openFile(at, os.O_RDWR)
	if err != nil {
		return
	}
	defer file.Close()
	busy, err := tryLock(file, unix.LOCK_EX)
	if err != nil || busy {
		return
	}
	info, err := file.Stat()
	if err != nil || (!locksWork(at) && l.now().Sub(info.ModTime()) < abandoned) {
		return
	}
	if same, err := named(at, file); err == nil && same {
		_ = at.dir.Remove(at.base) // tried again at the next sweep
	}
}

// locksWork finds out whether the lock that was just taken on the file means anything.
func locksWork(at spot) bool {
	other, err := openFile(at, os.O_RDWR)
	if err != nil {
		return false
	}
	defer other.Close()
	busy, err := tryLock(other, unix.LOCK_EX)
	return err == nil && busy
}
