package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// file is an open journal.
type file interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Sync() error
	Close() error
	// Reserve takes room on the disk behind the end and leaves the size as it is.
	Reserve(from, n int64) error
}

// disk is what a journal does to a filesystem. Tests put one in its place that fails.
type disk interface {
	create(path string) (file, error) // which must not be there
	write(path string, data []byte) error
	remove(path string) error
	sync(path string) error // a file's content, a folder's names
}

// osDisk is the real one.
type osDisk struct{}

func (osDisk) create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osDisk) write(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }

func (osDisk) remove(path string) error { return os.Remove(path) }

func (osDisk) sync(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // an append that failed has taken it back
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type osFile struct{ *os.File }

// Reserve implements file by fallocate(2).
func (f osFile) Reserve(from, n int64) error {
	return unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, from, n)
}
