package form

import (
	tea "charm.land/bubbletea/v2"

	"nbterm/render/term"
	"nbterm/tui/editor"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/screen"
)

// actions are all that the form can do.
func (s *Screen) actions() map[string]kit.Action {
	return map[string]kit.Action{
		keymap.FormRun:      {Do: s.run, Why: s.notStarting},
		keymap.FormSweep:    {Do: s.toggleSweep, Why: func() string { return s.deps.NoSweep }},
		keymap.FormSchedule: {Do: func() tea.Cmd { return nil }, Why: func() string { return s.deps.NoSchedule }},
		keymap.FormNext:     kit.Plain(func() { s.at = (s.at + 1) % s.stops() }),
		keymap.FormPrevious: kit.Plain(func() { s.at = (s.at + s.stops() - 1) % s.stops() }),
		keymap.FormForward:  kit.Plain(func() { s.turn(1) }),
		keymap.FormBackward: kit.Plain(func() { s.turn(-1) }),
		keymap.FormDefault:  {Do: s.restore, Why: s.onWhere},
		keymap.FormSecret:   {Do: s.toggleSecret, Why: s.noParameter},
		keymap.FormCancel:   {Do: func() tea.Cmd { return screen.Done }},
		keymap.Close:        {Do: func() tea.Cmd { return screen.Done }},
		keymap.Quit:         {Do: func() tea.Cmd { return screen.Quit }},
	}
}

func (s *Screen) notStarting() string {
	if s.starting {
		return "the run is being started"
	}
	return ""
}

func (s *Screen) onWhere() string {
	if s.focus() == nil {
		return "no field has the focus"
	}
	return ""
}

func (s *Screen) noParameter() string {
	if s.at >= len(s.fields) {
		return "no parameter has the focus"
	}
	return ""
}

// turn takes the next choice of the field, or the next place to run that there is.
func (s *Screen) turn(by int) {
	if f := s.focus(); f != nil {
		f.turn(by)
		return
	}
	n := len(s.deps.Wheres)
	for range n {
		s.where = (s.where + by + n) % n
		if s.deps.Wheres[s.where].Why == "" {
			return
		}
	}
}

func (s *Screen) restore() tea.Cmd {
	f := s.focus()
	f.set(f.Default)
	return nil
}

// toggleSecret says that a parameter's text is where its value is, and not the value.
func (s *Screen) toggleSecret() tea.Cmd {
	f := s.focus()
	f.Secret = !f.Secret
	switch {
	case f.Secret && f.input == nil:
		f.input = editor.NewInput("", false, s.deps.Theme.Palette)
	case f.Secret:
		f.input.SetValue("")
	case len(f.Choices) > 0:
		f.input = nil
		f.set(f.Default)
	default:
		f.set(f.Default)
	}
	return nil
}

// toggleSweep lets fields hold several values.
func (s *Screen) toggleSweep() tea.Cmd {
	s.sweep = !s.sweep
	for _, f := range s.fields {
		switch {
		case len(f.Choices) == 0 || f.Secret:
		case s.sweep:
			text := f.text()
			f.input = editor.NewInput("", false, s.deps.Theme.Palette)
			f.input.SetValue(text)
		default:
			text := f.text()
			f.input = nil
			f.set(text)
		}
	}
	return nil
}

// label is how a field is called on the screen.
func (s *Screen) label(f *field) string {
	if f == s.output {
		return "output"
	}
	return term.Clean(f.Name)
}
