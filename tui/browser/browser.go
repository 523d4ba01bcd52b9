// Package browser is the workspace screen: folders of any store as one tree, with a
// preview of what the cursor is on. It names places by their addresses and leaves
// to its caller how an address is reached; everything that may wait is a command.
package browser

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/editor"
	"nbterm/tui/keymap"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Entry is a file or a folder.
type Entry struct {
	Name     string // the last part, as the store has it
	URL      string // its address
	Dir      bool
	Size     int64 // bytes; of a file
	Modified time.Time
}

// Page is a part of a folder.
type Page struct {
	Entries []Entry
	Next    string // asks for the rest; "" where this is the last page
	Ordered bool   // their order means something and stays
}

// Reader looks at places.
type Reader interface {
	List(ctx context.Context, url, page string) (Page, error)
	// Read gives at most limit bytes from the beginning; whole says that this is all.
	Read(ctx context.Context, url string, limit int64) (data []byte, whole bool, err error)
}

// Writer changes places. None of them overwrites.
type Writer interface {
	// Copy copies a file, or a folder with all that is in it, to the address to.
	Copy(ctx context.Context, from, to string, report func(done, total int64)) error
	// Move is Copy that leaves nothing behind.
	Move(ctx context.Context, from, to string, report func(done, total int64)) error
	// Has says whether something is at url.
	Has(ctx context.Context, url string) (bool, error)
	// Remove takes away what is at url; undo brings it back and is nil where that
	// cannot be.
	Remove(ctx context.Context, url string) (undo func(context.Context) error, err error)
	// Keeps says whether what is removed at url can be brought back.
	Keeps(url string) bool
	MakeDir(ctx context.Context, url string) error
	// Create makes a new notebook.
	Create(ctx context.Context, url string) error
}

// Namer knows how addresses are made.
type Namer interface {
	Join(dir, name string) string
	Parent(url string) (string, bool) // false at the root of a store
	Short(url string) string          // for people: ~ for the home
	// Long is the address that a person means who stands in the folder dir.
	Long(dir, short string) string
}

// Deps is what a Screen is given.
type Deps struct {
	Start  string   // the folder that is open at first
	Roots  []string // further folders: configured, bookmarked
	Reader Reader
	Writer Writer
	Namer  Namer
	// Live names the notebooks that have a living kernel, by address, and says what it
	// does in a word. May be nil.
	Live func(context.Context) map[string]string
	// Bookmark keeps or forgets a folder for the next time. May be nil.
	Bookmark func(ctx context.Context, url string, keep bool) error
	Keys     *keymap.Map
	Theme    theme.Theme
	Now      func() time.Time
}

// Screen is the workspace.
type Screen struct {
	Deps
	size    struct{ w, h int }
	tree    *tree
	finder  *finder // nil where nothing is looked for
	peek    peek
	work    work
	prompt  *prompt
	pending keymap.Pending
	notice  notice
	live    map[string]string
	shown   bool
	beat    int
	ctx     context.Context // ends with the screen
	cancel  context.CancelFunc
	actions map[string]func(*Screen) tea.Cmd
}

// notice is the line above the footer.
type notice struct {
	text string
	loud bool
}

// New shows d.Start.
func New(d Deps) *Screen {
	s := &Screen{Deps: d, tree: newTree(), live: map[string]string{}, actions: actions()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.tree.addRoot(d.Start, d.Namer.Short(d.Start))
	for _, r := range d.Roots {
		s.tree.addRoot(r, d.Namer.Short(r))
	}
	s.peek.cache = map[peekKey]preview{}
	return s
}

// Init implements screen.Screen.
func (s *Screen) Init() tea.Cmd {
	return s.openNode(s.tree.roots[0])
}

// Title implements screen.Screen.
func (s *Screen) Title() string {
	return clean(s.Namer.Short(s.folder())) + " · nbterm"
}

// Close implements screen.Screen.
func (s *Screen) Close() error {
	s.cancel()
	return nil
}

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size.w, s.size.h = m.Width, m.Height
		s.tree.height = s.bodyHeight()
		return s.look()
	case theme.Theme:
		s.Theme = m
		if s.prompt != nil {
			s.prompt.in.SetPalette(m.Palette)
		}
		return s.look()
	case screen.ShownMsg:
		s.shown = true
		return tea.Batch(s.reload(), s.askLive(), s.tick())
	case screen.HiddenMsg:
		s.shown = false
	case screen.CloseMsg:
		return screen.Done
	case tea.KeyPressMsg:
		return tea.Batch(s.press(m), s.look())
	case tea.PasteMsg:
		if s.prompt != nil {
			return s.typed(m)
		}
	case tea.MouseMsg:
		return tea.Batch(s.mouse(m), s.look())
	}
	return tea.Batch(s.heard(msg), s.look())
}

