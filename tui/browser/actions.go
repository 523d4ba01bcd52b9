package browser

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/dialog"
	"nbterm/tui/keymap"
	"nbterm/tui/screen"
)

// actions is what each action of the key map does here.
func actions() map[string]func(*Screen) tea.Cmd {
	return map[string]func(*Screen) tea.Cmd{
		keymap.BrowserUp:       func(s *Screen) tea.Cmd { s.move(-1); return nil },
		keymap.BrowserDown:     func(s *Screen) tea.Cmd { s.move(1); return nil },
		keymap.BrowserPageUp:   func(s *Screen) tea.Cmd { s.move(1 - s.bodyHeight()); return nil },
		keymap.BrowserPageDown: func(s *Screen) tea.Cmd { s.move(s.bodyHeight() - 1); return nil },
		keymap.BrowserFirst:    func(s *Screen) tea.Cmd { s.tree.moveTo(0); return nil },
		keymap.BrowserLast:     func(s *Screen) tea.Cmd { s.tree.moveTo(len(s.tree.rows)); return nil },
		keymap.BrowserOpen:     (*Screen).openHere,
		keymap.BrowserExpand:   (*Screen).expand,
		keymap.BrowserCollapse: (*Screen).collapse,
		keymap.BrowserParent:   (*Screen).parent,
		keymap.BrowserView:     func(s *Screen) tea.Cmd { e, _ := s.under(); return s.openEntry(e, true) },
		keymap.BrowserGo:       (*Screen).askGo,
		keymap.BrowserEdit: func(s *Screen) tea.Cmd {
			e, _ := s.under()
			return screen.Open(screen.Target{Kind: screen.Notebook, Path: e.URL})
		},
		keymap.BrowserForm: func(s *Screen) tea.Cmd {
			e, _ := s.under()
			return screen.Open(screen.Target{Kind: screen.Form, Path: e.URL})
		},
		keymap.OpenHistory: func(s *Screen) tea.Cmd {
			e, _ := s.under()
			return screen.Open(screen.Target{Kind: screen.History, Path: e.URL})
		},
		keymap.BrowserFilter: func(s *Screen) tea.Cmd {
			return s.ask("/", s.tree.filter, prompt{
				change: func(s *Screen, text string) tea.Cmd { s.tree.setFilter(text); return nil },
				enter:  func(*Screen, string) tea.Cmd { return nil },
				leave:  func(s *Screen) { s.tree.setFilter("") },
			})
		},
		keymap.BrowserFind:     (*Screen).find,
		keymap.BrowserSort:     func(s *Screen) tea.Cmd { return s.arrange(s.tree.setOrder((s.tree.order + 1) % orders)) },
		keymap.BrowserHidden:   func(s *Screen) tea.Cmd { s.tree.hidden = !s.tree.hidden; s.tree.refresh(); return nil },
		keymap.BrowserReload:   (*Screen).reload,
		keymap.BrowserMark:     (*Screen).mark,
		keymap.BrowserCopy:     func(s *Screen) tea.Cmd { return s.askTransfer("copy", false) },
		keymap.BrowserMove:     func(s *Screen) tea.Cmd { return s.askTransfer("move", true) },
		keymap.BrowserRename:   (*Screen).askRename,
		keymap.BrowserDelete:   (*Screen).askDelete,
		keymap.BrowserNew:      func(s *Screen) tea.Cmd { return s.askNew("new notebook ", s.Writer.Create, ".ipynb") },
		keymap.BrowserNewDir:   func(s *Screen) tea.Cmd { return s.askNew("new folder ", s.Writer.MakeDir, "") },
		keymap.BrowserUndo:     (*Screen).undo,
		keymap.BrowserYank:     (*Screen).yank,
		keymap.BrowserBookmark: (*Screen).bookmark,
		keymap.BrowserSessions: func(*Screen) tea.Cmd { return screen.Open(screen.Target{Kind: screen.Sessions}) },
		keymap.Palette:         (*Screen).palette,
		keymap.BrowserHelp:     (*Screen).help,
		keymap.Close:           func(*Screen) tea.Cmd { return screen.Done },
		keymap.Quit:            func(*Screen) tea.Cmd { return screen.Quit },
		keymap.Redraw:          func(*Screen) tea.Cmd { return tea.ClearScreen },
	}
}

