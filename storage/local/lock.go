package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The lock is flock on the file itself, so it needs no second file, holds for all of
// its hard links and names, and ends with its process. A save by rename puts another
// file in the place; whoever waited then holds the lock of a file nobody can reach any
// more, sees that, and starts again with the new one. The new file is locked by its
// writer from before it had the name.
//
// Readers take no lock (see read.go), so that no number of them keeps a writer waiting.
//
// Linux turns flock on NFS into a lock of the whole file at the server, so it holds
// between machines too. Where a disk knows no locks the revision is still checked,
// right before the rename.

// errBusy says that patience ended.
var errBusy = errors.New("another program has it locked")

// openFile opens the plain file at a spot and nothing else: a pipe would wait for its
// other end, a device might do something.
func openFile(at spot, flag int) (*os.File, error) {
	found, err := at.dir.Lstat(at.base)
	if err != nil {
		return nil, err
	}
	if err := plain(found); err != nil {
		return nil, err
	}
	file, err := at.dir.OpenFile(at.base, flag|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if found, err = file.Stat(); err == nil {
		err = plain(found) // it may have been swapped since
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// hold opens the file at a spot and locks it, how being LOCK_SH or LOCK_EX. The file is
// the one that has the name when hold returns.
func (l *Local) hold(ctx context.Context, at spot, flag, how int) (*os.File, error) {
	for {
		file, err := openFile(at, flag)
		if err != nil {
			return nil, err
		}
		if err = l.lock(ctx, file, how); err != nil {
			file.Close()
			return nil, err
		}
		switch same, err := named(at, file); {
		case err != nil:
			file.Close()
			return nil, err
		case same:
			return file, nil
		}
		file.Close()
	}
}

// named reports whether file is what the name leads to now. The name is opened anew,
// which also has an NFS client ask its server.
func named(at spot, file *os.File) (bool, error) {
	now, err := at.dir.OpenFile(at.base, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false, err
	}
	defer now.Close()
	return sameFile(now, file)
}

func sameFile(a, b *os.File) (bool, error) {
	x, err := a.Stat()
	if err != nil {
		return false, err
	}
	y, err := b.Stat()
	return err == nil && os.SameFile(x, y), err
}

// lock waits for the lock, asking again and again because a waiting flock cannot be
// called off. It asks often: whoever has just let go may be first to come back.
func (l *Local) lock(ctx context.Context, file *os.File, how int) error {
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, time.Millisecond) {
		busy, err := tryLock(file, how)
		if err != nil || !busy {
			return err
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-patience.C:
			again.Stop()
			return errBusy
		case <-ctx.Done():
			again.Stop()
			return fmt.Errorf("%w: %w", errBusy, ctx.Err())
		}
	}
}

// tryLock reports busy where another open file has the lock. A disk without locks is
// never busy.
func tryLock(file *os.File, how int) (busy bool, err error) {
	for {
		err := unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
		switch {
		case err == nil, errors.Is(err, unix.ENOLCK), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS):
			return false, nil
		case errors.Is(err, unix.EWOULDBLOCK):
			return true, nil
		case errors.Is(err, unix.EINTR):
			continue
		}
		return false, os.NewSyscallError("lock", err)
	}
}
