package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// Write saves data under name; see storage.Store. A name that is a link is written
// through to where it leads.
func (l *Local) Write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	info, err := l.write(ctx, name, data, was)
	if c, ok := errors.AsType[*storage.Conflict](err); ok {
		c.Path = l.show(name)
		return info, c
	}
	if err != nil {
		err = l.fault("save", name, err)
	}
	return info, err
}

func (l *Local) write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	if err := ctx.Err(); err != nil {
		return storage.Info{}, err
	}
	at, err := l.locate(name)
	if err != nil {
		if was != storage.None && errors.Is(err, storage.ErrNotExist) {
			err = &storage.Conflict{} // its folder is gone too
		}
		return storage.Info{}, err
	}
	defer at.Close()
	mine := make(chan storage.Revision, 1) // worked out while the disk is busy
	go func() { mine <- revision(data) }()
	var saved fs.FileInfo
	if was == storage.None {
		saved, err = l.create(ctx, at, data)
	} else {
		saved, err = l.replace(ctx, at, data, was)
	}
	rev := <-mine
	if saved == nil {
		return storage.Info{}, err
	}
	l.sweep(at)
	return describe(name, saved, rev), err
}

// create makes a file that has all of its bytes from the moment it has the name.
func (l *Local) create(ctx context.Context, at spot, data []byte) (fs.FileInfo, error) {
	return l.createAs(ctx, at, data, 0o666)
}

func (l *Local) createAs(ctx context.Context, at spot, data []byte, mode fs.FileMode) (fs.FileInfo, error) {
	switch found, err := at.dir.Lstat(at.base); {
	case err == nil && found.IsDir():
		return nil, storage.ErrIsDir
	case err == nil:
		return nil, storage.ErrExist
	}
	staged, err := stage(ctx, at, data, mode, nil)
	if err != nil {
		return nil, err
	}
	defer staged.Close()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := staged.appear(at.base); err != nil {
		return nil, err
	}
	return staged.endure()
}

// replace puts data in the place of a file whose content is still `was`. A FileInfo
// together with an error means that the new bytes are there, but perhaps not for long.
func (l *Local) replace(ctx context.Context, at spot, data []byte, was storage.Revision) (fs.FileInfo, error) {
	held, err := l.holdAlone(ctx, at, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &storage.Conflict{}
	}
	if err != nil {
		return nil, l.whyNot(at, err)
	}
	defer held.Close()
	old := held.file
	if l.journalled(at, old) {
		if err := l.settle(at, old); err != nil {
			return nil, err
		}
	}
	like, err := traitsOf(old)
	if err != nil {
		return nil, err
	}
	if like.links > 1 {
		return l.overwrite(ctx, at, old, like, data, was)
	}
	staged, err := stage(ctx, at, data, 0o600, like)
	if onlyInPlace(err) {
		return l.overwrite(ctx, at, old, like, data, was)
	}
	if err != nil {
		return nil, err
	}
	defer staged.Close()
	if _, err := unchanged(ctx, at, old, was); err != nil {
		return nil, err
	}
	err = at.dir.Rename(staged.name, at.base)
	if onlyInPlace(err) {
		return l.overwrite(ctx, at, old, like, data, was)
	}
	if err != nil {
		return nil, err
	}
	staged.name = ""
	return staged.endure()
}

// onlyInPlace reports whether err means that no other file can take the place of this
// one and be as it was: its folder is not ours to write, its owner or attributes are not
// ours to give, or something is mounted on it.
func onlyInPlace(err error) bool {
	for _, e := range []error{errTraits, unix.EACCES, unix.EPERM, unix.EROFS, unix.EBUSY, unix.EXDEV} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// unchanged returns the content of the held file, or a Conflict unless it is the one
// that the writer has seen and still has its name. Programs that know nothing of our
// lock can change a file at any time, so this is asked last.
func unchanged(ctx context.Context, at spot, old *os.File, was storage.Revision) ([]byte, error) {
	content, err := contents(ctx, old)
	if err != nil {
		return nil, err
	}
	switch same, err := named(at, old); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &storage.Conflict{}
	case err != nil:
		return nil, err
	case !same:
		return nil, &storage.Conflict{Have: present(ctx, at)}
	}
	if have := revision(content); have != was {
		return nil, &storage.Conflict{Have: have}
	}
	return content, nil
}

// present is the revision of what has the name now. What cannot be read is no content
// that anyone has seen.
func present(ctx context.Context, at spot) storage.Revision {
	file, err := openFile(at, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return storage.None
	}
	if err != nil {
		return "unreadable"
	}
	defer file.Close()
	content, err := contents(ctx, file)
	if err != nil {
		return "unreadable"
	}
	return revision(content)
}

// writeAll writes data in pieces, so that a context that ends is heeded within a
// moment even on a slow disk.
func writeAll(ctx context.Context, file *os.File, data []byte) error {
	const piece = 4 << 20
	for at := 0; at < len(data); at += piece {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := file.WriteAt(data[at:min(len(data), at+piece)], int64(at)); err != nil {
			return err
		}
	}
	return nil
}

// syncDir makes the names in a folder durable. Some network disks cannot, and say so.
func syncDir(dir *os.Root) error {
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
