package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nbterm/storage"
	"nbterm/tui/browser"
)

// The lists of addresses that are kept between programs, one address a line, in the
// state folder.
const (
	bookmarkList = "bookmarks" // folders, in the order they were marked
	recentList   = "recent"    // notebooks, the latest first
)

// recentMost is how many notebooks are remembered.
const recentMost = 30

// recentRoot stands for the notebooks opened last where a folder is named.
const recentRoot = "recent:"

// addresses reads a list.
func (a *app) addresses(list string) ([]string, error) {
	dir, err := a.statePath()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, list))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var urls []string
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if url := strings.TrimSpace(lines.Text()); url != "" {
			urls = append(urls, url)
		}
	}
	return urls, err
}

// keepAddresses changes a list. Of two programs that do so at once one tries again.
func (a *app) keepAddresses(ctx context.Context, list string, change func([]string) []string) error {
	dir, err := a.stateDir()
	if err != nil {
		return err
	}
	p, err := a.localPlace(filepath.Join(dir, list))
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		was := storage.None
		if info, err := p.store.Stat(ctx, p.name); err == nil {
			was = info.Revision
		}
		urls, err := a.addresses(list)
		if err != nil {
			return fmt.Errorf("read the %s: %w", list, err)
		}
		_, err = p.store.Write(ctx, p.name, []byte(strings.Join(change(urls), "\n")+"\n"), was)
		if try < 3 && (errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrExist)) {
			continue
		}
		return hinted(err)
	}
}

// bookmark keeps a folder, or forgets it.
func (a *app) bookmark(ctx context.Context, url string, keep bool) error {
	return a.keepAddresses(ctx, bookmarkList, func(urls []string) []string {
		urls = slices.DeleteFunc(urls, func(u string) bool { return u == url })
		if keep {
			urls = append(urls, url)
		}
		return urls
	})
}

// wasOpened remembers a notebook. What cannot be remembered is no reason not to open it.
func (a *app) wasOpened(ctx context.Context, url string) {
	err := a.keepAddresses(ctx, recentList, func(urls []string) []string {
		urls = append([]string{url}, slices.DeleteFunc(urls, func(u string) bool { return u == url })...)
		return urls[:min(len(urls), recentMost)]
	})
	if err != nil {
		a.logger().Warn("the list of recent notebooks was not kept", "err", err)
	}
}

// recent lists the notebooks opened last that are still there, by their folders.
func (f files) recent(ctx context.Context) (browser.Page, error) {
	urls, err := f.app.addresses(recentList)
	if err != nil {
		return browser.Page{}, fmt.Errorf("list what was opened: %w", err)
	}
	page := browser.Page{Ordered: true}
	for _, url := range urls {
		e := browser.Entry{Name: path.Base(url), URL: url}
		if !isURL(url) { // elsewhere it is not asked for until the cursor is on it
			info, err := os.Stat(url)
			if err != nil {
				continue
			}
			e.Size, e.Modified = info.Size(), info.ModTime()
		}
		page.Entries = append(page.Entries, e)
	}
	return page, ctx.Err()
}
