package contents

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"path"

	"nbterm/storage"
)

// upload is a file as the server takes it.
type upload struct {
	Type    string `json:"type"`
	Format  string `json:"format"`
	Content string `json:"content"`
}

// Write implements storage.Store; see Store for what of compare-and-swap it can keep.
func (s *Store) Write(ctx context.Context, name string, data []byte, was storage.Revision) (storage.Info, error) {
	const action = "save"
	if err := s.check(action, name); err != nil {
		return storage.Info{}, err
	}
	var m model
	var err error
	if was == storage.None {
		m, err = s.create(ctx, name, data)
	} else {
		m, err = s.replace(ctx, name, data, was)
	}
	if err != nil {
		return storage.Info{}, s.fault(action, name, err)
	}
	info := m.info(name)
	info.Size, info.Revision = int64(len(data)), hash(data)
	s.remember(name, m, info.Revision)
	return info, nil
}

// there asks what has a name; found is false where nothing has.
func (s *Store) there(ctx context.Context, name string) (m model, found bool, err error) {
	m, err = s.ask(ctx, "open", name, url.Values{"content": {"0"}, "hash": {"1"}})
	if errors.Is(err, ErrNotFound) {
		return m, false, nil
	}
	return m, err == nil, err
}

// create makes the file under a passing name, which the server chooses, and renames it.
func (s *Store) create(ctx context.Context, name string, data []byte) (model, error) {
	switch m, found, err := s.there(ctx, name); {
	case err != nil:
		return m, err
	case found && m.Type == "directory":
		return m, storage.ErrIsDir
	case found:
		return m, storage.ErrExist
	}
	dir := parent(name)
	var passing model
	err := s.send(ctx, http.MethodPost, dir, map[string]string{"type": "file", "ext": ".nbterm-part"}, &passing)
	if errors.Is(err, ErrServer) || errors.Is(err, ErrNotFound) {
		if _, found, ferr := s.there(ctx, dir); dir != "" && ferr == nil && !found {
			return model{}, storage.ErrNotExist
		}
	}
	if err != nil {
		return model{}, err
	}
	at := join(dir, passing.Name)
	var m model
	if err = s.put(ctx, at, data, &m); err == nil {
		err = s.send(ctx, http.MethodPatch, at, map[string]string{"path": name}, &m)
	}
	if err != nil {
		s.drop(context.WithoutCancel(ctx), at)
		return model{}, err
	}
	return m, nil
}

// drop takes a passing file away; one that stays is seen by its name to be of no use.
func (s *Store) drop(ctx context.Context, at string) {
	_ = s.send(ctx, http.MethodDelete, at, nil, nil)
}

func (s *Store) replace(ctx context.Context, name string, data []byte, was storage.Revision) (model, error) {
	have, err := s.revision(ctx, name)
	switch {
	case errors.Is(err, ErrNotFound):
		return model{}, &storage.Conflict{}
	case err != nil:
		return model{}, err
	case have != was:
		return model{}, &storage.Conflict{Have: have}
	}
	var m model
	return m, s.put(ctx, name, data, &m)
}

// revision finds out what a file is, by a read only where its looks do not tell.
func (s *Store) revision(ctx context.Context, name string) (storage.Revision, error) {
	m, found, err := s.there(ctx, name)
	switch {
	case err != nil:
		return storage.None, err
	case !found:
		return storage.None, ErrNotFound
	case m.Type == "directory":
		return storage.None, storage.ErrIsDir
	}
	if rev := m.info(name).Revision; rev != storage.None {
		return rev, nil
	}
	if rev := s.recall(name, m); rev != storage.None {
		return rev, nil
	}
	_, info, err := s.read(ctx, name)
	return info.Revision, err
}

func (s *Store) put(ctx context.Context, name string, data []byte, m *model) error {
	return s.send(ctx, http.MethodPut, name, upload{Type: "file", Format: "base64", Content: base64.StdEncoding.EncodeToString(data)}, m)
}

func (s *Store) send(ctx context.Context, method, name string, in, out any) error {
	return s.client.Patient(transferTime).exchange(ctx, "save", method, s.endpoint(name, nil), in, out, answerLimit)
}

func parent(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}

// Remove implements storage.Remover.
func (s *Store) Remove(ctx context.Context, name string, was storage.Revision) error {
	const action = "remove"
	if err := s.check(action, name); err != nil {
		return err
	}
	return s.faultOrNil(action, name, s.remove(ctx, name, was))
}

func (s *Store) faultOrNil(action, name string, err error) error {
	if err == nil {
		return nil
	}
	return s.fault(action, name, err)
}

func (s *Store) remove(ctx context.Context, name string, was storage.Revision) error {
	m, found, err := s.there(ctx, name)
	switch {
	case err != nil:
		return err
	case !found:
		return storage.ErrNotExist
	case m.Type == "directory": // a server with a trash can takes full ones, too
		page, err := s.List(ctx, name, "")
		if err != nil {
			return err
		}
		if len(page.Entries) > 0 {
			return errors.New("the folder is not empty")
		}
	case was != storage.None:
		have, err := s.revision(ctx, name)
		if err != nil {
			return err
		}
		if have != was {
			return &storage.Conflict{Have: have}
		}
	}
	return s.send(ctx, http.MethodDelete, name, nil, nil)
}

// MakeDir implements storage.Maker.
func (s *Store) MakeDir(ctx context.Context, name string) error {
	const action = "make folder"
	if err := s.check(action, name); err != nil {
		return err
	}
	_, found, err := s.there(ctx, name)
	if err == nil && found {
		err = storage.ErrExist
	}
	if err == nil {
		err = s.send(ctx, http.MethodPut, name, map[string]string{"type": "directory"}, nil)
	}
	return s.faultOrNil(action, name, err)
}

// Move implements storage.Mover; folders move as well.
func (s *Store) Move(ctx context.Context, from, to string) error {
	const action = "move"
	if err := errors.Join(s.check(action, from), s.check("move to", to)); err != nil {
		return err
	}
	err := s.send(ctx, http.MethodPatch, from, map[string]string{"path": to}, nil)
	if err == nil {
		return nil
	}
	// Servers tell one failure from another in words only.
	if _, found, ferr := s.there(ctx, from); ferr == nil && !found {
		return s.fault(action, from, storage.ErrNotExist)
	}
	if _, found, ferr := s.there(ctx, to); ferr == nil && found {
		return s.fault("move to", to, storage.ErrExist)
	}
	return s.fault(action, from, err)
}
