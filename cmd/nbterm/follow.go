package main

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"nbterm/engine/host/link"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/storage/local"
)

// followers give notebooks as their running sessions have them, to readers who ask
// now and then. Each follows one session read-only for as long as it is asked.
type followers struct {
	app    *app
	roots  map[string]string // names of the share to folders of this machine
	mu     sync.Mutex        // guards all
	all    map[string]*follower
	work   sync.WaitGroup
	ctx    context.Context // ends with the server
	cancel context.CancelFunc
}

func (a *app) followers(roots map[string]string) *followers {
	f := &followers{app: a, roots: roots, all: map[string]*follower{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

func (f *followers) close() {
	f.cancel()
	f.work.Wait()
}

// follower folds what one session tells into a copy of its notebook.
type follower struct {
	mu   sync.Mutex // guards ses
	ses  *session.Session
	used chan struct{} // told at each question
	warm chan struct{} // closed once what there was is folded
	done chan struct{} // closed when the session has ended or nobody asks any more
}

// Times of a follower.
const (
	followIdle = 30 * time.Second       // without a question it ends
	followPace = 300 * time.Millisecond // quiet that long, it has caught up
	followWarm = 2 * time.Second        // what the first question waits at most
)

// Document implements share.Live.
func (f *followers) Document(ctx context.Context, name string) ([]byte, bool) {
	path, ok := f.path(name)
	if !ok {
		return nil, false
	}
	one := f.get(path)
	if one == nil {
		return nil, false
	}
	select {
	case one.used <- struct{}{}:
	default:
	}
	late := time.NewTimer(followWarm)
	defer late.Stop()
	select {
	case <-one.warm:
	case <-late.C:
	case <-ctx.Done():
		return nil, false
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.ses.Doc.Bytes(), true
}

// path is the file of this machine behind a name of the share.
func (f *followers) path(name string) (string, bool) {
	for root, dir := range f.roots {
		if rel, err := filepath.Rel(root, name); root == "" || err == nil && filepath.IsLocal(rel) {
			if root == "" {
				rel = name
			}
			if filepath.IsLocal(rel) {
				return f.app.realPath(filepath.Join(dir, rel)), true
			}
		}
	}
	return "", false
}

// get is the follower of a notebook, a new one where there is none; nil where no
// session of it runs.
func (f *followers) get(path string) *follower {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.all[path]; one != nil {
		select {
		case <-one.done:
		default:
			return one
		}
	}
	if f.ctx.Err() != nil {
		return nil
	}
	one, client, from := f.begin(path)
	if one == nil {
		delete(f.all, path)
		return nil
	}
	f.all[path] = one
	f.work.Add(1)
	go func() {
		defer f.work.Done()
		defer close(one.done)
		one.follow(f.ctx, client, from)
		_ = client.Close() // it is only read
	}()
	return one
}

// begin reads the file and joins its session.
func (f *followers) begin(path string) (*follower, *link.Client, uint64) {
	h, lives := f.app.living(path)
	if !lives {
		return nil, nil, 0
	}
	store, name, err := local.Open(path)
	if err != nil {
		return nil, nil, 0
	}
	data, info, err := store.Read(f.ctx, name)
	if err != nil {
		return nil, nil, 0
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		return nil, nil, 0
	}
	client, err := f.app.dial(f.ctx, h, true)
	if err != nil {
		return nil, nil, 0
	}
	one := &follower{ses: session.New(doc, nil), used: make(chan struct{}, 1), warm: make(chan struct{}), done: make(chan struct{})}
	if mark, ok := h.Mark().Of(data, string(info.Revision)); ok {
		one.ses.Holds(mark)
	}
	return one, client, 1
}

// follow folds events until the session ends or nobody has asked for a while.
func (o *follower) follow(ctx context.Context, client *link.Client, from uint64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var watch sync.WaitGroup
	defer watch.Wait()
	watch.Add(1)
	go func() {
		defer watch.Done()
		defer cancel()
		idle := time.NewTimer(followIdle)
		defer idle.Stop()
		for {
			select {
			case <-o.used:
				idle.Reset(followIdle)
			case <-idle.C:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	feed := client.Attach(from)
	defer feed.Close()
	quiet := time.AfterFunc(followPace, sync.OnceFunc(func() { close(o.warm) }))
	defer quiet.Stop()
	for {
		events, err := feed.Next(ctx)
		if err != nil {
			cancel()
			return
		}
		quiet.Reset(followPace)
		o.mu.Lock()
		o.ses.Fold(events)
		o.mu.Unlock()
	}
}
