package main

import (
	"context"

	"nbterm/engine/host/link"
	"nbterm/tui"
	"nbterm/tui/screen"
	"nbterm/tui/sessions"
)

// openSessions makes the screen with the living kernel hosts.
func (w *workbench) openSessions() (screen.Screen, error) {
	a := w.app
	list, err := a.roster()
	if err != nil {
		return nil, err
	}
	return sessions.New(sessions.Deps{
		List: list.List,
		Interrupt: func(ctx context.Context, id string) error {
			return a.ofSession(ctx, id, func(c *link.Client) error { return c.Interrupt(ctx) })
		},
		Restart: func(ctx context.Context, id string) error { return a.ofSession(ctx, id, (*link.Client).Restart) },
		Kill: func(ctx context.Context, id string) (string, error) {
			dirs, err := a.hostDirs()
			if err != nil {
				return "", err
			}
			h, err := dirs.Get(id)
			if err != nil {
				return "", err
			}
			wrote, err := a.end(ctx, h)
			return a.tilde(wrote), err
		},
		Tilde: a.tilde, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme), Now: a.now,
	}), nil
}

// ofSession asks something of the host of a session.
func (a *app) ofSession(ctx context.Context, id string, ask func(*link.Client) error) error {
	dirs, err := a.hostDirs()
	if err != nil {
		return err
	}
	h, err := dirs.Get(id)
	if err != nil {
		return err
	}
	c, err := a.dial(ctx, h, false)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // only asked
	return ask(c)
}
