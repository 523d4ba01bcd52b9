// Package history keeps, on this machine and within bounds, what objects were before they
// were saved: each content once, compressed, under its hash, and for each object a list of
// the contents it had. It works for objects of any store and knows nothing of them but an
// address. It is a convenience: what cannot be kept is told, and never stops a save.
//
//	DIR/index/HASH-OF-ADDRESS   one JSON object a line, oldest first
//	DIR/content/ab/abcdef….gz   a content
//	DIR/lock                    held by whoever changes any of it
package history

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// Prefix begins the ids of versions that are kept here.
const Prefix = "save:"

// Bounds say how much is kept. What is older, or more, goes; the oldest first.
type Bounds struct {
	Count int           // versions of one object; 0 keeps nothing
	Age   time.Duration // of a version
	Bytes int64         // of all contents, compressed
}

// Keeper is a folder of versions. Several programs may use it at once.
type Keeper struct {
	Dir    string // made when first needed, mode 0700
	Bounds Bounds
	Now    func() time.Time
}

// entry is one version of an object.
type entry struct {
	Hash string    `json:"hash"` // hex SHA-256 of the content
	Size int64     `json:"size"` // bytes of the content
	Time time.Time `json:"time"` // when it was saved
	URL  string    `json:"url"`  // for people who look into the folder
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func (k *Keeper) index(url string) string {
	return filepath.Join(k.Dir, "index", sum([]byte(url))[:32])
}

func (k *Keeper) content(hash string) string {
	return filepath.Join(k.Dir, "content", hash[:2], hash+".gz")
}

// Keep notes that the object at url had this content at that time. A content that it has
// had last is not noted again.
func (k *Keeper) Keep(url string, data []byte, at time.Time) error {
	if k.Bounds.Count <= 0 {
		return nil
	}
	release, err := k.lock()
	if err != nil {
		return fmt.Errorf("keep a version of %s: %w", url, err)
	}
	defer release()
	entries, err := k.read(url)
	if err != nil {
		return fmt.Errorf("keep a version of %s: %w", url, err)
	}
	e := entry{Hash: sum(data), Size: int64(len(data)), Time: at.UTC(), URL: url}
	if n := len(entries); n > 0 && entries[n-1].Hash == e.Hash {
		return nil
	}
	if err := k.store(e.Hash, data); err != nil {
		return fmt.Errorf("keep a version of %s: %w", url, err)
	}
	kept := k.thin(append(entries, e))
	if err := k.write(url, kept); err != nil {
		return fmt.Errorf("keep a version of %s: %w", url, err)
	}
	k.sweep()
	return nil
}

// lock keeps other programs out.
func (k *Keeper) lock() (release func(), err error) {
	for _, dir := range []string{"index", "content"} {
		if err := os.MkdirAll(filepath.Join(k.Dir, dir), 0o700); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(filepath.Join(k.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX) // held for milliseconds
		if !errors.Is(err, unix.EINTR) {
			break // where a disk has no locks, two may forget a version of one another
		}
	}
	return func() { f.Close() }, nil
}

// read is the versions of an object, oldest first. A line that a crash cut short is none.
func (k *Keeper) read(url string) ([]entry, error) { return k.readFile(k.index(url)) }

func (k *Keeper) readFile(name string) ([]entry, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []entry
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && isHash(e.Hash) {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func isHash(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == sha256.Size
}

// write replaces the list of an object.
func (k *Keeper) write(url string, entries []entry) error {
	var b bytes.Buffer
	for _, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	return replace(k.index(url), b.Bytes())
}

// replace writes a file all or nothing. It is not made durable: a power cut may take a
// version that is a second old, and saving should not wait for the disk twice.
func replace(name string, data []byte) error {
	passing := name + ".new"
	if err := os.WriteFile(passing, data, 0o600); err != nil {
		return err
	}
	return os.Rename(passing, name)
}

// store writes a content unless it is there.
func (k *Keeper) store(hash string, data []byte) error {
	name := k.content(hash)
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return replace(name, b.Bytes())
}

// thin keeps what the bounds allow. Of versions that are close together the older ones go
// first: of the last hour all stay, of the last day the last of each quarter of an hour, of
// the time before the last of each day. The newest stays always.
func (k *Keeper) thin(entries []entry) []entry {
	now := k.Now()
	var kept []entry // newest first
	for i, e := range slices.Backward(entries) {
		age := now.Sub(e.Time)
		if i < len(entries)-1 {
			newer := entries[i+1].Time
			switch {
			case k.Bounds.Age > 0 && age > k.Bounds.Age,
				age > 24*time.Hour && sameSpan(e.Time, newer, 24*time.Hour),
				age > time.Hour && sameSpan(e.Time, newer, 15*time.Minute):
				continue
			}
		}
		kept = append(kept, e)
		if len(kept) == k.Bounds.Count {
			break
		}
	}
	slices.Reverse(kept)
	return kept
}

// sameSpan reports whether two times are in one of the spans that time is cut into. By
// that, and not by how far they lie apart, a version that stays today stays tomorrow.
func sameSpan(a, b time.Time, span time.Duration) bool {
	return a.Truncate(span).Equal(b.Truncate(span))
}

// Versions lists what the object at url was, newest first.
func (k *Keeper) Versions(_ context.Context, url string, limit int) ([]storage.Version, error) {
	entries, err := k.read(url)
	if err != nil {
		return nil, fmt.Errorf("list the kept versions of %s: %w", url, err)
	}
	var out []storage.Version
	for _, e := range slices.Backward(entries) {
		if len(out) == limit {
			break
		}
		out = append(out, storage.Version{ID: Prefix + e.Hash[:16], Size: e.Size, Modified: e.Time, Note: "saved here"})
	}
	return out, nil
}

// ReadVersion returns a content that the object at url had.
func (k *Keeper) ReadVersion(_ context.Context, url, id string) ([]byte, error) {
	entries, err := k.read(url)
	if err != nil {
		return nil, fmt.Errorf("open a kept version of %s: %w", url, err)
	}
	short, ok := strings.CutPrefix(id, Prefix)
	for _, e := range entries {
		if ok && short != "" && strings.HasPrefix(e.Hash, short) {
			data, err := k.load(e.Hash)
			if err != nil {
				return nil, fmt.Errorf("open version %s of %s: %w", id, url, err)
			}
			return data, nil
		}
	}
	return nil, fmt.Errorf("open version %s of %s: %w", id, url, storage.ErrNotExist)
}

// load reads a content and makes sure that it is that.
func (k *Keeper) load(hash string) ([]byte, error) {
	f, err := os.Open(k.content(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("its content %w any more", storage.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	if sum(data) != hash {
		return nil, errors.New("its content is damaged")
	}
	return data, nil
}

// has reports whether a content of the object is kept.
func (k *Keeper) has(url, hash string) bool {
	entries, err := k.read(url)
	return err == nil && slices.ContainsFunc(entries, func(e entry) bool { return e.Hash == hash })
}