// cannot says why an action would do nothing now; "" when it would.
func (s *Screen) cannot(id string) string {
	e, ok := s.under()
	n := s.tree.current()
	switch id {
	case keymap.BrowserView, keymap.BrowserEdit, keymap.BrowserForm, keymap.OpenHistory:
		switch {
		case !ok || e.Dir:
			return "the cursor is on no file"
		case id == keymap.BrowserForm && kindOf(e.Name) != isNotebook:
			return "only notebooks have parameters"
		case id == keymap.OpenHistory && kindOf(e.Name) != isNotebook:
			return "only of notebooks the history is shown"
		}
	case keymap.BrowserCopy, keymap.BrowserMove, keymap.BrowserDelete:
		if len(s.chosen()) == 0 {
			return "nothing is marked and the cursor is on a root"
		}
		return s.busy()
	case keymap.BrowserRename:
		if n == nil || n.parent == nil {
			return "the cursor is on a root"
		}
		return s.busy()
	case keymap.BrowserNew, keymap.BrowserNewDir:
		return s.busy()
	case keymap.BrowserMark:
		if n == nil || n.parent == nil {
			return "the cursor is on a root"
		}
	case keymap.BrowserUndo:
		if len(s.work.undoings) == 0 {
			return "nothing was done yet that can be taken back"
		}
		return s.busy()
	case keymap.BrowserBookmark:
		if s.Bookmark == nil {
			return "there is no place for bookmarks"
		}
	}
	return ""
}

// under is the entry that the cursor is on.
func (s *Screen) under() (Entry, bool) {
	if f := s.finder; f != nil {
		if f.at < len(f.found) {
			return f.found[f.at].Entry, true
		}
		return Entry{}, false
	}
	if n := s.tree.current(); n != nil {
		return n.Entry, true
	}
	return Entry{}, false
}

func (s *Screen) move(by int) {
	if f := s.finder; f != nil {
		f.at = max(min(f.at+by, len(f.found)-1), 0)
		return
	}
	s.tree.moveTo(s.tree.at + by)
}

// openHere opens a file, opens or closes a folder.
func (s *Screen) openHere() tea.Cmd {
	n := s.tree.current()
	switch {
	case n == nil:
		return nil
	case !n.Dir:
		return s.openEntry(n.Entry, false)
	case n.open:
		return s.closeNode(n)
	}
	return s.openNode(n)
}

func (s *Screen) openEntry(e Entry, readOnly bool) tea.Cmd {
	return screen.Open(screen.Target{Path: e.URL, ReadOnly: readOnly})
}

// askGo asks for an address: a folder becomes a root, a notebook is opened.
func (s *Screen) askGo() tea.Cmd {
	dir := s.folder()
	return s.ask("go to ", "", prompt{enter: func(s *Screen, to string) tea.Cmd {
		to = strings.TrimSpace(to)
		if to == "" {
			return nil
		}
		url := s.Namer.Long(dir, to)
		if kindOf(url) == isNotebook && !strings.HasSuffix(to, "/") {
			return s.openEntry(Entry{URL: url}, false)
		}
		n := s.tree.find(url)
		if n == nil || !n.Dir || !slices.Contains(s.tree.rows, n) {
			n = s.tree.addRoot(url, s.Namer.Short(url))
		}
		s.tree.moveTo(slices.Index(s.tree.rows, n))
		return s.openNode(n)
	}})
}

func (s *Screen) expand() tea.Cmd {
	n := s.tree.current()
	switch {
	case n == nil || !n.Dir:
		return nil
	case !n.open:
		return s.openNode(n)
	case len(n.kids) > 0:
		s.tree.moveTo(s.tree.at + 1)
	}
	return nil
}

