package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// traits are what a file is besides its bytes.
type traits struct {
	uid, gid int
	mode     uint32 // permissions, setuid, setgid, sticky
	links    uint64
	attrs    map[string][]byte // extended attributes, access lists among them
}

// errTraits says that a new file cannot be made to have the traits of the old.
var errTraits = errors.New("cannot keep owner, mode or attributes")

func traitsOf(file *os.File) (*traits, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, fmt.Errorf("stat: unknown result %T", info.Sys())
	}
	attrs, err := attributes(file)
	return &traits{
		uid: int(sys.Uid), gid: int(sys.Gid), mode: uint32(sys.Mode) & 0o7777,
		links: uint64(sys.Nlink), attrs: attrs,
	}, err
}

// give sets owner and attributes, which may clear bits of the mode: giveMode comes last.
func (t *traits) give(file *os.File) error {
	has, err := traitsOf(file)
	if err != nil {
		return err
	}
	if has.uid != t.uid || has.gid != t.gid {
		if err := file.Chown(t.uid, t.gid); err != nil {
			return fmt.Errorf("%w: %w", errTraits, err)
		}
	}
	return giveAttributes(file, has.attrs, t.attrs)
}

func (t *traits) giveMode(file *os.File) error {
	if err := unix.Fchmod(int(file.Fd()), t.mode); err != nil {
		return fmt.Errorf("%w: %w", errTraits, err)
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if sys := info.Sys().(*syscall.Stat_t); uint32(sys.Mode)&0o7777 != t.mode {
		return errTraits // the system clears setgid where the group is not ours
	}
	return nil
}

func ownerOf(info fs.FileInfo) int {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(sys.Uid)
	}
	return -1
}

// plain refuses what is no plain file.
func plain(found fs.FileInfo) error {
	kind := ""
	switch mode := found.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return storage.ErrIsDir
	case mode&fs.ModeNamedPipe != 0:
		kind = "named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "socket"
	case mode&fs.ModeSymlink != 0:
		kind = "link that changed while it was followed"
	default:
		kind = "device"
	}
	return fmt.Errorf("is a %s, not a file", kind)
}
