package recovery

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Found are edits that a program left behind, held so that no other takes them.
type Found struct {
	Header
	stem string
	lock *os.File
}

// Find lists what programs that have ended left of a notebook, the latest first. What
// cannot be read is left where it is and told by an error each; the list is good all
// the same.
func (p Place) Find() (left []*Found, faults []error) {
	paths, err := filepath.Glob(filepath.Join(escape(p.Dir), name(p.Path)+"*.edits"))
	if err != nil {
		return nil, []error{fmt.Errorf("look for unsaved edits: %w", err)}
	}
	for _, path := range paths {
		f, err := take(strings.TrimSuffix(path, ".edits"))
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("read the unsaved edits in %s: %w", path, err))
		case f != nil && f.Path != p.Path:
			_ = f.Close() // another notebook whose name has the same hash
		case f != nil:
			left = append(left, f)
		}
	}
	slices.SortFunc(left, func(a, b *Found) int { return b.Time.Compare(a.Time) })
	return left, faults
}

// escape keeps a folder's name from being taken for a pattern.
func escape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// take locks and reads what lies under a stem; nil when its owner lives.
func take(stem string) (*Found, error) {
	lock, err := os.OpenFile(stem+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close() // nothing was written
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, err
	}
	f := &Found{stem: stem, lock: lock}
	data, err := os.ReadFile(stem + ".edits")
	if errors.Is(err, fs.ErrNotExist) { // its owner has just saved
		_ = os.Remove(stem + ".lock") // made by us
		return nil, f.Close()
	}
	if err == nil {
		f.Header, _, err = Decode(data)
	}
	if err != nil {
		_ = f.Close() // it is told why it was of no use
		return nil, err
	}
	return f, nil
}

// Edits are unsaved edits.
type Edits struct {
	Revision string // of the file they were made in
	Base     []byte // that file; nil where it is lost
	Doc      []byte
}

// Read gives the edits.
func (f *Found) Read() (Edits, error) {
	data, err := os.ReadFile(f.stem + ".edits")
	if err != nil {
		return Edits{}, fmt.Errorf("read unsaved edits: %w", err)
	}
	h, doc, err := Decode(data)
	if err != nil {
		return Edits{}, err
	}
	base, err := os.ReadFile(f.stem + ".base")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Edits{}, fmt.Errorf("read unsaved edits: %w", err)
	}
	return Edits{Revision: h.Revision, Base: base, Doc: doc}, nil
}

// Remove takes the edits away for good.
func (f *Found) Remove() error {
	for _, suffix := range []string{".edits", ".base", ".lock"} {
		if err := os.Remove(f.stem + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove kept edits: %w", err)
		}
	}
	return f.Close()
}

// Close leaves the edits for another time. It may be repeated.
func (f *Found) Close() error {
	if f.lock == nil {
		return nil
	}
	lock := f.lock
	f.lock = nil
	return lock.Close()
}
