package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// A reader can meet a save only where that writes in place, and sees it either by its
// journal, there from before the first byte changes until after the last, or by the
// file's time stamps, which such a save always moves (see stamp). So a reader that
// finds no journal and the same stamps before and after has read one content.

// errUnsteady says that a file changed while it was read, or is being saved.
var errUnsteady = errors.New("changes while it is read")

// glance reads a file without a lock, which serves unless someone writes it just then.
func (l *Local) glance(ctx context.Context, at spot) ([]byte, fs.FileInfo, error) {
	file, err := openFile(at, os.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if l.journalled(at, file) {
		return nil, nil, errUnsteady
	}
	data, err := contents(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	steady := !l.journalled(at, file)
	after, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	x, _ := looks(before)
	if y, ok := looks(after); !ok || !steady || x != y {
		return nil, nil, errUnsteady
	}
	return data, after, nil
}

// readWhole is the size up to which a file is read into memory to learn its revision.
const readWhole = 32 << 20

// hashPieces finds out the revision of a large file piece by piece. ok is false where it
// changed meanwhile, is being saved or cannot be read: then Read decides.
func (l *Local) hashPieces(ctx context.Context, at spot, name string) (info storage.Info, ok bool) {
	started := l.now()
	file, err := openFile(at, os.O_RDONLY)
	if err != nil {
		return info, false
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil || l.journalled(at, file) {
		return info, false
	}
	sum := sha256.New()
	const piece = 4 << 20
	for done := int64(0); done < before.Size(); done += piece {
		if ctx.Err() != nil {
			return info, false
		}
		if _, err := io.Copy(sum, io.NewSectionReader(file, done, min(piece, before.Size()-done))); err != nil {
			return info, false
		}
	}
	after, err := file.Stat()
	if err != nil || l.journalled(at, file) {
		return info, false
	}
	x, _ := looks(before)
	if y, known := looks(after); !known || x != y {
		return info, false
	}
	rev := storage.Revision("sha256:" + hex.EncodeToString(sum.Sum(nil)))
	l.remember(at.path, after, rev, started)
	return describe(name, after, rev), true
}

// readHeld keeps writers out while it reads. A file locked by a program that is not
// saving it (one may run `flock x.ipynb command` for an hour) is read all the same.
func (l *Local) readHeld(ctx context.Context, at spot) ([]byte, fs.FileInfo, error) {
	file, err := l.hold(ctx, at, os.O_RDONLY, unix.LOCK_SH)
	if errors.Is(err, errBusy) && ctx.Err() == nil {
		if file, err = openFile(at, os.O_RDONLY); err == nil && l.journalled(at, file) {
			file.Close()
			return nil, nil, errBusy
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if l.journalled(at, file) {
		file.Close()
		if file, err = l.repair(ctx, at); err != nil {
			return nil, nil, err
		}
	}
	defer file.Close()
	data, err := contents(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	found, err := file.Stat()
	return data, found, err
}

// contents reads the whole file from its start, whatever was read before.
func contents(ctx context.Context, file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	const piece = 4 << 20
	data := make([]byte, 0, info.Size()+1) // one more, so that the end is met without growing
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := file.ReadAt(data[len(data):min(cap(data), len(data)+piece)], int64(len(data)))
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
