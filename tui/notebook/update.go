package notebook

import (
	tea "charm.land/bubbletea/v2"

	"nbterm/tui/caps"
	"nbterm/tui/editor"
	"nbterm/tui/keymap"
	"nbterm/tui/list"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Update takes one message and draws what the screen shows afterwards, so that
// View only has to put rows together.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	return tea.Batch(s.take(msg), s.prepare(), s.guard())
}

// take takes one message. What is for another screen is passed over.
func (s *Screen) take(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.setSize(m.Width, m.Height)
	case theme.Theme:
		s.setTheme(m)
	case screen.ShownMsg:
		s.alone, s.pricing.shown = m.Alone, true
		return s.price()
	case screen.HiddenMsg:
		s.pricing.shown = false
	case screen.AskedMsg:
		s.Follow = m.Target.Follow
		s.jump(m.Target.Cell)
	case screen.CloseMsg:
		return s.shut()
	case caps.Terminal:
		s.view.caps = m.Render()
	case tea.KeyPressMsg:
		s.Follow = false
		return s.press(m)
	case tea.PasteMsg:
		return s.pasteText(m)
	case tea.MouseClickMsg:
		return s.click(m)
	case tea.MouseMotionMsg:
		return s.drag(m)
	case tea.MouseWheelMsg:
		s.Follow = false
		return s.wheel(m)
	}
	return s.hear(msg)
}

// hear takes the messages of our own commands.
func (s *Screen) hear(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case eventsMsg:
		if m.from == s {
			return s.fold(m)
		}
	case tickMsg:
		if m.from == s {
			s.ticking = false
			return s.tick()
		}
	case savedMsg:
		if m.from == s {
			return s.saved(m)
		}
	case copiedMsg:
		if m.from == s {
			s.copied(m)
		}
	case drawnMsg:
		if m.from == s {
			s.view.place(m)
		}
	case keepMsg, keptMsg, leftMsg, lookMsg, lookedMsg:
		return s.safety(m)
	case assistMsg:
		if m.from == s {
			return s.assist(m)
		}
	case editor.Coloured:
		return s.coloured(m)
	case queuedMsg:
		if m.from == s {
			s.queued(m)
		}
	case toldMsg, playMsg:
		return s.onWidgets(m)
	case connectedMsg:
		if m.from == s {
			return s.connected(m)
		}
	case aheadMsg:
		if m.from == s {
			s.keep(m)
		}
	case costMsg:
		return s.priced(m)
	case doneMsg:
		if m.from == s {
			s.done(m)
		}
	}
	return nil
}

// coloured gives the colours found in the background to the editor they are for.
func (s *Screen) coloured(m editor.Coloured) tea.Cmd {
	editors := []*editor.Editor{s.view.ed}
	for _, d := range s.view.drawn {
		editors = append(editors, d.src)
	}
	for _, ed := range editors {
		if ed == nil {
			continue
		}
		if handled, cmd := ed.Update(m); handled {
			return cmd
		}
	}
	return nil
}

// context is which bindings are in force.
func (s *Screen) context() keymap.Context {
	switch {
	case s.view.prompt != nil:
		return keymap.Prompt
	case s.view.ed != nil:
		return keymap.Edit
	case s.view.held != nil:
		return keymap.Control
	}
	return keymap.Command
}

// press gives a key to what has the focus first and then to the key map. A key
// that goes on with a sequence ("d d") is the key map's at once.
func (s *Screen) press(k tea.KeyPressMsg) tea.Cmd {
	if s.pending.Empty() {
		handled, cmd := s.give(k)
		if handled {
			s.reveal()
			return cmd
		}
		return tea.Batch(cmd, s.act(k))
	}
	return s.act(k)
}

// act does what the key map says of a key.
func (s *Screen) act(k tea.KeyPressMsg) tea.Cmd {
	id, pending, _ := s.Keys.Lookup(s.context(), k.String(), s.pending)
	s.pending = pending
	do := s.actions[id]
	if s.context() == keymap.Control {
		defer s.reveal()
	}
	switch {
	case do == nil:
		return nil
	case s.ReadOnly && !looks(id):
		s.say("This is a read-only view; nbterm " + s.Name + " edits and runs.")
		return nil
	}
	return do(s)
}

