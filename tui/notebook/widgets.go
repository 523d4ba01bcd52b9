package notebook

import (
	"nbterm/engine/widget"
	draw "nbterm/render/widget"
	"nbterm/tui/images"
)

// widgets is what the outputs of a cell depend on where they are views of widgets.
type widgets struct {
	models widget.Models
	focus  *draw.Focus // nil while none of the cell's controls has it
}

// controls is a piece that is a widget.
type controls struct {
	rows
	pictures []*images.Picture
	drawing  *draw.Drawing
	focus    *draw.Focus
	brush    brush
}

func (v *view) widgetsOf(key uint64) widgets {
	w := widgets{models: v.models}
	if v.held != nil && v.held.cell == key {
		w.focus = v.held.focus
	}
	return w
}

// controls draws an output that is a view of a widget, or takes what was drawn where
// that still holds. It is nil for other outputs, and where the widget is not known.
func (b brush) controls(s shown, w widgets) piece {
	if s.view == "" || w.models[s.view] == nil {
		return nil
	}
	old, _ := s.piece.(*controls)
	if old.holds(w) && old.brush == b {
		return old
	}
	var before *draw.Drawing
	if old != nil && old.brush == b {
		before = old.drawing
	}
	d, ok := draw.Draw(w.models, s.view, w.focus, b.context(), before)
	if !ok {
		return nil
	}
	lines, pictures := b.images.Mark(d.Block)
	return &controls{rows: lines, pictures: pictures, drawing: d, focus: w.focus, brush: b}
}

// holds is true for a drawing that nothing has changed under.
func (c *controls) holds(w widgets) bool {
	return c != nil && c.focus == w.focus && c.drawing.Fresh(w.models)
}

// fresh is false when a widget among the outputs has changed, or is known by now.
func (o *outputs) fresh(w widgets) bool {
	for _, s := range o.shown {
		if s.view == "" {
			continue
		}
		c, drawn := s.piece.(*controls)
		if drawn != (w.models[s.view] != nil) || drawn && !c.holds(w) {
			return false
		}
	}
	return true
}
