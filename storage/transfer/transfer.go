// Package transfer copies an object from one store to another: by the store itself where
// both are the same, in parts that can be gone on with where it is large, else whole. It
// copies one object; what a folder is, and what to do with what is there, is its caller's.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"nbterm/storage"
)

// Place is an object of a store.
type Place struct {
	Store storage.Store
	Name  string
	URL   string // as a person knows it
}

// Options of a Copy.
type Options struct {
	// Force replaces what is there, if it does not change meanwhile. Without it what is
	// there is an ErrExist.
	Force    bool
	Progress func(done, total int64) // bytes; from any goroutine, may be nil
	Journal  *Journal                // remembers what was cut short; nil remembers nothing
}

// large is the size from which an object goes in parts.
const large = 8 << 20

// Copy copies an object.
func Copy(ctx context.Context, from, to Place, o Options) (storage.Info, error) {
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	was, err := target(ctx, to, o.Force)
	if err != nil {
		return storage.Info{}, err
	}
	if copier, ok := to.Store.(storage.Copier); ok && from.Store == to.Store && was == storage.None {
		info, err := copier.Copy(ctx, from.Name, to.Name)
		if err == nil {
			o.Progress(info.Size, info.Size)
		}
		if err == nil || errors.Is(err, storage.ErrExist) || errors.Is(err, storage.ErrNotExist) || ctx.Err() != nil {
			return info, err
		} // else by hand: too large for the server, a folder, …
	}
	ranger, canRange := from.Store.(storage.Ranger)
	putter, canPut := to.Store.(storage.Putter)
	if canRange && canPut {
		_, info, err := ranger.ReadRange(ctx, from.Name, 0, 1, storage.None)
		if err != nil {
			return storage.Info{}, err
		}
		if info.Size > large {
			return inParts(ctx, from, to, ranger, putter, info, was, o)
		}
	}
	data, _, err := from.Store.Read(ctx, from.Name)
	if err != nil {
		return storage.Info{}, err
	}
	info, err := to.Store.Write(ctx, to.Name, data, was)
	if err == nil {
		o.Progress(int64(len(data)), int64(len(data)))
	}
	return info, err
}

// target finds the revision to replace.
func target(ctx context.Context, to Place, force bool) (storage.Revision, error) {
	info, err := to.Store.Stat(ctx, to.Name)
	switch {
	case errors.Is(err, storage.ErrNotExist):
		return storage.None, nil
	case err != nil:
		return storage.None, err
	case info.Dir:
		return storage.None, fmt.Errorf("save %s: %w", to.URL, storage.ErrIsDir)
	case !force:
		return storage.None, fmt.Errorf("save %s: %w", to.URL, storage.ErrExist)
	case info.Revision != storage.None:
		return info.Revision, nil
	}
	_, info, err = to.Store.Read(ctx, to.Name)
	return info.Revision, err
}

func inParts(ctx context.Context, from, to Place, ranger storage.Ranger, putter storage.Putter, source storage.Info, was storage.Revision, o Options) (storage.Info, error) {
	key := fmt.Sprintf("%s\n%s\n%s\n%d\n%d", from.URL, to.URL, source.Revision, source.Size, source.Modified.UnixNano())
	t := storage.Transfer{Progress: func(done int64) { o.Progress(done, source.Size) }}
	if o.Journal != nil {
		t.Token = o.Journal.token(key)
		t.Keep = func(token string) { o.Journal.keep(key, token) }
	}
	r := &rangeReader{ctx: ctx, ranger: ranger, name: from.Name, source: source}
	info, err := putter.Put(ctx, to.Name, r, source.Size, was, t)
	if o.Journal != nil && (err == nil || errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrExist)) {
		o.Journal.forget(key)
	}
	if err != nil && r.why() != nil {
		return info, r.why() // it was the source's fault
	}
	return info, err
}

// rangeReader reads an object at any place, as long as it is the one it was.
type rangeReader struct {
	ctx    context.Context //nolint:containedctx // io.ReaderAt has no room for one; it lives for one Put
	ranger storage.Ranger
	name   string
	source storage.Info

	mu  sync.Mutex // guards err
	err error
}

// ReadAt implements io.ReaderAt.
func (r *rangeReader) ReadAt(b []byte, offset int64) (int, error) {
	data, info, err := r.ranger.ReadRange(r.ctx, r.name, offset, int64(len(b)), r.source.Revision)
	if err == nil && (info.Size != r.source.Size || !same(info.Modified, r.source.Modified)) {
		err = &storage.Conflict{Path: r.name, Have: info.Revision}
	}
	if errors.Is(err, storage.ErrConflict) {
		err = fmt.Errorf("read %s: it %w while it was copied", r.name, storage.ErrConflict)
	}
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.err == nil && r.ctx.Err() == nil {
			r.err = err
		}
		return 0, err
	}
	n := copy(b, data)
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func same(a, b time.Time) bool { return a.IsZero() || b.IsZero() || a.Equal(b) }

func (r *rangeReader) why() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
