package browser

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/keymap"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// bucket is a folder of so many keys, a thousand to a page, and a place to copy to that
// takes its time.
type bucket struct {
	keys int
	hold chan struct{} // what a copy waits for
}

func (b bucket) List(_ context.Context, url, page string) (Page, error) {
	from := 0
	_, _ = fmt.Sscan(page, &from) // "" is the first
	var p Page
	for i := from; i < min(from+1000, b.keys); i++ {
		name := fmt.Sprintf("run-%06d.ipynb", i)
		p.Entries = append(p.Entries, Entry{Name: name, URL: url + "/" + name, Size: int64(i * 7919 % b.keys), Modified: time.Unix(int64(i), 0)})
	}
	if from+1000 < b.keys {
		p.Next = fmt.Sprint(from + 1000)
	}
	return p, nil
}

func (b bucket) Read(context.Context, string, int64) ([]byte, bool, error) {
	return []byte("{}"), true, nil
}

func (b bucket) Copy(ctx context.Context, _, _ string, report func(done, total int64)) error {
	report(1, 2)
	select {
	case <-b.hold:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (b bucket) Move(context.Context, string, string, func(done, total int64)) error { return nil }
func (b bucket) Remove(context.Context, string) (func(context.Context) error, error) { return nil, nil }
func (b bucket) Has(context.Context, string) (bool, error)                           { return false, nil }
func (b bucket) Keeps(string) bool                                                   { return false }
func (b bucket) MakeDir(context.Context, string) error                               { return nil }
func (b bucket) Create(context.Context, string) error                                { return nil }
func (b bucket) Join(dir, name string) string                                        { return dir + "/" + name }
func (b bucket) Parent(string) (string, bool)                                        { return "", false }
func (b bucket) Short(url string) string                                             { return url }
func (b bucket) Long(_, short string) string                                         { return short }

// wide is a screen on b before anything was listed.
func wide(tb testing.TB, b bucket) *Screen {
	tb.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	s := New(Deps{Start: "s3://keys", Reader: b, Writer: b, Namer: b, Keys: keys, Theme: theme.New(true), Now: time.Now})
	s.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	return s
}

// answer runs the one command that lists a page.
func answer(s *Screen, page string) listed {
	n := s.tree.roots[0]
	return s.listPage(n, page)().(listed)
}

// stream takes all pages in, with what do does behind each.
func stream(s *Screen, do func(page int)) {
	s.Update(screen.HiddenMsg{})
	s.Init()
	next := ""
	for page := 0; ; page++ {
		m := answer(s, next)
		s.Update(m)
		do(page)
		if next = m.page.Next; next == "" {
			return
		}
	}
}

func key(k string) tea.KeyPressMsg {
	switch k {
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	}
	return tea.KeyPressMsg{Code: rune(k[0]), Text: k}
}

const manyKeys = 100_000

func TestTheFirstScreenOfManyKeysIsThereAfterOneRequest(t *testing.T) {
	t.Parallel()
	s := wide(t, bucket{keys: manyKeys})
	s.Init()
	s.Update(answer(s, ""))
	if rows := s.Rows(); len(s.tree.rows) != 1001 || len(rows) != 40 {
		t.Errorf("%d of the tree, %d on the screen", len(s.tree.rows), len(rows))
	}
}

func TestAFolderListedAnewKeepsTheCursorFarDown(t *testing.T) {
	t.Parallel()
	s := wide(t, bucket{keys: 12_000})
	stream(s, func(int) {})
	s.tree.moveTo(9000)
	was := s.tree.current().URL
	s.reload()
	for next := "1"; next != ""; {
		if next == "1" {
			next = ""
		}
		m := answer(s, next)
		s.Update(m)
		if got := s.tree.current().URL; got != was {
			t.Fatalf("the cursor went from %s to %s", was, got)
		}
		next = m.page.Next
	}
	if got := len(s.tree.rows); got != 12_001 {
		t.Errorf("%d rows", got)
	}
}

func TestALargeFolderIsSortedBehindTheScreen(t *testing.T) {
	t.Parallel()
	s := wide(t, bucket{keys: 20_000})
	stream(s, func(int) {})
	large := s.tree.setOrder(bySize)
	for cmd := s.arrange(large); cmd != nil; {
		cmd = s.takeArranged(cmd().(arranged))
	}
	sizes := func(a, b *node) int { return int(b.Size - a.Size) }
	if kids := s.tree.roots[0].kids; !slices.IsSortedFunc(kids, sizes) || len(kids) != 20_000 {
		t.Error("they are not sorted by size")
	}
}
