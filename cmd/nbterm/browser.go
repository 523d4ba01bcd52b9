package main

import (
	"bytes"
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
	"nbterm/storage/transfer"
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

// Copy implements browser.Writer.
func (f files) Copy(ctx context.Context, from, to string, report func(done, total int64)) error {
	src, err := f.at(ctx, from)
	if err != nil {
		return err
	}
	info, err := src.store.Stat(ctx, src.name)
	if err != nil {
		return hinted(err)
	}
	if info.Dir {
		return f.copyFolder(ctx, from, to, report)
	}
	dst, err := f.at(ctx, to)
	if err != nil {
		return err
	}
	if src.kind != kindLocal && sameStore(src, dst) {
		dst.store = src.store // which then copies without us
	}
	o := transfer.Options{Progress: report}
	if state, err := f.app.stateDir(); err == nil {
		o.Journal = &transfer.Journal{Dir: filepath.Join(state, "transfers"), Now: f.app.now}
	}
	_, err = transfer.Copy(ctx, transfer.Place{Store: src.store, Name: src.name, URL: src.url}, transfer.Place{Store: dst.store, Name: dst.name, URL: dst.url}, o)
	if errors.Is(err, storage.ErrExist) && f.same(ctx, src, dst) {
		return nil // an earlier copy that was stopped came this far
	}
	return hinted(err)
}

// sameMost is the bytes up to which two files are compared rather than refused.
const sameMost = 64 << 20

// same says whether two places hold the same bytes.
func (f files) same(ctx context.Context, a, b place) bool {
	x, err := a.store.Stat(ctx, a.name)
	y, err2 := b.store.Stat(ctx, b.name)
	if err != nil || err2 != nil || x.Size != y.Size || x.Size > sameMost {
		return false
	}
	one, _, err := a.store.Read(ctx, a.name)
	if err != nil {
		return false
	}
	two, _, err := b.store.Read(ctx, b.name)
	return err == nil && bytes.Equal(one, two)
}

func (f files) copyFolder(ctx context.Context, from, to string, report func(done, total int64)) error {
	if to == from || strings.HasPrefix(to, strings.TrimRight(from, "/")+"/") {
		return fmt.Errorf("copy %s: a folder cannot be copied into itself", from)
	}
	if err := f.MakeDir(ctx, to); err != nil && !errors.Is(err, storage.ErrExist) {
		return err
	}
	for next := ""; ; {
		page, err := f.List(ctx, from, next)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f.Copy(ctx, e.URL, f.Join(to, e.Name), report); err != nil {
				return err
			}
		}
		if next = page.Next; next == "" {
			return nil
		}
	}
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
	dir = strings.TrimRight(dir, "/")
	return dir + "/" + name
}

// Parent implements browser.Namer.
func (f files) Parent(url string) (string, bool) {
	if !isURL(url) {
		up := filepath.Dir(url)
		return up, up != url
	}
	head := scheme.FindString(url)
	rest := strings.TrimRight(url[len(head):], "/")
	i := strings.LastIndexByte(rest, '/')
	if i < 0 {
		return "", false
	}
	return head + rest[:i], true
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
func (f files) Long(short string) string {
	if isURL(short) {
		return short
	}
	if full, err := filepath.Abs(f.app.expand(short)); err == nil {
		return full
	}
	return short
}
