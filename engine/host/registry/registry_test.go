package registry_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/registry"
)

func dirs(t *testing.T) registry.Dirs {
	t.Helper()
	runtime, err := os.MkdirTemp("", "nb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(runtime) })
	return registry.Dirs{State: t.TempDir(), Runtime: runtime}
}

func create(t *testing.T, d registry.Dirs, id, notebook string, at int64) *os.File {
	t.Helper()
	lock, err := d.Create(registry.Entry{ID: id, Notebook: notebook, Started: time.Unix(at, 0)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Close() })
	return lock
}

func TestAHostLivesAsLongAsItsLockIsHeld(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	lock := create(t, d, "abc", "/x.ipynb", 1)
	h, err := d.Get("abc")
	if err != nil || !h.Alive {
		t.Fatalf("%+v, %v", h, err)
	}
	if err := h.Remove(); err == nil {
		t.Fatal("a living host was removed")
	}
	_ = lock.Close()
	if h, err = d.Get("abc"); err != nil || h.Alive {
		t.Fatalf("after its end: %+v, %v", h, err)
	}
	if err := h.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get("abc"); !errors.Is(err, registry.ErrUnknown) {
		t.Errorf("after its removal: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(d.State, "hosts", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheHostsOfANotebookComeLivingFirst(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	create(t, d, "old-alive", "/x.ipynb", 1)
	_ = create(t, d, "new-dead", "/x.ipynb", 3).Close()
	create(t, d, "other", "/y.ipynb", 4)
	of, err := d.Of("/x.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range of {
		ids = append(ids, h.ID)
	}
	if got := strings.Join(ids, " "); got != "old-alive new-dead" {
		t.Errorf("got %s", got)
	}
	if all, _ := d.List(); len(all) != 3 || all[0].ID != "other" {
		t.Errorf("the list is %+v", all)
	}
}

func TestAnIDMayBeShortened(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	create(t, d, "aab", "", 1)
	create(t, d, "aac", "", 2)
	if h, err := d.Get("aab"); err != nil || h.ID != "aab" {
		t.Errorf("%v, %v", h.ID, err)
	}
	if _, err := d.Get("aa"); err == nil || !strings.Contains(err.Error(), "2 sessions begin") {
		t.Errorf("ambiguous: %v", err)
	}
	if _, err := d.Get("zz"); !errors.Is(err, registry.ErrUnknown) {
		t.Errorf("unknown: %v", err)
	}
}

func TestMarksLastAndForeignFoldersAreLeftAlone(t *testing.T) {
	t.Parallel()
	d := dirs(t)
	create(t, d, "abc", "", 1)
	if err := os.MkdirAll(filepath.Join(d.State, "hosts", "stranger"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := registry.SaveMark(d.Folder("abc"), host.Mark{Seq: 9, Revision: "r"}); err != nil {
		t.Fatal(err)
	}
	all, err := d.List()
	if err != nil || len(all) != 1 || all[0].Mark().Seq != 9 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestASocketPathThatIsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	d := registry.Dirs{State: t.TempDir(), Runtime: "/tmp/" + strings.Repeat("x", 100)}
	if _, err := d.Create(registry.Entry{ID: "abc"}); err == nil || !strings.Contains(err.Error(), "longer than 107") {
		t.Errorf("%v", err)
	}
}

func TestWhenAHostEndsByItself(t *testing.T) {
	t.Parallel()
	const never = -1
	keep, idle, with := registry.Life{}, registry.Life{Idle: time.Hour}, registry.Life{WithClient: true}
	for _, c := range []struct {
		life      registry.Life
		busy, had bool
		clients   int
		want      time.Duration
	}{
		{keep, false, true, 0, never}, {keep, true, false, 0, never}, {keep, false, false, 1, never},
		{idle, false, true, 0, time.Hour}, {idle, false, false, 0, time.Hour},
		{idle, true, true, 0, never}, {idle, false, true, 2, never},
		{with, true, true, 0, 0}, {with, false, true, 0, 0}, {with, true, true, 1, never},
		{with, true, false, 0, time.Minute}, // whoever wanted it was killed before it came
	} {
		after, ok := c.life.Ends(c.busy, c.had, c.clients)
		if ok != (c.want != never) || ok && after != c.want {
			t.Errorf("%+v: %v, %v", c, after, ok)
		}
	}
}
