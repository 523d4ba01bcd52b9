// Package history is the screen with what a notebook was before: versions of its
// store, commits, what nbterm kept at each save. It shows what has changed since, and
// puts an old version back; it writes nothing else.
package history

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/tui/dialog"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/list"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Version is one that the notebook was.
type Version struct {
	storage.Version
	From string // who kept it: "git", "s3", "nbterm"
}

// Deps are what the screen is given. The functions run off the program's goroutine.
type Deps struct {
	Name string // of the notebook, fit for the terminal
	List func(context.Context) ([]Version, error)
	Read func(context.Context, Version) ([]byte, error)
	Now  func(context.Context) ([]byte, error) // the notebook as it is in its file
	// Restore puts a version in the place of the notebook, and fails rather than lose
	// what somebody else wrote meanwhile.
	Restore func(context.Context, Version) error
	Keys    *keymap.Map
	Theme   theme.Theme
	Clock   func() time.Time
}

// Screen shows the versions at the left and what one is at the right.
type Screen struct {
	deps     Deps
	controls kit.Controls
	ctx      context.Context // ends with the screen
	cancel   context.CancelFunc

	all    []Version
	known  bool // a List has come back
	at     int  // of all
	list   *list.List
	seen   map[string][]string // what is shown of a version, by key; nil while it is on its way
	whole  bool                // the whole version, not what has changed since
	top    int                 // first row of it shown
	size   tea.WindowSizeMsg
	notice string
	loud   bool
}

// listed brings the versions, drawn one version as it is shown, restored the end of
// putting one back.
type (
	listed struct {
		all []Version
		err error
	}
	drawn struct {
		key  string
		rows []string
	}
	restored struct{ err error }
)

// New makes the screen; it reads nothing before Init.
func New(d Deps) *Screen {
	s := &Screen{deps: d, seen: map[string][]string{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.list = list.New(rows{s})
	s.controls = kit.Controls{Keys: d.Keys, Context: keymap.History, Title: "Keys of the history", Actions: s.actions()}
	return s
}

// Init implements screen.Screen.
func (s *Screen) Init() tea.Cmd {
	return func() tea.Msg {
		all, err := s.deps.List(s.ctx)
		return listed{all, err}
	}
}

// Close implements screen.Screen.
func (s *Screen) Close() error {
	s.cancel()
	return nil
}

// Title implements screen.Screen.
func (s *Screen) Title() string { return "history of " + s.deps.Name + " · nbterm" }

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor { return nil }

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = m
		clear(s.seen)
		s.list.SetHeight(kit.BodyHeight(m.Height, true))
	case theme.Theme:
		s.deps.Theme = m
		clear(s.seen)
	case screen.CloseMsg:
		return screen.Done
	case tea.KeyPressMsg:
		s.notice, s.loud = "", false
		cmd, why, _ := s.controls.Press(m, s.deps.Theme)
		s.notice = why
		return tea.Batch(cmd, s.draw())
	case listed:
		s.known, s.all = true, m.all
		if m.err != nil {
			s.fail(m.err)
		}
	case drawn:
		s.seen[m.key] = m.rows
	case restored:
		if m.err != nil {
			s.fail(m.err)
			return nil
		}
		s.notice = "put back; the version before it is kept too"
		clear(s.seen)
		return s.Init()
	}
	return s.draw()
}

func (s *Screen) fail(err error) { s.notice, s.loud = clean(err.Error()), true }

func (s *Screen) actions() map[string]kit.Action {
	return map[string]kit.Action{
		keymap.ListUp:       kit.Plain(func() { s.choose(s.at - 1) }),
		keymap.ListDown:     kit.Plain(func() { s.choose(s.at + 1) }),
		keymap.ListPageUp:   kit.Plain(func() { s.scroll(-s.list.Height()) }),
		keymap.ListPageDown: kit.Plain(func() { s.scroll(s.list.Height()) }),
		keymap.ListFirst:    kit.Plain(func() { s.choose(0) }),
		keymap.ListLast:     kit.Plain(func() { s.choose(len(s.all) - 1) }),
		keymap.ListBack:     {Do: func() tea.Cmd { return screen.Done }},
		keymap.HistoryWhole: kit.Plain(func() { s.whole, s.top = !s.whole, 0 }),
		keymap.HistoryBack:  {Do: s.askRestore, Why: s.cannotRestore},
		keymap.Close:        {Do: func() tea.Cmd { return screen.Done }},
		keymap.Quit:         {Do: func() tea.Cmd { return screen.Quit }},
	}
}

func (s *Screen) choose(i int) {
	s.at, s.top = max(min(i, len(s.all)-1), 0), 0
	s.list.Reveal(s.at, 0, 1)
}

func (s *Screen) scroll(by int) {
	s.top = max(min(s.top+by, len(s.shown())-1), 0)
}

func (s *Screen) selected() (Version, bool) {
	if s.at >= len(s.all) {
		return Version{}, false
	}
	return s.all[s.at], true
}

func (s *Screen) cannotRestore() string {
	v, ok := s.selected()
	switch {
	case !ok:
		return "there is no version"
	case v.Removed:
		return "the notebook was removed there: nothing is left of it"
	}
	return ""
}

func (s *Screen) askRestore() tea.Cmd {
	v, _ := s.selected()
	back := func() tea.Cmd {
		return func() tea.Msg { return restored{s.deps.Restore(s.ctx, v)} }
	}
	return dialog.Open(dialog.Choice{
		Title: "Put back the version of " + v.Modified.Local().Format("2006-01-02 15:04:05") + "?",
		Body:  "It takes the place of the notebook as it is now, which stays in this list.",
		Options: []dialog.Option{
			{Key: "r", Text: "put it back", Do: back}, {Key: "esc", Text: "leave it"},
		},
	})
}

// key names what is shown of a version.
func (s *Screen) key(v Version) string {
	return fmt.Sprint(v.From, "\x00", v.ID, "\x00", s.whole, "\x00", s.rightWidth())
}

// draw asks for what the selected version shows, unless it is there or on its way.
func (s *Screen) draw() tea.Cmd {
	v, ok := s.selected()
	if !ok || s.size.Width == 0 {
		return nil
	}
	key := s.key(v)
	if _, asked := s.seen[key]; asked {
		return nil
	}
	s.seen[key] = nil
	width, whole, t := s.rightWidth(), s.whole, s.deps.Theme
	return func() tea.Msg {
		rows, err := s.look(v, whole, width, t)
		if err != nil {
			rows = wrap(t.Failed, clean(err.Error()), width)
		}
		return drawn{key, rows}
	}
}

// look reads a version and draws it, or what has changed since.
func (s *Screen) look(v Version, whole bool, width int, t theme.Theme) ([]string, error) {
	if v.Removed {
		return []string{t.Muted("The notebook was removed here.")}, nil
	}
	data, err := s.deps.Read(s.ctx, v)
	if err != nil {
		return nil, err
	}
	old, err := notebook.Parse(data)
	if err != nil {
		return nil, err
	}
	if whole {
		return drawWhole(old, width, t), nil
	}
	data, err = s.deps.Now(s.ctx)
	if err != nil {
		return nil, err
	}
	now, err := notebook.Parse(data)
	if err != nil {
		return nil, err
	}
	return drawChanges(old, now, width, t), nil
}
