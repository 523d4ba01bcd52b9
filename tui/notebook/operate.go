package notebook

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/engine/widget"
	draw "nbterm/render/widget"
	"nbterm/tui/editor"
	"nbterm/tui/keymap"
)

// hold is the control that has the focus. The focus is replaced, never changed: what
// was drawn with it knows by that whether it still holds.
type hold struct {
	cell  uint64
	focus *draw.Focus
	ed    *editor.Editor // of a field; nil for other controls
	knew  string         // the field's text as the model had it last
}

// spot is an area of a control, its row counted from the first of the cell's outputs.
type spot struct {
	draw.Area
	cursor *draw.Point // of the drawing it is in
}

// spots are the areas of the controls in the outputs of cell i.
func (v *view) spots(i int) []spot {
	var all []spot
	row := 0
	for _, s := range v.at(i).outputs.shown {
		if c, ok := s.piece.(*controls); ok {
			cursor := c.drawing.Cursor
			if cursor != nil {
				cursor = &draw.Point{Row: cursor.Row + row, Col: cursor.Col}
			}
			for _, a := range c.drawing.Areas {
				a.Row += row
				all = append(all, spot{a, cursor})
			}
		}
		row += s.piece.Len()
	}
	return all
}

// stops are the spots where the focus stops.
func (v *view) stops(i int) []spot {
	var stops []spot
	for _, a := range v.spots(i) {
		if a.Stop {
			stops = append(stops, a)
		}
	}
	return stops
}

// operating finds the cell and the spot that have the focus. It lets go of what is no
// longer there.
func (s *Screen) operating() (cell int, at spot, ok bool) {
	h := s.view.held
	if h == nil {
		return 0, spot{}, false
	}
	cell = s.Doc.Index(h.cell)
	if cell >= 0 {
		for _, a := range s.view.stops(cell) {
			if a.Model == h.focus.Model && a.Part == h.focus.Part {
				return cell, a, true
			}
		}
	}
	s.view.held = nil
	return 0, spot{}, false
}

// operate gives the focus to the first control of the selected cell.
func (s *Screen) operate() tea.Cmd {
	if s.ReadOnly {
		s.say("This is a read-only view: its widgets cannot be operated.")
		return nil
	}
	c := s.cell()
	stops := s.view.stops(s.sel.at)
	if len(stops) == 0 {
		s.say("This cell's output has no control to operate.")
		return nil
	}
	// What is folded away could not be seen to change.
	if o := s.view.at(s.sel.at).outputs; o.fold == hidden || o.short() {
		s.view.fold[c.Key()] = open
	}
	s.sel.mark = s.sel.at
	s.hold(c, stops[0].Area)
	s.show()
	return nil
}

// hold gives a control the focus. In a field typing begins at once.
func (s *Screen) hold(c *notebook.Cell, a draw.Area) {
	h := &hold{cell: c.Key(), focus: &draw.Focus{Model: a.Model, Part: a.Part, Item: max(a.Item, 0)}}
	m := s.ses.Widgets.Get(a.Model)
	if text, ok := m.Field(); ok && !m.Disabled() && m.Live {
		h.ed, h.knew = editor.New(text, "", s.Theme.Palette), text
		h.ed.SetKeys(s.textKeys)
		h.ed.SetAutoClose(false)
		h.ed.SetRegisters(s.registers)
		h.ed.SetFocused(true)
		h.ed.SetCursorOffset(len(text))
		h.focus.Field = &draw.Field{Text: text, Cursor: len(text)}
	}
	s.view.held = h
}

// refocus replaces the focus by one that differs.
func (h *hold) refocus(change func(*draw.Focus)) {
	next := *h.focus
	change(&next)
	h.focus = &next
}

// step moves the focus to another control; at the last and the first it goes round.
func (s *Screen) step(by int) tea.Cmd {
	cell, at, ok := s.operating()
	if !ok {
		return nil
	}
	cmd := s.settle(false)
	stops := s.view.stops(cell)
	for i, a := range stops {
		if a.Model == at.Model && a.Part == at.Part {
			s.hold(s.Doc.Cell(cell), stops[(i+by+len(stops))%len(stops)].Area)
			break
		}
	}
	return cmd
}

// unhold goes back to the cells; what was typed and not taken is dropped.
func (s *Screen) unhold() { s.view.held = nil }

// settle takes what was typed into a field; submit tells of enter as well.
func (s *Screen) settle(submit bool) tea.Cmd {
	h := s.view.held
	if h == nil || h.ed == nil {
		return nil
	}
	m := s.ses.Widgets.Get(h.focus.Model)
	if m == nil {
		return nil
	}
	var cmds []tea.Cmd
	if text := h.ed.Value(); text != h.knew {
		c, err := m.Type(text)
		if err != nil {
			s.say(clean(err.Error()) + ".")
			return nil
		}
		cmds = append(cmds, s.change(h.cell, c))
	}
	if submit && m.Submits() {
		cmds = append(cmds, s.change(h.cell, m.Submit()))
	}
	return tea.Batch(cmds...)
}

// act does what the key map's action means to the control that has the focus.
func (s *Screen) do(a widget.Act) tea.Cmd {
	h := s.view.held
	if _, _, ok := s.operating(); !ok {
		return nil
	}
	m := s.ses.Widgets.Get(h.focus.Model)
	part := h.focus.Part
	switch {
	case m.Kind == "Dropdown" && a == widget.Press:
		h.refocus(func(f *draw.Focus) { f.Open = !f.Open })
		return nil
	case m.Kind == "SelectMultiple" && a != widget.Press:
		h.refocus(func(f *draw.Focus) { f.Item = moved(a, f.Item, len(m.Options())) })
		return nil
	case m.Kind == "SelectMultiple":
		part = h.focus.Item
	}
	c, ok := m.Do(a, part)
	if !ok {
		return nil
	}
	return s.change(h.cell, c)
}

