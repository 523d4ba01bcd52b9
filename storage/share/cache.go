package share

import (
	"container/list"
	"context"
	"errors"
	"sync"
)

// cache keeps drawn pages, the latest used, within a bound. Two requests for one page
// that is not there yet draw it once.
type cache struct {
	mu    sync.Mutex // guards all below
	most  int64
	used  int64
	pages map[string]*list.Element
	order *list.List // of *slot, the latest used first
	going map[string]*drawing
}

type slot struct {
	key  string
	kept kept
}

// drawing is a page on its way.
type drawing struct {
	done chan struct{} // closed when the rest is set
	kept kept
	err  error
}

func newCache(most int64) *cache {
	return &cache{most: most, pages: map[string]*list.Element{}, order: list.New(), going: map[string]*drawing{}}
}

// errDrawing is what those hear who wait for a page whose drawing did not come to an end.
var errDrawing = errors.New("the page could not be drawn")

// get gives the page of key, made by draw where it is not kept. Whoever waits for
// another's drawing leaves when ctx ends; draw goes on for the others.
func (c *cache) get(ctx context.Context, key string, draw func() (kept, error)) (kept, error) {
	c.mu.Lock()
	if e, ok := c.pages[key]; ok {
		c.order.MoveToFront(e)
		k := e.Value.(*slot).kept
		c.mu.Unlock()
		return k, nil
	}
	if d, ok := c.going[key]; ok {
		c.mu.Unlock()
		select {
		case <-d.done:
			return d.kept, d.err
		case <-ctx.Done():
			return kept{}, ctx.Err()
		}
	}
	d := &drawing{done: make(chan struct{}), err: errDrawing}
	c.going[key] = d
	c.mu.Unlock()
	defer c.keep(key, d) // also where draw panics
	d.kept, d.err = draw()
	return d.kept, d.err
}

// keep takes a drawing that has ended among the pages.
func (c *cache) keep(key string, d *drawing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(d.done)
	delete(c.going, key)
	if d.err == nil && d.kept.size() <= c.most/4 {
		c.pages[key] = c.order.PushFront(&slot{key, d.kept})
		c.used += d.kept.size()
	}
	for c.used > c.most {
		last := c.order.Back()
		s := c.order.Remove(last).(*slot)
		delete(c.pages, s.key)
		c.used -= s.kept.size()
	}
}