// collapse closes the folder, or goes to the one above.
func (s *Screen) collapse() tea.Cmd {
	n := s.tree.current()
	switch {
	case n == nil:
	case n.Dir && n.open:
		return s.closeNode(n)
	case n.parent != nil:
		for i, r := range s.tree.rows {
			if r == n.parent {
				s.tree.moveTo(i)
			}
		}
	default:
		return s.parent()
	}
	return nil
}

// parent puts the folder above a root in its place.
func (s *Screen) parent() tea.Cmd {
	n := s.tree.current()
	if n == nil {
		return nil
	}
	for n.parent != nil {
		n = n.parent
	}
	up, ok := s.Namer.Parent(n.URL)
	if !ok {
		s.notice = notice{text: "this is the top"}
		return nil
	}
	n.Entry = Entry{Name: s.Namer.Short(up), URL: up, Dir: true}
	n.shelf, n.coming, n.listed, n.label = shelf{}, nil, false, s.Namer.Short(up)
	for i, r := range s.tree.rows {
		if r == n {
			s.tree.moveTo(i)
		}
	}
	return s.openNode(n)
}

func (s *Screen) closeNode(n *node) tea.Cmd {
	n.open = false
	s.tree.refresh()
	return nil
}

func (s *Screen) openNode(n *node) tea.Cmd {
	n.open = true
	s.tree.refresh()
	if n.listed || n.loading {
		return nil
	}
	return s.list(n)
}

// listed is one page of a folder.
type listed struct {
	node  *node
	asked int
	fresh bool // the first page
	page  Page
	err   error
}

// list asks for a folder from its first page on.
func (s *Screen) list(n *node) tea.Cmd {
	n.asked++
	n.loading, n.fault = true, ""
	return s.listPage(n, "")
}

func (s *Screen) listPage(n *node, page string) tea.Cmd {
	ctx, asked, url := s.ctx, n.asked, n.URL
	return func() tea.Msg {
		p, err := s.Reader.List(ctx, url, page)
		return listed{n, asked, page == "", p, err}
	}
}

func (s *Screen) takeListed(m listed) tea.Cmd {
	n := m.node
	if m.asked != n.asked {
		return nil
	}
	if m.err != nil {
		n.loading, n.coming, n.fault = false, nil, clean(strings.ReplaceAll(m.err.Error(), "\n", "; "))
		if n == s.tree.current() {
			s.notice = notice{text: n.fault, loud: true}
		}
		return nil
	}
	last := m.page.Next == ""
	n.loading, n.ordered = !last, m.page.Ordered
	s.tree.take(n, m.page.Entries, m.fresh, last)
	if last || !n.open {
		n.loading = false
		return nil
	}
	return s.listPage(n, m.page.Next)
}

// arranged is a large folder that was sorted in the background.
type arranged struct {
	node    *node
	order   order
	version int
	kids    []*node
}

// arrange sorts folders that are too large to be sorted while a key waits.
func (s *Screen) arrange(large []*node) tea.Cmd {
	var cmds []tea.Cmd
	for _, n := range large {
		m := arranged{node: n, order: s.tree.order, version: n.version, kids: slices.Clone(n.kids)}
		dirs := m.kids[:n.sum.dirs] // folders come first in every order, and may change meanwhile
		slices.SortStableFunc(dirs, m.order.compare)
		cmds = append(cmds, func() tea.Msg {
			slices.SortStableFunc(m.kids[len(dirs):], m.order.compare)
			return m
		})
	}
	return tea.Batch(cmds...)
}

// takeArranged takes a folder's order over; where the folder has changed since, it is
// sorted once more.
func (s *Screen) takeArranged(m arranged) tea.Cmd {
	switch {
	case m.order != s.tree.order:
		return nil
	case m.version != m.node.version:
		return s.arrange([]*node{m.node})
	}
	m.node.kids = m.kids
	s.tree.refresh()
	return nil
}

