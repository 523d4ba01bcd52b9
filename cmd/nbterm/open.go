package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"nbterm/cmd/nbterm/config"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/engine/recovery"
	"nbterm/render/term"
	"nbterm/storage"
	"nbterm/tui"
	"nbterm/tui/keymap"
	screen "nbterm/tui/notebook"
)

// opened is a notebook read from a store.
type opened struct {
	doc   *notebook.Notebook
	store storage.Store
	name  string // within store
	path  string // as the user knows it, absolute or a URL
	dir   string // where its kernel begins
	was   storage.Revision
}

// openNotebook reads the notebook at path, which may be any address of a store. With
// create, one that is not there is a new notebook, written at the first save.
func (a *app) openNotebook(ctx context.Context, path string, create bool) (opened, error) {
	at, err := a.place(ctx, path)
	if err != nil {
		return opened{}, hinted(err)
	}
	o := opened{store: at.store, name: at.name, path: at.url, dir: at.folder()}
	data, info, err := at.store.Read(ctx, at.name)
	switch {
	case errors.Is(err, storage.ErrNotExist) && create:
		if !strings.HasSuffix(path, ".ipynb") {
			return o, usagef("there is no file %s; a new notebook's name must end in .ipynb", path)
		}
		o.doc = notebook.New("", "", "")
		return o, nil
	case err != nil:
		return o, exit(exitStorage, hinted(err))
	}
	o.was = info.Revision
	if o.doc, err = notebook.Parse(data); err != nil {
		return o, exit(exitStorage, fmt.Errorf("open %s: %w", path, hinted(err)))
	}
	return o, nil
}

// open runs the workbench on the notebook at path.
func (a *app) open(ctx context.Context, path, asked string, readOnly bool) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	defer a.startLog(c.Log)()
	keys, err := keymap.New(c.Keys)
	if err != nil {
		return exit(exitUsage, fmt.Errorf("read the keys in %s: %w", a.configPath(), err))
	}
	if !isTerminal(a.in) || !isTerminal(a.out) {
		return usagef("the workbench needs a terminal; `nbterm cat %s` prints the notebook, `nbterm run` runs it", path)
	}
	at, err := a.place(ctx, path)
	if err != nil {
		return hinted(err)
	}
	var notes []string
	if !readOnly {
		notes = a.sweep(ctx, at.url)
	}
	o, err := a.openNotebook(ctx, path, !readOnly)
	if err != nil {
		return err
	}
	if err := understood(o.doc); err != nil {
		readOnly, notes = true, append(notes, err.Error()+"; it is shown and not changed")
	}
	if readOnly {
		k := &connector{app: a, left: make(chan struct{}), readOnly: true, want: hostFor{notebook: o.path, was: o.was}}
		return a.workbench(ctx, o, k, strings.Join(notes, "; "), c.Config, keys)
	}
	k, err := a.connector(ctx, &o, asked, c.Config)
	if err != nil {
		return err
	}
	if k.note != "" {
		notes = append(notes, k.note)
	}
	return a.workbench(ctx, o, k, strings.Join(notes, "; "), c.Config, keys)
}

// newestFormat is the major nbformat that we know how to change.
const newestFormat = 4

// understood refuses to change notebooks of formats to come.
func understood(doc *notebook.Notebook) error {
	if major, minor := doc.Format(); major > newestFormat {
		return fmt.Errorf("the notebook is of nbformat %d.%d, and this nbterm knows %d", major, minor, newestFormat)
	}
	return nil
}

// errNoSession is what a viewer is told, who starts nothing.
var errNoSession = errors.New("no kernel runs for this notebook; shown as it was saved")

// connector finds or starts the host of one workbench. Its connect runs on a
// goroutine of the program, at most one at a time.
type connector struct {
	app      *app
	want     hostFor // what to start when there is no living host
	readOnly bool    // only read along, start nothing
	note     string  // about the kernel that was chosen; may be ""
	// choose finds the kernel where there was none yet: it may be there by the next
	// try. nil once there is one. Guarded by mu.
	choose func(context.Context) (spec.Spec, string, error)

	mu     sync.Mutex // guards all below
	client *link.Client
	host   registry.Host
	closed bool
	left   chan struct{} // closed with closed
	work   sync.WaitGroup
}

// spareDelay lets the kernel that is wanted now come up first.
const spareDelay = 5 * time.Second

