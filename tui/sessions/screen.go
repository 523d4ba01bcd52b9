// Package sessions is the screen with the living kernel hosts: what each runs and
// what it costs. It opens their notebooks, interrupts, restarts and ends their
// kernels. It starts none.
package sessions

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host/roster"
	"nbterm/render/term"
	"nbterm/tui/dialog"
	"nbterm/tui/editor"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/list"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Deps are what the screen is given. The functions run off the program's goroutine.
type Deps struct {
	List func(context.Context) ([]roster.Session, error)
	// Interrupt, Restart and Kill take the id of a session. Kill says where it saved
	// what nobody had saved yet, "" where there was nothing.
	Interrupt func(context.Context, string) error
	Restart   func(context.Context, string) error
	Kill      func(context.Context, string) (saved string, err error)
	Tilde     func(path string) string // shortens a path for people
	Every     time.Duration            // how often to look; 0 is once a second
	Keys      *keymap.Map
	Theme     theme.Theme
	Now       func() time.Time
}

// actTime bounds what is asked of one host; ending one may take its kernel's
// politeness.
const actTime = 40 * time.Second

// Screen shows the sessions. It belongs to the program's goroutine.
type Screen struct {
	deps     Deps
	controls kit.Controls
	ctx      context.Context // ends with the screen
	cancel   context.CancelFunc
	work     chan struct{} // holds one while a List runs: Close waits for it

	all     []roster.Session
	found   []roster.Session // of all, those that hold every word of the query
	known   bool             // a List has come back
	at      string           // id of the selected one
	list    *list.List
	size    tea.WindowSizeMsg
	shown   bool // on top: then it is kept fresh
	asking  bool // a List or the wait for the next is under way
	find    *editor.Input
	finding bool // find has the keys
	notice  string
	loud    bool
}

// listedMsg brings what List returned; againMsg asks for the next.
type (
	listedMsg struct {
		sessions []roster.Session
		err      error
	}
	againMsg struct{}
)

// actedMsg is the end of something that was asked of a session.
type actedMsg struct {
	said string
	err  error
}

// New makes the screen; it lists nothing before it is shown.
func New(d Deps) *Screen {
	if d.Every == 0 {
		d.Every = time.Second
	}
	s := &Screen{deps: d, work: make(chan struct{}, 1), find: editor.NewInput("/ ", false, d.Theme.Palette)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.list = list.New(rows{s})
	s.controls = kit.Controls{Keys: d.Keys, Context: keymap.Sessions, Title: "Keys of the sessions", Actions: s.actions()}
	return s
}

// Init implements screen.Screen.
func (s *Screen) Init() tea.Cmd { return nil }

// Close waits for the question that is under way.
func (s *Screen) Close() error {
	s.cancel()
	s.work <- struct{}{}
	return nil
}

// Title implements screen.Screen.
func (s *Screen) Title() string { return "sessions · nbterm" }

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = m
		s.layout()
	case theme.Theme:
		s.deps.Theme = m
		s.find.SetPalette(m.Palette)
	case screen.ShownMsg:
		s.shown = true
		return s.look()
	case screen.HiddenMsg:
		s.shown = false
	case screen.CloseMsg:
		return screen.Done
	case tea.KeyPressMsg:
		return s.press(m)
	case tea.PasteMsg:
		if s.finding {
			_, cmd := s.find.Update(m)
			s.filter()
			return cmd
		}
	case tea.MouseClickMsg:
		s.click(m)
	case tea.MouseWheelMsg:
		s.wheel(m)
	case listedMsg:
		return s.listed(m)
	case againMsg:
		s.asking = false
		return s.look()
	case actedMsg:
		return s.acted(m)
	}
	return nil
}

// look asks for the sessions, unless that is under way or nobody sees them.
func (s *Screen) look() tea.Cmd {
	if s.asking || !s.shown {
		return nil
	}
	s.asking = true
	ctx, work, list := s.ctx, s.work, s.deps.List
	return func() tea.Msg {
		select {
		case work <- struct{}{}:
			defer func() { <-work }()
		case <-ctx.Done():
			return nil
		}
		all, err := list(ctx)
		return listedMsg{all, err}
	}
}

// listed shows what is new and waits for the next look.
func (s *Screen) listed(m listedMsg) tea.Cmd {
	if m.err != nil && s.ctx.Err() == nil {
		s.say("The sessions cannot be listed: "+term.Clean(m.err.Error())+".", true)
	} else if m.err == nil {
		s.all, s.known = m.sessions, true
		s.filter()
	}
	return tea.Tick(s.deps.Every, func(time.Time) tea.Msg { return againMsg{} })
}

func (s *Screen) say(text string, loud bool) {
	s.notice, s.loud = text, loud
	s.layout()
}

