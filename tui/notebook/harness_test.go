package notebook_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/spec"
	"nbterm/engine/notebook"
	"nbterm/engine/wire"
	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/tui"
	"nbterm/tui/keymap"
	screen "nbterm/tui/notebook"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// desk is a notebook open in a terminal, with a real Python behind it.
type desk struct {
	*tuitest.Terminal
	t    *testing.T
	dir  string // where the notebook is and the kernel works
	path string // of the notebook
}

// noon stands still, so that pictures of the screen do not change.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// open opens a new notebook of code cells at 80x24; a cell that begins with "md:" is
// markdown.
func open(t *testing.T, cells ...string) *desk {
	t.Helper()
	return openBytes(t, 80, 24, book(cells...))
}

// book is the file of a notebook of cells.
func book(cells ...string) []byte {
	doc := notebook.New("python3", "Python 3", "python")
	for i, src := range cells {
		kind := notebook.Code
		if text, ok := strings.CutPrefix(src, "md:"); ok {
			kind, src = notebook.Markdown, text
		}
		doc.Insert(i, notebook.NewCell(kind, src))
	}
	return doc.Bytes()
}

// openBytes opens a file of the given content at w x h.
func openBytes(t *testing.T, w, h int, data []byte) *desk {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "nb.ipynb")}
	d.write(data)
	return openFile(t, w, h, d.path, screen.Safety{LookEvery: time.Hour})
}

// openFile opens the notebook at path.
func openFile(t *testing.T, w, h int, path string, safety screen.Safety) *desk {
	t.Helper()
	dir := filepath.Dir(path)
	d := &desk{t: t, dir: dir, path: path}
	store, name, err := local.Open(d.path)
	if err != nil {
		t.Fatal(err)
	}
	data, info, err := store.Read(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := notebook.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	app := tui.New(screen.New(screen.Deps{
		Doc: doc, Store: store, Path: name, Was: info.Revision, Name: "nb.ipynb", Place: "~/notebooks",
		Connect: func(context.Context, storage.Revision) (screen.Connection, error) {
			return screen.Connection{Host: python(t, dir)}, nil
		}, FoldOver: 60, Kernel: "Python 3 (embedded)",
		Keys: keys, Theme: theme.New(true), Now: noon, Safety: safety,
	}), tui.Options{Theme: "dark", Mouse: true})
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	d.Terminal = tuitest.Start(t, app, w, h)
	d.see("○ idle")
	return d
}

// python starts a host on the embedded Python, working in dir.
func python(t *testing.T, dir string) *host.Host {
	t.Helper()
	var py spec.Spec
	for _, s := range bridge.Specs() {
		if s.Name == bridge.PythonName {
			py = s
		}
	}
	var ids atomic.Int64
	newID := func() string { return fmt.Sprint("id-", ids.Add(1)) }
	stamp := wire.Stamp{Session: newID(), Username: "test", Now: noon, NewID: newID}
	runtime := t.TempDir()
	return host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) {
			return bridge.Launch(ctx, kernel.Options{Spec: py, Dir: dir, RuntimeDir: runtime, Stamp: stamp})
		},
		Stamp: stamp, Now: noon,
	})
}

// see waits until the screen shows all of texts, the bar of a selected cell counting
// as that of any other.
func (d *desk) see(texts ...string) {
	d.t.Helper()
	d.WaitFor(fmt.Sprintf("%q", texts), func(screen string) bool {
		screen = strings.ReplaceAll(screen, "┃", "│")
		for _, s := range texts {
			if !strings.Contains(screen, s) {
				return false
			}
		}
		return true
	})
}

// gone waits until the screen shows text no more.
func (d *desk) gone(text string) {
	d.t.Helper()
	d.WaitFor("the end of "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// press types keys and waits until they are handled.
func (d *desk) press(keys ...string) {
	d.t.Helper()
	d.Type(keys...)
	d.Idle()
}

// save saves and waits for it.
func (d *desk) save() {
	d.t.Helper()
	d.press("ctrl+s")
	d.WaitFor("the end of saving", func(screen string) bool {
		return strings.Contains(screen, "saved 12:00:00") && !strings.Contains(screen, "saving…")
	})
}

// saved saves and reads the file back.
func (d *desk) saved() *notebook.Notebook {
	d.t.Helper()
	d.save()
	doc, err := notebook.Parse(d.read(d.path))
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// wantCells saves and compares the sources of all cells; markdown begins with "md:",
// raw with "raw:".
func (d *desk) wantCells(want ...string) {
	d.t.Helper()
	var got []string
	for _, c := range d.saved().Cells() {
		src := c.Source()
		switch c.Kind() {
		case notebook.Markdown:
			src = "md:" + src
		case notebook.Raw:
			src = "raw:" + src
		}
		got = append(got, src)
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		d.t.Errorf("the cells are\n%q, want\n%q; screen:\n%s", got, want, d.Screen())
	}
}

// wantSelected checks which cell has the cursor, counted from 1.
func (d *desk) wantSelected(n, of int) {
	d.t.Helper()
	d.see(fmt.Sprintf("  %d/%d ", n, of))
}

func (d *desk) read(path string) []byte {
	d.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	return data
}

func (d *desk) write(data []byte) {
	d.t.Helper()
	if err := os.WriteFile(d.path, data, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// gate makes a named pipe in the kernel's folder: a cell that calls
// open("gate").readline() waits until the function returned is called.
func (d *desk) gate() (release func()) {
	d.t.Helper()
	path := filepath.Join(d.dir, "gate")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		d.t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) // for reading as well, or it would wait
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = f.Close() })
	return func() {
		if _, err := f.WriteString("go\n"); err != nil {
			d.t.Fatal(err)
		}
	}
}
