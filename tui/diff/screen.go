// Package diff is the screen with two notebooks, or two runs, compared cell by cell:
// side by side where there is room, else one below the other. The same drawing, without
// a screen, is the text of `nbterm diff` (see Look). It compares nothing itself.
package diff

import (
	tea "charm.land/bubbletea/v2"

	delta "nbterm/engine/diff"
	"nbterm/render"
	"nbterm/render/term"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/list"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Deps are what the screen is given.
type Deps struct {
	Report *delta.Report
	A, B   string // addresses, as they were typed
	Keys   *keymap.Map
	Theme  theme.Theme
}

// Screen shows a report. It belongs to the program's goroutine.
type Screen struct {
	deps     Deps
	controls kit.Controls
	items    []item
	list     *list.List
	at       int // the selected item
	size     tea.WindowSizeMsg
	unfolded bool // cells that are the same are shown, too
	outputs  bool
	notice   string
}

// item is a part of the report on the screen.
type item struct {
	kind  itemKind
	cells []*delta.Cell // one; of alike, all of the run
	rows  []string      // drawn; nil is not yet
}

type itemKind uint8

const (
	summary itemKind = iota
	single
	alike // a run of cells that are the same, folded
)

// wide is the width from which on there is room for two sides.
const wide = 120

// mostLines bounds the lines of one text on the screen; enter shows the whole cell.
const mostLines = 400

// New makes the screen.
func New(d Deps) *Screen {
	s := &Screen{deps: d, outputs: true}
	s.list = list.New(rows{s})
	s.controls = kit.Controls{Keys: d.Keys, Context: keymap.Diff, Title: "Keys of the comparison", Actions: s.actions()}
	s.arrange()
	s.step(1)
	return s
}

func (s *Screen) actions() map[string]kit.Action {
	return map[string]kit.Action{
		keymap.ListUp:       kit.Plain(func() { s.move(-1) }),
		keymap.ListDown:     kit.Plain(func() { s.move(1) }),
		keymap.ListPageUp:   kit.Plain(func() { s.page(-1) }),
		keymap.ListPageDown: kit.Plain(func() { s.page(1) }),
		keymap.ListFirst:    kit.Plain(func() { s.choose(0) }),
		keymap.ListLast:     kit.Plain(func() { s.choose(len(s.items) - 1) }),
		keymap.ListNext:     kit.Plain(func() { s.step(1) }),
		keymap.ListPrevious: kit.Plain(func() { s.step(-1) }),
		keymap.ListOpen:     {Do: s.open, Why: s.noCell},
		keymap.ListBack:     {Do: func() tea.Cmd { return screen.Done }},
		keymap.DiffFold:     kit.Plain(func() { s.toggle(&s.unfolded) }),
		keymap.DiffOutputs:  kit.Plain(func() { s.toggle(&s.outputs) }),
		keymap.Close:        {Do: func() tea.Cmd { return screen.Done }},
		keymap.Quit:         {Do: func() tea.Cmd { return screen.Quit }},
	}
}

// Init implements screen.Screen.
func (s *Screen) Init() tea.Cmd { return nil }

// Close implements screen.Screen.
func (s *Screen) Close() error { return nil }

// Title implements screen.Screen.
func (s *Screen) Title() string { return term.Clean(s.deps.A) + " → " + term.Clean(s.deps.B) }

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor { return nil }

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = m
		s.redraw()
	case theme.Theme:
		s.deps.Theme = m
		s.redraw()
	case screen.CloseMsg:
		return screen.Done
	case tea.KeyPressMsg:
		s.notice = ""
		cmd, why, _ := s.controls.Press(m, s.deps.Theme)
		if why != "" {
			s.notice = "Not now: " + why + "."
		}
		s.list.SetHeight(s.height())
		return cmd
	case tea.MouseClickMsg:
		if p, ok := s.list.At(m.Y - kit.BodyTop(s.size.Height)); ok && m.Button == tea.MouseLeft && m.Y >= kit.BodyTop(s.size.Height) {
			s.at = p.Item
		}
	case tea.MouseWheelMsg:
		switch m.Button {
		case tea.MouseWheelDown:
			s.list.Scroll(3)
		case tea.MouseWheelUp:
			s.list.Scroll(-3)
		}
	}
	return nil
}

