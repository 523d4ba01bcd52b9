package local

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A network disk differs in three ways, each met where it matters:
//
//   - Its client remembers what files look like for up to a minute, but asks the server
//     whenever a file is opened (close-to-open, nfs(5)). So nothing is told or compared
//     there that was not opened first: see Stat and named.
//   - flock reaches the server only where mount and server agree (local_lock=, EFS allows
//     512 a file). So a writer also takes a lock file, which it makes by a hard link: link
//     is one step at the server on every version of NFS, and where its answer is lost the
//     count of links tells whether it was made.
//   - A file that is removed while open stays as .nfs…; such are not listed.
//
// No NFS can be mounted where this was made, so a test says "this is NFS" through
// DiskKind and runs the same suite; what a real server does is not shown by it.

// Disk is what a folder is on, as far as it matters.
type Disk struct {
	Network bool   // shared with other machines: nfs, EFS, smb, sshfs, …
	Name    string // "nfs"; "" where it does not matter
}

// DiskKind tells what a folder is on; the default asks statfs.
func DiskKind(ask func(dir string) Disk) Option { return func(l *Local) { l.disk = ask } }

// statDisk goes by the numbers of statfs(2).
func statDisk(dir string) Disk {
	var found unix.Statfs_t
	if err := unix.Statfs(dir, &found); err != nil {
		return Disk{}
	}
	name := diskName(int64(found.Type))
	return Disk{Network: name != "", Name: name}
}

func diskName(magic int64) string {
	const (
		lustre = 0x0bd00bd0
		gpfs   = 0x47504653
	)
	switch uint32(magic) {
	case unix.NFS_SUPER_MAGIC: // EFS too: it is NFS 4.1
		return "nfs"
	case unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC:
		return "smb"
	case unix.CEPH_SUPER_MAGIC:
		return "ceph"
	case unix.FUSE_SUPER_MAGIC:
		return "fuse" // sshfs, s3fs, …; those on one machine lose a little speed
	case unix.V9FS_MAGIC:
		return "9p"
	case unix.AFS_FS_MAGIC, unix.AFS_SUPER_MAGIC:
		return "afs"
	case lustre:
		return "lustre"
	case gpfs:
		return "gpfs"
	}
	return ""
}

// Network reports whether the store's folder is on a network disk, whose changes by
// other machines no watching tells of.
func (l *Local) Network() bool { return l.onNetwork(l.root) }

// onNetwork asks once for each folder.
func (l *Local) onNetwork(folder string) bool {
	l.mu.Lock()
	known, ok := l.disks[folder]
	l.mu.Unlock()
	if ok {
		return known.Network
	}
	d := l.disk(folder)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.disks) >= mostHashes {
		clear(l.disks)
	}
	l.disks[folder] = d
	return d.Network
}

// held is a file that nobody else writes until it is closed.
type held struct {
	file *os.File
	mark *lockFile // nil but on network disks
}

func (h held) Close() {
	h.mark.Release()
	h.file.Close()
}

// holdAlone is hold for a writer.
func (l *Local) holdAlone(ctx context.Context, at spot, flag int) (held, error) {
	var mark *lockFile
	if l.onNetwork(folderOf(at)) {
		var err error
		if mark, err = l.lockFile(ctx, at); err != nil {
			return held{}, err
		}
	}
	file, err := l.hold(ctx, at, flag, unix.LOCK_EX)
	if err != nil {
		mark.Release()
		return held{}, err
	}
	return held{file, mark}, nil
}

func folderOf(at spot) string { return at.path[:len(at.path)-len(at.base)] }

// lockFile says by being there that its object is being written.
type lockFile struct {
	dir  *os.Root // its own
	name string
	id   string // what is in it
}

// stale is the age at which a lock file is taken for a crashed writer's. A save of what
// fits in memory takes seconds; both times are the server's, so clocks do not matter.
const stale = 2 * time.Minute

// lockFile waits for the object's lock file and makes it. A folder in which none can be
// made cannot have files replaced by rename either; there flock must do.
func (l *Local) lockFile(ctx context.Context, at spot) (*lockFile, error) {
	dir, err := at.dir.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	f := &lockFile{dir: dir, name: lockName(at.base), id: newID()}
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		made, err := f.try()
		if made {
			return f, nil
		}
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) || errors.Is(err, errors.ErrUnsupported) {
			dir.Close()
			return nil, nil
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
			continue
		case <-patience.C:
			err = errors.Join(errBusy, err)
		case <-ctx.Done():
			err = fmt.Errorf("%w: %w", errBusy, ctx.Err())
		}
		again.Stop()
		dir.Close()
		return nil, err
	}
}

// lockName is the same for all who save an object, and no longer than the longest name.
func lockName(base string) string {
	sum := sha256.Sum256([]byte(base))
	return ours + hex.EncodeToString(sum[:8]) + ".lock" + tempEnd
}

func newID() string {
	var random [8]byte
	rand.Read(random[:])
	return hex.EncodeToString(random[:])
}

// try makes the lock file unless it is there.
func (f *lockFile) try() (bool, error) {
	mine := ours + f.id + tempEnd
	file, err := f.dir.OpenFile(mine, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.dir.Remove(mine) }() // or a sweep does
	defer file.Close()
	if _, err := file.WriteString(f.id); err != nil {
		return false, err
	}
	now, err := file.Stat()
	if err != nil {
		return false, err
	}
	linkErr := f.dir.Link(mine, f.name)
	if linkErr == nil {
		return true, nil
	}
	if there, err := f.dir.ReadFile(f.name); err == nil && string(there) == f.id {
		return true, nil // the link was made and the answer lost
	}
	if !errors.Is(linkErr, fs.ErrExist) {
		return false, linkErr
	}
	if info, err := f.dir.Stat(f.name); err == nil && now.ModTime().Sub(info.ModTime()) > stale {
		f.breakStale()
	}
	return false, nil
}

// breakStale takes a lock file away that was judged stale. Of several who do, one gets
// it by its rename; who gets a newer one instead puts it back.
func (f *lockFile) breakStale() {
	old, err := f.dir.ReadFile(f.name)
	if err != nil {
		return
	}
	away := ours + f.id + "-old" + tempEnd
	if f.dir.Rename(f.name, away) != nil {
		return
	}
	if got, err := f.dir.ReadFile(away); err == nil && string(got) != string(old) {
		_ = f.dir.Link(away, f.name) // or its owner finds it gone and stays the only one who wrote
	}
	_ = f.dir.Remove(away)
}

// Release takes the lock file away, if it is still ours. nil releases nothing.
func (f *lockFile) Release() {
	if f == nil {
		return
	}
	if there, err := f.dir.ReadFile(f.name); err == nil && string(there) == f.id {
		_ = f.dir.Remove(f.name) // where it cannot be, it grows stale
	}
	f.dir.Close()
}