// heard takes the answers of commands.
func (s *Screen) heard(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case listed:
		return s.takeListed(m)
	case arranged:
		return s.takeArranged(m)
	case peeked:
		s.takePeeked(m)
	case lookDue:
		return s.lookNow(m)
	case liveTold:
		s.live = m
	case tickMsg:
		if m.beat != s.beat || !s.shown {
			return nil
		}
		return tea.Batch(s.askLive(), s.tick())
	case worked:
		return s.takeWorked(m)
	case progressed:
		return s.takeProgress(m)
	case walked:
		return s.takeWalked(m)
	case bookmarked:
		s.takeBookmarked(m)
	}
	return nil
}

// press takes a key: to the prompt while there is one, else to the action it has.
func (s *Screen) press(m tea.KeyPressMsg) tea.Cmd {
	if s.prompt != nil {
		return s.typed(m)
	}
	key := m.String()
	if key == "esc" {
		return s.escape()
	}
	id, next, matched := s.Keys.Lookup(keymap.Browser, key, s.pending)
	s.pending = next
	if !matched {
		return nil
	}
	if why := s.cannot(id); why != "" {
		s.notice = notice{text: why}
		return nil
	}
	s.notice = notice{}
	if do := s.actions[id]; do != nil {
		return do(s)
	}
	return nil
}

// escape ends what is under way, the innermost first.
func (s *Screen) escape() tea.Cmd {
	s.pending = ""
	switch {
	case s.finder != nil:
		s.finder.stop()
		s.finder = nil
	case s.work.cancel != nil:
		s.work.cancel()
	case s.tree.filter != "":
		s.tree.setFilter("")
	case len(s.tree.marked) > 0:
		clear(s.tree.marked)
	default:
		s.notice = notice{}
	}
	return nil
}

// folder is the folder that the cursor is in: that of its file, or itself.
func (s *Screen) folder() string {
	n := s.tree.current()
	if n == nil {
		return s.Start
	}
	return n.folder().URL
}

// refresh is how often the living kernels are asked for while the screen is shown.
const refresh = 2 * time.Second

type tickMsg struct{ beat int }

// tick begins a beat; only the latest goes on.
func (s *Screen) tick() tea.Cmd {
	if s.Live == nil {
		return nil
	}
	s.beat++
	beat := tickMsg{s.beat}
	return tea.Tick(refresh, func(time.Time) tea.Msg { return beat })
}

type liveTold map[string]string

func (s *Screen) askLive() tea.Cmd {
	if s.Live == nil {
		return nil
	}
	ctx := s.ctx
	return func() tea.Msg { return liveTold(s.Live(ctx)) }
}

// prompt is a line that is being typed at the foot.
type prompt struct {
	in     *editor.Input
	change func(*Screen, string) tea.Cmd // at every key; may be nil
	enter  func(*Screen, string) tea.Cmd
	leave  func(*Screen) // on esc; may be nil
}

// ask begins a prompt.
func (s *Screen) ask(label, value string, p prompt) tea.Cmd {
	p.in = editor.NewInput(label, false, s.Theme.Palette)
	p.in.SetKeys(s.Keys.TextKeys())
	p.in.SetValue(value)
	s.prompt = &p
	return nil
}

func (s *Screen) typed(msg tea.Msg) tea.Cmd {
	p := s.prompt
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc", "ctrl+c":
			s.prompt = nil
			if p.leave != nil {
				p.leave(s)
			}
			return nil
		case "enter":
			s.prompt = nil
			return p.enter(s, p.in.Value())
		case "up":
			s.move(-1)
			return nil
		case "down":
			s.move(1)
			return nil
		}
	}
	before := p.in.Value()
	_, cmd := p.in.Update(msg)
	if p.change != nil && p.in.Value() != before {
		cmd = tea.Batch(cmd, p.change(s, p.in.Value()))
	}
	return cmd
}
