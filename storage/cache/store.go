package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"nbterm/storage"
)

// Store is a store whose objects are kept. It can what the store behind it can.
type Store struct {
	behind storage.Store
	cache  *Cache
	label  string
	url    func(name string) string

	mu    sync.Mutex // guards since
	since time.Time  // of the oldest thing that was shown because the store did not answer
}

// Wrap keeps what is read from s in c. label is what people call the place, url what an
// object is kept under; it must not hold a secret, for it is written down. What s can
// besides, the result can.
func (c *Cache) Wrap(s storage.Store, label string, url func(name string) string) storage.Store {
	base := &Store{behind: s, cache: c, label: label, url: url}
	_, ranges := s.(storage.Ranger)
	folders, isFolders := s.(foldered)
	whole, isWhole := s.(complete)
	switch {
	case isWhole:
		return &completeStore{&rangedStore{base}, folderStore{base, folders}, whole}
	case isFolders:
		return &folderOnly{base, folderStore{base, folders}}
	case ranges:
		return &rangedStore{base}
	}
	return base
}

// foldered is a store of folders, complete one that can all there is.
type (
	foldered interface {
		storage.Lister
		storage.Remover
		storage.Maker
		storage.Mover
	}
	complete interface {
		foldered
		storage.Ranger
		storage.Copier
		storage.Versioner
		storage.Putter
	}
)

// Stat implements storage.Store.
func (s *Store) Stat(ctx context.Context, name string) (storage.Info, error) {
	info, err := s.behind.Stat(ctx, name)
	if !away(err) {
		s.back(err)
		return info, err
	}
	h, data, ok := s.cache.load(s.url(name))
	if !ok {
		return info, err
	}
	s.offline(h.Read)
	return h.info(name, data), nil
}

func (h header) info(name string, data []byte) storage.Info {
	return storage.Info{Path: name, Size: int64(len(data)), Modified: h.Modified, Revision: h.Revision}
}

// away reports whether a place did not answer, so that what is kept is all there is.
func away(err error) bool { return errors.Is(err, storage.ErrUnavailable) }

func (s *Store) offline(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() || since.Before(s.since) {
		s.since = since
	}
}

// back notes that the place has answered, if only to say no.
func (s *Store) back(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = time.Time{}
}

// Warning implements storage.Warner.
func (s *Store) Warning() string {
	s.mu.Lock()
	since := s.since
	s.mu.Unlock()
	if !since.IsZero() {
		return fmt.Sprintf("%s cannot be reached: this is what was read at %s, and it cannot be saved there now", s.label, since.Local().Format("2006-01-02 15:04"))
	}
	if w, ok := s.behind.(storage.Warner); ok {
		return w.Warning()
	}
	return ""
}

// Read implements storage.Store.
func (s *Store) Read(ctx context.Context, name string) ([]byte, storage.Info, error) {
	url := s.url(name)
	h, kept, ok := s.cache.load(url)
	if ok {
		now, err := s.behind.Stat(ctx, name)
		switch {
		case away(err):
			s.offline(h.Read)
			return kept, h.info(name, kept), nil
		case err == nil && now.Revision != storage.None && now.Revision == h.Revision:
			s.back(nil)
			s.cache.touch(url)
			now.Size = int64(len(kept))
			return kept, now, nil
		}
	}
	data, info, err := s.behind.Read(ctx, name)
	switch {
	case err == nil:
		s.back(nil)
		s.cache.keep(url, info, data)
	case errors.Is(err, storage.ErrNotExist):
		s.cache.forget(url)
	}
	return data, info, err
}

// Write implements storage.Store.
func (s *Store) Write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	info, err := s.behind.Write(ctx, name, data, was)
	if err == nil {
		s.back(nil)
		s.cache.keep(s.url(name), info, data)
	}
	return info, err
}

// rangedStore reads parts.
type rangedStore struct{ *Store }

// ReadRange implements storage.Ranger: from what is kept, if it is of the revision that was
// asked for or the place does not answer.
func (s *rangedStore) ReadRange(ctx context.Context, name string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	url := s.url(name)
	if was != storage.None {
		if h, data, ok := s.cache.load(url); ok && h.Revision == was {
			s.cache.touch(url)
			return cut(data, offset, length), h.info(name, data), nil
		}
	}
	ranger, _ := s.behind.(storage.Ranger) // Wrap has asked
	data, info, err := ranger.ReadRange(ctx, name, offset, length, was)
	if !away(err) {
		s.back(err)
		return data, info, err
	}
	h, kept, ok := s.cache.load(url)
	if !ok || was != storage.None {
		return data, info, err
	}
	s.offline(h.Read)
	return cut(kept, offset, length), h.info(name, kept), nil
}

