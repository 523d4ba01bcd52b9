package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nbterm/cmd/nbterm/config"
	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/render/term"
	"nbterm/storage"
	screen "nbterm/tui/notebook"
)

// errNoSession is what a viewer is told, who starts nothing.
var errNoSession = errors.New("no kernel runs for this notebook; shown as it was saved")

// connector finds or starts the host of one workbench. Its connect runs on a
// goroutine of the program, at most one at a time.
type connector struct {
	app      *app
	want     hostFor // what to start when there is no living host
	readOnly bool    // only read along, start nothing
	note     string  // about the kernel that was chosen; may be ""
	// choose finds the kernel where there was none yet: it may be there by the next
	// try. nil once there is one. Guarded by mu.
	choose func(context.Context) (spec.Spec, string, error)

	mu     sync.Mutex // guards all below
	client *link.Client
	host   registry.Host
	closed bool
	left   chan struct{} // closed with closed
	// farewell is what to say of the kernel when the program has ended; "" is nothing.
	farewell string
	work     sync.WaitGroup
}

// spareDelay lets the kernel that is wanted now come up first.
const spareDelay = 5 * time.Second

// spare makes a kernel ready for the next notebook, a little later.
func (k *connector) spare() {
	k.work.Add(1)
	go func() {
		defer k.work.Done()
		later := time.NewTimer(spareDelay)
		defer later.Stop()
		select {
		case <-later.C:
			k.app.makeSpare(context.Background(), k.want)
		case <-k.left:
		}
	}()
}

// connector decides on what kernel o runs, unless a session of it lives.
func (a *app) connector(ctx context.Context, o *opened, asked string, c config.Config) (*connector, error) {
	k := &connector{app: a, left: make(chan struct{}), want: hostFor{
		notebook: o.path, was: o.was, dir: o.dir,
		timeout: c.Kernel.StartTimeout, life: lifeOf(c.Kernel), warm: c.Kernel.Spare,
	}}
	h, lives := a.living(o.path)
	if lives {
		k.want.spec = h.Spec
		return k, a.agrees(h, asked)
	}
	// Of the notebook only what it asks for: the document will belong to the screen.
	wants := notebook.New(o.doc.KernelName(), "", o.doc.Language())
	choose := func(ctx context.Context) (spec.Spec, string, error) {
		return a.chooseKernel(ctx, wants, asked, c.Kernel.Default)
	}
	s, note, err := choose(ctx)
	if asked == "" && exitCode(ctx, err) == exitKernel {
		// It can be read and edited all the same; connect tells.
		k.choose, k.want.spec.DisplayName = choose, term.Clean(o.doc.KernelName())
		return k, nil
	}
	if err != nil {
		return nil, err
	}
	k.want.spec, k.note = s, note
	if o.was == storage.None {
		o.doc = notebook.New(s.Name, s.DisplayName, s.Language)
		k.note = strings.TrimPrefix(note+"; new notebook", "; ")
	}
	return k, nil
}

// lifeOf is when the kernels of the workbench end by themselves.
func lifeOf(c config.Kernel) registry.Life {
	switch c.Life {
	case "keep":
		return registry.Life{}
	case "with-client":
		return registry.Life{WithClient: true}
	}
	return registry.Life{Idle: c.Idle}
}

// living finds the living host of a notebook.
func (a *app) living(path string) (registry.Host, bool) {
	dirs, err := a.hostDirs()
	if err != nil {
		return registry.Host{}, false // told when a host is started
	}
	hosts, err := dirs.Of(path)
	if err != nil || len(hosts) == 0 {
		return registry.Host{}, false
	}
	return hosts[0], hosts[0].Alive
}

