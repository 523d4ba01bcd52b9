package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nbterm/engine/host/roster"
	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/tui"
	"nbterm/tui/browser"
	"nbterm/tui/screen"
)

// browse makes the workspace screen on a folder.
func (w *workbench) browse(t screen.Target) (screen.Screen, error) {
	a := w.app
	start := t.Path
	if start == "" {
		start = "."
	}
	if !isURL(start) {
		full, err := filepath.Abs(a.expand(start))
		if err != nil {
			return nil, exit(exitStorage, fmt.Errorf("open %s: %w", start, err))
		}
		start = full
	}
	marks, err := a.addresses(bookmarkList)
	if err != nil {
		a.logger().Warn("bookmarks not read", "err", err)
	}
	var roots []string
	for _, name := range sortedKeys(w.config.Mounts) {
		roots = append(roots, "efs://"+name)
	}
	roots = append(append(roots, marks...), recentRoot)
	roots = slices.DeleteFunc(roots, func(url string) bool { return url == start })
	f := files{a}
	return browser.New(browser.Deps{
		Start: start, Roots: roots, Reader: f, Writer: f, Namer: f, Live: a.liveNotebooks(), Bookmark: a.bookmark,
		Keys: w.keys, Theme: tui.StartTheme(w.config.Theme), Now: a.now,
	}), nil
}

// liveNotebooks says what the kernels of notebooks do. It is nil where that is not
// to be known.
func (a *app) liveNotebooks() func(context.Context) map[string]string {
	dirs, err := a.hostDirs()
	if err != nil {
		return nil
	}
	r := roster.New(dirs)
	return func(ctx context.Context) map[string]string {
		live := map[string]string{}
		sessions, err := r.List(ctx)
		if err != nil {
			return live // what it does not know it does not show
		}
		for _, s := range sessions {
			if s.Notebook != "" && s.Here && s.State != roster.Unreachable {
				live[s.Notebook] = s.State
			}
		}
		return live
	}
}

// files is what the workspace knows of stores.
type files struct{ app *app }

// at is the store of an address, and the name in it.
func (f files) at(ctx context.Context, url string) (place, error) { return f.app.place(ctx, url) }

// List implements browser.Reader.
func (f files) List(ctx context.Context, url, page string) (browser.Page, error) {
	if url == recentRoot {
		return f.recent(ctx)
	}
	p, err := f.app.folderPlace(ctx, url)
	if err != nil {
		return browser.Page{}, err
	}
	l, ok := p.store.(storage.Lister)
	if !ok {
		return browser.Page{}, fmt.Errorf("list %s: there are only single files there", url)
	}
	got, err := l.List(ctx, p.name, page)
	if err != nil {
		return browser.Page{}, hinted(err)
	}
	out := browser.Page{Next: got.Next, Entries: make([]browser.Entry, len(got.Entries))}
	for i, e := range got.Entries {
		name := path.Base(e.Path)
		out.Entries[i] = browser.Entry{Name: name, URL: f.Join(url, name), Dir: e.Dir, Size: e.Size, Modified: e.Modified}
	}
	return out, nil
}

// Read implements browser.Reader.
func (f files) Read(ctx context.Context, url string, limit int64) ([]byte, bool, error) {
	p, err := f.at(ctx, url)
	if err != nil {
		return nil, false, err
	}
	if r, ok := p.store.(storage.Ranger); ok {
		data, info, err := r.ReadRange(ctx, p.name, 0, limit, storage.None)
		return data, err == nil && int64(len(data)) == info.Size, hinted(err)
	}
	data, _, err := p.store.Read(ctx, p.name)
	if err != nil {
		return nil, false, hinted(err)
	}
	return data[:min(int64(len(data)), limit)], int64(len(data)) <= limit, nil
}

// Move implements browser.Writer.
func (f files) Move(ctx context.Context, from, to string, report func(done, total int64)) error {
	src, err := f.at(ctx, from)
	if err != nil {
		return err
	}
	dst, err := f.at(ctx, to)
	if err != nil {
		return err
	}
	if src.kind == kindLocal && dst.kind == kindLocal {
		err := renameNew(src.url, dst.url)
		if !errors.Is(err, errOtherDisk) {
			return err
		}
	}
	if m, ok := src.store.(storage.Mover); ok && src.kind != kindLocal && sameStore(src, dst) {
		return hinted(m.Move(ctx, src.name, dst.name))
	}
	if err := f.Copy(ctx, from, to, report); err != nil {
		return err
	}
	return f.erase(ctx, from)
}

// errOtherDisk says that a file cannot be renamed to where it is to go.
var errOtherDisk = errors.New("is on another disk")

// renameNew renames a file or a folder of this machine, never over another.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("move to %s: %w", to, storage.ErrExist)
	}
	err := os.Rename(from, to)
	if errors.Is(err, errCrossDevice) {
		return errOtherDisk
	}
	if err != nil {
		return fmt.Errorf("move %s: %w", from, errors.Unwrap(err))
	}
	return nil
}

// sameStore says whether two addresses are of one server and one bucket or root.
func sameStore(a, b place) bool {
	head := func(p place) string { return strings.TrimSuffix(p.url, p.name) }
	return a.kind == b.kind && head(a) == head(b)
}

