// Package local keeps objects as files of a folder. A save is all or nothing, keeps
// what else the file is (links, mode, owner, attributes) and never replaces content
// that its writer has not seen.
//
// A save goes one of two ways, decided by what the file is:
//
//	most files            hold ─ stage ─ check ─ rename ─ sync folder
//	hard links, files of  hold ─ check ─ journal ─ write in place ─ sync ─ drop journal
//	others, no room for
//	a second name
//
// hold is an advisory lock on the file itself (see lock.go), stage a synced copy under
// a temporary name in the same folder, check the comparison of the content's hash with
// the revision the writer has seen. A journal holds the old and the new bytes; whoever
// opens the file after a crash in the second way undoes it (see journal.go).
//
// Files are listed, moved, copied and removed with the same care (list.go, arrange.go);
// what is different on a disk that other machines share is in network.go. It knows nothing
// of notebooks and does no watching.
package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nbterm/storage"
)

// Local is a storage.Store over a folder. It holds nothing open between calls and may
// be used by many goroutines.
type Local struct {
	root     string        // absolute
	label    string        // root as its user named it, for errors
	confined bool          // links that lead out of root are refused
	journals string        // absolute folder for journals; "" when there is none
	patience time.Duration // how long to wait for another program's lock
	now      func() time.Time
	disk     func(dir string) Disk

	mu     sync.Mutex // guards the rest
	swept  map[string]bool
	hashes map[string]hashed // by resolved path, for Stat
	disks  map[string]Disk   // by folder
}

var _ storage.Store = (*Local)(nil)

// Option changes how a Local works.
type Option func(*Local)

// Journals names the folder for the safety copies of files that must be written in
// place. It is made when first needed. The default is nbterm/journals in
// $XDG_STATE_HOME, or in ~/.local/state.
func Journals(dir string) Option { return func(l *Local) { l.journals = dir } }

// Patience is how long an operation waits for another program that has the file
// locked, 10 s by default.
func Patience(d time.Duration) Option { return func(l *Local) { l.patience = d } }

// New returns the store of the folder root. Nothing outside of it can be reached,
// neither by name nor by a symbolic link.
func New(root string, options ...Option) (*Local, error) {
	l, err := newLocal(root, options)
	if err != nil {
		return nil, err
	}
	l.confined = true
	return l, nil
}

// Open returns a store and the name in it of the file at path, for someone who named
// this very file: where path is a link it is followed wherever it leads, at every
// operation anew, and stays a link. The file need not exist; its folder must.
func Open(path string, options ...Option) (store *Local, name string, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, "", fault("open", path, err)
	}
	if name = filepath.Base(abs); name == string(filepath.Separator) {
		return nil, "", fault("open", path, storage.ErrIsDir)
	}
	folder := filepath.Dir(filepath.Clean(path))
	if !filepath.IsAbs(path) {
		folder = filepath.Dir(filepath.Join(".", path))
	}
	if filepath.Base(filepath.Clean(path)) != name { // "." and "..": a name only once absolute
		folder = filepath.Dir(abs)
	}
	store, err = newLocal(folder, options)
	return store, name, err
}

func newLocal(root string, options []Option) (*Local, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fault("open", root, err)
	}
	switch info, err := os.Stat(abs); {
	case err != nil:
		return nil, fault("open folder", root, err)
	case !info.IsDir():
		return nil, fault("open folder", root, errors.New("is not a folder"))
	}
	l := &Local{
		root: abs, label: root, journals: stateFolder(),
		patience: 10 * time.Second, now: time.Now,
		swept: make(map[string]bool), hashes: make(map[string]hashed), disks: make(map[string]Disk), disk: statDisk,
	}
	for _, o := range options {
		o(l)
	}
	return l, nil
}

// stateFolder follows the XDG base directory specification, which has relative values
// ignored.
func stateFolder() string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "nbterm", "journals")
}

// Stat describes the file or folder at name. The revision of a file is always known;
// finding it reads the file, unless it was read before and is untouched since.
func (l *Local) Stat(ctx context.Context, name string) (storage.Info, error) {
	if err := ctx.Err(); err != nil {
		return storage.Info{}, l.fault("open", name, err)
	}
	at, err := l.locate(name)
	if err != nil {
		return storage.Info{}, l.fault("open", name, err)
	}
	defer at.Close()
	found, err := at.dir.Lstat(at.base)
	if err != nil {
		return storage.Info{}, l.fault("open", name, err)
	}
	if found.IsDir() {
		return storage.Info{Path: name, Modified: found.ModTime(), Dir: true}, nil
	}
	if l.onNetwork(folderOf(at)) { // only an opened file is as its server has it
		if file, err := openFile(at, os.O_RDONLY); err == nil {
			if now, err := file.Stat(); err == nil {
				found = now
			}
			file.Close()
		}
	}
	if rev, ok := l.remembered(at.path, found); ok {
		return describe(name, found, rev), nil
	}
	if found.Size() > readWhole && found.Mode().IsRegular() {
		if info, ok := l.hashPieces(ctx, at, name); ok {
			return info, nil
		}
	}
	_, info, err := l.Read(ctx, name)
	return info, err
}

// Read returns the file's bytes. It waits for a save that is under way, and undoes
// one that a crash has cut short.
func (l *Local) Read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	data, info, err := l.read(ctx, name)
	if err != nil {
		return nil, storage.Info{}, l.fault("open", name, err)
	}
	return data, info, nil
}

func (l *Local) read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, storage.Info{}, err
	}
	at, err := l.locate(name)
	if err != nil {
		return nil, storage.Info{}, err
	}
	defer at.Close()
	started := l.now()
	data, found, err := l.glance(ctx, at)
	if errors.Is(err, errUnsteady) {
		data, found, err = l.readHeld(ctx, at)
	}
	if err != nil {
		return nil, storage.Info{}, err
	}
	rev := revision(data)
	l.remember(at.path, found, rev, started)
	return data, describe(name, found, rev), nil
}

func describe(name string, found fs.FileInfo, rev storage.Revision) storage.Info {
	return storage.Info{Path: name, Size: found.Size(), Modified: found.ModTime(), Revision: rev}
}

// revision names a content, so that a file that was only touched is no other.
func revision(data []byte) storage.Revision {
	sum := sha256.Sum256(data)
	return storage.Revision("sha256:" + hex.EncodeToString(sum[:]))
}