// reload lists what is open anew.
func (s *Screen) reload() tea.Cmd {
	var cmds []tea.Cmd
	for _, n := range s.tree.rows {
		if n.Dir && n.open && !n.loading {
			cmds = append(cmds, s.list(n))
		}
	}
	return tea.Batch(cmds...)
}

func (s *Screen) mark() tea.Cmd {
	n := s.tree.current()
	if s.tree.marked[n.URL] {
		delete(s.tree.marked, n.URL)
	} else {
		s.tree.marked[n.URL] = true
	}
	s.move(1)
	return nil
}

func (s *Screen) yank() tea.Cmd {
	var urls []string
	for _, e := range s.chosen() {
		urls = append(urls, e.URL)
	}
	if len(urls) == 0 {
		urls = []string{s.folder()}
	}
	s.notice = notice{text: "copied " + clean(strings.Join(urls, " "))}
	return tea.SetClipboard(strings.Join(urls, "\n"))
}

type bookmarked struct {
	url  string
	keep bool
	err  error
}

func (s *Screen) bookmark() tea.Cmd {
	url := s.folder()
	keep := true
	for _, r := range s.tree.roots[1:] {
		keep = keep && r.URL != url
	}
	ctx := s.ctx
	return func() tea.Msg { return bookmarked{url, keep, s.Bookmark(ctx, url, keep)} }
}

func (s *Screen) takeBookmarked(m bookmarked) {
	switch {
	case m.err != nil:
		s.notice = notice{text: clean(m.err.Error()), loud: true}
	case m.keep:
		s.tree.addRoot(m.url, s.Namer.Short(m.url))
		s.notice = notice{text: "bookmarked " + clean(s.Namer.Short(m.url)) + "; it stands below"}
	default:
		for i, r := range s.tree.roots {
			if i > 0 && r.URL == m.url {
				s.tree.roots = append(s.tree.roots[:i:i], s.tree.roots[i+1:]...)
				break
			}
		}
		s.tree.refresh()
		s.notice = notice{text: "bookmark removed"}
	}
}

// palette lists every action with its key and, where it cannot act now, why.
func (s *Screen) palette() tea.Cmd {
	var entries []dialog.Entry
	for _, e := range s.Keys.Help(keymap.Browser, false) {
		if do := s.actions[e.ID]; do != nil && e.ID != keymap.Palette {
			entries = append(entries, dialog.Entry{
				Text: e.Title, Keys: strings.Join(e.Keys, "  "), Why: s.cannot(e.ID),
				Do: func() tea.Cmd { return do(s) },
			})
		}
	}
	return dialog.Open(dialog.NewPalette("type to find an action · ⏎ does it · esc closes", entries))
}

func (s *Screen) help() tea.Cmd {
	var lines []string
	group := ""
	for _, e := range s.Keys.Help(keymap.Browser, false) {
		if e.Group != group {
			if group != "" {
				lines = append(lines, "")
			}
			group = e.Group
			lines = append(lines, s.Theme.Muted(group))
		}
		lines = append(lines, s.Theme.Accent(pad(strings.Join(e.Keys, "  "), 18))+" "+s.Theme.Text(e.Title))
	}
	return dialog.Open(&dialog.Text{Title: "The workspace", Lines: lines})
}

// mouse: a click moves the cursor, one on the cursor opens; the wheel scrolls.
func (s *Screen) mouse(msg tea.MouseMsg) tea.Cmd {
	m := msg.Mouse()
	switch msg.(type) {
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			s.move(-3)
		case tea.MouseWheelDown:
			s.move(3)
		}
	case tea.MouseClickMsg:
		top := 1
		if s.tall() {
			top = 2
		}
		i := s.tree.top + m.Y - top
		if s.finder != nil || s.prompt != nil || m.Button != tea.MouseLeft || m.Y < top || m.Y >= top+s.bodyHeight() || i >= len(s.tree.rows) || m.X >= s.treeWidth() {
			return nil
		}
		if i == s.tree.at || s.tree.rows[i].Dir {
			s.tree.moveTo(i)
			return s.openHere()
		}
		s.tree.moveTo(i)
	}
	return nil
}
