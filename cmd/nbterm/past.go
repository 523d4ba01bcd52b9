package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nbterm/storage"
	"nbterm/storage/git"
	"nbterm/storage/history"
)

// keeper keeps what notebooks were before the workbench saved them, nil where nothing is to
// be kept or there is no place for it.
func (a *app) keeper() *history.Keeper {
	c, err := a.placesConfig()
	if err != nil || c.History.Versions == 0 {
		return nil
	}
	dir, err := a.statePath()
	if err != nil {
		return nil
	}
	const day = 24 * time.Hour
	return &history.Keeper{Dir: filepath.Join(dir, "history"), Now: a.now, Bounds: history.Bounds{
		Count: c.History.Versions, Age: time.Duration(c.History.Days) * day, Bytes: int64(c.History.Megabytes) << 20,
	}}
}

// kept is the store at p, whose saves of that one object are kept.
func (a *app) kept(p place) storage.Store {
	k := a.keeper()
	if k == nil {
		return p.store
	}
	return &history.Store{Store: p.store, Keeper: k, URL: p.historyURL, Failed: func(err error) {
		a.logger().Warn("version not kept", "path", p.url, "error", err.Error())
	}}
}

// historyURL is what a version is kept under: a file is the same by whatever link it is
// reached.
func (p place) historyURL(name string) string {
	url := p.at(name)
	if p.kind != kindLocal {
		return url
	}
	if real, err := filepath.EvalSymlinks(url); err == nil {
		return real
	}
	return url
}

// past knows what the object at p was: from its store, from git, from saves kept here. nil
// where there is no one to ask.
func (a *app) past(ctx context.Context, p place) storage.Versioner {
	var known history.Joined
	if k := a.keeper(); k != nil {
		known = append(known, history.Source{Prefix: history.Prefix, Past: history.Of{Keeper: k, URL: p.historyURL}})
	}
	if p.kind == kindLocal {
		real := p.historyURL(p.name)
		if commits, err := git.Find(ctx, filepath.Dir(real), a.environ); err == nil {
			known = append(known, history.Source{Prefix: git.Prefix, Past: gitFile{commits, filepath.Base(real)}})
		}
	}
	if v, ok := p.store.(storage.Versioner); ok {
		known = append(known, history.Source{Past: v})
	}
	if len(known) == 0 {
		return nil
	}
	return known
}

// gitFile asks after one file by the name that git knows it by.
type gitFile struct {
	storage.Versioner
	name string
}

// Versions implements storage.Versioner.
func (n gitFile) Versions(ctx context.Context, _ string, limit int) ([]storage.Version, error) {
	return n.Versioner.Versions(ctx, n.name, limit)
}

// ReadVersion implements storage.Versioner.
func (n gitFile) ReadVersion(ctx context.Context, _, id string) ([]byte, error) {
	return n.Versioner.ReadVersion(ctx, n.name, id)
}

// withVersion parts an address from the version that may stand at its end:
// report.ipynb?version=ID. A file of that very name comes first.
func withVersion(address string) (bare, version string) {
	at := strings.LastIndex(address, versionMark)
	if at < 0 {
		return address, ""
	}
	return address[:at], address[at+len(versionMark):]
}

func isFile(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

const versionMark = "?version="

// versionPlace is an object as it once was.
func (a *app) versionPlace(ctx context.Context, bare, version string) (place, error) {
	p, err := a.place(ctx, bare)
	if err != nil {
		return p, err
	}
	past := a.past(ctx, p)
	if past == nil {
		return p, exit(exitStorage, errors.New("open "+p.url+": this place keeps no versions"))
	}
	p.store = versionStore{Store: p.store, past: past, version: version}
	p.url += versionMark + version
	return p, nil
}
