package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"nbterm/cmd/nbterm/config"
	"nbterm/render"
	"nbterm/tui"
	"nbterm/tui/keymap"
	"nbterm/tui/pager"
	"nbterm/tui/screen"
)

// workbench is the program on the screen: it knows how to make every kind of screen.
type workbench struct {
	app    *app
	config config.Config
	keys   *keymap.Map

	out      io.Writer // the terminal, by way of what shows pictures
	pictures tui.Pictures
	tools    *render.Tools

	mu   sync.Mutex   // guards left
	left []*connector // of notebooks that were closed

	memory sync.WaitGroup // what is written beside the screen
}

// wasOpened remembers a notebook without anybody waiting for the disk.
func (w *workbench) wasOpened(url string) {
	w.memory.Go(func() { w.app.wasOpened(context.Background(), url) })
}

// workbench opens the workbench on t and returns when it has ended. asked is the kernel
// for the notebook that t names, "" for its own.
func (a *app) workbench(ctx context.Context, t screen.Target, asked string) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	defer a.startLog(c.Log)()
	keys, err := keymap.New(c.Keys)
	if err != nil {
		return exit(exitUsage, fmt.Errorf("read the keys in %s: %w", a.configPath(), err))
	}
	if terminal := isTerminal(a.in) && isTerminal(a.out); !terminal && t.Path == "" {
		return usagef("the workbench needs a terminal")
	} else if !terminal {
		return usagef("the workbench needs a terminal; `nbterm cat %s` prints the notebook, `nbterm run` runs it", t.Path)
	}
	w := &workbench{app: a, config: c.Config, keys: keys, tools: a.tools()}
	w.out, w.pictures = a.pictures(c.Config)
	first, err := w.screen(ctx, t, asked)
	if err != nil {
		return err
	}
	return w.run(ctx, first, t)
}

// framesPerSecond bounds how long a key waits for its echo: at 60 the wait for the
// next frame was most of the 18 ms that one key in a hundred took.
const framesPerSecond = 120

// run shows the first screen and what is opened from it.
func (w *workbench) run(ctx context.Context, first screen.Screen, t screen.Target) error {
	a := w.app
	app := tui.New(first, tui.Options{
		Theme: w.config.Theme, Mouse: w.config.Mouse, First: t, Key: w.key,
		Pictures: w.pictures, Fault: w.fault,
		Open: func(ctx context.Context, t screen.Target) (screen.Screen, error) {
			if t.Kind == screen.Auto && w.isRecord(ctx, t.Path) {
				t.ReadOnly = true
			}
			return w.screen(ctx, t, "")
		},
	})
	p := tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(a.in), tea.WithOutput(w.out), tea.WithEnvironment(a.environ), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond))
	stop := startPictures(ctx, w.pictures.Layer, p.Send)
	_, err := p.Run()
	stop()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		err = w.faulted()
	case errors.Is(err, tea.ErrProgramKilled):
		err = nil // a signal; its status is told by the caller
	}
	err = errors.Join(err, app.Close())
	w.sayFarewells()
	w.memory.Wait()
	return err
}

// fault writes down why the workbench is about to end.
func (w *workbench) fault(what any, stack []byte) {
	w.app.logger().Error("workbench panicked", "panic", fmt.Sprint(what), "stack", string(stack))
}

// faulted is what a person is told after a panic.
func (w *workbench) faulted() error {
	where := "the log"
	if file, err := w.app.logFile(w.config.Log); err == nil {
		where = w.app.tilde(file)
	}
	return fmt.Errorf("the workbench ended by a fault of its own, which is written in %s; kernels go on, and edits not saved are offered when their notebook is opened again", where)
}

// screen makes the screen for a target; asked is a kernel, as in openPage.
func (w *workbench) screen(ctx context.Context, t screen.Target, asked string) (screen.Screen, error) {
	if t.Kind == screen.Auto && w.app.isFolder(ctx, t.Path) {
		t.Kind = screen.Browser
	}
	if t.Kind == screen.Auto && !w.isNotebook(ctx, t) {
		return w.openFile(ctx, t)
	}
	switch t.Kind {
	case screen.Browser:
		return w.browse(t)
	case screen.Auto, screen.Notebook:
		p, err := w.openPage(ctx, t, asked)
		if err != nil {
			return nil, err // not a page that is nil
		}
		return p, nil
	case screen.Output:
		return w.openOutput(t), nil
	case screen.Sessions:
		return w.openSessions()
	case screen.History:
		return w.openHistory(ctx, t)
	case screen.Diff:
		return w.openDiff(ctx, t)
	case screen.Form:
		return w.openForm(ctx, t)
	case screen.Text:
		return pager.New(pager.Deps{Title: t.Title, Body: t.Body, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme)}), nil
	}
	return nil, usagef("this nbterm has no screen for a %s", t.Kind)
}

// key names what a target shows. A local file is the same by whatever links it is
// reached.
func (w *workbench) key(t screen.Target) string {
	switch t.Kind {
	case screen.Auto, screen.Notebook:
		return fmt.Sprint(w.app.realPath(t.Path), t.ReadOnly)
	case screen.Sessions:
		return string(t.Kind)
	case screen.Form:
		return "form " + w.app.realPath(t.Path)
	}
	return ""
}

// realPath names a local file once and for all; an address stays as it is.
func (a *app) realPath(path string) string {
	if isURL(path) {
		return path
	}
	file, err := filepath.Abs(a.expand(path))
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}

// farewell remembers what is to be said when the program has ended.
func (w *workbench) farewell(k *connector) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = append(w.left, k)
}

// sayFarewells tells which kernels go on, once each.
func (w *workbench) sayFarewells() {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := map[string]bool{}
	for _, k := range w.left {
		if k.farewell != "" && !said[k.farewell] && k.host.IsAlive() {
			said[k.farewell] = true
			fmt.Fprintln(w.app.out, k.farewell)
		}
	}
}

// openOn lets the root command open the workbench.
func (a *app) openOn(cmd *cobra.Command) {
	var asked string
	cmd.Flags().StringVarP(&asked, "kernel", "k", "", "run cells on this `KERNEL` instead of the notebook's")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{"."}
		}
		return a.workbench(cmd.Context(), screen.Target{Path: args[0]}, asked)
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
			return a.workbench(cmd.Context(), screen.Target{Kind: screen.Notebook, Path: args[0], ReadOnly: true}, "")
		},
	}
}
