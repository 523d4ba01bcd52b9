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

// spot is where a name leads once every link is followed: an open folder and a plain
// name in it. Later steps use both, so a folder that is moved or swapped for a link
// meanwhile cannot turn them elsewhere.
type spot struct {
	dir  *os.Root
	base string
	path string // absolute, without links
}

// Close lets go of the folder, which was only looked at or is synced by then.
func (s spot) Close() { s.dir.Close() }

// locate finds the spot of name. The walk over links only finds out the way; where the
// store is confined the way is then gone through os.Root, which leaves no gap between
// looking and going.
func (l *Local) locate(name string) (spot, error) {
	if !filepath.IsLocal(name) {
		return spot{}, l.outside()
	}
	path, err := follow(filepath.Join(l.root, name))
	if err != nil {
		return spot{}, folderFault(err)
	}
	if !l.confined {
		dir, err := os.OpenRoot(filepath.Dir(path))
		return spot{dir, filepath.Base(path), path}, folderFault(err)
	}
	top, err := filepath.EvalSymlinks(l.root)
	if err != nil {
		return spot{}, err
	}
	inside, err := filepath.Rel(top, path)
	if err != nil || !filepath.IsLocal(inside) {
		return spot{}, l.outside()
	}
	root, err := os.OpenRoot(top)
	if err != nil || filepath.Dir(inside) == "." {
		return spot{root, filepath.Base(inside), path}, folderFault(err)
	}
	defer root.Close()
	dir, err := root.OpenRoot(filepath.Dir(inside))
	return spot{dir, filepath.Base(inside), path}, folderFault(err)
}

// folderFault tells a missing or closed folder from a missing or closed file.
func folderFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("its folder %w", storage.ErrNotExist)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: its folder is closed to you", storage.ErrPermission)
	}
	return err
}

func (l *Local) outside() error {
	return fmt.Errorf("%w: it leads out of the folder %s", storage.ErrPermission, l.label)
}

// follow resolves the links of path. Unlike filepath.EvalSymlinks it lets the last
// element be missing, so that a link to a file not yet there can be written through.
func follow(path string) (string, error) {
	const most = 40 // what Linux allows
	for range most {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		if folder, err := os.Lstat(dir); err == nil && !folder.IsDir() {
			return "", syscall.ENOTDIR
		}
		path = filepath.Join(dir, filepath.Base(path))
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&os.ModeSymlink == 0 {
			return path, nil // a missing file is for the caller to judge
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", syscall.ELOOP
}
