// Package pager is the screen for a text that is longer than a screen: an output, a
// traceback, a manual, a log. It scrolls and searches, and changes nothing. What it is
// given may come from anywhere: it is made fit for the terminal first.
package pager

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render"
	"nbterm/render/term"
	"nbterm/tui/editor"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/list"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Deps are what the screen is given.
type Deps struct {
	Title string // what the text is; may be of others
	Body  string // as it was printed: colours are kept, what acts on a terminal is not
	Keys  *keymap.Map
	Theme theme.Theme
}

// Screen shows one text. It belongs to the program's goroutine.
type Screen struct {
	deps     Deps
	controls kit.Controls
	ctx      context.Context // ends with the screen
	cancel   context.CancelFunc

	lines []string // fit for the terminal, of any width; nil until they are ready
	plain []string // the same without colours, for searching
	list  *list.List
	size  tea.WindowSizeMsg
	wrap  bool // long lines go on in the next row
	left  int  // first column shown, where they do not

	search  search
	find    *editor.Input
	finding bool // find has the keys
	notice  string
}

// search is what is looked for and where it is.
type search struct {
	query string
	count int   // of searches begun: a late answer is dropped
	hits  []int // lines that hold it, in order
	at    int   // the line of the hit that was gone to last, -1 before
	done  bool  // hits are of query
}

// readyMsg brings the text fit for the terminal.
type readyMsg struct{ lines, plain []string }

// foundMsg brings the lines that hold what was looked for.
type foundMsg struct {
	count int
	hits  []int
	jump  bool // go to the first of them
}

// endless is a width that no line reaches.
const endless = 1 << 20

// New makes the screen.
func New(d Deps) *Screen {
	s := &Screen{deps: d, wrap: true, find: editor.NewInput("/ ", false, d.Theme.Palette)}
	s.search.at = -1
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.list = list.New(rows{s})
	s.controls = kit.Controls{Keys: d.Keys, Context: keymap.Pager, Title: "Keys of the text", Actions: s.actions()}
	return s
}

// Init makes the text fit for the terminal, which takes its time where it is long.
func (s *Screen) Init() tea.Cmd {
	body, palette := s.deps.Body, s.deps.Theme.Palette
	return func() tea.Msg {
		ctx := render.Context{Width: endless, Palette: palette, Caps: render.Caps{Colors: render.TrueColor, Hyperlinks: true}}
		m := readyMsg{lines: render.Stream("stdout", strings.ReplaceAll(body, "\r\n", "\n"), ctx).Lines}
		m.plain = make([]string, len(m.lines))
		for i, l := range m.lines {
			m.plain[i] = ansi.Strip(l)
		}
		return m
	}
}

// Close implements screen.Screen.
func (s *Screen) Close() error { s.cancel(); return nil }

// Title implements screen.Screen.
func (s *Screen) Title() string { return term.Clean(s.deps.Title) + " · nbterm" }

// actions are all that the screen can do.
func (s *Screen) actions() map[string]kit.Action {
	none := func() string {
		if s.search.query == "" {
			return "nothing is looked for"
		}
		return ""
	}
	wrapped := func() string {
		if s.wrap {
			return "long lines are wrapped"
		}
		return ""
	}
	return map[string]kit.Action{
		keymap.ListUp:       kit.Plain(func() { s.list.Scroll(-1) }),
		keymap.ListDown:     kit.Plain(func() { s.list.Scroll(1) }),
		keymap.ListPageUp:   kit.Plain(func() { s.list.Scroll(1 - s.list.Height()) }),
		keymap.ListPageDown: kit.Plain(func() { s.list.Scroll(s.list.Height() - 1) }),
		keymap.ListFirst:    kit.Plain(func() { s.list.SetTop(list.Pos{}) }),
		keymap.ListLast:     kit.Plain(s.last),
		keymap.ListLeft:     {Do: func() tea.Cmd { s.left = max(s.left-s.step(), 0); return nil }, Why: wrapped},
		keymap.ListRight:    {Do: func() tea.Cmd { s.left += s.step(); return nil }, Why: wrapped},
		keymap.ListFind:     kit.Plain(func() { s.finding = true; s.find.SetValue(""); s.layout() }),
		keymap.ListNext:     {Do: func() tea.Cmd { s.next(1); return nil }, Why: none},
		keymap.ListPrevious: {Do: func() tea.Cmd { s.next(-1); return nil }, Why: none},
		keymap.ListBack:     {Do: s.back},
		keymap.PagerWrap:    kit.Plain(func() { s.wrap, s.left = !s.wrap, 0 }),
		keymap.Close:        {Do: func() tea.Cmd { return screen.Done }},
		keymap.Quit:         {Do: func() tea.Cmd { return screen.Quit }},
	}
}

// step is how far the text moves sideways.
func (s *Screen) step() int { return max(s.size.Width/2, 1) }

// last goes to the end, as far as the screen is filled.
func (s *Screen) last() {
	if n := len(s.lines); n > 0 {
		s.list.SetTop(list.Pos{Item: n - 1, Row: s.height(n-1) - 1})
		s.list.Scroll(1 - s.list.Height())
	}
}

