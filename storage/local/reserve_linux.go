package local

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve asks the disk for the room a growing file will need, before anything changes.
func reserve(file *os.File, now, then int) error {
	if then <= now {
		return nil
	}
	for {
		err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_KEEP_SIZE, int64(now), int64(then-now))
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT), errors.Is(err, unix.EFBIG):
			return os.NewSyscallError("fallocate", err)
		}
		return nil // not every disk can; then a failed write is undone
	}
}
