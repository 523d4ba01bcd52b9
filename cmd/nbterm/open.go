package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"nbterm/engine/host/roster"
	"nbterm/engine/notebook"
	"nbterm/engine/recovery"
	"nbterm/render/term"
	"nbterm/storage"
	"nbterm/tui"
	notebookscreen "nbterm/tui/notebook"
	"nbterm/tui/screen"
)

// opened is a notebook read from a store.
type opened struct {
	doc   *notebook.Notebook
	at    place
	store storage.Store
	name  string // within store
	path  string // as the user knows it, absolute or a URL
	dir   string // where its kernel begins
	was   storage.Revision

	source []byte // the script or query that doc was made of; nil for a notebook
}

// openNotebook reads the notebook at path, which may be any address of a store. With
// create, one that is not there is a new notebook, written at the first save.
func (a *app) openNotebook(ctx context.Context, path string, create bool) (opened, error) {
	at, err := a.place(ctx, path)
	if err != nil {
		return opened{}, hinted(err)
	}
	o := opened{at: at, store: at.store, name: at.name, path: at.url, dir: at.folder()}
	data, info, err := at.store.Read(ctx, at.name)
	switch {
	case errors.Is(err, storage.ErrNotExist) && create:
		if !strings.HasSuffix(path, ".ipynb") {
			return o, usagef("there is no file %s; a new notebook's name must end in .ipynb", path)
		}
		o.doc = notebook.New("", "", "")
		return o, nil
	case err != nil:
		return o, exit(exitStorage, hinted(err))
	}
	o.was = info.Revision
	if o.doc, err = notebook.Parse(data); err != nil {
		return o, exit(exitStorage, fmt.Errorf("open %s: %w", path, hinted(err)))
	}
	return o, nil
}

// Of a large notebook that is only looked at, the ends are read and shown first.
const (
	glimpseFrom = 8 << 20 // bytes of a notebook that is large
	glimpseHead = 1 << 20
	glimpseTail = 64 << 10
)

// glimpse reads the ends of a large notebook. What it gives is of no revision, so that
// the first look at the file brings the whole. ok is false where the notebook is small
// or its ends do not tell enough.
func glimpse(ctx context.Context, at place) (o opened, ok bool) {
	r, ranges := at.store.(storage.Ranger)
	if !ranges {
		return o, false
	}
	head, info, err := r.ReadRange(ctx, at.name, 0, glimpseHead, storage.None)
	if err != nil || info.Size < glimpseFrom {
		return o, false
	}
	tail, _, err := r.ReadRange(ctx, at.name, -glimpseTail, glimpseTail, info.Revision)
	if err != nil {
		return o, false
	}
	doc, err := notebook.Glimpse(head, tail)
	if err != nil {
		return o, false
	}
	return opened{doc: doc, at: at, store: at.store, name: at.name, path: at.url, dir: at.folder(), was: glimpseRevision}, true
}

// glimpseRevision is that of no file.
const glimpseRevision = storage.Revision("glimpse")

// openPage opens the notebook at t.Path as a screen of the workbench w, with all that
// belongs to it: its session, its recovery file, its place in the log. It may be
// called for any number of notebooks. asked is the kernel that was asked for, "" for
// the notebook's own.
func (w *workbench) openPage(ctx context.Context, t screen.Target, asked string) (*page, error) {
	at, err := w.app.place(ctx, t.Path)
	if err != nil {
		return nil, hinted(err)
	}
	var notes []string
	readOnly := t.ReadOnly
	if !readOnly {
		notes = w.app.sweep(ctx, at.url)
	}
	o, glimpsed := opened{}, false
	if readOnly {
		o, glimpsed = glimpse(ctx, at)
	}
	if !glimpsed {
		o, err = w.app.openNotebook(ctx, t.Path, !readOnly)
	}
	if err != nil {
		return nil, err
	}
	if err := understood(o.doc); err != nil {
		readOnly, notes = true, append(notes, err.Error()+"; it is shown and not changed")
	}
	if o.was != storage.None {
		w.wasOpened(o.path)
	}
	k := &connector{app: w.app, left: make(chan struct{}), readOnly: true, want: hostFor{notebook: o.path, was: o.was}}
	if !readOnly {
		if k, err = w.app.connector(ctx, &o, asked, w.config); err != nil {
			return nil, err
		}
		if k.note != "" {
			notes = append(notes, k.note)
		}
	}
	if warner, ok := o.store.(storage.Warner); ok && warner.Warning() != "" {
		notes = append(notes, term.Clean(warner.Warning()))
	}
	safety, faults := w.app.safety(o, readOnly)
	if len(faults) > 0 {
		notes = append(notes, term.Clean(faults[0].Error()))
	}
	c, meter := w.config, &roster.Meter{}
	return &page{bench: w, connector: k, Screen: notebookscreen.New(notebookscreen.Deps{
		Doc: o.doc, Store: loggedStore{w.app.kept(o.at), w.app.logger()}, Path: o.name, Was: o.was, Address: o.path,
		Name: term.Clean(filepath.Base(o.path)), Place: term.Clean(w.app.tilde(o.at.parent())),
		Connect: k.connect, Kernel: k.want.spec.DisplayName, Notice: strings.Join(notes, "; "),
		ReadOnly: readOnly, Partial: glimpsed, Cell: t.Cell, Follow: t.Follow, FoldOver: c.Output.MaxLines, AutoClose: c.Editor.AutoClose, TabWidth: c.Editor.TabWidth,
		Keys: w.keys, Theme: tui.StartTheme(c.Theme), Now: w.app.now, Safety: safety,
		Cost: func(pid int) notebookscreen.Cost {
			cpu, memory := meter.Measure(pid)
			return notebookscreen.Cost{Memory: memory, CPU: cpu}
		},
		Images: w.pictures.Layer, Tools: w.tools, Files: beside(o.at),
	})}, nil
}

// page is a notebook on the screen with what it holds.
type page struct {
	*notebookscreen.Screen
	bench     *workbench
	connector *connector
}

// Close keeps what is not saved and lets go of the kernel.
func (p *page) Close() error {
	err := errors.Join(p.Keep(), p.connector.leave())
	_ = p.Screen.Close() // leave has closed the connection already
	p.bench.farewell(p.connector)
	return err
}

// newestFormat is the major nbformat that we know how to change.
const newestFormat = 4

// understood refuses to change notebooks of formats to come.
func understood(doc *notebook.Notebook) error {
	if major, minor := doc.Format(); major > newestFormat {
		return fmt.Errorf("the notebook is of nbformat %d.%d, and this nbterm knows %d", major, minor, newestFormat)
	}
	return nil
}

// safety is where the unsaved edits of a notebook are kept, and what earlier programs
// left there. A file is the same by whatever links it is reached.
func (a *app) safety(o opened, readOnly bool) (notebookscreen.Safety, []error) {
	if readOnly {
		return notebookscreen.Safety{}, nil
	}
	dir, err := a.stateDir()
	if err != nil {
		return notebookscreen.Safety{}, []error{fmt.Errorf("unsaved edits would not survive a crash: %w", err)}
	}
	place := recovery.Place{Dir: filepath.Join(dir, "recovery"), Path: o.path}
	if real, err := filepath.EvalSymlinks(o.path); err == nil {
		place.Path = real
	}
	left, faults := place.Find()
	return notebookscreen.Safety{Keeper: place.Keep(newID()[:8], a.now), Left: left}, faults
}
