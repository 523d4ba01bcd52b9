package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"nbterm/engine/notebook"
	"nbterm/engine/sweep"
	"nbterm/render/term"
	"nbterm/storage"
)

// foundRun is a notebook that was found where runs are looked for.
type foundRun struct {
	name string // as a person would type it
	doc  *notebook.Notebook
}

// readers is how many notebooks are read at once: those of a bucket wait for the net.
const readers = 8

// readRuns reads the notebooks that args name: files, folders, patterns. One that was
// found and is none is told and left out; one that was named must be one.
func (a *app) readRuns(ctx context.Context, args []string, deep bool) ([]foundRun, error) {
	var names []string
	named := map[string]bool{}
	for _, arg := range args {
		found, isFile, err := a.findRuns(ctx, arg, deep)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
			named[n] = named[n] || isFile
		}
	}
	all, faults := make([]foundRun, len(names)), make([]error, len(names))
	var wg sync.WaitGroup
	free := make(chan struct{}, readers)
	for i, n := range names {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			o, err := a.openNotebook(ctx, n, false)
			all[i], faults[i] = foundRun{n, o.doc}, err
		})
	}
	wg.Wait()
	kept := all[:0]
	for i, r := range all {
		switch err := faults[i]; {
		case err == nil && sweep.IsSummary(r.doc) && !named[r.name]:
			// it tells of the runs beside it and is none
		case err == nil:
			kept = append(kept, r)
		case named[r.name] || ctx.Err() != nil || errors.Is(err, storage.ErrCredentials):
			return nil, err
		default:
			fmt.Fprintln(a.err, "nbterm: left out: "+cleanLines(err.Error()))
		}
	}
	if len(kept) == 0 {
		return nil, exit(exitStorage, fmt.Errorf("there are no notebooks in %s", term.Clean(strings.Join(args, ", "))))
	}
	return kept, nil
}

// findRuns lists the notebooks that one argument names, in the order of their names.
func (a *app) findRuns(ctx context.Context, arg string, deep bool) (names []string, isFile bool, err error) {
	pattern := ""
	dir := arg
	if base := path.Base(arg); strings.ContainsAny(base, "*?[") {
		if _, err := path.Match(base, ""); err != nil {
			return nil, false, usagef("%s: %w", arg, err)
		}
		pattern, dir = base, strings.TrimSuffix(arg, base)
		if dir == "" {
			dir = "."
		}
	}
	if dir != "/" {
		dir = strings.TrimSuffix(dir, "/")
	}
	at, err := a.place(ctx, dir)
	if err != nil {
		return nil, false, err
	}
	if pattern == "" {
		info, err := at.store.Stat(ctx, at.name)
		if err == nil && !info.Dir || err != nil && strings.HasSuffix(dir, ".ipynb") {
			return []string{arg}, true, nil // a file that is not there is told when it is read
		}
	}
	lister, ok := at.store.(storage.Lister)
	if !ok {
		return nil, false, exit(exitStorage, fmt.Errorf("list %s: this place has no folders; name the notebooks", arg))
	}
	w := walk{lister: lister, root: at.name, as: dir, pattern: pattern, deep: deep}
	if err := w.folder(ctx, at.name); err != nil {
		return nil, false, exit(exitStorage, hinted(err)) // it says that it is a listing, and of what
	}
	slices.Sort(w.found)
	return w.found, false, nil
}

// walk collects notebooks below a folder.
type walk struct {
	lister   storage.Lister
	root, as string // the folder within its store, and as it was typed
	pattern  string // of names; "" is every notebook
	deep     bool
	found    []string
}

func (w *walk) folder(ctx context.Context, dir string) error {
	for page := ""; ; {
		p, err := w.lister.List(ctx, dir, page)
		if err != nil {
			return err
		}
		for _, e := range p.Entries {
			base := path.Base(strings.TrimSuffix(e.Path, "/"))
			switch {
			case strings.HasPrefix(base, "."): // checkpoints, and what tools keep
			case e.Dir && w.deep:
				if err := w.folder(ctx, e.Path); err != nil {
					return err
				}
			case !e.Dir && w.matches(base):
				rest := strings.TrimPrefix(strings.TrimPrefix(e.Path, w.root), "/")
				w.found = append(w.found, strings.TrimPrefix(strings.TrimSuffix(w.as, "/")+"/"+rest, "./"))
			}
		}
		if page = p.Next; page == "" {
			return nil
		}
	}
}

func (w *walk) matches(base string) bool {
	if w.pattern == "" {
		return strings.HasSuffix(base, ".ipynb")
	}
	ok, _ := path.Match(w.pattern, base) // its syntax was checked
	return ok
}