// spare makes a kernel ready for the next notebook, a little later.
func (k *connector) spare() {
	k.work.Add(1)
	go func() {
		defer k.work.Done()
		later := time.NewTimer(spareDelay)
		defer later.Stop()
		select {
		case <-later.C:
			k.app.makeSpare(context.Background(), k.want)
		case <-k.left:
		}
	}()
}

// connector decides on what kernel o runs, unless a session of it lives.
func (a *app) connector(ctx context.Context, o *opened, asked string, c config.Config) (*connector, error) {
	k := &connector{app: a, left: make(chan struct{}), want: hostFor{
		notebook: o.path, was: o.was, dir: o.dir,
		timeout: c.Kernel.StartTimeout, life: lifeOf(c.Kernel), warm: c.Kernel.Spare,
	}}
	h, lives := a.living(o.path)
	if lives {
		k.want.spec = h.Spec
		return k, a.agrees(h, asked)
	}
	// Of the notebook only what it asks for: the document will belong to the screen.
	wants := notebook.New(o.doc.KernelName(), "", o.doc.Language())
	choose := func(ctx context.Context) (spec.Spec, string, error) {
		return a.chooseKernel(ctx, wants, asked, c.Kernel.Default)
	}
	s, note, err := choose(ctx)
	if asked == "" && exitCode(ctx, err) == exitKernel {
		// It can be read and edited all the same; connect tells.
		k.choose, k.want.spec.DisplayName = choose, term.Clean(o.doc.KernelName())
		return k, nil
	}
	if err != nil {
		return nil, err
	}
	k.want.spec, k.note = s, note
	if o.was == storage.None {
		o.doc = notebook.New(s.Name, s.DisplayName, s.Language)
		k.note = strings.TrimPrefix(note+"; new notebook", "; ")
	}
	return k, nil
}

// lifeOf is when the kernels of the workbench end by themselves.
func lifeOf(c config.Kernel) registry.Life {
	switch c.Life {
	case "keep":
		return registry.Life{}
	case "with-client":
		return registry.Life{WithClient: true}
	}
	return registry.Life{Idle: c.Idle}
}

// living finds the living host of a notebook.
func (a *app) living(path string) (registry.Host, bool) {
	dirs, err := a.hostDirs()
	if err != nil {
		return registry.Host{}, false // told when a host is started
	}
	hosts, err := dirs.Of(path)
	if err != nil || len(hosts) == 0 {
		return registry.Host{}, false
	}
	return hosts[0], hosts[0].Alive
}

// connect joins the living host of the notebook, else starts one. was is the
// revision of the file that the document stands on.
func (k *connector) connect(ctx context.Context, was storage.Revision) (screen.Connection, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return screen.Connection{}, context.Canceled
	}
	if k.client != nil {
		_ = k.client.Close() // its host has ended, or this is another try
		was = k.bury(ctx, was)
	}
	if h, lives := k.app.living(k.want.notebook); lives {
		return k.attach(ctx, h, was)
	}
	if k.readOnly {
		return screen.Connection{}, errNoSession
	}
	notice := ""
	if k.choose != nil {
		s, note, err := k.choose(ctx)
		if err != nil {
			return screen.Connection{}, err
		}
		k.want.spec, k.choose, notice = s, nil, note
	}
	want := k.want
	want.was = was
	client, h, err := k.app.startHost(ctx, want)
	if err != nil {
		return screen.Connection{}, err
	}
	k.client, k.host = client, h
	k.spare()
	return screen.Connection{Host: client, Holds: h.Mark(), Notice: notice}, nil
}

// bury saves what a host that has ended told last, and takes away what it left.
// What cannot be saved now is kept for the next opening. It gives the revision of
// the file, which is another than was if it was written.
func (k *connector) bury(ctx context.Context, was storage.Revision) storage.Revision {
	if k.readOnly || k.host.IsAlive() {
		return was
	}
	wrote, err := k.app.settle(ctx, k.host)
	if err != nil {
		return was
	}
	if wrote == k.want.notebook {
		was = storage.Revision(k.host.Mark().Revision)
	}
	_ = k.host.Remove() // tried again at the next opening
	return was
}

