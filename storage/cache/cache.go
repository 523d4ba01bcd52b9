// Package cache keeps on this machine what was read from stores that are far away, so that
// an object that has not changed is not fetched again, and can be read when its place cannot
// be reached. A kept object counts only while its store tells the same revision, or tells
// nothing at all: then it is shown as it was, and Warning says so. Nothing is ever written
// to the cache alone.
//
// One file an object: a line of JSON, then the bytes. What was used longest ago goes first
// when all of it is too much.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"nbterm/storage"
)

// Cache is a folder of objects. Several programs may use it at once.
type Cache struct {
	Dir  string // made when first needed, mode 0700
	Most int64  // bytes; an object of more than a quarter of it is not kept
	Now  func() time.Time

	mu    sync.Mutex // guards grown
	grown int64      // bytes since the folder was last looked at; 0 before the first time
}

// header is the first line of a file.
type header struct {
	URL      string           `json:"url"`
	Revision storage.Revision `json:"revision"`
	Modified time.Time        `json:"modified"` // of the object
	Read     time.Time        `json:"read"`     // when it was last known to be so
	Hash     string           `json:"hash"`     // hex SHA-256 of the bytes
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (c *Cache) file(url string) string {
	key := digest([]byte(url))
	return filepath.Join(c.Dir, key[:2], key[2:40])
}

// load is what is kept of the object at url. A damaged file is none.
func (c *Cache) load(url string) (header, []byte, bool) {
	raw, err := os.ReadFile(c.file(url))
	if err != nil {
		return header{}, nil, false
	}
	line, data, ok := bytes.Cut(raw, []byte("\n"))
	var h header
	if !ok || json.Unmarshal(line, &h) != nil || h.URL != url || h.Hash != digest(data) {
		return header{}, nil, false
	}
	return h, data, true
}

// touch notes that a kept object was of use.
func (c *Cache) touch(url string) {
	_ = os.Chtimes(c.file(url), c.Now(), c.Now()) // at worst it goes too early
}

// keep keeps an object. What cannot be kept is fetched again, no more.
func (c *Cache) keep(url string, info storage.Info, data []byte) {
	if int64(len(data)) > c.Most/4 {
		c.forget(url)
		return
	}
	line, err := json.Marshal(header{URL: url, Revision: info.Revision, Modified: info.Modified, Read: c.Now(), Hash: digest(data)})
	if err != nil {
		return
	}
	name := c.file(url)
	if os.MkdirAll(filepath.Dir(name), 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(name), "new-")
	if err != nil {
		return
	}
	_, err = f.Write(slices.Concat(line, []byte("\n"), data))
	f.Close()
	if err != nil || os.Rename(f.Name(), name) != nil {
		_ = os.Remove(f.Name()) // or it is swept
		return
	}
	c.touch(url)
	c.sweep(int64(len(data)))
}

func (c *Cache) forget(url string) { _ = os.Remove(c.file(url)) } // then its revision does not fit

// sweep makes room when the folder has grown by a part of what it may be, and the first
// time.
func (c *Cache) sweep(more int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.grown == 0
	if c.grown += more + 1; !first && c.grown < c.Most/16 {
		return
	}
	c.grown = 1
	type kept struct {
		name string
		size int64
		used time.Time
	}
	var all []kept
	var total int64
	_ = filepath.WalkDir(c.Dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // what cannot be seen is not counted
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // it is gone
		}
		if strings.HasPrefix(d.Name(), "new-") && c.Now().Sub(info.ModTime()) < time.Hour {
			return nil // being written
		}
		all = append(all, kept{name, info.Size(), info.ModTime()})
		total += info.Size()
		return nil
	})
	slices.SortFunc(all, func(a, b kept) int { return a.used.Compare(b.used) })
	for _, k := range all {
		if total <= c.Most {
			break
		}
		if os.Remove(k.name) == nil {
			total -= k.size
		}
	}
}