// back forgets what was looked for; with nothing to forget it closes the screen.
func (s *Screen) back() tea.Cmd {
	if s.search.query == "" {
		return screen.Done
	}
	s.search = search{count: s.search.count + 1, at: -1}
	return nil
}

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = m
		s.layout()
	case theme.Theme:
		if m == s.deps.Theme {
			return nil
		}
		s.deps.Theme = m
		s.find.SetPalette(m.Palette)
		return s.Init() // colours of the text are of the palette too
	case screen.CloseMsg:
		return screen.Done
	case tea.KeyPressMsg:
		return s.press(m)
	case tea.PasteMsg:
		if s.finding {
			s.find.Update(m)
			return s.look(true)
		}
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelUp:
			s.list.Scroll(-3)
		case tea.MouseWheelDown:
			s.list.Scroll(3)
		}
	case readyMsg:
		s.lines, s.plain = m.lines, m.plain
		return s.look(false)
	case foundMsg:
		s.found(m)
	}
	return nil
}

func (s *Screen) press(k tea.KeyPressMsg) tea.Cmd {
	if !s.finding {
		s.notice = ""
		cmd, why, _ := s.controls.Press(k, s.deps.Theme)
		if why != "" {
			s.notice = "Not now: " + why + "."
		}
		s.layout()
		return cmd
	}
	switch k.String() {
	case "enter":
		s.finding = false
	case "esc":
		s.finding = false
		s.back()
	default:
		if handled, _ := s.find.Update(k); handled {
			return s.look(true)
		}
	}
	s.layout()
	return nil
}

// look searches in the background. A query without capitals means either case.
func (s *Screen) look(jump bool) tea.Cmd {
	if s.finding {
		s.search.query = s.find.Value()
	}
	s.search.count++
	s.search.done = false
	query, count, plain, ctx := s.search.query, s.search.count, s.plain, s.ctx
	if query == "" || plain == nil {
		s.search.hits = nil
		return nil
	}
	return func() tea.Msg {
		m := foundMsg{count: count, jump: jump}
		for i, line := range plain {
			if i%1024 == 0 && ctx.Err() != nil {
				return nil
			}
			if at, _ := match(line, query, 0); at >= 0 {
				m.hits = append(m.hits, i)
			}
		}
		return m
	}
}

// match finds query in line from byte from on: where it begins and ends, -1 when it
// does not.
func match(line, query string, from int) (begin, end int) {
	if query == "" || from > len(line) {
		return -1, -1
	}
	if strings.ContainsFunc(query, unicode.IsUpper) {
		i := strings.Index(line[from:], query)
		if i < 0 {
			return -1, -1
		}
		return from + i, from + i + len(query)
	}
	// Lower case may be longer in bytes, so where the line is not ASCII it is compared
	// rune by rune.
	for i := range line[from:] {
		if n, ok := folded(line[from+i:], query); ok {
			return from + i, from + i + n
		}
	}
	return -1, -1
}

// folded says whether text begins with query, which is in lower case, and with how
// many bytes.
func folded(text, query string) (n int, ok bool) {
	rest := []rune(query)
	for i, r := range text {
		if len(rest) == 0 {
			return i, true
		}
		if unicode.ToLower(r) != rest[0] {
			return 0, false
		}
		rest = rest[1:]
	}
	return len(text), len(rest) == 0
}

// found takes what a search has found; while it is typed the first hit from the top of
// the screen on is shown.
func (s *Screen) found(m foundMsg) {
	if m.count != s.search.count {
		return
	}
	s.search.hits, s.search.done = m.hits, true
	if !m.jump {
		return
	}
	s.search.at = s.list.Top().Item - 1
	if len(m.hits) > 0 {
		s.next(1)
	}
}

// next goes to a hit after or before the last, and round at the ends.
func (s *Screen) next(by int) {
	hits := s.search.hits
	if len(hits) == 0 {
		return
	}
	i, exact := slices.BinarySearch(hits, s.search.at)
	switch {
	case by > 0 && exact:
		i++
	case by < 0:
		i--
	}
	if i < 0 || i >= len(hits) {
		i = (i + len(hits)) % len(hits)
		s.notice = "The search went round."
	}
	s.search.at = hits[i]
	s.layout()
	if _, seen := s.list.Y(list.Pos{Item: hits[i]}); !seen {
		s.list.SetTop(list.Pos{Item: hits[i]})
		s.list.Scroll(-s.list.Height() / 3) // with what stands before it
	}
}

// status says what was found.
func (s *Screen) status() string {
	switch {
	case s.search.query == "":
		return ""
	case !s.search.done:
		return "searching …"
	case len(s.search.hits) == 0:
		return "not found"
	}
	i, _ := slices.BinarySearch(s.search.hits, s.search.at)
	return fmt.Sprintf("%d of %s", min(i+1, len(s.search.hits)), kit.Plural(len(s.search.hits), "line"))
}
