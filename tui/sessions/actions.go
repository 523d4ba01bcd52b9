package sessions

import (
	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host/roster"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/screen"
)

// actions are all that the screen can do.
func (s *Screen) actions() map[string]kit.Action {
	return map[string]kit.Action{
		keymap.ListUp:       kit.Plain(func() { s.choose(s.index() - 1) }),
		keymap.ListDown:     kit.Plain(func() { s.choose(s.index() + 1) }),
		keymap.ListPageUp:   kit.Plain(func() { s.choose(s.index() - s.list.Height()) }),
		keymap.ListPageDown: kit.Plain(func() { s.choose(s.index() + s.list.Height()) }),
		keymap.ListFirst:    kit.Plain(func() { s.choose(0) }),
		keymap.ListLast:     kit.Plain(func() { s.choose(len(s.found) - 1) }),
		keymap.ListFind:     kit.Plain(func() { s.finding = true; s.layout() }),
		keymap.ListBack:     {Do: s.back},
		keymap.ListOpen:     {Do: func() tea.Cmd { return s.open(false) }, Why: s.noNotebook},
		keymap.ListView:     {Do: func() tea.Cmd { return s.open(true) }, Why: s.noNotebook},

		keymap.SessionInterrupt: {Do: s.interrupt, Why: s.notRunning},
		keymap.SessionRestart:   {Do: s.askRestart, Why: s.outOfReach},
		keymap.SessionKill:      {Do: s.askKill, Why: s.notHere},

		keymap.Close: {Do: func() tea.Cmd { return screen.Done }},
		keymap.Quit:  {Do: func() tea.Cmd { return screen.Quit }},
	}
}

// back forgets what was looked for; with nothing to forget it closes the screen.
func (s *Screen) back() tea.Cmd {
	if s.find.Value() == "" {
		return screen.Done
	}
	s.find.SetValue("")
	s.filter()
	s.layout()
	return nil
}

func (s *Screen) open(readOnly bool) tea.Cmd {
	e, ok := s.selected()
	if !ok {
		return nil
	}
	t := screen.Target{Kind: screen.Notebook, Path: e.Notebook, ReadOnly: readOnly}
	if e.Cell != nil {
		t.Cell = e.Cell.Index + 1
	}
	return screen.Open(t)
}

const nobody = "no kernel is running"

func (s *Screen) noNotebook() string {
	e, ok := s.selected()
	switch {
	case !ok:
		return nobody
	case e.Spare:
		return "it waits for a notebook and has none yet"
	case e.Notebook == "":
		return "that session has no notebook"
	case !e.Here:
		return "it runs on " + machine(e)
	}
	return ""
}

func (s *Screen) notHere() string {
	e, ok := s.selected()
	switch {
	case !ok:
		return nobody
	case !e.Here:
		return "it runs on " + machine(e)
	}
	return ""
}

func (s *Screen) outOfReach() string {
	e, _ := s.selected()
	switch why := s.notHere(); {
	case why != "":
		return why
	case e.State == roster.Unreachable:
		return "it does not answer"
	case e.Spare:
		return "it waits for a notebook and has run nothing"
	}
	return ""
}

func (s *Screen) notRunning() string {
	e, _ := s.selected()
	switch why := s.outOfReach(); {
	case why != "":
		return why
	case e.Cell == nil && e.Queued == 0:
		return "nothing is running"
	}
	return ""
}
