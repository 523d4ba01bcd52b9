package local

import (
	"io/fs"
	"syscall"
	"time"

	"nbterm/storage"
)

// hashed remembers the revision of a file that looked a certain way, so that asking
// every second whether an open notebook has changed costs a stat and not a read.
type hashed struct {
	dev, ino         uint64
	size             int64
	modified, change int64 // ns
	rev              storage.Revision
}

// settled is how old a change must be before its time stamp proves that there was no
// other: two changes within one tick of the disk's clock look the same. FAT ticks every
// two seconds.
const settled = 2 * time.Second

// mostHashes bounds the memory for someone who looks at very many files.
const mostHashes = 4096

func looks(found fs.FileInfo) (hashed, bool) {
	sys, ok := found.Sys().(*syscall.Stat_t)
	if !ok {
		return hashed{}, false
	}
	return hashed{
		dev: uint64(sys.Dev), ino: sys.Ino, size: found.Size(),
		modified: found.ModTime().UnixNano(), change: changed(sys).UnixNano(),
	}, true
}

// remember notes the revision of what was read beginning at started.
func (l *Local) remember(path string, found fs.FileInfo, rev storage.Revision, started time.Time) {
	h, ok := looks(found)
	if !ok || started.UnixNano()-max(h.modified, h.change) < int64(settled) {
		return
	}
	h.rev = rev
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.hashes) >= mostHashes {
		clear(l.hashes)
	}
	l.hashes[path] = h
}

func (l *Local) remembered(path string, found fs.FileInfo) (storage.Revision, bool) {
	h, ok := looks(found)
	if !ok {
		return storage.None, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.hashes[path]
	h.rev = known.rev
	return known.rev, ok && known == h
}
