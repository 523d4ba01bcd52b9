package main

import (
	"context"
	"path"
	"strings"

	"nbterm/render/term"
	"nbterm/storage"
	"nbterm/storage/git"
	kept "nbterm/storage/history"
	"nbterm/tui"
	"nbterm/tui/history"
	"nbterm/tui/screen"
)

// versionsMost is how many versions are listed.
const versionsMost = 300

// openHistory makes the screen with what a notebook was before.
func (w *workbench) openHistory(ctx context.Context, t screen.Target) (screen.Screen, error) {
	p, err := w.app.place(ctx, t.Path)
	if err != nil {
		return nil, hinted(err)
	}
	past := w.app.past(ctx, p)
	if past == nil {
		return nil, usagef("of %s no older versions are kept", t.Path)
	}
	read := func(ctx context.Context, v history.Version) ([]byte, error) {
		return past.ReadVersion(ctx, p.name, v.ID)
	}
	now := func(ctx context.Context) ([]byte, error) {
		data, _, err := p.store.Read(ctx, p.name)
		return data, hinted(err)
	}
	return history.New(history.Deps{
		Name: term.Clean(path.Base(p.url)), Read: read, Now: now, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme), Clock: w.app.now,
		List: func(ctx context.Context) ([]history.Version, error) {
			versions, err := past.Versions(ctx, p.name, versionsMost)
			if err != nil {
				return nil, hinted(err)
			}
			all := make([]history.Version, len(versions))
			for i, v := range versions {
				all[i] = history.Version{Version: v, From: keeperOf(v, p.kind)}
			}
			return all, nil
		},
		Restore: func(ctx context.Context, v history.Version) error {
			data, err := read(ctx, v)
			if err != nil {
				return hinted(err)
			}
			info, err := p.store.Stat(ctx, p.name)
			if err != nil {
				return hinted(err)
			}
			_, err = w.app.kept(p).Write(ctx, p.name, data, info.Revision)
			return hinted(err)
		},
	}), nil
}

// keeperOf names who kept a version.
func keeperOf(v storage.Version, kind string) string {
	switch {
	case strings.HasPrefix(v.ID, git.Prefix):
		return "git"
	case strings.HasPrefix(v.ID, kept.Prefix):
		return "nbterm"
	}
	return kind
}
