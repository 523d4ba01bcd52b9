package notebook

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/widget"
	draw "nbterm/render/widget"
	"nbterm/tui/list"
)

// touched finds the control under the mouse: of areas that lie on each other the one
// drawn last. It is false where outputs are folded, as rows are then others.
func (s *Screen) touched(p list.Pos, x int) (spot, bool) {
	row, col := p.Row-s.view.inputHeight(p.Item), x-gutterWidth
	if o := s.view.at(p.Item).outputs; row < 0 || o.fold == hidden || o.short() {
		return spot{}, false
	}
	for _, a := range slices.Backward(s.view.spots(p.Item)) {
		if row >= a.Row && row < a.Row+a.Rows && col >= a.Col && col < a.Col+a.Cols {
			return a, true
		}
	}
	return spot{}, false
}

// touch is a click on a control: it takes the focus and does what a click does to it.
func (s *Screen) touch(p list.Pos, a spot, x int) tea.Cmd {
	settled := s.settle(false)
	if s.view.ed != nil {
		s.leave()
	}
	if s.sel.at != p.Item || s.sel.mark != p.Item {
		s.choose(p.Item)
	}
	m := s.ses.Widgets.Get(a.Model)
	if m == nil {
		return settled
	}
	was := s.view.held
	if was == nil || was.focus.Model != a.Model || was.focus.Part != a.Part {
		s.hold(s.Doc.Cell(p.Item), a.Area)
	}
	if m.Kind == "Tab" { // its titles are parts, its one stop is the first
		s.view.held.refocus(func(f *draw.Focus) { f.Part = 0 })
	}
	return tea.Batch(settled, s.clicked(m, a, x))
}

// clicked is what a click does to a control that has the focus.
func (s *Screen) clicked(m *widget.Model, a spot, x int) tea.Cmd {
	h := s.view.held
	var c widget.Change
	var ok bool
	switch {
	case a.Track:
		c, ok = m.Slide(share(a, x))
	case a.Item >= 0:
		c, ok = m.Choose(a.Item)
		h.refocus(func(f *draw.Focus) { f.Item, f.Open = a.Item, false })
	case m.Kind == "Dropdown":
		h.refocus(func(f *draw.Focus) { f.Open = !f.Open })
	case h.ed == nil && m.Kind != "Select" && m.Kind != "SelectMultiple":
		c, ok = m.Do(widget.Press, a.Part)
	}
	if !ok {
		return nil
	}
	return s.change(h.cell, c)
}

// share is where on a track a column is, from 0 to 1.
func share(a spot, x int) float64 {
	if a.Cols < 2 {
		return 0
	}
	return float64(x-gutterWidth-a.Col) / float64(a.Cols-1)
}

// pull drags the handle of the slider that has the focus.
func (s *Screen) pull(x int) tea.Cmd {
	_, at, ok := s.operating()
	if !ok || !at.Track {
		return nil
	}
	if c, ok := s.ses.Widgets.Get(at.Model).Slide(share(at, x)); ok {
		return s.change(s.view.held.cell, c)
	}
	return nil
}
