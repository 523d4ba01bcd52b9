package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// Remove takes a file or an empty folder away. Of a link it is the link that goes.
func (l *Local) Remove(ctx context.Context, name string, was storage.Revision) error {
	err := l.remove(ctx, name, was)
	if conflict, ok := errors.AsType[*storage.Conflict](err); ok {
		conflict.Path = l.show(name)
		return conflict
	}
	if errors.Is(err, syscall.ENOTEMPTY) {
		err = errors.New("the folder is not empty")
	}
	if err != nil {
		return l.fault("remove", name, err)
	}
	return nil
}

func (l *Local) remove(ctx context.Context, name string, was storage.Revision) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := l.entryOf(name)
	if err != nil {
		return err
	}
	defer at.Close()
	if was == storage.None {
		if err := at.dir.Remove(at.base); err != nil {
			return err
		}
		return syncDir(at.dir)
	}
	target, err := l.locate(name)
	if err != nil {
		return err
	}
	defer target.Close()
	held, err := l.holdAlone(ctx, target, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer held.Close()
	if _, err := unchanged(ctx, target, held.file, was); err != nil {
		return err
	}
	if err := at.dir.Remove(at.base); err != nil {
		return err
	}
	return syncDir(at.dir)
}

// entryOf is the spot of name itself: its folder's links are followed, its own is not.
func (l *Local) entryOf(name string) (spot, error) {
	if !inFolder(name) {
		return spot{}, l.outside()
	}
	dir, base := filepath.Split(filepath.Clean(name))
	root, err := l.folder(filepath.Clean(dir))
	if err != nil {
		return spot{}, folderFault(err)
	}
	return spot{dir: root, base: base}, nil
}

// IsLink says whether name itself is a symbolic link, which Remove takes away alone.
func (l *Local) IsLink(name string) bool {
	at, err := l.entryOf(name)
	if err != nil {
		return false
	}
	defer at.Close()
	found := at.look()
	return found != nil && found.Mode()&fs.ModeSymlink != 0
}

// MakeDir makes a folder; the one it stands in must be there.
func (l *Local) MakeDir(ctx context.Context, name string) error {
	err := ctx.Err()
	if err == nil {
		err = l.makeDir(name)
	}
	if err != nil {
		return l.fault("make folder", name, err)
	}
	return nil
}

func (l *Local) makeDir(name string) error {
	at, err := l.entryOf(name)
	if err != nil {
		return err
	}
	defer at.Close()
	if err := at.dir.Mkdir(at.base, 0o777); err != nil {
		return err
	}
	return syncDir(at.dir)
}

// Move renames a file or a folder within the store. A link moves as it is.
func (l *Local) Move(ctx context.Context, from, to string) error {
	err := ctx.Err()
	if err == nil {
		err = l.move(from, to)
	}
	if errors.Is(err, storage.ErrExist) || errors.Is(err, fs.ErrExist) {
		return l.fault("move to", to, storage.ErrExist)
	}
	if err != nil {
		return l.fault("move", from, err)
	}
	return nil
}

func (l *Local) move(from, to string) error {
	source, err := l.entryOf(from)
	if err != nil {
		return err
	}
	defer source.Close()
	found := source.look()
	if found == nil {
		return storage.ErrNotExist
	}
	target, err := l.entryOf(to)
	if err != nil {
		return err
	}
	defer target.Close()
	if err := rename(source, target, found.IsDir()); err != nil {
		return err
	}
	return errors.Join(syncDir(source.dir), syncDir(target.dir))
}

// rename gives what is at from the free name to.
func rename(from, to spot, isDir bool) error {
	if to.look() != nil {
		return fs.ErrExist
	}
	a, err := from.dir.Open(".")
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := to.dir.Open(".")
	if err != nil {
		return err
	}
	defer b.Close()
	err = renameFree(int(a.Fd()), from.base, int(b.Fd()), to.base)
	if !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, unix.EINVAL) {
		return err
	}
	if isDir { // a folder can take the place of an empty one only, which loses nothing
		return unix.Renameat(int(a.Fd()), from.base, int(b.Fd()), to.base)
	}
	if err := unix.Linkat(int(a.Fd()), from.base, int(b.Fd()), to.base, 0); err != nil {
		return err
	}
	return unix.Unlinkat(int(a.Fd()), from.base, 0)
}

// Copy makes a file that has the bytes and the permissions of another.
func (l *Local) Copy(ctx context.Context, from, to string) (storage.Info, error) {
	data, _, err := l.Read(ctx, from)
	if err != nil {
		return storage.Info{}, err
	}
	at, err := l.locate(from)
	if err != nil {
		return storage.Info{}, l.fault("open", from, err)
	}
	defer at.Close()
	mode := fs.FileMode(0o666)
	if found := at.look(); found != nil {
		mode = found.Mode().Perm() | 0o200 // a copy of what is read-only is one's own
	}
	target, err := l.locate(to)
	if err != nil {
		return storage.Info{}, l.fault("copy to", to, err)
	}
	defer target.Close()
	saved, err := l.createAs(ctx, target, data, mode)
	if saved == nil {
		return storage.Info{}, l.fault("copy to", to, err)
	}
	if err != nil {
		err = l.fault("copy to", to, err)
	}
	return describe(to, saved, revision(data)), err
}
