package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/notebook"
	"nbterm/engine/settle"
	"nbterm/storage"
	"nbterm/storage/local"
)

// saved is what became of the result of a run.
type saved struct {
	err  error // why it is not in the file that was named, and where it is; nil is saved
	lost bool  // it is in no file at all: only the host's journal has it
}

// String is what to add to a sentence that tells of a run cut short.
func (s saved) String() string {
	if s.err != nil {
		return "" // told by err
	}
	return "; what had run is saved"
}

// end ends the host of a run, which leaves its journal where that is all there is.
func (s saved) end(h *link.Client) error {
	if !s.lost {
		return finish(h)
	}
	_ = h.Shutdown() // a host that is lost leaves its journal too
	_ = h.Close()
	return nil
}

// rescue puts the result of a run that could not be saved elsewhere: beside the file
// that somebody else has changed, else into the state folder.
func (a *app) rescue(ctx context.Context, out string, h registry.Host, doc *notebook.Notebook, why error) saved {
	if why == nil {
		return saved{}
	}
	ctx = context.WithoutCancel(ctx)
	path, err := "", why
	if errors.Is(why, storage.ErrConflict) || errors.Is(why, storage.ErrExist) {
		path, err = a.beside(ctx, out, doc.Bytes())
	}
	keeps := ""
	if err != nil {
		keeps = ", for a month"
		path, err = a.shelter(ctx, out, h.ID, doc.Bytes())
	}
	if err != nil {
		return saved{fmt.Errorf("%w; the session's journal is kept in %s", why, a.tilde(h.Folder())), true}
	}
	return saved{err: fmt.Errorf("%w; the result is in %s%s", why, a.tilde(path), keeps)}
}

func (a *app) beside(ctx context.Context, out string, data []byte) (string, error) {
	at, err := a.place(ctx, out)
	if err != nil {
		return "", err
	}
	name, err := settle.Beside(ctx, at.store, at.name, data)
	if isURL(out) {
		return at.beside(name), err
	}
	return filepath.Join(filepath.Dir(a.expand(out)), filepath.Base(name)), err // as its user wrote it
}

// shelter writes a result to the state folder, where it stays until its user takes it.
func (a *app) shelter(ctx context.Context, out, id string, data []byte) (string, error) {
	state, err := a.stateDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(state, "results")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, strings.TrimSuffix(filepath.Base(out), ".ipynb")+"-"+id+".ipynb")
	store, name, err := local.Open(path)
	if err != nil {
		return "", err
	}
	_, err = store.Write(ctx, name, data, storage.None)
	return path, err
}
