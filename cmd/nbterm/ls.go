package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nbterm/render/term"
	"nbterm/storage"
)

// lsFlags are the flags of `nbterm ls`.
type lsFlags struct {
	long, all, json, deep, versions bool
}

func newLsCmd(a *app) *cobra.Command {
	var f lsFlags
	cmd := &cobra.Command{
		Use:   "ls [PATH|URL]",
		Short: "List a folder of any place",
		Long: "Lists a folder of the disk, of a mount (efs://), a bucket (s3://) or a Jupyter\n" +
			"Server (jupyter+http://). Names come as the place tells them, page by page. Hidden\n" +
			"ones are left out, as everywhere.",
		Example: "  nbterm ls -l s3://team/runs/\n  nbterm ls --versions s3://team/report.ipynb\n  nbterm ls --json -R efs://home/zoe",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			address := "."
			if len(args) > 0 {
				address = args[0]
			}
			return a.ls(cmd.Context(), address, f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&f.long, "long", "l", false, "with size and time")
	flags.BoolVarP(&f.all, "all", "a", false, "also hidden names")
	flags.BoolVarP(&f.deep, "recursive", "R", false, "also what is in the folders of the folder")
	flags.BoolVar(&f.versions, "versions", false, "what a file was: versions of a bucket, commits, saves of nbterm")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (a *app) ls(ctx context.Context, address string, f lsFlags) error {
	p, err := a.place(ctx, address)
	if err != nil {
		return hinted(err)
	}
	if f.versions {
		return a.lsVersions(ctx, p, f)
	}
	w := &lsWriter{w: bufio.NewWriter(a.out), f: f, p: p, now: a.now()}
	err = w.folder(ctx, p.name)
	if errors.Is(err, storage.ErrNotExist) || errors.Is(err, errNoList) {
		if info, serr := p.store.Stat(ctx, p.name); serr == nil && !info.Dir {
			err = w.entry(info)
		}
	}
	if err == nil {
		err = w.end()
	}
	if err != nil {
		_ = w.w.Flush() // what came before it went wrong
		return exit(exitStorage, err)
	}
	a.warn(p.store)
	return nil
}

// warn tells what the users of a store should know of it.
func (a *app) warn(s storage.Store) {
	if w, ok := s.(storage.Warner); ok && w.Warning() != "" {
		fmt.Fprintln(a.err, "nbterm: "+term.Clean(w.Warning()))
	}
}

var errNoList = errors.New("this place lists nothing: it is a single file")

// lsWriter prints entries as they come.
type lsWriter struct {
	w   *bufio.Writer
	f   lsFlags
	p   place
	now time.Time
	n   int // entries printed
}

func (l *lsWriter) folder(ctx context.Context, dir string) error {
	lister, ok := l.p.store.(storage.Lister)
	if !ok {
		return errNoList
	}
	var folders []string
	for page := ""; ; {
		got, err := lister.List(ctx, dir, page)
		if err != nil {
			return err
		}
		for _, e := range got.Entries {
			if !l.f.all && strings.HasPrefix(path.Base(e.Path), ".") {
				continue
			}
			if err := l.entry(e); err != nil {
				return err
			}
			if e.Dir && l.f.deep {
				folders = append(folders, e.Path)
			}
		}
		if err := l.w.Flush(); err != nil { // a page is there to be read
			return nil //nolint:nilerr // whoever read us has gone: head, less
		}
		if page = got.Next; page == "" {
			break
		}
	}
	slices.Sort(folders)
	for _, folder := range folders {
		if err := l.folder(ctx, folder); err != nil {
			return err
		}
	}
	return nil
}

// lsRow is an entry as JSON tells it.
type lsRow struct {
	Name     string     `json:"name"` // within the folder that was asked for
	URL      string     `json:"url"`
	Type     string     `json:"type"` // "file" or "folder"
	Size     *int64     `json:"size,omitempty"`
	Modified *time.Time `json:"modified,omitempty"`
	Revision string     `json:"revision,omitempty"`
}

func (l *lsWriter) entry(e storage.Info) error {
	name := strings.TrimPrefix(strings.TrimPrefix(e.Path, l.p.name), "/")
	if e.Path == l.p.name || l.p.name == "" {
		name = e.Path
	}
	l.n++
	if l.f.json {
		row := lsRow{Name: name, URL: l.p.at(e.Path), Type: "file", Revision: string(e.Revision)}
		if e.Dir {
			row.Type = "folder"
		} else {
			row.Size = &e.Size
		}
		if !e.Modified.IsZero() {
			utc := e.Modified.UTC()
			row.Modified = &utc
		}
		return l.row(row)
	}
	shown := term.Clean(name)
	if e.Dir {
		shown += "/"
	}
	if l.f.long {
		size := ""
		if !e.Dir {
			size = bytesShown(e.Size)
		}
		shown = fmt.Sprintf("%9s  %-16s  %s", size, l.when(e.Modified), shown)
	}
	fmt.Fprintln(l.w, shown)
	return nil
}

// row prints one element of an array whose end is not known yet.
func (l *lsWriter) row(row any) error {
	data, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	before := ",\n "
	if l.n == 1 {
		before = "[\n "
	}
	fmt.Fprint(l.w, before, escapeHidden(string(data)))
	return nil
}

func (l *lsWriter) end() error {
	if l.f.json {
		if l.n == 0 {
			fmt.Fprint(l.w, "[")
		}
		fmt.Fprint(l.w, "\n]\n")
	}
	_ = l.w.Flush() // whoever read us may have gone: head, less
	return nil
}

func (l *lsWriter) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(l.now.Location()).Format("2006-01-02 15:04")
}

// bytesShown is a size as people read it, in at most 9 columns.
func bytesShown(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	units := "kMGTPE"
	f := float64(n) / 1000
	i := 0
	for ; f >= 999.5 && i < len(units)-1; i++ {
		f /= 1000
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %cB", f, units[i])
	}
	return fmt.Sprintf("%.0f %cB", f, units[i])
}

// lsVersion is a version as JSON tells it.
type lsVersion struct {
	ID       string     `json:"id"`
	Modified *time.Time `json:"modified,omitempty"`
	Size     int64      `json:"size"`
	Author   string     `json:"author,omitempty"`
	Note     string     `json:"note,omitempty"`
	Removed  bool       `json:"removed,omitempty"`
}

// mostVersions bounds what is listed of a file's past.
const mostVersions = 1000

func (a *app) lsVersions(ctx context.Context, p place, f lsFlags) error {
	past := a.past(ctx, p)
	if past == nil {
		return exit(exitStorage, fmt.Errorf("list the versions of %s: this place keeps none", p.url))
	}
	versions, err := past.Versions(ctx, p.name, mostVersions)
	if err != nil {
		return exit(exitStorage, hinted(err))
	}
	w := &lsWriter{w: bufio.NewWriter(a.out), f: f, p: p, now: a.now()}
	for _, v := range versions {
		w.n++
		if f.json {
			row := lsVersion{ID: v.ID, Size: v.Size, Author: v.Author, Note: v.Note, Removed: v.Removed}
			if !v.Modified.IsZero() {
				utc := v.Modified.UTC()
				row.Modified = &utc
			}
			if err := w.row(row); err != nil {
				return err
			}
			continue
		}
		size := bytesShown(v.Size)
		if v.Removed {
			size = "removed"
		}
		what := strings.TrimSpace(v.Author + "  " + v.Note)
		line := fmt.Sprintf("%9s  %-16s  %s  %s", size, w.when(v.Modified), term.Clean(v.ID), term.Clean(what))
		fmt.Fprintln(w.w, strings.TrimRight(line, " "))
	}
	return w.end()
}

// at is the address of another name of the same store.
func (p place) at(name string) string {
	switch {
	case p.kind == kindLocal && p.name == "":
		return path.Join(p.url, name)
	case p.kind == kindLocal:
		return path.Join(strings.TrimSuffix(p.url, p.name), name)
	case p.kind == kindJupyter:
		return strings.TrimSuffix(p.url, escapes.Replace(p.name)) + escapes.Replace(name)
	}
	whole, options, found := p.url, "", false
	if p.kind == kindS3 {
		if at := strings.LastIndex(p.url, "?"); at >= 0 {
			if _, values, err := s3Options(strings.TrimPrefix(p.url, "s3://")); err == nil && values != nil {
				whole, options, found = p.url[:at], p.url[at:], true
			}
		}
	}
	whole = strings.TrimSuffix(whole, p.name) + name
	if found {
		return whole + options
	}
	return whole
}
