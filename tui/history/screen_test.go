package history_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/tui"
	"nbterm/tui/history"
	"nbterm/tui/keymap"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

func book(sources ...string) []byte {
	doc := notebook.New("python3", "Python 3", "python")
	for i, src := range sources {
		doc.Insert(i, notebook.NewCell(notebook.Code, src))
	}
	return doc.Bytes()
}

// past is a notebook with three versions, the oldest of them removed.
type past struct {
	now      []byte
	restored string
	fail     error
}

func (p *past) list(context.Context) ([]history.Version, error) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 9, 30, 0, 0, time.Local) }
	return []history.Version{
		{Version: storage.Version{ID: "b", Modified: day(20), Note: "tidy up\x1b]0;evil\a", Author: "Ann"}, From: "git"},
		{Version: storage.Version{ID: "a", Modified: day(19)}, From: "nbterm"},
		{Version: storage.Version{ID: "x", Modified: day(18), Removed: true}, From: "s3"},
	}, p.fail
}

func (p *past) read(_ context.Context, v history.Version) ([]byte, error) {
	if v.ID == "a" {
		return book("import os", "print('old')", "third()"), nil
	}
	return book("import os", "print('new')"), nil
}

func open(t *testing.T, p *past, w, h int) *tuitest.Terminal {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := history.New(history.Deps{
		Name: "report.ipynb", List: p.list, Read: p.read, Keys: keys, Theme: theme.New(true), Clock: time.Now,
		Now:     func(context.Context) ([]byte, error) { return p.now, nil },
		Restore: func(_ context.Context, v history.Version) error { p.restored = v.ID; return p.fail },
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

func TestEachVersionShowsWhatHasChangedSince(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		w, h int
		name string
	}{{120, 20, "changes-120x20"}, {80, 24, "changes-80x24"}} {
		term := open(t, &past{now: book("import os", "print('new')")}, size.w, size.h)
		term.WaitFor("the same", has("It is as it is now"))
		term.Type("j")
		term.WaitFor("the changes", has("− print('old')", "+ print('new')", "cell 3 was removed since"))
		term.Golden(size.name)
		term.Type("tab")
		term.WaitFor("the whole", has("third()", "the version"))
		term.Type("j")
		term.WaitFor("the removal", has("The notebook was removed here."))
		term.Type("r")
		term.WaitFor("why not", has("nothing is left of it"))
		if strings.Contains(term.Title(), "evil") {
			t.Error("a note reached the title")
		}
	}
}

func TestAVersionIsPutBackOnceAsked(t *testing.T) {
	t.Parallel()
	p := &past{now: book("import os")}
	term := open(t, p, 100, 24)
	term.WaitFor("the versions", has("nbterm"))
	term.Type("j", "r")
	term.WaitFor("the question", has("Put back the version of 2026-11-19"))
	term.Type("r")
	term.WaitFor("the end", has("put back; the version before it is kept too"))
	if p.restored != "a" {
		t.Errorf("%q was put back", p.restored)
	}
}

func TestAPastThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	term := open(t, &past{fail: errors.New("list versions: access denied")}, 100, 24)
	term.WaitFor("the reason", has("list versions: access denied"))
}
