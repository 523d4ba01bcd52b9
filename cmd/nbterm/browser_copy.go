package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"nbterm/storage"
	"nbterm/storage/transfer"
)

// folderCopy is one copy of a file or a folder: how much of all it has come to.
type folderCopy struct {
	files
	report func(done, total int64)
	done   int64 // bytes of the files that are there
	total  int64 // of all
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
	c := &folderCopy{files: f, report: report, total: info.Size}
	if !info.Dir {
		return c.file(ctx, src, to, info.Size)
	}
	if inside(real(from), real(to)) {
		return fmt.Errorf("copy %s: a folder cannot be copied into itself", from)
	}
	if c.total, err = f.weigh(ctx, from, 0); err != nil {
		return err
	}
	return c.folder(ctx, from, to, 0)
}

// inside says whether an address is that of a folder, or leads into it.
func inside(folder, address string) bool {
	folder = strings.TrimRight(folder, "/")
	return address == folder || strings.HasPrefix(address, folder+"/")
}

// real is a path without its links, as far as it is there.
func real(address string) string {
	if isURL(address) {
		return address
	}
	rest := ""
	for at := address; ; {
		if full, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(full, rest)
		}
		up := filepath.Dir(at)
		if up == at {
			return address
		}
		at, rest = up, filepath.Join(filepath.Base(at), rest)
	}
}

// file copies one file of so many bytes.
func (c *folderCopy) file(ctx context.Context, src place, to string, size int64) error {
	dst, err := c.at(ctx, to)
	if err != nil {
		return err
	}
	if src.kind != kindLocal && sameStore(src, dst) {
		dst.store = src.store // which then copies without us
	}
	o := transfer.Options{Progress: func(done, _ int64) { c.report(c.done+done, c.total) }}
	if state, err := c.app.stateDir(); err == nil {
		o.Journal = &transfer.Journal{Dir: filepath.Join(state, "transfers"), Now: c.app.now}
	}
	_, err = transfer.Copy(ctx, transfer.Place{Store: src.store, Name: src.name, URL: src.url}, transfer.Place{Store: dst.store, Name: dst.name, URL: dst.url}, o)
	if errors.Is(err, storage.ErrExist) && same(ctx, src, dst) {
		err = nil // an earlier copy that was stopped came this far
	}
	if err != nil {
		return hinted(err)
	}
	c.done += size
	c.report(c.done, c.total)
	return nil
}

// deepest bounds how folders are nested, which links can make without end.
const deepest = 60

func tooDeep(url string) error {
	return fmt.Errorf("copy %s: folders are nested more than %d deep; a link in them may lead back to one above", url, deepest)
}

// weigh is the bytes of all that is in a folder.
func (f files) weigh(ctx context.Context, url string, depth int) (total int64, err error) {
	if depth > deepest {
		return 0, tooDeep(url)
	}
	err = f.each(ctx, url, func(_, at string, size int64, dir bool) error {
		if dir {
			if size, err = f.weigh(ctx, at, depth+1); err != nil {
				return err
			}
		}
		total += size
		return nil
	})
	return total, err
}

// each goes through a folder, page by page.
func (f files) each(ctx context.Context, url string, do func(name, at string, size int64, dir bool) error) error {
	for next := ""; ; {
		page, err := f.List(ctx, url, next)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(e.Name, e.URL, e.Size, e.Dir); err != nil {
				return err
			}
		}
		if next = page.Next; next == "" {
			return nil
		}
	}
}

// folder copies all that is in a folder, into one that may be there.
func (c *folderCopy) folder(ctx context.Context, from, to string, depth int) error {
	if depth > deepest {
		return tooDeep(from)
	}
	if err := c.MakeDir(ctx, to); err != nil && !errors.Is(err, storage.ErrExist) {
		return err
	}
	return c.each(ctx, from, func(name, at string, size int64, dir bool) error {
		if dir {
			return c.folder(ctx, at, c.Join(to, name), depth+1)
		}
		src, err := c.at(ctx, at)
		if err != nil {
			return err
		}
		return c.file(ctx, src, c.Join(to, name), size)
	})
}

// samePiece is how much of two files is compared at once.
const samePiece = 4 << 20

// same says whether two places hold the same bytes.
func same(ctx context.Context, a, b place) bool {
	x, err := a.store.Stat(ctx, a.name)
	y, err2 := b.store.Stat(ctx, b.name)
	if err != nil || err2 != nil || x.Size != y.Size || x.Dir || y.Dir {
		return false
	}
	for at := int64(0); at < x.Size; at += samePiece {
		one, err := piece(ctx, a, at)
		two, err2 := piece(ctx, b, at)
		if err != nil || err2 != nil || !bytes.Equal(one, two) {
			return false
		}
	}
	return true
}

// piece is a part of a file; all of it where its store knows no parts.
func piece(ctx context.Context, p place, at int64) ([]byte, error) {
	if r, ok := p.store.(storage.Ranger); ok {
		data, _, err := r.ReadRange(ctx, p.name, at, samePiece, storage.None)
		return data, err
	}
	data, _, err := p.store.Read(ctx, p.name)
	return data[min(at, int64(len(data))):min(at+samePiece, int64(len(data)))], err
}

// isLink says whether a place is a link of a disk rather than what that leads to.
func isLink(p place) bool {
	l, ok := p.store.(interface{ IsLink(name string) bool })
	return ok && l.IsLink(p.name)
}
