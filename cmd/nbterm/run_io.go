package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"nbterm/engine/notebook"
	"nbterm/storage"
)

// kernelFolder is what --cwd names. One that is not there is a mistake to be told
// before a kernel fails to start in it; on a server it is the server that knows.
func (a *app) kernelFolder(dir string) (string, error) {
	if a.server.url != "" {
		return dir, nil
	}
	if dir == "" {
		return os.Getwd() // as papermill has it; the host has no folder of its own
	}
	dir = a.expand(dir)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", usagef("--cwd %s: there is no such folder", dir)
	case err != nil:
		return "", usagef("--cwd: %w", err)
	case !info.IsDir():
		return "", usagef("--cwd %s: it is a file, not a folder", dir)
	}
	return dir, nil
}

// readRunnable reads a notebook of a format that we know how to change, and its bytes.
func (a *app) readRunnable(ctx context.Context, path string) (opened, []byte, error) {
	o, err := a.readNotebook(ctx, path)
	if err != nil {
		return o, nil, err
	}
	if err := understood(o.doc); err != nil {
		return o, nil, exit(exitStorage, fmt.Errorf("run %s: %w", path, err))
	}
	if o.source != nil {
		return o, o.source, nil
	}
	return o, o.doc.Bytes(), nil // the very bytes that were read, while nothing differs
}

// readNotebook is openNotebook that also reads standard input, and makes a notebook of a
// script or a query.
func (a *app) readNotebook(ctx context.Context, path string) (opened, error) {
	if kind, ok := a.jobKind(path); ok {
		return a.readJob(ctx, path, kind)
	}
	if path != "-" {
		return a.openNotebook(ctx, path, false)
	}
	data, err := io.ReadAll(a.in)
	if err != nil {
		return opened{}, exit(exitStorage, fmt.Errorf("read standard input: %w", err))
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		return opened{}, exit(exitStorage, fmt.Errorf("read standard input: %w", err))
	}
	return opened{doc: doc}, nil
}

// saver writes the document of a run over what is there, but never over what somebody
// else wrote since the run began.
type saver struct {
	store storage.Store
	name  string
	was   storage.Revision
}

// saver finds out what is at a place; for standard output it is nil.
func (a *app) saver(ctx context.Context, at place) (*saver, error) {
	if at.store == nil {
		return nil, nil
	}
	s := &saver{store: loggedStore{at.store, a.logger()}, name: at.name, was: storage.None}
	_, info, err := at.store.Read(ctx, at.name)
	switch {
	case err == nil:
		s.was = info.Revision
	case !errors.Is(err, storage.ErrNotExist):
		return nil, exit(exitStorage, fmt.Errorf("write %s: %w", at.url, err))
	}
	return s, nil
}

func (s *saver) save(ctx context.Context, data []byte) error {
	info, err := s.store.Write(ctx, s.name, data, s.was)
	if info.Revision != storage.None { // in place, even if not for sure on the disk
		s.was = info.Revision
	}
	return err
}
