package contents

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"nbterm/storage"
)

// Store is the files of a Jupyter Server as a storage.Store. Every file is read and
// written as bytes, also a notebook, which the server would otherwise take apart and put
// together in its own way.
//
// A revision is the hash of the bytes. The API has no compare-and-swap, so before a write
// the file is looked at: where its time and size are those of the revision it is that,
// else it is read and hashed. What somebody saves between that look and the write, some
// milliseconds, is overwritten unseen. Making and moving do not have this gap: they end in
// a rename, which the server refuses where the name is taken.
//
// The server's own copying is not used: it reads a notebook and writes it anew. A server
// that can only be read, such as Commuter, says so at the first write.
type Store struct {
	client *Client

	mu    sync.Mutex // guards known
	known map[string]look
}

// look is how a file looked when it had a revision.
type look struct {
	modified string // as the server writes it
	size     int64
	rev      storage.Revision
}

var (
	_ storage.Store   = (*Store)(nil)
	_ storage.Lister  = (*Store)(nil)
	_ storage.Remover = (*Store)(nil)
	_ storage.Maker   = (*Store)(nil)
	_ storage.Mover   = (*Store)(nil)
)

// transferTime bounds a request that carries a file.
const transferTime = 10 * time.Minute

// NewStore is the store of the files of c's server.
func NewStore(c *Client) *Store {
	return &Store{client: c, known: make(map[string]look)}
}

// model is a file or folder as /api/contents tells it.
type model struct {
	Name     string          `json:"name"`
	Path     string          `json:"path"`
	Type     string          `json:"type"` // "file", "notebook" or "directory"
	Format   string          `json:"format"`
	Modified string          `json:"last_modified"`
	Size     *int64          `json:"size"`
	Content  json.RawMessage `json:"content"`
	Hash     string          `json:"hash"`           // of servers from 2.11 on
	HashKind string          `json:"hash_algorithm"` // "sha256"
}

func (m model) info(path string) storage.Info {
	info := storage.Info{Path: path, Dir: m.Type == "directory"}
	if t, err := time.Parse(time.RFC3339Nano, m.Modified); err == nil {
		info.Modified = t
	}
	if m.Size != nil && !info.Dir {
		info.Size = *m.Size
	}
	if m.Hash != "" && m.HashKind == "sha256" {
		info.Revision = storage.Revision("sha256:" + m.Hash)
	}
	return info
}

// endpoint is the URL of a path under /api/contents.
func (s *Store) endpoint(path string, query url.Values) *url.URL {
	u := s.client.Endpoint("contents")
	for part := range strings.SplitSeq(path, "/") {
		if part != "" {
			u = u.JoinPath(url.PathEscape(part))
		}
	}
	u.RawQuery = query.Encode()
	return u
}

// check refuses what leads out of the root. Servers do, too; some did not always.
func (s *Store) check(action, path string) error {
	if path == "" {
		return fmt.Errorf("%s %s: %w", action, s.url(path), storage.ErrIsDir)
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return fmt.Errorf("%s %s: %w: the path leads out of the server's folder", action, s.url(path), storage.ErrPermission)
		}
	}
	return nil
}

func (s *Store) url(path string) string { return s.client.Address() + "tree/" + path }

// ask gets a model.
func (s *Store) ask(ctx context.Context, action, path string, query url.Values) (model, error) {
	var m model
	err := s.client.Patient(transferTime).exchange(ctx, action, http.MethodGet, s.endpoint(path, query), nil, &m, fileLimit)
	return m, err
}

// fileLimit is the most that is read of an answer with a file in it.
const fileLimit = 2 << 30

// Stat implements storage.Store.
func (s *Store) Stat(ctx context.Context, path string) (storage.Info, error) {
	const action = "open"
	if err := s.check(action, path); err != nil {
		return storage.Info{}, err
	}
	m, err := s.ask(ctx, action, path, url.Values{"content": {"0"}, "hash": {"1"}})
	if err != nil {
		return storage.Info{}, s.fault(action, path, err)
	}
	info := m.info(path)
	if info.Revision == storage.None {
		info.Revision = s.recall(path, m)
	}
	return info, nil
}

func (s *Store) remember(path string, m model, rev storage.Revision) {
	if m.Size == nil || m.Modified == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	const most = 4096
	if len(s.known) >= most {
		clear(s.known)
	}
	s.known[path] = look{m.Modified, *m.Size, rev}
}

func (s *Store) recall(path string, m model) storage.Revision {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.known[path]
	if !ok || m.Size == nil || k.modified != m.Modified || k.size != *m.Size {
		return storage.None
	}
	return k.rev
}

// Read implements storage.Store.
func (s *Store) Read(ctx context.Context, path string) ([]byte, storage.Info, error) {
	const action = "open"
	if err := s.check(action, path); err != nil {
		return nil, storage.Info{}, err
	}
	data, info, err := s.read(ctx, path)
	if err != nil {
		return nil, storage.Info{}, s.fault(action, path, err)
	}
	return data, info, nil
}

