package local

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// overwrite replaces the bytes of the held file itself, under a journal. From the moment
// the journal is durable it pays no more heed to the context.
func (l *Local) overwrite(ctx context.Context, at spot, file *os.File, like *traits, data []byte, was storage.Revision) (fs.FileInfo, error) {
	old, err := unchanged(ctx, at, file, was)
	if err != nil {
		return nil, err
	}
	if err := reserve(file, len(old), len(data)); err != nil {
		return nil, err
	}
	j, err := l.newJournal(ctx, at, file, old, data)
	if err != nil {
		return nil, err
	}
	if _, err := unchanged(ctx, at, file, was); err != nil { // the journal took its time
		j.drop()
		return nil, err
	}
	before, err := file.Stat()
	if err != nil {
		j.drop()
		return nil, err
	}
	saved, err := pour(file, before, data)
	if err != nil {
		if _, undo := pour(file, before, old); undo != nil {
			j.leave()
			return nil, fmt.Errorf("%w; and the old content cannot be put back now: the file will be whole again when it is next opened", why(err))
		}
		j.drop()
		return nil, err
	}
	j.drop()
	return saved, like.restoreMode(file)
}

// pour makes data the durable content of file. It never empties the file first, so that
// at every moment each part of it is old or new. It asks the disk nothing before it has
// written, so that an undo puts the bytes back even where the save failed because the
// disk no longer tells of the file. before is the file as it was before any of this:
// whoever looked at it later has seen the journal.
func pour(file *os.File, before fs.FileInfo, data []byte) (fs.FileInfo, error) {
	if err := writeAll(context.Background(), file, data); err != nil {
		return nil, err
	}
	after, err := stamp(file, before, int64(len(data)))
	if err != nil {
		return nil, err
	}
	return after, file.Sync()
}

// stamp sets the size, which sets the time stamps, until these differ from before: the
// clock of most disks moves every few milliseconds only. A reader relies on it.
func stamp(file *os.File, before fs.FileInfo, size int64) (fs.FileInfo, error) {
	const most = 2000 // tries, of a millisecond; FAT's clock moves every two seconds
	old, _ := looks(before)
	for range most {
		if err := file.Truncate(size); err != nil {
			return nil, err
		}
		after, err := file.Stat()
		if err != nil {
			return nil, err
		}
		if now, ok := looks(after); !ok || now.modified != old.modified || now.change != old.change {
			return after, nil
		}
		<-time.After(time.Millisecond)
	}
	return file.Stat()
}

// restoreMode sets setuid and setgid again, which writing clears. Whoever may write a
// file but does not own it cannot, here as with any other program.
func (t *traits) restoreMode(file *os.File) error {
	if t.mode&0o6000 == 0 || t.giveMode(file) == nil {
		return nil
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if os.Geteuid() == ownerOf(info) {
		return fmt.Errorf("it is saved, but lost a bit of its mode: %w", errTraits)
	}
	return nil
}

// repair opens a file whose save may have been cut short and undoes that. It waits for a
// save that is still going on.
func (l *Local) repair(ctx context.Context, at spot) (*os.File, error) {
	file, err := l.hold(ctx, at, os.O_RDWR, unix.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("a save of it was cut short and cannot be undone now: %w", why(err))
	}
	if err := l.settle(at, file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// settle goes by the journals of a file that is locked for writing, so none of them is in
// use, and drops them.
func (l *Local) settle(at spot, file *os.File) error {
	homes, err := l.homes(at, false)
	if err != nil {
		return err
	}
	defer closeAll(homes)
	info, err := file.Stat()
	if err != nil {
		return err
	}
	dev, ino, err := identity(info)
	if err != nil {
		return err
	}
	for _, home := range homes {
		j, err := openJournal(home, ino, info)
		if err == nil && j != nil {
			err = j.apply(at.path, dev, file, info)
		}
		if err != nil {
			return fmt.Errorf("a save of it was cut short and cannot be undone now: %w", why(err))
		}
	}
	return nil
}

func (j *journal) apply(path string, dev uint64, file *os.File, before fs.FileInfo) error {
	now, err := contents(context.Background(), file)
	if err != nil {
		j.leave()
		return err
	}
	switch j.judge(path, dev, now) {
	case leaveIt:
		j.leave()
		return nil
	case undoIt:
		if _, err := pour(file, before, j.old); err != nil {
			j.leave()
			return err
		}
	}
	j.drop()
	return nil
}