// connect joins the living host of the notebook, else starts one. was is the
// revision of the file that the document stands on.
func (k *connector) connect(ctx context.Context, was storage.Revision) (screen.Connection, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return screen.Connection{}, context.Canceled
	}
	if k.client != nil {
		_ = k.client.Close() // its host has ended, or this is another try
		was = k.bury(ctx, was)
	}
	if h, lives := k.app.living(k.want.notebook); lives {
		c, err := k.attach(ctx, h, was)
		if err == nil || !ends(ctx, h) {
			return c, err
		}
		k.host = h
		was = k.bury(ctx, was)
	}
	if k.readOnly {
		return screen.Connection{}, errNoSession
	}
	notice := ""
	if k.choose != nil {
		s, note, err := k.choose(ctx)
		if err != nil {
			return screen.Connection{}, err
		}
		k.want.spec, k.choose, notice = s, nil, note
	}
	want := k.want
	want.was = was
	client, h, err := k.app.startHost(ctx, want)
	if err != nil {
		return screen.Connection{}, err
	}
	k.client, k.host = client, h
	k.spare()
	return screen.Connection{Host: client, Holds: h.Mark(), Notice: notice}, nil
}

// ends waits for a host that could not be reached to end, and says whether it did: its
// kernel may be slow to go, as when a notebook is opened again right after it was closed.
func ends(ctx context.Context, h registry.Host) bool {
	ctx, cancel := context.WithTimeout(ctx, endTime)
	defer cancel()
	return h.Wait(ctx) == nil
}

// bury saves what a host that has ended told last, and takes away what it left.
// What cannot be saved now is kept for the next opening. It gives the revision of
// the file, which is another than was if it was written.
func (k *connector) bury(ctx context.Context, was storage.Revision) storage.Revision {
	if k.readOnly || k.host.IsAlive() {
		return was
	}
	wrote, err := k.app.settle(ctx, k.host)
	if err != nil {
		return was
	}
	if wrote == k.want.notebook {
		was = storage.Revision(k.host.Mark().Revision)
	}
	_ = k.host.Remove() // tried again at the next opening
	return was
}

// attach joins a living host. Called with the lock held.
func (k *connector) attach(ctx context.Context, h registry.Host, was storage.Revision) (screen.Connection, error) {
	client, err := k.app.dial(ctx, h, k.readOnly)
	if err != nil {
		return screen.Connection{}, err
	}
	st, err := client.Ask()
	if err != nil {
		_ = client.Close() // the question failed already
		return screen.Connection{}, err
	}
	k.client, k.host = client, h
	k.app.logger().Info("host joined", "host", h.ID, "kernel", h.Spec.Name)
	c := screen.Connection{Host: client, Notice: "back in the session of " + h.Started.Format("Jan 2 15:04")}
	if k.readOnly {
		c.Notice = "following the session of " + h.Started.Format("Jan 2 15:04")
	}
	c.Holds = k.holds(ctx, client, st.Mark, was)
	return c, nil
}

// holds is how much of the host's events the file of revision was holds. Where it was
// changed since, all that the host knows is folded anew.
func (k *connector) holds(ctx context.Context, c *link.Client, m host.Mark, was storage.Revision) host.Mark {
	if m.Revision == string(was) {
		return m
	}
	if m.Next == nil || was == storage.None {
		return host.Mark{}
	}
	at, err := k.app.place(ctx, k.want.notebook)
	if err != nil {
		return host.Mark{} // it was read a moment ago; folding anew is always right
	}
	data, info, err := at.store.Read(ctx, at.name)
	if err != nil || info.Revision != was {
		return host.Mark{}
	}
	saved, ok := m.Of(data, string(was))
	if !ok {
		return host.Mark{}
	}
	if !k.readOnly {
		_ = c.SetMark(saved) // tried again at the next save
	}
	return saved
}

// leave ends a host that nobody has used, and has farewell say of another that it
// goes on.
func (k *connector) leave() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	close(k.left)
	k.work.Wait()
	if k.client == nil {
		return nil
	}
	if !k.readOnly && k.host.IsAlive() {
		ended, err := k.client.Release()
		if err == nil && !ended && !k.host.Life.WithClient {
			k.farewell = fmt.Sprintf("The kernel of %s goes on; open it again to come back, nbterm kill %s ends it.",
				term.Clean(filepath.Base(k.want.notebook)), k.host.ID)
		}
	}
	return k.client.Close()
}
