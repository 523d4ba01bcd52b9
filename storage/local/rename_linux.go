package local

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// renameNew renames within a folder and fails where the new name is taken. Not every
// disk can: EINVAL on NFS, for one.
func renameNew(dir *os.Root, from, to string) error {
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	fd := int(d.Fd())
	err = unix.Renameat2(fd, from, fd, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.ENOSYS) {
		return errors.ErrUnsupported
	}
	return os.NewSyscallError("rename", err)
}
