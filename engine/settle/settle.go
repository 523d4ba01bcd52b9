// Package settle brings the file of a notebook up to what its kernel host's events
// tell, when no client was there to do it: a fold of (file, journal), written only
// if the file is still the one that the last client left, else beside it.
package settle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"nbterm/engine/host"
	"nbterm/engine/host/journal"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/storage"
)

// Result is what was done.
type Result struct {
	Wrote string    // path of the file written; "" when there was nothing to write
	Mark  host.Mark // to be set: the file holds the events up to here
}

// Settle folds what j holds beyond mark into the notebook at path of store. When
// the file was changed since mark, the fold goes to NAME.recovered.ipynb beside it
// and the file is left alone; unless it holds all of it already, because whoever
// wrote it was killed before it could set the mark. intend is called with the mark
// to set before the file is written.
func Settle(ctx context.Context, store storage.Store, path string, j *journal.Journal, mark host.Mark, intend func(host.Mark) error) (Result, error) {
	for try := 1; ; try++ {
		res, err := settle(ctx, store, path, j, mark, intend)
		if errors.Is(err, storage.ErrConflict) && try < 5 && ctx.Err() == nil {
			continue // changed under our hands: what is there now decides
		}
		if err != nil {
			return Result{}, fmt.Errorf("settle %s: %w", path, err)
		}
		return res, nil
	}
}

func settle(ctx context.Context, store storage.Store, path string, j *journal.Journal, mark host.Mark, intend func(host.Mark) error) (Result, error) {
	data, info, err := store.Read(ctx, path)
	if errors.Is(err, storage.ErrNotExist) {
		return Result{Mark: mark}, nil // never saved, or deleted: there is nothing to fold into
	}
	if err != nil {
		return Result{}, err
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		return Result{}, err
	}
	mark, _ = mark.Of(data, string(info.Revision))
	s := session.New(doc, nil)
	s.Holds(mark)
	host.Replay(j, func(events []host.Event) { s.Fold(events) })
	if !s.Behind() {
		return Result{Mark: s.Mark(mark.Revision)}, nil
	}
	folded := doc.Bytes()
	if bytes.Equal(folded, data) {
		return Result{Mark: s.Mark(string(info.Revision))}, nil
	}
	if string(info.Revision) == mark.Revision {
		next := s.Mark(host.Content(folded))
		mark.Next = &next
		if err := intend(mark); err != nil {
			return Result{}, err
		}
		saved, err := store.Write(ctx, path, folded, info.Revision)
		return Result{Wrote: path, Mark: s.Mark(string(saved.Revision))}, err
	}
	beside, err := Beside(ctx, store, path, folded)
	return Result{Wrote: beside, Mark: s.Mark(mark.Revision)}, err
}

// Beside writes what may not go into the notebook at path to NAME.recovered.ipynb,
// or with a number where that is taken by something else, and says where it is.
func Beside(ctx context.Context, store storage.Store, path string, data []byte) (string, error) {
	base := strings.TrimSuffix(path, ".ipynb") + ".recovered"
	for n := 1; n < 1000; n++ {
		name := base + ".ipynb"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.ipynb", base, n)
		}
		_, err := store.Write(ctx, name, data, storage.None)
		if !errors.Is(err, storage.ErrExist) && !errors.Is(err, storage.ErrConflict) {
			return name, err
		}
		if there, _, err := store.Read(ctx, name); err == nil && bytes.Equal(there, data) {
			return name, nil // by somebody who was killed before it could set the mark
		}
	}
	return "", fmt.Errorf("write %s.ipynb: %w a thousand times", base, storage.ErrExist)
}