// looks is true for actions that change nothing but what is on the screen.
func looks(id string) bool {
	switch id {
	case keymap.Up, keymap.Down, keymap.First, keymap.Last, keymap.PageDown, keymap.PageUp, keymap.HalfDown, keymap.HalfUp,
		keymap.LineDown, keymap.LineUp, keymap.ExtendUp, keymap.ExtendDown, keymap.ExtendFirst, keymap.ExtendLast, keymap.SelectAll,
		keymap.ToggleOutput, keymap.ReadOutput, keymap.OpenOutput, keymap.EnterNormal, keymap.Help, keymap.Palette, keymap.Redraw, keymap.OpenSessions, keymap.OpenForm,
		keymap.OpenHistory, keymap.OpenDiff, keymap.Close, keymap.Quit:
		return true
	}
	return false
}

// give gives a key to the input field or the editor, if one is open.
func (s *Screen) give(k tea.KeyPressMsg) (handled bool, cmd tea.Cmd) {
	switch {
	case s.view.prompt != nil:
		return s.view.prompt.Update(k)
	case s.view.ed != nil:
		return s.view.ed.Update(k)
	case s.view.held != nil:
		return s.typeInto(k)
	}
	return false, nil
}

// vertical moves up or down: by a cell in command mode; in edit mode it is only
// reached at the edge of a cell, and goes on editing in the next one.
func (s *Screen) vertical(by int) {
	switch {
	case s.view.ed == nil:
		s.choose(s.sel.at + by)
	case s.sel.at+by >= 0 && s.sel.at+by < s.Doc.Len():
		s.hop(by)
	}
}

// hop goes on editing in the next cell, as JupyterLab does at a cell's edge.
func (s *Screen) hop(by int) {
	w := s.view.textWidth()
	_, col := s.view.ed.Cursor(w)
	s.leave()
	s.choose(s.sel.at + by)
	s.edit()
	row := 0
	if by < 0 {
		row = s.view.ed.Height(w) - 1
	}
	s.view.ed.MoveToRow(w, row, col)
	s.reveal()
}

func (s *Screen) pasteText(m tea.PasteMsg) tea.Cmd {
	switch {
	case s.view.prompt != nil:
		_, cmd := s.view.prompt.Update(m)
		return cmd
	case s.view.ed != nil:
		_, cmd := s.view.ed.Update(m)
		s.reveal()
		return cmd
	case s.view.held != nil && s.view.held.ed != nil:
		_, cmd := s.edited(s.view.held.ed.Update(m))
		return cmd
	}
	return nil
}

// under says which row of which cell lies under the mouse.
func (s *Screen) under(m tea.Mouse) (list.Pos, bool) {
	top := 1
	if s.size.h >= 8 {
		top = 2
	}
	if m.Y < top || m.Y >= top+s.list.Height() {
		return list.Pos{}, false
	}
	return s.list.At(m.Y - top)
}

// click selects a cell; a click into the text of the selected cell edits there.
func (s *Screen) click(m tea.MouseClickMsg) tea.Cmd {
	p, ok := s.under(m.Mouse())
	if !ok || m.Button != tea.MouseLeft {
		return nil
	}
	if a, ok := s.touched(p, m.X); ok && !s.ReadOnly && !m.Mod.Contains(tea.ModShift) {
		return s.touch(p, a, m.X)
	}
	s.unhold()
	same := p.Item == s.sel.at
	if s.view.ed != nil && !same {
		s.leave()
	}
	if m.Mod.Contains(tea.ModShift) && s.view.ed == nil {
		s.extend(p.Item)
		return nil
	}
	if !same {
		s.choose(p.Item)
		return nil
	}
	if p.Row >= s.view.inputHeight(p.Item) || m.X < gutterWidth {
		return nil
	}
	if s.ReadOnly {
		return nil
	}
	if s.view.ed == nil {
		s.edit()
	}
	s.view.ed.Click(s.view.textWidth(), p.Row, m.X-gutterWidth)
	return nil
}

func (s *Screen) drag(m tea.MouseMotionMsg) tea.Cmd {
	if m.Button == tea.MouseLeft && s.view.held != nil {
		return s.pull(m.X)
	}
	if s.view.ed == nil || m.Button != tea.MouseLeft {
		return nil
	}
	if p, ok := s.under(m.Mouse()); ok && p.Item == s.sel.at && p.Row < s.view.inputHeight(p.Item) {
		s.view.ed.Drag(s.view.textWidth(), p.Row, max(m.X-gutterWidth, 0))
	}
	return nil
}

func (s *Screen) wheel(m tea.MouseWheelMsg) tea.Cmd {
	switch m.Button {
	case tea.MouseWheelUp:
		s.list.Scroll(-3)
	case tea.MouseWheelDown:
		s.list.Scroll(3)
	}
	return nil
}
