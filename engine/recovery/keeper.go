package recovery

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Place is where the edits of one notebook are kept.
type Place struct {
	Dir  string // of all notebooks; made when first needed, mode 0700
	Path string // of the notebook, absolute
}

// Keeper keeps the edits of one program in one notebook. Nothing is on disk before
// the first Write. Its methods may be called from any goroutine and take as long as
// the disk does.
type Keeper struct {
	place Place
	id    string
	now   func() time.Time

	mu   sync.Mutex // guards all below, and the files
	last uint64     // number of the last thing done
	lock *os.File   // held from the first Write on
	base string     // revision of the base that is on disk
	has  bool       // there is a base on disk
}

// Keep makes a keeper. id is of this program and in no other's use.
func (p Place) Keep(id string, now func() time.Time) *Keeper {
	return &Keeper{place: p, id: id, now: now}
}

// Document is a document as bytes, made when they are wanted.
type Document interface{ Bytes() []byte }

func (k *Keeper) file(suffix string) string {
	return filepath.Join(k.place.Dir, name(k.place.Path)+k.id+suffix)
}

// Write keeps edits in the place of those before, durably when it returns. Calls are
// numbered in the order in which they were meant: one that comes after a later one
// does nothing. base is the file in which doc was made, of the given revision.
func (k *Keeper) Write(n uint64, revision string, base, doc Document) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n <= k.last {
		return nil
	}
	k.last = n
	data, err := Encode(Header{Path: k.place.Path, Revision: revision, Time: k.now()}, doc.Bytes())
	if err != nil {
		return err
	}
	if err := k.hold(); err != nil {
		return fmt.Errorf("keep unsaved edits: %w", err)
	}
	if !k.has || k.base != revision {
		if err := replace(k.file(".base"), base.Bytes()); err != nil {
			return fmt.Errorf("keep unsaved edits: %w", err)
		}
		k.has, k.base = true, revision
	}
	if err := replace(k.file(".edits"), data); err != nil {
		return fmt.Errorf("keep unsaved edits: %w", err)
	}
	return nil
}

// hold takes the lock.
func (k *Keeper) hold() error {
	if k.lock != nil {
		return nil
	}
	if err := os.MkdirAll(k.place.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(k.file(".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	k.lock = f
	return nil
}

// Remove takes the edits away: they were saved or are not wanted.
func (k *Keeper) Remove(n uint64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n <= k.last {
		return nil
	}
	k.last = n
	return k.remove()
}

// remove takes the edits away first, for without them the rest means nothing.
func (k *Keeper) remove() error {
	if k.lock == nil {
		return nil
	}
	k.has = false
	for _, suffix := range []string{".edits", ".base", ".lock"} {
		if err := os.Remove(k.file(suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove kept edits: %w", err)
		}
	}
	lock := k.lock
	k.lock = nil
	return lock.Close()
}

// Close lets go of what is kept: the next program may have it. Later calls of Write
// and Remove do nothing.
func (k *Keeper) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = ^uint64(0)
	if k.lock == nil {
		return nil
	}
	lock := k.lock
	k.lock = nil
	return lock.Close()
}

// replace gives a file new bytes, all or nothing, durably.
func replace(path string, data []byte) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp) // half of a file helps nobody
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
