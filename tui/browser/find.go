package browser

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// score says how well a name matches what was typed: all its characters in their
// order, the better the closer together and the more of them begin a word. Without
// capitals in what was typed none are told apart.
func score(name, typed string) (int, bool) {
	fold := strings.ToLower(typed) == typed
	want, wide := utf8.DecodeRuneInString(typed)
	total, at, last := 0, 0, -2
	var before rune
	i := -1
	for _, r := range name {
		if at == len(typed) {
			break
		}
		i++
		c := r
		if fold {
			c = unicode.ToLower(r)
		}
		if c == want {
			total++
			if last == i-1 {
				total += 4
			}
			if i == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before) || unicode.IsUpper(r) && unicode.IsLower(before) {
				total += 3
			}
			last = i
			at += wide
			want, wide = utf8.DecodeRuneInString(typed[at:])
		}
		before = r
	}
	if at < len(typed) {
		return 0, false
	}
	return total*8 - len(name)/8, true
}

// Bounds of a search below a folder.
const (
	walkMost  = 50_000 // entries looked at
	foundMost = 500    // shown
)

// finder looks for names in everything below a folder. Folders are listed one after
// the other in the background; what was typed is matched against all that came.
type finder struct {
	root  string
	typed string
	all   []Entry
	found []hit // the best, best first
	at    int
	top   int
	left  []step // folders, and further pages of them, still to be listed
	done  bool
	full  bool // there were more than walkMost
	stop  context.CancelFunc
	ctx   context.Context
}

type step struct{ url, page string }

// walked is the answer to one step of a finder.
type walked struct {
	of   *finder
	page Page
	from step
	err  error
}

func (s *Screen) find() tea.Cmd {
	f := &finder{root: s.folder()}
	f.ctx, f.stop = context.WithCancel(s.ctx)
	f.left = []step{{url: f.root}}
	s.finder = f
	s.ask("find ", "", prompt{
		change: func(_ *Screen, text string) tea.Cmd { f.retype(text); return nil },
		enter:  (*Screen).openFound,
		leave:  func(s *Screen) { f.stop(); s.finder = nil },
	})
	return s.walk(f)
}

// walk lists the next folder.
func (s *Screen) walk(f *finder) tea.Cmd {
	if len(f.left) == 0 || len(f.all) >= walkMost {
		f.done, f.full = true, len(f.left) > 0
		return nil
	}
	next := f.left[0]
	f.left = f.left[1:]
	return func() tea.Msg {
		page, err := s.Reader.List(f.ctx, next.url, next.page)
		return walked{f, page, next, err}
	}
}

func (s *Screen) takeWalked(m walked) tea.Cmd {
	f := m.of
	if f != s.finder {
		return nil
	}
	from := len(f.all)
	for _, e := range m.page.Entries {
		if strings.HasPrefix(e.Name, ".") && !s.tree.hidden {
			continue
		}
		f.all = append(f.all, e)
		if e.Dir {
			f.left = append(f.left, step{url: e.URL})
		}
	}
	if m.page.Next != "" {
		f.left = append([]step{{m.from.url, m.page.Next}}, f.left...)
	}
	f.match(f.all[from:])
	return s.walk(f)
}

// hit is an entry that matches.
type hit struct {
	Entry
	score int
}

// match adds the best of what came to what was found.
func (f *finder) match(entries []Entry) {
	for _, e := range entries {
		if sc, ok := score(f.below(e), f.typed); ok {
			f.found = append(f.found, hit{e, sc})
		}
	}
	if f.typed != "" {
		slices.SortStableFunc(f.found, func(a, b hit) int {
			return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.URL), len(b.URL)), strings.Compare(a.URL, b.URL))
		})
	}
	f.found = f.found[:min(len(f.found), foundMost)]
	f.at = min(f.at, max(len(f.found)-1, 0))
}

// retype begins the matching anew.
func (f *finder) retype(text string) {
	f.typed, f.found, f.at = text, nil, 0
	f.match(f.all)
}

// below is the part of an address below the folder that is searched.
func (f *finder) below(e Entry) string {
	return strings.TrimPrefix(strings.TrimPrefix(e.URL, f.root), "/")
}

func (s *Screen) openFound(string) tea.Cmd {
	f := s.finder
	s.finder = nil
	f.stop()
	if f.at >= len(f.found) {
		return nil
	}
	e := f.found[f.at].Entry
	if !e.Dir {
		return s.openEntry(e, false)
	}
	root := s.tree.find(e.URL)
	if root == nil || !slices.Contains(s.tree.rows, root) {
		root = s.tree.addRoot(e.URL, s.Namer.Short(e.URL))
	}
	s.tree.moveTo(slices.Index(s.tree.rows, root))
	return s.openNode(root)
}
