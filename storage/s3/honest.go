package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"nbterm/storage"
)

// Not every server that speaks as S3 compares and swaps. Some take no notice of If-Match;
// some notice but look and write in two steps, so that of two writers of one moment both
// are told "done" and one write is gone. Amazon's does neither, so only other servers are
// watched:
//
//   - The first write through a store is tried with a condition that cannot hold. An honest
//     server refuses; one that does not has written what was to be written anyway, after
//     the revision was compared by asking.
//   - A write that was acknowledged is looked for among the object's writes whenever the
//     object is next seen.
//
// What is found is told by Warning, once and for all.

// honesty is what is known of a server's word.
type honesty struct {
	mu      sync.Mutex // guards the rest
	probed  bool
	ignores bool            // takes no notice of conditions
	lost    int             // acknowledged writes that are gone
	ours    map[string]mark // our newest acknowledged write, by key
}

// acknowledged notes a write that the server said it made.
func (h *honesty) acknowledged(key string, m mark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ours == nil || len(h.ours) >= maxKnown {
		h.ours = make(map[string]mark)
	}
	h.ours[key] = m
}

// saw compares what an object went through with what we were told.
func (h *honesty) saw(key string, l lineage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, ok := h.ours[key]
	if ok && l.lost(m) {
		h.lost++
		delete(h.ours, key)
	}
}

func (h *honesty) forget(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ours, key)
}

// Warning implements storage.Warner.
func (s *Store) Warning() string {
	h := &s.honest
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.lost == 1:
		return fmt.Sprintf("the S3 server of %s lost a write that it had acknowledged: two who save at the same moment overwrite one another there", s.place())
	case h.lost > 1:
		return fmt.Sprintf("the S3 server of %s lost %d writes that it had acknowledged: two who save at the same moment overwrite one another there", s.place(), h.lost)
	case h.ignores:
		return fmt.Sprintf("the S3 server of %s ignores conditional writes: two who save at the same moment overwrite one another there", s.place())
	}
	return ""
}

func (s *Store) place() string {
	if s.o.Endpoint != "" {
		return s.o.Endpoint
	}
	return "s3://" + s.bucket
}

// unprobed reports whether the server's word has yet to be tried.
func (s *Store) unprobed() bool {
	s.honest.mu.Lock()
	defer s.honest.mu.Unlock()
	return !s.honest.probed && s.connect.isCustom()
}

// doubtful reports whether a server's condition may not be kept, so that asking before is
// all there is; also before it was probed.
func (s *Store) doubtful() bool {
	if s.unprobed() {
		return true
	}
	s.honest.mu.Lock()
	defer s.honest.mu.Unlock()
	return s.honest.ignores || s.honest.lost > 0
}

// impossible is a revision that no object has.
const impossible = storage.Revision(`"nbterm-asks-whether-conditions-count"`)

// probe makes the first write of a store to a server that is not Amazon's. done says that
// the object was written by it.
func (s *Store) probe(ctx context.Context, w *write) (done bool, info storage.Info, err error) {
	h := &s.honest
	const large = 8 << 20 // not sent twice
	if !s.unprobed() || w.was == storage.None || len(w.data) > large {
		return false, storage.Info{}, nil
	}
	trial := *w
	trial.was = impossible
	info, err = s.send(ctx, &trial)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err == nil:
		h.probed, h.ignores = true, true
		return true, info, nil
	case status(err) == http.StatusPreconditionFailed, status(err) == http.StatusConflict:
		h.probed = true
		return false, storage.Info{}, nil
	case errors.Is(err, context.Canceled):
		return false, storage.Info{}, err
	}
	return false, storage.Info{}, nil // the write itself will tell what is the matter
}
