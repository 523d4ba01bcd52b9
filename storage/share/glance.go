package share

import (
	"context"
	"sync"
	"time"

	"nbterm/storage"
)

// fresh is how long what a store said of a file is believed: many readers of one page
// cost one question in that time. On local disk a question may mean a hash of the
// whole file, on S3 a request.
const fresh = 250 * time.Millisecond

// glances remembers what stores said of files.
type glances struct {
	mu  sync.Mutex // guards all
	all map[glance]seen
}

type glance struct {
	store storage.Store
	path  string
}

type seen struct {
	info storage.Info
	at   time.Time
}

// glancesMost bounds what is remembered; beyond it all is forgotten.
const glancesMost = 4096

// stat is Store.Stat, at most a moment old.
func (s *Server) stat(ctx context.Context, store storage.Store, path string) (storage.Info, error) {
	g, now := &s.glances, s.Now()
	key := glance{store, path}
	g.mu.Lock()
	if have, ok := g.all[key]; ok && now.Sub(have.at) < fresh {
		g.mu.Unlock()
		return have.info, nil
	}
	g.mu.Unlock()
	info, err := store.Stat(ctx, path)
	if err != nil {
		return info, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.all) >= glancesMost || g.all == nil {
		g.all = map[glance]seen{}
	}
	g.all[key] = seen{info, now}
	return info, nil
}