// Has implements browser.Writer.
func (f files) Has(ctx context.Context, url string) (bool, error) {
	p, err := f.at(ctx, url)
	if errors.Is(err, storage.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = p.store.Stat(ctx, p.name)
	if errors.Is(err, storage.ErrNotExist) {
		return false, nil
	}
	return err == nil, hinted(err)
}

// Keeps implements browser.Writer.
func (f files) Keeps(url string) bool { return !isURL(url) }

// Remove implements browser.Writer: files of this machine go to the wastebasket.
func (f files) Remove(ctx context.Context, url string) (func(context.Context) error, error) {
	if !f.Keeps(url) {
		return nil, f.erase(ctx, url)
	}
	p, err := f.at(ctx, url)
	if err != nil {
		return nil, err
	}
	back, err := f.app.trash(p.url)
	if errors.Is(err, errOtherDisk) {
		return nil, fmt.Errorf("delete %s: the wastebasket %w; remove it with rm", url, err)
	}
	return back, err
}

// erase takes a file, or a folder with all that is in it, away for good.
func (f files) erase(ctx context.Context, url string) error {
	p, err := f.app.folderPlace(ctx, url)
	if err != nil {
		return err
	}
	r, ok := p.store.(storage.Remover)
	if !ok {
		return fmt.Errorf("delete %s: %w", url, storage.ErrReadOnly)
	}
	if isLink(p) {
		return hinted(r.Remove(ctx, p.name, storage.None)) // never what it leads to
	}
	info, err := p.store.Stat(ctx, p.name)
	if err != nil {
		return hinted(err)
	}
	if info.Dir {
		for next := ""; ; {
			page, err := f.List(ctx, url, next)
			if err != nil {
				return err
			}
			for _, e := range page.Entries {
				if err := f.erase(ctx, e.URL); err != nil {
					return err
				}
			}
			if next = page.Next; next == "" {
				break
			}
		}
	}
	err = r.Remove(ctx, p.name, storage.None)
	if info.Dir && errors.Is(err, storage.ErrNotExist) {
		return nil // where folders are a part of names it went with the last of them
	}
	return hinted(err)
}

// MakeDir implements browser.Writer.
func (f files) MakeDir(ctx context.Context, url string) error {
	p, err := f.at(ctx, url)
	if err != nil {
		return err
	}
	if m, ok := p.store.(storage.Maker); ok {
		return hinted(m.MakeDir(ctx, p.name))
	}
	return nil // a part of names: there is nothing to make
}

// Create implements browser.Writer.
func (f files) Create(ctx context.Context, url string) error {
	p, err := f.at(ctx, url)
	if err != nil {
		return err
	}
	_, err = p.store.Write(ctx, p.name, notebook.New("", "", "").Bytes(), storage.None)
	return hinted(err)
}

// Join implements browser.Namer.
func (f files) Join(dir, name string) string {
	dir, options := optioned(dir)
	if !strings.HasSuffix(dir, "://") {
		dir = strings.TrimRight(dir, "/") + "/"
	}
	return dir + name + options
}

// optioned parts the options of an S3 address, which stand at its end.
func optioned(url string) (bare, options string) {
	if !strings.HasPrefix(url, "s3") || !isURL(url) {
		return url, ""
	}
	bare, values, err := s3Options(url)
	if err != nil || len(values) == 0 {
		return url, ""
	}
	return bare, url[len(bare):]
}

// Parent implements browser.Namer.
func (f files) Parent(url string) (string, bool) {
	if !isURL(url) {
		up := filepath.Dir(url)
		return up, up != url && url != recentRoot
	}
	url, options := optioned(url)
	head := scheme.FindString(url)
	rest := strings.TrimRight(url[len(head):], "/")
	i := strings.LastIndexByte(rest, '/')
	switch {
	case i >= 0:
		return head + rest[:i] + options, true
	case head == "s3://" && rest != "":
		return head + options, true // the list of buckets
	}
	return "", false
}

// Short implements browser.Namer.
func (f files) Short(url string) string {
	if url == recentRoot {
		return "recently opened"
	}
	if url == f.app.getenv("HOME") {
		return "~"
	}
	return f.app.tilde(url)
}

// Long implements browser.Namer.
func (f files) Long(dir, short string) string {
	switch {
	case isURL(short):
		if p, err := f.app.place(context.Background(), short); err == nil { // which asks nobody
			short = p.url // without a token
		}
		if bare, options := optioned(short); !strings.HasSuffix(bare, "://") {
			short = strings.TrimRight(bare, "/") + options
		}
		return short
	case strings.HasPrefix(short, "/"), short == "~", strings.HasPrefix(short, "~/"):
		return filepath.Clean(f.app.expand(short))
	case dir == recentRoot:
		dir = "."
	}
	if !isURL(dir) {
		if full, err := filepath.Abs(filepath.Join(dir, short)); err == nil {
			return full
		}
		return short
	}
	bare, options := optioned(dir)
	head := scheme.FindString(bare)
	return head + strings.TrimPrefix(path.Join("/", bare[len(head):], short), "/") + options
}