// redraw forgets what was drawn for another width or other colours.
func (s *Screen) redraw() {
	for i := range s.items {
		s.items[i].rows = nil
	}
	s.list.SetHeight(s.height())
	s.reveal()
}

func (s *Screen) height() int { return kit.BodyHeight(s.size.Height, s.notice != "") }

// arrange makes the items: what is said of the runs, the cells that differ, and what
// lies between them.
func (s *Screen) arrange() {
	s.items = nil
	if r := s.deps.Report; len(s.look().Summary(r)) > 0 {
		s.items = append(s.items, item{kind: summary})
	}
	for i := range s.deps.Report.Cells {
		c := &s.deps.Report.Cells[i]
		if c.Differs() || c.Took.Ratio() != 0 || s.unfolded {
			s.items = append(s.items, item{kind: single, cells: []*delta.Cell{c}})
			continue
		}
		if n := len(s.items); n == 0 || s.items[n-1].kind != alike {
			s.items = append(s.items, item{kind: alike})
		}
		last := &s.items[len(s.items)-1]
		last.cells = append(last.cells, c)
	}
	if len(s.items) == 0 {
		s.items = append(s.items, item{kind: alike})
	}
}

// toggle changes what is shown and stays at the same cell.
func (s *Screen) toggle(what *bool) {
	*what = !*what
	var was *delta.Cell
	if cells := s.items[s.at].cells; len(cells) > 0 {
		was = cells[0]
	}
	s.arrange()
	s.at = min(s.at, len(s.items)-1)
	for i := range s.items {
		for _, c := range s.items[i].cells {
			if c == was {
				s.at = i
			}
		}
	}
	s.reveal()
}

// look is how items are drawn now; a margin of two columns is the list's.
func (s *Screen) look() Look {
	l := Look{Outputs: s.outputs, Beside: s.size.Width >= wide, Most: mostLines}
	l.Context = render.Context{Width: max(s.size.Width-margin, 10), Palette: s.deps.Theme.Palette, Caps: render.Caps{Colors: render.TrueColor}}
	return l
}

// differs tells whether n and N stop at an item.
func (it *item) differs() bool { return it.kind == single && it.cells[0].Differs() }

// step goes to the next difference, or the one before.
func (s *Screen) step(by int) {
	for i := s.at + by; i >= 0 && i < len(s.items); i += by {
		if s.items[i].differs() {
			s.choose(i)
			return
		}
	}
	if s.size.Width > 0 {
		s.notice = map[int]string{1: "There is no further difference.", -1: "There is no difference before."}[by]
	}
}

// choose selects an item.
func (s *Screen) choose(i int) {
	s.at = min(max(i, 0), len(s.items)-1)
	s.reveal()
}

// reveal scrolls to the selected item.
func (s *Screen) reveal() {
	if s.size.Width > 0 {
		s.list.Reveal(s.at, 0, len(s.draw(s.at)))
	}
}

// move goes to the next item, but first through what of this one is not on the screen.
func (s *Screen) move(by int) {
	last := len(s.draw(s.at)) - 1
	edge := last
	if by < 0 {
		edge = 0
	}
	if y, shown := s.list.Y(list.Pos{Item: s.at, Row: edge}); !shown && (by > 0) == (y >= s.height()) {
		s.list.Scroll(by * 3)
		return
	}
	s.choose(s.at + by)
}

// page scrolls a screen and selects what is at its top.
func (s *Screen) page(by int) {
	s.list.Scroll(by * max(s.height()-1, 1))
	s.at = min(s.list.Top().Item, len(s.items)-1)
}

// noCell is why there is nothing to open.
func (s *Screen) noCell() string {
	if len(s.items[s.at].cells) == 0 {
		return "no cell is selected"
	}
	return ""
}

// open opens the selected cell to look at: b's, where there is one.
func (s *Screen) open() tea.Cmd {
	c := s.items[s.at].cells[0]
	t := screen.Target{Kind: screen.Notebook, Path: s.deps.B, ReadOnly: true, Cell: c.B + 1}
	if c.B < 0 {
		t.Path, t.Cell = s.deps.A, c.A+1
	}
	return screen.Open(t)
}
