package notebook_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/tui"
	"nbterm/tui/keymap"
	screen "nbterm/tui/notebook"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// A host that ends must not take the next one along: the last word of its feed comes
// when the new one is there already.
func TestASessionThatEndsIsFollowedByAnotherHoweverOftenItIsAskedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var hosts []*host.Host
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(book("x = 1\nx"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := local.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	app := tui.New(screen.New(screen.Deps{
		Doc: doc, Store: store, Path: "nb.ipynb", Name: "nb.ipynb", Place: "~", Kernel: "Python 3 (embedded)",
		Connect: func(context.Context, storage.Revision) (screen.Connection, error) {
			h := python(t, dir)
			hosts = append(hosts, h)
			return screen.Connection{Host: session.Host(h)}, nil
		},
		Keys: keys, Theme: theme.New(true), Now: noon, FoldOver: 60, Safety: screen.Safety{LookEvery: time.Hour},
	}), tui.Options{Theme: "dark"})
	t.Cleanup(func() { _ = app.Close() })
	term := tuitest.Start(t, app, 80, 24)
	see := func(text string) {
		t.Helper()
		term.WaitFor(text, func(shown string) bool { return strings.Contains(shown, text) })
	}
	see("○ idle")
	for range 3 {
		if err := hosts[len(hosts)-1].Close(); err != nil {
			t.Fatal(err)
		}
		see("ended from elsewhere")
		term.Type("0", "0", "0", "0") // the second pair finds one coming, or asks whether to restart it
		see("○ idle")
		term.Type("esc", "ctrl+e")
		see("  1 ┃ x = 1")
	}
}
