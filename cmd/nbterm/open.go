package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"nbterm/cmd/nbterm/config"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/render/term"
	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/tui"
	"nbterm/tui/keymap"
	screen "nbterm/tui/notebook"
)

// opened is a notebook read from a store.
type opened struct {
	doc   *notebook.Notebook
	store storage.Store
	name  string // within store
	path  string // as the user knows it, absolute
	was   storage.Revision
}

// openNotebook reads the notebook at path. With create, a file that is not there
// is a new notebook, written at the first save.
func (a *app) openNotebook(ctx context.Context, path string, create bool) (opened, error) {
	path = a.expand(path)
	full, err := filepath.Abs(path)
	if err != nil {
		return opened{}, exit(exitStorage, fmt.Errorf("open %s: %w", path, err))
	}
	store, name, err := local.Open(path)
	if err != nil {
		return opened{}, fmt.Errorf("open %s: %w", path, err)
	}
	o := opened{store: store, name: name, path: full}
	data, info, err := store.Read(ctx, name)
	switch {
	case errors.Is(err, storage.ErrNotExist) && create:
		if !strings.HasSuffix(path, ".ipynb") {
			return o, usagef("there is no file %s; a new notebook's name must end in .ipynb", path)
		}
		o.doc = notebook.New("", "", "")
		return o, nil
	case err != nil:
		return o, fmt.Errorf("open %s: %w", path, err)
	}
	o.was = info.Revision
	if o.doc, err = notebook.Parse(data); err != nil {
		return o, exit(exitStorage, fmt.Errorf("open %s: %w", path, err))
	}
	return o, nil
}

// open runs the workbench on the notebook at path.
func (a *app) open(ctx context.Context, path, asked string) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	keys, err := keymap.New(c.Keys)
	if err != nil {
		return exit(exitUsage, fmt.Errorf("read the keys in %s: %w", a.configPath(), err))
	}
	o, err := a.openNotebook(ctx, path, true)
	if err != nil {
		return err
	}
	if !isTerminal(a.in) || !isTerminal(a.out) {
		return usagef("the workbench needs a terminal; `nbterm cat %s` prints the notebook, `nbterm run` runs it", path)
	}
	s, note, err := a.chooseKernel(o.doc, asked, c.Kernel.Default)
	if err != nil {
		return err
	}
	if o.was == storage.None {
		o.doc = notebook.New(s.Name, s.DisplayName, s.Language)
		note = strings.TrimPrefix("new notebook; "+note, "; ")
	}
	h, err := a.startHost(s, filepath.Dir(o.path), c.Kernel.StartTimeout)
	if err != nil {
		return err
	}
	return a.workbench(ctx, o, s, note, h, c.Config, keys)
}

func (a *app) workbench(ctx context.Context, o opened, s spec.Spec, note string, h session.Host, c config.Config, keys *keymap.Map) error {
	scr := screen.New(screen.Deps{
		Doc: o.doc, Store: o.store, Path: o.name, Was: o.was,
		Name: term.Clean(filepath.Base(o.path)), Place: term.Clean(a.tilde(filepath.Dir(o.path))),
		Start: func() session.Host { return h }, Kernel: s.DisplayName, Notice: note,
		Keys: keys, Theme: tui.StartTheme(c.Theme), Now: a.now,
	})
	app := tui.New(scr, tui.Options{Theme: c.Theme, Mouse: c.Mouse})
	p := tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(a.in), tea.WithOutput(a.out), tea.WithEnvironment(a.environ), tea.WithoutSignalHandler())
	_, err := p.Run()
	closeErr := app.Close()
	if err != nil && !errors.Is(err, tea.ErrProgramKilled) {
		return fmt.Errorf("run the workbench: %w", err)
	}
	return closeErr
}

// openOn lets the root command open the workbench.
func (a *app) openOn(cmd *cobra.Command) {
	var asked string
	cmd.Flags().StringVarP(&asked, "kernel", "k", "", "run cells on this `KERNEL` instead of the notebook's")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("name a notebook: nbterm report.ipynb")
		}
		return a.open(cmd.Context(), args[0], asked)
	}
}