func (s *Store) read(ctx context.Context, path string) ([]byte, storage.Info, error) {
	m, err := s.ask(ctx, "open", path, url.Values{"type": {"file"}, "format": {"base64"}})
	if err != nil {
		if refused(err) { // a folder is no file, and servers say so in different ways
			if at, serr := s.ask(ctx, "open", path, url.Values{"content": {"0"}}); serr == nil && at.Type == "directory" {
				err = storage.ErrIsDir
			}
		}
		return nil, storage.Info{}, err
	}
	if m.Type == "directory" {
		return nil, storage.Info{}, storage.ErrIsDir
	}
	data, err := s.bytes(ctx, path, m)
	if err != nil {
		return nil, storage.Info{}, err
	}
	info := m.info(path)
	info.Size, info.Revision = int64(len(data)), hash(data)
	s.remember(path, m, info.Revision)
	return data, info, nil
}

// bytes is what a model holds. A server that gives a notebook as JSON all the same is asked
// for the file itself.
func (s *Store) bytes(ctx context.Context, path string, m model) ([]byte, error) {
	var text string
	if m.Format == "json" || json.Unmarshal(m.Content, &text) != nil {
		return s.file(ctx, path)
	}
	if m.Format != "base64" {
		return []byte(text), nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
	if err != nil {
		return nil, &Error{Action: "open", Server: s.client.Address(), Kind: ErrNotJupyter, Why: "it sends what is no base64"}
	}
	return data, nil
}

// file gets the bytes under /files, where servers give them as they are.
func (s *Store) file(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, transferTime)
	defer cancel()
	u := s.client.base.JoinPath("files")
	for part := range strings.SplitSeq(path, "/") {
		u = u.JoinPath(url.PathEscape(part))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header = s.client.Header()
	resp, err := s.client.http.Do(req)
	if err != nil {
		return nil, s.client.Fault("open", nil, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read, or its loss is told
	if resp.StatusCode/100 != 2 {
		return nil, s.client.Fault("open", resp, nil)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, fileLimit))
	if err != nil {
		return nil, s.client.Fault("open", nil, err)
	}
	return data, nil
}

func hash(data []byte) storage.Revision {
	sum := sha256.Sum256(data)
	return storage.Revision("sha256:" + hex.EncodeToString(sum[:]))
}

// List implements storage.Lister. The API has no pages: a folder comes whole.
func (s *Store) List(ctx context.Context, dir, _ string) (storage.Page, error) {
	const action = "list"
	if dir != "" {
		if err := s.check(action, dir); err != nil {
			return storage.Page{}, err
		}
	}
	m, err := s.ask(ctx, action, dir, url.Values{"type": {"directory"}, "content": {"1"}})
	if err != nil {
		return storage.Page{}, s.fault(action, dir, err)
	}
	var inside []model
	if m.Type != "directory" || json.Unmarshal(m.Content, &inside) != nil {
		return storage.Page{}, s.fault(action, dir, errors.New("is not a folder"))
	}
	page := storage.Page{Entries: make([]storage.Info, 0, len(inside))}
	for _, in := range inside {
		page.Entries = append(page.Entries, in.info(join(dir, in.Name)))
	}
	return page, nil
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// refused reports whether a server answered, and said no.
func refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status/100 == 4
}

// fault puts an error in the words of storage.
func (s *Store) fault(action, path string, err error) error {
	if conflict, ok := errors.AsType[*storage.Conflict](err); ok {
		conflict.Path = s.url(path)
		return conflict
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return fmt.Errorf("%s %s: %w", action, s.url(path), err)
	}
	for kind, is := range map[error]error{
		ErrNotFound: storage.ErrNotExist, ErrConflict: storage.ErrExist, ErrToken: storage.ErrCredentials,
		ErrForbidden: storage.ErrPermission, ErrUnreachable: storage.ErrUnavailable, ErrRefused: storage.ErrUnavailable,
	} {
		if !errors.Is(e.Kind, kind) {
			continue
		}
		if errors.Is(is, storage.ErrNotExist) || errors.Is(is, storage.ErrExist) || e.Why == "" {
			return fmt.Errorf("%s %s: %w", action, s.url(path), is)
		}
		return fmt.Errorf("%s %s: the server %w: %s", action, s.url(path), is, e.Why)
	}
	if e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented {
		return fmt.Errorf("%s %s: the server %w", action, s.url(path), storage.ErrReadOnly)
	}
	if e.Why != "" {
		return fmt.Errorf("%s %s: the server says: %s", action, s.url(path), e.Why)
	}
	return fmt.Errorf("%s %s: the server %w", action, s.url(path), e.Kind)
}
