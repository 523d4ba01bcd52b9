package share

import (
	"container/list"
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

// get gives the page of key, made by draw where it is not kept.
func (c *cache) get(key string, draw func() (kept, error)) (kept, error) {
	c.mu.Lock()
	if e, ok := c.pages[key]; ok {
		c.order.MoveToFront(e)
		k := e.Value.(*slot).kept
		c.mu.Unlock()
		return k, nil
	}
	if d, ok := c.going[key]; ok {
		c.mu.Unlock()
		<-d.done
		return d.kept, d.err
	}
	d := &drawing{done: make(chan struct{})}
	c.going[key] = d
	c.mu.Unlock()
	defer close(d.done)
	d.kept, d.err = draw()
	c.mu.Lock()
	defer c.mu.Unlock()
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
	return d.kept, d.err
}