// moved is where a cursor goes in a list of n options.
func moved(a widget.Act, at, n int) int {
	switch a {
	case widget.Less:
		at--
	case widget.More:
		at++
	case widget.Fewer:
		at -= 10
	case widget.Lots:
		at += 10
	case widget.Least:
		at = 0
	case widget.Most:
		at = n - 1
	}
	return max(min(at, n-1), 0)
}

// vertical is up or down: a list is walked as it stands, a number grows upwards.
func (s *Screen) nudge(up bool) tea.Cmd {
	cell, at, ok := s.operating()
	if !ok {
		return nil
	}
	m := s.ses.Widgets.Get(at.Model)
	switch m.Kind {
	case "Dropdown", "Select", "SelectMultiple", "RadioButtons", "ToggleButtons":
		up = !up
	case "Button", "Checkbox", "ToggleButton", "Accordion", "Play", "Tab", "Text", "Password", "Combobox":
		// They have nothing up or down: the arrows go to their neighbours.
		if up {
			return s.step(-1)
		}
		return s.step(1)
	}
	cmd := s.settle(false)
	if s.Doc.Index(s.view.held.cell) != cell {
		return cmd
	}
	if up {
		return tea.Batch(cmd, s.do(widget.More))
	}
	return tea.Batch(cmd, s.do(widget.Less))
}

// typeInto gives a key to the field that has the focus, or uses it to choose by its
// letter. It is false for keys that the key map is to be asked about.
func (s *Screen) typeInto(k tea.KeyPressMsg) (handled bool, cmd tea.Cmd) {
	if _, _, ok := s.operating(); !ok {
		return false, nil
	}
	h, key := s.view.held, k.String()
	m := s.ses.Widgets.Get(h.focus.Model)
	if h.ed == nil {
		switch {
		case key == "space":
			return true, s.do(widget.Press)
		case k.Text != "":
			return true, s.byLetter(m, k.Text)
		}
		return false, nil
	}
	multi := m.Kind == "Textarea"
	switch key {
	case "tab", "shift+tab", "esc", "ctrl+q":
		return false, nil
	case "enter", "up", "down", "pgup", "pgdown":
		if !multi {
			return false, nil
		}
	}
	return s.edited(h.ed.Update(k))
}

// edited takes over what a key or a paste did in the field.
func (s *Screen) edited(handled bool, cmd tea.Cmd) (bool, tea.Cmd) {
	h := s.view.held
	m := s.ses.Widgets.Get(h.focus.Model)
	if m.Kind != "Textarea" && strings.ContainsAny(h.ed.Value(), "\n\r") {
		at := h.ed.CursorOffset()
		h.ed.SetValue(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(h.ed.Value()))
		h.ed.SetCursorOffset(min(at, len(h.ed.Value())))
	}
	text, cursor := h.ed.Value(), h.ed.CursorOffset()
	h.refocus(func(f *draw.Focus) { f.Field = &draw.Field{Text: text, Cursor: cursor} })
	if m.Instantly() && text != h.knew {
		if c, err := m.Type(text); err == nil {
			return true, tea.Batch(cmd, s.change(h.cell, c))
		}
	}
	return handled, cmd
}

// byLetter goes to the next option that begins with a letter.
func (s *Screen) byLetter(m *widget.Model, text string) tea.Cmd {
	options, h := m.Options(), s.view.held
	at := m.Index()
	if m.Kind == "SelectMultiple" {
		at = h.focus.Item
	}
	for step := 1; step <= len(options); step++ {
		i := (max(at, -1) + step) % len(options)
		if !strings.HasPrefix(strings.ToLower(strings.TrimLeftFunc(options[i], unicode.IsSpace)), strings.ToLower(text)) {
			continue
		}
		if m.Kind == "SelectMultiple" {
			h.refocus(func(f *draw.Focus) { f.Item = i })
			return nil
		}
		if c, ok := m.Choose(i); ok {
			return s.change(h.cell, c)
		}
		return nil
	}
	return nil
}

// operations are the actions of the key map on a control.
func operations() map[string]action {
	do := func(a widget.Act) action { return func(s *Screen) tea.Cmd { return s.do(a) } }
	return map[string]action{
		keymap.ControlEnter:    (*Screen).operate,
		keymap.ControlNext:     func(s *Screen) tea.Cmd { return s.step(1) },
		keymap.ControlPrevious: func(s *Screen) tea.Cmd { return s.step(-1) },
		keymap.ControlLeave:    plain((*Screen).unhold),
		keymap.ControlPress: func(s *Screen) tea.Cmd {
			if s.view.held != nil && s.view.held.ed != nil {
				return s.settle(true)
			}
			return s.do(widget.Press)
		},
		keymap.ControlLess:  do(widget.Less),
		keymap.ControlMore:  do(widget.More),
		keymap.ControlUp:    func(s *Screen) tea.Cmd { return s.nudge(true) },
		keymap.ControlDown:  func(s *Screen) tea.Cmd { return s.nudge(false) },
		keymap.ControlFewer: do(widget.Fewer),
		keymap.ControlLots:  do(widget.Lots),
		keymap.ControlLeast: do(widget.Least),
		keymap.ControlMost:  do(widget.Most),
	}
}
