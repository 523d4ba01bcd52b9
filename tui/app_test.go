package tui_test

import (
	"context"
	"errors"
	"image/color"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/tui"
	"nbterm/tui/dialog"
	"nbterm/tui/keymap"
	screen "nbterm/tui/notebook"
	"nbterm/tui/tuitest"
)

// start runs the program on a notebook of two cells whose kernel comes by connect.
func start(t *testing.T, o tui.Options, connect func(context.Context, storage.Revision) (screen.Connection, error)) *tuitest.Terminal {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	doc := notebook.New("python3", "Python 3", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, "one = 1"), notebook.NewCell(notebook.Code, "two = 2"))
	app := tui.New(screen.New(screen.Deps{
		Doc: doc, Store: store, Path: "nb.ipynb", Name: "nb.ipynb", Place: "~", Kernel: "Python 3",
		Connect: connect, Keys: keys, Theme: tui.StartTheme(o.Theme), Now: time.Now,
	}), o)
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tuitest.Start(t, app, 80, 24)
}

// never is a kernel that does not come up.
func never(ctx context.Context, _ storage.Revision) (screen.Connection, error) {
	<-ctx.Done()
	return screen.Connection{}, ctx.Err()
}

func see(term *tuitest.Terminal, text string) {
	term.WaitFor(text, func(s string) bool { return strings.Contains(s, text) })
}

func TestTheNotebookIsThereBeforeItsKernel(t *testing.T) {
	t.Parallel()
	term := start(t, tui.Options{Theme: "dark"}, never)
	see(term, "one = 1")
	term.Type("enter", "zero", "esc", "j")
	term.Idle()
	see(term, "zeroone = 1")
	see(term, "2/2")
}

func TestAKernelThatCannotBeReachedIsTold(t *testing.T) {
	t.Parallel()
	term := start(t, tui.Options{Theme: "dark"}, func(context.Context, storage.Revision) (screen.Connection, error) {
		return screen.Connection{}, errors.New("there is no snake here")
	})
	see(term, "there is no snake here")
	term.Type("enter", "x", "esc")
	term.Idle()
	see(term, "xone = 1")
}

func TestTheTopDialogHasTheKeys(t *testing.T) {
	t.Parallel()
	term := start(t, tui.Options{Theme: "dark", Mouse: true}, never)
	for _, title := range []string{"The lower one", "The upper one"} {
		term.Send(dialog.OpenMsg{Dialog: dialog.Choice{Title: title, Options: []dialog.Option{{Key: "esc", Text: "close"}}}})
	}
	see(term, "The upper one")
	term.Type("d", "d", "j")
	term.Click(9, 4)
	term.Idle()
	if _, _, shown := term.Cursor(); shown {
		t.Error("a cursor is shown below the dialog")
	}
	term.Type("esc")
	term.Idle()
	see(term, "The lower one")
	term.Type("esc")
	term.Idle()
	see(term, "1/2")
	see(term, "two = 2")
}

func TestTheThemeFollowsTheTerminalOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	for name, follows := range map[string]bool{"auto": true, "dark": false, "light": false, "plain": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := start(t, tui.Options{Theme: name}, never)
			paint := func(c color.Color) color.Color {
				term.Send(tea.BackgroundColorMsg{Color: c})
				term.Idle()
				x, y := term.Find("Python 3")
				return term.Cell(x, y).Style.Fg
			}
			dark, light := paint(color.Black), paint(color.White)
			if changed := dark != light; changed != follows {
				t.Errorf("on black %v, on white %v", dark, light)
			}
		})
	}
}