// attach joins a living host. Called with the lock held.
func (k *connector) attach(ctx context.Context, h registry.Host, was storage.Revision) (screen.Connection, error) {
	client, err := k.app.dial(ctx, h, k.readOnly)
	if err != nil {
		return screen.Connection{}, err
	}
	st, err := client.Ask()
	if err != nil {
		_ = client.Close() // the question failed already
		return screen.Connection{}, err
	}
	k.client, k.host = client, h
	k.app.logger().Info("host joined", "host", h.ID, "kernel", h.Spec.Name)
	c := screen.Connection{Host: client, Notice: "back in the session of " + h.Started.Format("Jan 2 15:04")}
	if k.readOnly {
		c.Notice = "following the session of " + h.Started.Format("Jan 2 15:04")
	}
	// Where the file was changed since, all that the host knows is folded anew.
	if st.Mark.Revision == string(was) {
		c.Holds = st.Mark
	}
	return c, nil
}

// leave ends a host that nobody has used, and says of another that it goes on.
func (k *connector) leave() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	close(k.left)
	k.work.Wait()
	if k.client == nil {
		return nil
	}
	if !k.readOnly && k.host.IsAlive() {
		ended, err := k.client.Release()
		if err == nil && !ended && !k.host.Life.WithClient {
			fmt.Fprintf(k.app.out, "The kernel of %s goes on; open it again to come back, nbterm kill %s ends it.\n",
				term.Clean(filepath.Base(k.want.notebook)), k.host.ID)
		}
	}
	return k.client.Close()
}

// framesPerSecond bounds how long a key waits for its echo: at 60 the wait for the
// next frame was most of the 18 ms that one key in a hundred took.
const framesPerSecond = 120

func (a *app) workbench(ctx context.Context, o opened, k *connector, note string, c config.Config, keys *keymap.Map) error {
	safety, faults := a.safety(o, k.readOnly)
	if len(faults) > 0 {
		note = strings.TrimPrefix(note+"; "+term.Clean(faults[0].Error()), "; ")
	}
	scr := screen.New(screen.Deps{
		Doc: o.doc, Store: loggedStore{o.store, a.logger()}, Path: o.name, Was: o.was,
		Name: term.Clean(filepath.Base(o.path)), Place: term.Clean(a.tilde(filepath.Dir(o.path))),
		Connect: k.connect, Kernel: k.want.spec.DisplayName, Notice: note,
		ReadOnly: k.readOnly, FoldOver: c.Output.MaxLines, AutoClose: c.Editor.AutoClose, TabWidth: c.Editor.TabWidth, Keys: keys, Theme: tui.StartTheme(c.Theme), Now: a.now,
		Safety: safety,
	})
	app := tui.New(scr, tui.Options{Theme: c.Theme, Mouse: c.Mouse})
	p := tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(a.in), tea.WithOutput(a.out), tea.WithEnvironment(a.environ), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond))
	_, err := p.Run()
	if errors.Is(err, tea.ErrProgramKilled) {
		err = nil // a signal; its status is told by the caller
	}
	err = errors.Join(err, scr.Keep(), k.leave())
	_ = app.Close() // leave has closed the connection already
	return err
}

// safety is where the unsaved edits of a notebook are kept, and what earlier programs
// left there. A file is the same by whatever links it is reached.
func (a *app) safety(o opened, readOnly bool) (screen.Safety, []error) {
	if readOnly {
		return screen.Safety{}, nil
	}
	dir, err := a.stateDir()
	if err != nil {
		return screen.Safety{}, []error{fmt.Errorf("unsaved edits would not survive a crash: %w", err)}
	}
	place := recovery.Place{Dir: filepath.Join(dir, "recovery"), Path: o.path}
	if real, err := filepath.EvalSymlinks(o.path); err == nil {
		place.Path = real
	}
	left, faults := place.Find()
	return screen.Safety{Keeper: place.Keep(newID()[:8], a.now), Left: left}, faults
}

// openOn lets the root command open the workbench.
func (a *app) openOn(cmd *cobra.Command) {
	var asked string
	cmd.Flags().StringVarP(&asked, "kernel", "k", "", "run cells on this `KERNEL` instead of the notebook's")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("name a notebook: nbterm report.ipynb")
		}
		return a.open(cmd.Context(), args[0], asked, false)
	}
}

func newViewCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "view NOTEBOOK",
		Short: "Look at a notebook, and follow its session live",
		Long: "Opens the workbench on NOTEBOOK without being able to change it: no kernel is\n" +
			"started, nothing is sent to one, nothing is written. Where a session of the\n" +
			"notebook runs, its outputs appear as they come.",
		Example: "  nbterm view report.ipynb",
		Args:    exactArgs("a notebook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.open(cmd.Context(), args[0], "", true)
		},
	}
}
