package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"nbterm/cmd/nbterm/config"
	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
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
	if !isTerminal(a.in) || !isTerminal(a.out) {
		return usagef("the workbench needs a terminal; `nbterm cat %s` prints the notebook, `nbterm run` runs it", path)
	}
	full, err := filepath.Abs(a.expand(path))
	if err != nil {
		return exit(exitStorage, fmt.Errorf("open %s: %w", path, err))
	}
	notes := a.sweep(ctx, full)
	o, err := a.openNotebook(ctx, path, true)
	if err != nil {
		return err
	}
	at, err := a.attachOrStart(ctx, &o, asked, c.Config)
	if err != nil {
		return err
	}
	notes = append(notes, at.notes...)
	return a.workbench(ctx, o, at, strings.Join(notes, "; "), c.Config, keys)
}

// attached is a host that a workbench works with.
type attached struct {
	client *link.Client
	host   registry.Host
	spec   spec.Spec
	holds  host.Mark // how much of the host's events the document holds
	notes  []string
}

// attachOrStart finds the living host of a notebook, or starts one.
func (a *app) attachOrStart(ctx context.Context, o *opened, asked string, c config.Config) (attached, error) {
	dirs, err := a.hostDirs()
	if err != nil {
		return attached{}, err
	}
	if hosts, err := dirs.Of(o.path); err == nil && len(hosts) > 0 && hosts[0].Alive {
		return a.attach(ctx, *o, hosts[0], asked)
	}
	s, note, err := a.chooseKernel(o.doc, asked, c.Kernel.Default)
	if err != nil {
		return attached{}, err
	}
	at := attached{spec: s}
	if o.was == storage.None {
		o.doc = notebook.New(s.Name, s.DisplayName, s.Language)
		at.notes = append(at.notes, "new notebook")
	}
	if note != "" {
		at.notes = append(at.notes, note)
	}
	at.client, at.host, err = a.startHost(ctx, hostFor{
		notebook: o.path, was: o.was, spec: s, dir: filepath.Dir(o.path),
		timeout: c.Kernel.StartTimeout, life: registry.Life{Idle: idleLife},
	})
	return at, err
}

// idleLife is how long a kernel stays when nothing runs and nobody is there.
const idleLife = 24 * time.Hour

// again starts a host like the one that has ended, and takes away what that left.
func (a *app) again(ctx context.Context, old attached) (attached, error) {
	e, mark := old.host.Entry, old.host.Mark()
	if !old.host.IsAlive() {
		_ = old.host.Remove() // what it told is in the document
	}
	next := old
	var err error
	next.client, next.host, err = a.startHost(ctx, hostFor{
		notebook: e.Notebook, was: storage.Revision(mark.Revision), spec: e.Spec,
		dir: e.Dir, timeout: e.Timeout, life: e.Life,
	})
	return next, err
}

// attach joins a living host.
func (a *app) attach(ctx context.Context, o opened, h registry.Host, asked string) (attached, error) {
	if asked != "" && asked != h.Spec.Name {
		return attached{}, exit(exitKernel, fmt.Errorf("a session of this notebook is running on %s; nbterm kill %s ends it", h.Spec.Name, h.ID))
	}
	at := attached{host: h, spec: h.Spec}
	client, err := a.dial(ctx, h, false)
	if err != nil {
		return at, err
	}
	at.client = client
	st, err := client.Ask()
	if err != nil {
		return at, exit(exitKernel, err)
	}
	// Where the file was changed since, all that the host knows is folded anew.
	if st.Mark.Revision == string(o.was) {
		at.holds = st.Mark
	}
	at.notes = append(at.notes, "back in the session of "+h.Started.Format("Jan 2 15:04"))
	return at, nil
}

func (a *app) workbench(ctx context.Context, o opened, at attached, note string, c config.Config, keys *keymap.Map) error {
	scr := screen.New(screen.Deps{
		Doc: o.doc, Store: o.store, Path: o.name, Was: o.was,
		Name: term.Clean(filepath.Base(o.path)), Place: term.Clean(a.tilde(filepath.Dir(o.path))),
		Host: at.client, Holds: at.holds, Revive: func(ctx context.Context) (session.Host, error) {
			next, err := a.again(ctx, at)
			if err != nil {
				return nil, err
			}
			at.client, at.host = next.client, next.host
			return next.client, nil
		}, Kernel: at.spec.DisplayName, Notice: note,
		Keys: keys, Theme: tui.StartTheme(c.Theme), Now: a.now,
	})
	app := tui.New(scr, tui.Options{Theme: c.Theme, Mouse: c.Mouse})
	p := tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(a.in), tea.WithOutput(a.out), tea.WithEnvironment(a.environ), tea.WithoutSignalHandler())
	_, err := p.Run()
	if err != nil && !errors.Is(err, tea.ErrProgramKilled) {
		return errors.Join(fmt.Errorf("run the workbench: %w", err), app.Close())
	}
	if !scr.Used() {
		return a.endHost(context.WithoutCancel(ctx), at.client, at.host)
	}
	fmt.Fprintf(a.out, "The kernel of %s goes on; open it again to come back, nbterm kill %s ends it.\n", term.Clean(filepath.Base(o.path)), at.host.ID)
	return app.Close()
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
