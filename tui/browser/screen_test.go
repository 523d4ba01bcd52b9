package browser_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/notebook"
	"nbterm/tui"
	"nbterm/tui/browser"
	"nbterm/tui/keymap"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// disk is the files below a folder, whose addresses are their paths in it.
type disk struct {
	root string
	slow chan struct{} // nil, or what a copy waits for
}

func (d disk) at(url string) string { return filepath.Join(d.root, url) }

func (d disk) List(_ context.Context, url, _ string) (browser.Page, error) {
	names, err := os.ReadDir(d.at(url))
	if err != nil {
		return browser.Page{}, errors.New("list " + url + ": it is not there")
	}
	var p browser.Page
	for _, n := range names {
		info, err := n.Info()
		if err != nil {
			return p, err
		}
		p.Entries = append(p.Entries, browser.Entry{Name: n.Name(), URL: d.Join(url, n.Name()), Dir: n.IsDir(), Size: info.Size(), Modified: noon().Add(-3 * time.Hour)})
	}
	return p, nil
}

func (d disk) Read(_ context.Context, url string, limit int64) ([]byte, bool, error) {
	data, err := os.ReadFile(d.at(url))
	return data[:min(int64(len(data)), limit)], int64(len(data)) <= limit, err
}

func (d disk) Copy(ctx context.Context, from, to string, report func(done, total int64)) error {
	report(1, 2)
	if d.slow != nil {
		select {
		case <-d.slow:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	data, err := os.ReadFile(d.at(from))
	if err != nil {
		return err
	}
	return os.WriteFile(d.at(to), data, 0o600)
}

func (d disk) Move(_ context.Context, from, to string, _ func(done, total int64)) error {
	return os.Rename(d.at(from), d.at(to))
}

func (d disk) Remove(_ context.Context, url string) (func(context.Context) error, error) {
	kept := d.at(url) + "~"
	return func(context.Context) error { return os.Rename(kept, d.at(url)) }, os.Rename(d.at(url), kept)
}

func (d disk) Keeps(string) bool                           { return true }
func (d disk) MakeDir(_ context.Context, url string) error { return os.Mkdir(d.at(url), 0o700) }
func (d disk) Create(_ context.Context, url string) error  { return os.WriteFile(d.at(url), nil, 0o600) }
func (d disk) Join(dir, name string) string                { return strings.TrimRight(dir, "/") + "/" + name }
func (d disk) Short(url string) string                     { return "disk:" + url }
func (d disk) Long(dir, short string) string {
	if whole, ok := strings.CutPrefix(short, "disk:"); ok {
		return filepath.Clean(whole)
	}
	return d.Join(dir, short)
}

func (d disk) Has(_ context.Context, url string) (bool, error) {
	_, err := os.Stat(d.at(url))
	return err == nil, nil
}

func (d disk) Parent(url string) (string, bool) { return filepath.Dir(url), url != "/" }
func (d disk) live(context.Context) map[string]string {
	return map[string]string{"/live.ipynb": "busy"}
}
func (d disk) mark(context.Context, string, bool) error { return nil }

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// workspace is a folder with something of each kind in it.
func workspace(t *testing.T) disk {
	t.Helper()
	d := disk{root: t.TempDir()}
	doc := notebook.New("python3", "Python 3", "python")
	doc.Insert(0, notebook.NewCell(notebook.Markdown, "# Daily report\n\nRegion **eu**."))
	c := notebook.NewCell(notebook.Code, `region = "eu"  # which`+"\nlimit = 3\n").WithMeta([]byte(`["parameters"]`), "tags")
	doc.Insert(1, c, notebook.NewCell(notebook.Code, "print(region)").WithOutputs([]*notebook.Output{notebook.NewStream("stdout", "eu\n")}).WithCount(7, true))
	for name, data := range map[string]string{
		"report.ipynb": string(doc.Bytes()), "live.ipynb": string(doc.Bytes()), "notes.txt": "plain \x1b[31mwords\x1b]0;evil\a\nsecond line\n",
		"bin.dat": "\x00\x01", "archive/old.md": "# Old\n\nwords", "archive/deep/er/found_me.py": "x = 1\n", ".secret": "s",
	} {
		if err := os.MkdirAll(filepath.Dir(d.at(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.at(name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// open shows d at w x h.
func open(t *testing.T, d disk, w, h int) *tuitest.Terminal {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := browser.New(browser.Deps{
		Start: "/", Reader: d, Writer: d, Namer: d, Live: d.live, Bookmark: d.mark,
		Keys: keys, Theme: theme.New(true), Now: noon,
	})
	return tuitest.Start(t, tui.New(s, tui.Options{Theme: "dark"}), w, h)
}

func has(words ...string) func(string) bool {
	return func(screen string) bool {
		for _, w := range words {
			if !strings.Contains(screen, w) {
				return false
			}
		}
		return true
	}
}

func TestAFolderIsShownWithAPreviewOfTheFileUnderTheCursor(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		w, h int
		name string
	}{{120, 30, "report-120x30"}, {80, 24, "report-80x24"}} {
		term := open(t, workspace(t), size.w, size.h)
		term.WaitFor("the folder", has("report.ipynb", "● busy"))
		term.Type("/", "r", "e", "p", "enter")
		term.WaitFor("the preview", has("Daily report", "python3 · 3 cells", `region="eu"  limit=3`, "7│ print(region)"))
		term.Golden(size.name)
	}
}

func TestANarrowScreenShowsTheTreeAlone(t *testing.T) {
	t.Parallel()
	term := open(t, workspace(t), 40, 12)
	term.WaitFor("the folder", has("report.ipynb"))
	term.Golden("narrow-40x12")
}

func TestWhatAFileHoldsCannotReachTheTerminal(t *testing.T) {
	t.Parallel()
	term := open(t, workspace(t), 100, 24)
	term.WaitFor("the folder", has("notes.txt"))
	term.Type("/", "n", "o", "t", "enter")
	term.WaitFor("the text", has("words", "second line"))
	if strings.Contains(term.Title(), "evil") {
		t.Errorf("a file changed the title to %q", term.Title())
	}
}

func TestAFolderThatIsNotThereSaysSoAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	d := workspace(t)
	term := open(t, d, 100, 24)
	term.WaitFor("the folder", has("archive"))
	if err := os.RemoveAll(d.at("archive")); err != nil {
		t.Fatal(err)
	}
	term.Type("j", "enter")
	term.WaitFor("the reason", has("✗", "list /archive: it is not there"))
	term.Type("r")
	term.WaitFor("a list without it", func(s string) bool { return !strings.Contains(s, "▸ archive") && has("report.ipynb")(s) })
}

func TestANameIsFoundBelowFoldersThatWereNeverOpened(t *testing.T) {
	t.Parallel()
	term := open(t, workspace(t), 100, 24)
	term.WaitFor("the folder", has("archive"))
	term.Type("f", "f", "m", "e")
	term.WaitFor("the file", has("archive/deep/er/found_me.py", "9 names looked at"))
	term.Type("esc")
	term.WaitFor("the tree again", has("▸ archive", "? help"))
}

func TestWhatIsDeletedComesBack(t *testing.T) {
	t.Parallel()
	d := workspace(t)
	term := open(t, d, 100, 24)
	term.WaitFor("the folder", has("notes.txt"))
	term.Type("/", "n", "o", "t", "enter", "D")
	term.WaitFor("the question", has("Delete notes.txt?"))
	term.Type("D")
	term.WaitFor("the end", has("z takes it back"))
	if _, err := os.Stat(d.at("notes.txt")); err == nil {
		t.Fatal("the file is still there")
	}
	term.Type("z")
	term.WaitFor("the file", has("taking back deleting is done"))
	if _, err := os.Stat(d.at("notes.txt")); err != nil {
		t.Fatal(err)
	}
}

func TestMarkedFilesAreCopiedIntoAFolder(t *testing.T) {
	t.Parallel()
	d := workspace(t)
	term := open(t, d, 100, 24)
	term.WaitFor("the folder", has("notes.txt"))
	term.Type("j", "j", "space", "space", "c")
	term.WaitFor("the question", has("copy 2 entries to disk:/"))
	term.Type(strings.Split("archive", "")...)
	term.Type("enter")
	term.WaitFor("the end", has("copying is done"))
	for _, name := range []string{"archive/bin.dat", "archive/live.ipynb"} {
		if _, err := os.Stat(d.at(name)); err != nil {
			t.Error(err)
		}
	}
}

func TestACopyIsStoppedAndTheScreenAnswersMeanwhile(t *testing.T) {
	t.Parallel()
	d := workspace(t)
	d.slow = make(chan struct{})
	term := open(t, d, 100, 24)
	term.WaitFor("the folder", has("notes.txt"))
	term.Type("/", "n", "o", "t", "enter", "c")
	term.WaitFor("the question", has("copy notes.txt to"))
	term.Type(strings.Split("x.txt", "")...)
	term.Type("enter")
	term.WaitFor("the progress", has("copying notes.txt", "50 %", "esc stops"))
	term.Type("k", "D")
	term.WaitFor("why not", has("50 %"))
	term.Type("esc")
	term.WaitFor("the end", has("stopped copying"))
	if _, err := os.Stat(d.at("x.txt")); err == nil {
		t.Error("a copy that was stopped is there")
	}
}

func TestWhatWasThereBeforeACopyIsNotTakenBackWithIt(t *testing.T) {
	t.Parallel()
	d := workspace(t)
	term := open(t, d, 100, 24)
	term.WaitFor("the folder", has("notes.txt"))
	term.Type("/", "n", "o", "t", "enter", "c")
	term.WaitFor("the question", has("copy notes.txt to disk:/"))
	term.Type(strings.Split("bin.dat", "")...)
	term.Type("enter")
	term.WaitFor("the end", has("copying is done"))
	term.Type("z")
	term.WaitFor("why not", has("nothing was done yet that can be taken back"))
}

func TestAnAddressThatIsTypedIsOpenedAsARoot(t *testing.T) {
	t.Parallel()
	term := open(t, workspace(t), 100, 24)
	term.WaitFor("the folder", has("archive"))
	term.Type("o")
	term.WaitFor("the question", has("go to"))
	term.Type(strings.Split("disk:/archive/deep", "")...)
	term.Type("enter")
	term.WaitFor("the folder", has("▾ disk:/archive/deep", "▸ er"))
	term.Type("g", "o")
	term.Type(strings.Split("nowhere", "")...)
	term.Type("enter")
	term.WaitFor("why not", has("▾ disk:/nowhere", "list /nowhere: it is not there"))
}
