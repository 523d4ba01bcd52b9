package notebook

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/engine/widget"
	draw "nbterm/render/widget"
)

// telling is what the kernel is being told of widgets. Of a model only one change is
// under way at a time: what is changed meanwhile is told as one when its callbacks have
// ended, so that a slow callback is not called for every place a slider passed.
type telling struct {
	flights map[string]flight        // by model
	next    map[string]widget.Change // by model: to be told after that
	playing map[string]bool          // a tick of this Play is under way
}

// flight is a change that the kernel has not done with.
type flight struct {
	id   string
	cell uint64
	sent time.Time
}

// patience is how long a change is waited for whose end may have been lost.
const patience = 30 * time.Second

// toldMsg is the end of handing a change to the host.
type toldMsg struct {
	from      *Screen
	model, id string
	err       error
}

// playMsg moves a Play on.
type playMsg struct {
	from *Screen
	id   string
	cell uint64
}

// change makes a change of a widget of a cell: at once on the screen, and the kernel
// is told.
func (s *Screen) change(cell uint64, c widget.Change) tea.Cmd {
	m := s.ses.Widgets.Get(c.Model)
	switch {
	case m == nil:
		return nil
	case !m.Live && m.Kind != "Tab" && m.Kind != "Accordion": // these only show another part
		s.say("No kernel listens to this widget any more; run its cell again.")
		return nil
	}
	var cmds []tea.Cmd
	for _, one := range s.ses.Widgets.Change(c) {
		cmds = append(cmds, s.tell(cell, one))
	}
	s.tookWidgets()
	return tea.Batch(append(cmds, s.animate(cell))...)
}

// tell sends a change, or keeps it until the one before has ended.
func (s *Screen) tell(cell uint64, c widget.Change) tea.Cmd {
	f, flies := s.telling.flights[c.Model]
	if flies && c.Event == "" && (s.Busy() || s.Now().Sub(f.sent) < patience) {
		next, waits := s.telling.next[c.Model]
		if !waits {
			s.telling.next[c.Model] = c
			return nil
		}
		if joined, ok := next.Join(c); ok {
			s.telling.next[c.Model] = joined
			return nil
		}
	}
	if c.Event != "" { // callbacks must find what was changed before
		return tea.Batch(s.flush(), s.send(cell, c))
	}
	return s.send(cell, c)
}

// flush tells all that waits, whatever is under way.
func (s *Screen) flush() tea.Cmd {
	var cmds []tea.Cmd
	for model, c := range s.telling.next {
		cmds = append(cmds, s.send(s.telling.flights[model].cell, c))
		delete(s.telling.next, model)
	}
	return tea.Batch(cmds...)
}

// send hands a change to the host, in the order of the calls.
func (s *Screen) send(cell uint64, c widget.Change) tea.Cmd {
	h := s.ses.Host
	if h == nil || s.lost {
		return nil
	}
	m, err := s.ses.Call(cell, c.Content())
	if err != nil {
		s.say(clean(err.Error()))
		return nil
	}
	id := m.Header.MsgID
	if c.Event == "" {
		s.telling.flights[c.Model] = flight{id, cell, s.Now()}
	}
	return s.lane.send(s.ctx, func() tea.Msg { return toldMsg{s, c.Model, id, h.Send(m)} })
}

// onWidgets takes the messages of the commands made here.
func (s *Screen) onWidgets(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case toldMsg:
		if m.from == s {
			s.told(m)
		}
	case playMsg:
		if m.from == s {
			return s.play(m)
		}
	}
	return nil
}

// told tells of a change that the host did not take.
func (s *Screen) told(m toldMsg) {
	if m.err == nil {
		return
	}
	if s.telling.flights[m.model].id == m.id {
		delete(s.telling.flights, m.model)
		delete(s.telling.next, m.model)
	}
	s.done(doneMsg{s, "tell the kernel of the widget", m.err})
}

// heard goes on with what waited for callbacks that have ended.
func (s *Screen) heard(ids []string) tea.Cmd {
	var cmds []tea.Cmd
	for _, id := range ids {
		for model, f := range s.telling.flights {
			if f.id != id {
				continue
			}
			delete(s.telling.flights, model)
			if next, ok := s.telling.next[model]; ok {
				delete(s.telling.next, model)
				cmds = append(cmds, s.tell(f.cell, next))
			}
		}
	}
	return tea.Batch(cmds...)
}

// tookWidgets has what is drawn follow the models.
func (s *Screen) tookWidgets() {
	s.view.models = s.ses.Widgets.Models()
	h := s.view.held
	if h == nil {
		return
	}
	m := s.view.models[h.focus.Model]
	if m == nil {
		s.view.held = nil
		return
	}
	text, ok := m.Field()
	if h.ed == nil || !ok || text == h.knew {
		return
	}
	h.knew = text
	if text != h.ed.Value() && s.telling.next[m.ID].State == nil { // a callback changed it
		h.ed.SetValue(text)
		h.ed.SetCursorOffset(len(text))
		h.refocus(func(f *draw.Focus) { f.Field = &draw.Field{Text: text, Cursor: len(text)} })
	}
}

// forgetTelling is for a kernel that ended: nothing will be heard of what it was told.
func (s *Screen) forgetTelling(events []host.Event) {
	for i := range events {
		if e := &events[i]; e.Kind == host.Changed && e.State != host.Idle && e.State != host.Busy {
			s.telling.flights, s.telling.next = map[string]flight{}, map[string]widget.Change{}
		}
	}
}

// animate keeps the Plays going that run; their callbacks speak to this cell.
func (s *Screen) animate(cell uint64) tea.Cmd {
	var cmds []tea.Cmd
	for id, m := range s.view.models {
		if m.Kind != "Play" || !m.Playing() || !m.Live || s.telling.playing[id] || s.ReadOnly {
			continue
		}
		ms, _ := m.Number("interval")
		wait := max(time.Duration(ms)*time.Millisecond, frame)
		s.telling.playing[id] = true
		cmds = append(cmds, tea.Tick(wait, func(time.Time) tea.Msg { return playMsg{s, id, cell} }))
	}
	return tea.Batch(cmds...)
}

// play is the next step of a Play.
func (s *Screen) play(m playMsg) tea.Cmd {
	delete(s.telling.playing, m.id)
	model := s.ses.Widgets.Get(m.id)
	if model == nil {
		return nil
	}
	c, ok := model.Tick()
	if !ok {
		return nil
	}
	return s.change(m.cell, c)
}
