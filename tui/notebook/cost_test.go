package notebook_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/tui"
	"nbterm/tui/keymap"
	screen "nbterm/tui/notebook"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

func TestTheTitleTellsWhatTheKernelCosts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(book("x = 1"))
	if err != nil {
		t.Fatal(err)
	}
	var busy atomic.Bool
	app := tui.New(screen.New(screen.Deps{
		Doc: doc, Store: store, Path: "nb.ipynb", Name: "nb.ipynb", Place: "~", Kernel: "Python 3 (embedded)",
		Connect: func(context.Context, storage.Revision) (screen.Connection, error) {
			return screen.Connection{Host: python(t, dir)}, nil
		},
		Cost: func(pid int) screen.Cost {
			if pid <= 0 {
				t.Errorf("asked about process %d", pid)
			}
			if !busy.Load() {
				return screen.Cost{Memory: 84_000_000, CPU: 2}
			}
			return screen.Cost{Memory: 1_230_000_000, CPU: 74.4}
		},
		Keys: keys, Theme: theme.New(true), Now: noon,
	}), tui.Options{Theme: "dark"})
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	term := tuitest.Start(t, app, 100, 24)
	for _, want := range []string{"○ idle · 84 MB\n", "○ idle · 1.2 GB · 74 % cpu\n"} {
		term.WaitFor(want, func(s string) bool { return strings.Contains(s, want) })
		busy.Store(true)
	}
	term.Resize(60, 24)
	term.WaitFor("a narrow title without it", func(s string) bool { return strings.Contains(s, "○ idle\n") })
}
