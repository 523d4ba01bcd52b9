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
	return renameFree(int(d.Fd()), from, int(d.Fd()), to)
}

// renameFree is renameNew between two open folders.
func renameFree(fromDir int, from string, toDir int, to string) error {
	err := unix.Renameat2(fromDir, from, toDir, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.ENOSYS) {
		return errors.ErrUnsupported
	}
	return os.NewSyscallError("rename", err)
}
