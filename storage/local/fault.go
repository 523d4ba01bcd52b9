package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"nbterm/storage"
)

// show is name as a person knows it.
func (l *Local) show(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(l.label, name)
}

func (l *Local) fault(action, name string, err error) error { return fault(action, l.show(name), err) }

// fault says in one sentence what could not be done to which object and why, and makes
// the system's error the storage package's.
func fault(action, object string, err error) error {
	if _, ok := errors.AsType[*storage.Conflict](err); ok {
		return err
	}
	return fmt.Errorf("%s %s: %w", action, object, why(err))
}

// why translates; the call and the temporary name that a system error carries say
// nothing to a person. The result holds no number, or the next call would translate away
// the sentence that was put around it.
func why(err error) error {
	for _, known := range []error{
		storage.ErrNotExist, storage.ErrExist, storage.ErrIsDir, storage.ErrPermission, storage.ErrReadOnly, storage.ErrNoSpace,
	} {
		if errors.Is(err, known) {
			return err
		}
	}
	var number syscall.Errno
	if !errors.As(err, &number) {
		return plainly(err)
	}
	switch number {
	case syscall.ENOSPC:
		return fmt.Errorf("%w on the disk", storage.ErrNoSpace)
	case syscall.EDQUOT:
		return fmt.Errorf("%w: the disk quota is used up", storage.ErrNoSpace)
	case syscall.EFBIG:
		return fmt.Errorf("%w: larger than a file may be here", storage.ErrNoSpace)
	case syscall.EROFS:
		return fmt.Errorf("the disk %w", storage.ErrReadOnly)
	case syscall.EACCES, syscall.EPERM:
		return storage.ErrPermission
	case syscall.ENOENT, syscall.ENOTDIR:
		return storage.ErrNotExist
	case syscall.EEXIST:
		return storage.ErrExist
	case syscall.EISDIR:
		return storage.ErrIsDir
	case syscall.ELOOP:
		return errors.New("its links lead in a circle")
	case syscall.ENAMETOOLONG:
		return errors.New("the name is too long")
	case syscall.EINVAL:
		return fmt.Errorf("the name or the disk does not allow it: %v", number) //nolint:errorlint // the errno is told in words; wrapped it would be told once more further up
	case syscall.EIO:
		return fmt.Errorf("the disk reports an error: %v", number) //nolint:errorlint // the errno is told in words; wrapped it would be told once more further up
	}
	return errors.New(number.Error())
}

// plainly drops the operation and path of errors that carry no errno, os.Root's own
// among them.
func plainly(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}

// whyNot adds to a refusal to open a file for writing what its mode says.
func (l *Local) whyNot(at spot, err error) error {
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	found, statErr := at.dir.Lstat(at.base)
	if statErr != nil {
		return err
	}
	if found.Mode()&0o222 == 0 {
		return fmt.Errorf("the file %w (mode %v)", storage.ErrReadOnly, found.Mode().Perm())
	}
	if errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("%w: the file is protected against changes (see lsattr)", storage.ErrPermission)
	}
	sys, ok := found.Sys().(*syscall.Stat_t)
	if !ok {
		return err
	}
	return fmt.Errorf("%w: the file belongs to user %d and has mode %v", storage.ErrPermission, sys.Uid, found.Mode().Perm())
}
