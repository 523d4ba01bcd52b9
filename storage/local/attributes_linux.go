package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// attributes reads the extended attributes of a file; POSIX and NFSv4 access lists are
// among them as system.*.
func attributes(file *os.File) (map[string][]byte, error) {
	fd := int(file.Fd())
	list, err := sized(func(buf []byte) (int, error) { return unix.Flistxattr(fd, buf) })
	if errors.Is(err, unix.ENOTSUP) || len(list) == 0 && err == nil {
		return nil, nil
	}
	if err != nil {
		return nil, os.NewSyscallError("flistxattr", err)
	}
	attrs := make(map[string][]byte)
	for name := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		value, err := sized(func(buf []byte) (int, error) { return unix.Fgetxattr(fd, name, buf) })
		if err == nil {
			attrs[name] = value
		} else if mustKeep(name) && !errors.Is(err, unix.ENODATA) {
			return nil, os.NewSyscallError("fgetxattr", err)
		}
	}
	return attrs, nil
}

// mustKeep tells what people set from what the system keeps for itself (security labels,
// which it gives to new files by its own policy).
func mustKeep(name string) bool {
	return strings.HasPrefix(name, "user.") || strings.HasPrefix(name, "system.")
}

// giveAttributes makes the attributes of a file that has some be want.
func giveAttributes(file *os.File, has, want map[string][]byte) error {
	fd := int(file.Fd())
	for name := range has {
		if _, ok := want[name]; !ok && mustKeep(name) { // an access list inherited from the folder
			if err := unix.Fremovexattr(fd, name); err != nil {
				return fmt.Errorf("%w: %w", errTraits, err)
			}
		}
	}
	for name, value := range want {
		if now, ok := has[name]; ok && bytes.Equal(now, value) {
			continue
		}
		err := unix.Fsetxattr(fd, name, value, 0)
		switch {
		case err == nil, !mustKeep(name):
		case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
			return os.NewSyscallError("fsetxattr", err)
		default:
			return fmt.Errorf("%w: %w", errTraits, err)
		}
	}
	return nil
}

// sized calls read with a buffer that is large enough, which another program may change
// between asking and reading.
func sized(read func([]byte) (int, error)) ([]byte, error) {
	for {
		n, err := read(nil)
		if err != nil || n == 0 {
			return nil, err
		}
		buf := make([]byte, n)
		if n, err = read(buf); !errors.Is(err, unix.ERANGE) {
			return buf[:max(n, 0)], err
		}
	}
}