func cut(data []byte, offset, length int64) []byte {
	size := int64(len(data))
	if offset < 0 {
		offset = max(offset+size, 0)
	}
	offset = min(offset, size)
	return data[offset:min(offset+max(length, 0), size)]
}

// folderStore lists and changes folders.
type folderStore struct {
	*Store
	does foldered
}

// pageURL is what a page of a listing is kept under.
func (s folderStore) pageURL(dir, page string) string { return s.url(dir) + "\npage " + page }

// List implements storage.Lister. A page that was seen is shown where the place does not
// answer.
func (s folderStore) List(ctx context.Context, dir, page string) (storage.Page, error) {
	got, err := s.does.List(ctx, dir, page)
	if err == nil {
		s.back(nil)
		if raw, err := json.Marshal(got); err == nil {
			s.cache.keep(s.pageURL(dir, page), storage.Info{}, raw)
		}
		return got, nil
	}
	if !away(err) {
		return got, err
	}
	var seen storage.Page
	h, raw, ok := s.cache.load(s.pageURL(dir, page))
	if !ok || json.Unmarshal(raw, &seen) != nil {
		return got, err
	}
	s.offline(h.Read)
	return seen, nil
}

// Remove implements storage.Remover.
func (s folderStore) Remove(ctx context.Context, name string, was storage.Revision) error {
	err := s.does.Remove(ctx, name, was)
	if err == nil {
		s.cache.forget(s.url(name))
	}
	return err
}

// MakeDir implements storage.Maker.
func (s folderStore) MakeDir(ctx context.Context, name string) error {
	return s.does.MakeDir(ctx, name)
}

// Move implements storage.Mover.
func (s folderStore) Move(ctx context.Context, from, to string) error {
	err := s.does.Move(ctx, from, to)
	if err == nil {
		s.cache.forget(s.url(from))
	}
	return err
}

// folderOnly is a store of folders that reads no parts.
type folderOnly struct {
	*Store
	folder folderStore
}

// List implements storage.Lister.
func (s *folderOnly) List(ctx context.Context, dir, page string) (storage.Page, error) {
	return s.folder.List(ctx, dir, page)
}

// Remove implements storage.Remover.
func (s *folderOnly) Remove(ctx context.Context, name string, was storage.Revision) error {
	return s.folder.Remove(ctx, name, was)
}

// MakeDir implements storage.Maker.
func (s *folderOnly) MakeDir(ctx context.Context, name string) error {
	return s.folder.MakeDir(ctx, name)
}

// Move implements storage.Mover.
func (s *folderOnly) Move(ctx context.Context, from, to string) error {
	return s.folder.Move(ctx, from, to)
}

// completeStore can all there is.
type completeStore struct {
	*rangedStore
	folder folderStore
	does   complete
}

// List implements storage.Lister.
func (s *completeStore) List(ctx context.Context, dir, page string) (storage.Page, error) {
	return s.folder.List(ctx, dir, page)
}

// Remove implements storage.Remover.
func (s *completeStore) Remove(ctx context.Context, name string, was storage.Revision) error {
	return s.folder.Remove(ctx, name, was)
}

// MakeDir implements storage.Maker.
func (s *completeStore) MakeDir(ctx context.Context, name string) error {
	return s.folder.MakeDir(ctx, name)
}

// Move implements storage.Mover.
func (s *completeStore) Move(ctx context.Context, from, to string) error {
	return s.folder.Move(ctx, from, to)
}

// Copy implements storage.Copier.
func (s *completeStore) Copy(ctx context.Context, from, to string) (storage.Info, error) {
	return s.does.Copy(ctx, from, to)
}

// Put implements storage.Putter.
func (s *completeStore) Put(ctx context.Context, name string, r io.ReaderAt, size int64, was storage.Revision, t storage.Transfer) (storage.Info, error) {
	return s.does.Put(ctx, name, r, size, was, t)
}

// Versions implements storage.Versioner.
func (s *completeStore) Versions(ctx context.Context, name string, limit int) ([]storage.Version, error) {
	return s.does.Versions(ctx, name, limit)
}

// ReadVersion implements storage.Versioner. A version never changes, so one that is kept is
// not asked for again.
func (s *completeStore) ReadVersion(ctx context.Context, name, id string) ([]byte, error) {
	url := s.url(name) + "\nversion " + id
	if _, data, ok := s.cache.load(url); ok && id != "null" {
		s.cache.touch(url)
		return data, nil
	}
	data, err := s.does.ReadVersion(ctx, name, id)
	if err == nil && id != "null" { // the one of a bucket without versions is any
		s.cache.keep(url, storage.Info{}, data)
	}
	return data, err
}

var (
	_ complete       = (*completeStore)(nil)
	_ storage.Warner = (*completeStore)(nil)
	_ foldered       = (*folderOnly)(nil)
	_ storage.Ranger = (*rangedStore)(nil)
	_ storage.Store  = (*Store)(nil)
)
