package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"

	"nbterm/engine/job"
	"nbterm/engine/notebook"
)

// jobKind tells whether an address leads to a script or a query, and of which kind; for
// a .sql file the configuration decides.
func (a *app) jobKind(address string) (kind string, ok bool) {
	name := address
	if isURL(address) {
		if u, err := url.Parse(address); err == nil {
			name = u.Path
		}
	}
	if _, ok := job.KindOf(name, "sql"); !ok {
		return "", false
	}
	c, err := a.placesConfig()
	if err != nil {
		return "", false // whoever reads next is told
	}
	return job.KindOf(name, c.Jobs.SQL)
}

// readJob makes the notebook that runs a script or a query.
func (a *app) readJob(ctx context.Context, address, kind string) (opened, error) {
	at, err := a.place(ctx, address)
	if err != nil {
		return opened{}, hinted(err)
	}
	o := opened{at: at, store: at.store, name: at.name, path: at.url, dir: at.folder()}
	source, _, err := at.store.Read(ctx, at.name)
	if err != nil {
		return o, exit(exitStorage, hinted(err))
	}
	template, err := a.jobTemplate(kind)
	if err != nil {
		return o, err
	}
	o.source = source
	if o.doc, err = job.Notebook(kind, string(source), job.Options{Name: path.Base(at.name), Template: template}); err != nil {
		return o, usagef("%w", err)
	}
	return o, nil
}

// jobTemplate is the user's template for a kind; nil is none.
func (a *app) jobTemplate(kind string) ([]byte, error) {
	c, err := a.placesConfig()
	if err != nil || c.Jobs.Templates == "" {
		return nil, err
	}
	file := filepath.Join(a.expand(c.Jobs.Templates), kind+".ipynb")
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, exit(exitStorage, fmt.Errorf("read the template of %s jobs: %w", kind, err))
	}
	return data, nil
}

// isJob tells whether doc was made of a script or a query.
func isJob(doc *notebook.Notebook) bool {
	_, ok := doc.Meta("nbterm", "job")
	return ok
}
