package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"nbterm/storage"
)

var (
	_ storage.Lister  = (*Local)(nil)
	_ storage.Ranger  = (*Local)(nil)
	_ storage.Remover = (*Local)(nil)
	_ storage.Maker   = (*Local)(nil)
	_ storage.Mover   = (*Local)(nil)
	_ storage.Copier  = (*Local)(nil)
)

// pageSize is how many entries a page has. Names come quickly, but each entry costs a
// stat, which on a network disk is a question to its server.
const pageSize = 1000

// List returns a page of a folder, by name. What a save leaves for a moment and what an
// NFS client keeps of removed files is no part of it. page is the last name of the page
// before: a folder that changes meanwhile shows each name once all the same. Links are
// told as what they lead to; one that leads nowhere, or out of a confined store, as a
// file of no size.
func (l *Local) List(ctx context.Context, dir, page string) (storage.Page, error) {
	got, err := l.list(ctx, dir, page)
	if err != nil {
		return storage.Page{}, l.fault("list", dir, err)
	}
	return got, nil
}

func (l *Local) list(ctx context.Context, dir, page string) (storage.Page, error) {
	if err := ctx.Err(); err != nil {
		return storage.Page{}, err
	}
	root, err := l.folder(dir)
	if err != nil {
		return storage.Page{}, err
	}
	defer root.Close()
	d, err := root.Open(".")
	if err != nil {
		return storage.Page{}, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return storage.Page{}, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name <= page || passing(name) })
	slices.Sort(names)
	var got storage.Page
	if len(names) > pageSize {
		names = names[:pageSize]
		got.Next = names[pageSize-1]
	}
	got.Entries = l.entries(ctx, root, dir, names)
	return got, ctx.Err()
}

// entries looks at names, several at a time, because on a network disk each look is a
// round trip. A name that is gone by now is left out.
func (l *Local) entries(ctx context.Context, root *os.Root, dir string, names []string) []storage.Info {
	const hands = 8
	entries := make([]storage.Info, len(names))
	var group sync.WaitGroup
	for hand := range hands {
		group.Go(func() {
			for i := hand; i < len(names) && ctx.Err() == nil; i += hands {
				entries[i] = l.entry(root, path.Join(dir, names[i]), names[i])
			}
		})
	}
	group.Wait()
	return slices.DeleteFunc(entries, func(e storage.Info) bool { return e.Path == "" })
}

func (l *Local) entry(root *os.Root, whole, name string) storage.Info {
	found, err := root.Lstat(name)
	if err != nil {
		return storage.Info{}
	}
	if found.Mode()&fs.ModeSymlink != 0 {
		if at, err := l.locate(whole); err == nil {
			if leads, err := at.dir.Lstat(at.base); err == nil {
				found = leads
			}
			at.Close()
		}
	}
	info := storage.Info{Path: whole, Modified: found.ModTime(), Dir: found.IsDir()}
	if found.Mode().IsRegular() {
		info.Size = found.Size()
	}
	return info
}

// passing reports whether a file of this name is there for a moment only.
func passing(name string) bool {
	return IsTemp(name) || strings.HasPrefix(name, ".nfs0")
}

// folder opens the folder dir, "" being the root.
func (l *Local) folder(dir string) (*os.Root, error) {
	if dir == "" || dir == "." {
		return os.OpenRoot(l.root)
	}
	at, err := l.locate(dir)
	if err != nil {
		return nil, err
	}
	defer at.Close()
	return at.dir.OpenRoot(at.base)
}

// ReadRange reads a part of a file. Where a revision is asked for the file is hashed
// first, unless it was before and is untouched since.
func (l *Local) ReadRange(ctx context.Context, name string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	data, info, err := l.readRange(ctx, name, offset, length, was)
	if conflict, ok := errors.AsType[*storage.Conflict](err); ok {
		conflict.Path = l.show(name)
		return nil, storage.Info{}, conflict
	}
	if err != nil {
		return nil, storage.Info{}, l.fault("open", name, err)
	}
	return data, info, nil
}

func (l *Local) readRange(ctx context.Context, name string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, storage.Info{}, err
	}
	at, err := l.locate(name)
	if err != nil {
		return nil, storage.Info{}, err
	}
	defer at.Close()
	file, err := openFile(at, os.O_RDONLY)
	if err != nil {
		return nil, storage.Info{}, err
	}
	defer file.Close()
	found, err := file.Stat()
	if err != nil {
		return nil, storage.Info{}, err
	}
	rev, known := l.remembered(at.path, found)
	if was != storage.None && !known {
		return l.wholeRange(ctx, name, offset, length, was)
	}
	if was != storage.None && rev != was {
		return nil, storage.Info{}, &storage.Conflict{Have: rev}
	}
	from, to := bounds(offset, length, found.Size())
	data := make([]byte, to-from)
	if _, err := file.ReadAt(data, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, storage.Info{}, err
	}
	after, err := file.Stat()
	if err != nil {
		return nil, storage.Info{}, err
	}
	x, _ := looks(found)
	if y, ok := looks(after); was != storage.None && (!ok || x != y) {
		return nil, storage.Info{}, &storage.Conflict{Have: "changing"}
	}
	return data, describe(name, found, rev), nil
}

// wholeRange reads the file to learn its revision, and takes the part from that.
func (l *Local) wholeRange(ctx context.Context, name string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	data, info, err := l.read(ctx, name)
	if err != nil {
		return nil, storage.Info{}, err
	}
	if info.Revision != was {
		return nil, storage.Info{}, &storage.Conflict{Have: info.Revision}
	}
	from, to := bounds(offset, length, int64(len(data)))
	return data[from:to], info, nil
}

// bounds turns what was asked for into what there is.
func bounds(offset, length, size int64) (from, to int64) {
	if offset < 0 {
		offset = max(offset+size, 0)
	}
	from = min(offset, size)
	return from, min(from+max(length, 0), size)
}

// kind of what stands at a spot, nil where nothing does.
func (s spot) look() fs.FileInfo {
	found, err := s.dir.Lstat(s.base)
	if err != nil {
		return nil
	}
	return found
}

// inFolder refuses the root itself, which cannot be removed, moved or made.
func inFolder(name string) bool { return filepath.IsLocal(name) && path.Clean(name) != "." }