// filter keeps the sessions that hold every word of what was typed, and the selection
// where it is: by its session, and where that is gone by its place.
func (s *Screen) filter() {
	place := s.index()
	words := strings.Fields(strings.ToLower(s.find.Value()))
	s.found = nil
	for _, e := range s.all {
		text := strings.ToLower(strings.Join([]string{e.ID, e.Notebook, e.Kernel, e.State, e.Server, e.Machine}, " "))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			s.found = append(s.found, e)
		}
	}
	if s.index() < 0 {
		s.choose(max(place, 0))
	}
	s.reveal()
}

// index is the place of the selected session in found, -1 when it is not there.
func (s *Screen) index() int {
	return slices.IndexFunc(s.found, func(e roster.Session) bool { return e.ID == s.at })
}

func (s *Screen) choose(i int) {
	s.at = ""
	if n := len(s.found); n > 0 {
		s.at = s.found[min(max(i, 0), n-1)].ID
	}
	s.reveal()
}

func (s *Screen) reveal() {
	if i := s.index(); i >= 0 {
		s.list.Reveal(i, 0, 1)
	}
}

// selected is the session that actions are about; false when there is none.
func (s *Screen) selected() (roster.Session, bool) {
	if i := s.index(); i >= 0 {
		return s.found[i], true
	}
	return roster.Session{}, false
}

// press gives a key to the field that is typed into, else to the actions.
func (s *Screen) press(k tea.KeyPressMsg) tea.Cmd {
	if s.finding {
		switch k.String() {
		case "esc":
			s.find.SetValue("")
			s.finding = false
		case "enter":
			s.finding = false
		case "up", "down":
			s.choose(s.index() + map[string]int{"up": -1, "down": 1}[k.String()])
			return nil
		default:
			handled, cmd := s.find.Update(k)
			if handled {
				s.filter()
			}
			return cmd
		}
		s.filter()
		s.layout()
		return nil
	}
	if s.controls.Pending() == "" {
		s.say("", false)
	}
	cmd, why, _ := s.controls.Press(k, s.deps.Theme)
	if why != "" {
		s.say("Not now: "+why+".", false)
	}
	return cmd
}

func (s *Screen) click(m tea.MouseClickMsg) {
	if p, ok := s.list.At(m.Y - s.listTop()); ok && m.Button == tea.MouseLeft && m.Y >= s.listTop() {
		s.choose(p.Item)
	}
}

func (s *Screen) wheel(m tea.MouseWheelMsg) {
	switch m.Button {
	case tea.MouseWheelUp:
		s.list.Scroll(-3)
	case tea.MouseWheelDown:
		s.list.Scroll(3)
	}
}

// act asks something of the selected session in the background.
func (s *Screen) act(doing string, do func(ctx context.Context, id string) (string, error)) tea.Cmd {
	e, ok := s.selected()
	if !ok {
		return nil
	}
	s.say(doing+" "+s.name(e)+" …", false)
	ctx := s.ctx
	return func() tea.Msg {
		wait, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		said, err := do(wait, e.ID)
		return actedMsg{said, err}
	}
}

func (s *Screen) acted(m actedMsg) tea.Cmd {
	if m.err != nil {
		s.say(term.Clean(m.err.Error()), true)
	} else {
		s.say(term.Clean(m.said), false)
	}
	return nil
}

// askKill asks once: variables are lost.
func (s *Screen) askKill() tea.Cmd {
	e, _ := s.selected()
	return dialog.Open(dialog.Choice{
		Title: "End the kernel of " + s.name(e) + "? Its variables are lost; outputs are saved.",
		Options: []dialog.Option{
			{Key: "y", Text: "end it", Do: func() tea.Cmd {
				return s.act("Ending the kernel of", func(ctx context.Context, id string) (string, error) {
					saved, err := s.deps.Kill(ctx, id)
					if err != nil || saved == "" {
						return "The kernel has ended.", err
					}
					return "The kernel has ended; its outputs are saved in " + saved + ".", nil
				})
			}},
			{Key: "esc", Text: "let it go on"},
		},
	})
}

func (s *Screen) askRestart() tea.Cmd {
	e, _ := s.selected()
	return dialog.Open(dialog.Choice{
		Title: "Restart the kernel of " + s.name(e) + "? Its variables are lost; outputs stay.",
		Options: []dialog.Option{
			{Key: "y", Text: "restart it", Do: func() tea.Cmd {
				return s.act("Restarting the kernel of", func(ctx context.Context, id string) (string, error) {
					return "The kernel starts anew.", s.deps.Restart(ctx, id)
				})
			}},
			{Key: "esc", Text: "let it go on"},
		},
	})
}

func (s *Screen) interrupt() tea.Cmd {
	return s.act("Interrupting", func(ctx context.Context, id string) (string, error) {
		return "Interrupted.", s.deps.Interrupt(ctx, id)
	})
}
