// Package widget draws the tree of models below a Jupyter widget as terminal rows, and
// says where in them its controls are: which take the focus, which a click meets. It
// decides nothing about what a key does; that is engine/widget's.
//
//	box.go        rows beside and below each other
//	control.go    sliders, buttons, checkboxes, progress bars
//	choice.go     what one chooses from a list with
//	field.go      what one types into
//	container.go  boxes, tabs, accordions
//	content.go    HTML, labels, pictures, captured outputs, and what we do not know
//
// All text of models passes render/term.
package widget

import (
	"image/color"
	"strings"

	"nbterm/engine/widget"
	"nbterm/render"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Focus is what the user has in hand.
type Focus struct {
	Model string
	Part  int  // which stop of it: the end of a range, the child of an Accordion, ...
	Item  int  // the option under the cursor, in lists of which several are chosen
	Open  bool // a Dropdown shows its options
	// Field is what is being typed, nil where nothing is.
	Field *Field
}

// Field is text with a cursor, a number of bytes.
type Field struct {
	Text   string
	Cursor int
}

// Area is a place that a click means something at.
type Area struct {
	Row, Col, Rows, Cols int // cells within the drawing

	Model string
	Part  int
	Item  int  // the option there, -1 for none
	Track bool // a slider: the column says the value
	Stop  bool // the focus stops here, in the order of the areas
}

// Drawing is a widget as rows.
type Drawing struct {
	render.Block
	Areas  []Area
	Cursor *Point // where what is being typed goes on; nil for nowhere

	uses  map[string]*widget.Model
	cache map[cacheKey]render.Block
}

// Point is a cell of a drawing.
type Point struct{ Row, Col int }

// Fresh is true while nothing that was drawn has changed.
func (d *Drawing) Fresh(models widget.Models) bool {
	for id, m := range d.uses {
		if models[id] != m {
			return false
		}
	}
	return true
}

// Shows is true for a model that is part of the drawing.
func (d *Drawing) Shows(id string) bool { return d.uses[id] != nil }

// Bounds on a tree, which may have rings.
const (
	maxDepth = 24
	maxNodes = 2000
)

// cacheKey is a part that takes long to draw.
type cacheKey struct {
	what  any // an output or a version of a model
	width int
}

// Draw draws the model with this id. It is false when there is no such model. old is
// an earlier drawing in the same context, or nil: its pictures are not decoded again.
func Draw(models widget.Models, id string, focus *Focus, ctx render.Context, old *Drawing) (*Drawing, bool) {
	if models[id] == nil {
		return nil, false
	}
	if ctx.Palette == nil {
		ctx.Palette = render.PlainPalette()
	}
	ctx.Width = max(ctx.Width, 1)
	p := &painter{models: models, focus: focus, ctx: ctx, nodes: maxNodes, out: &Drawing{
		uses: map[string]*widget.Model{}, cache: map[cacheKey]render.Block{},
	}}
	if focus == nil {
		p.focus = &Focus{}
	}
	if old != nil {
		p.old = old.cache
	}
	b := p.draw(id, place{width: ctx.Width})
	p.out.Block = render.Block{Lines: b.cut(ctx.Width), Images: b.images}
	p.out.Areas, p.out.Cursor = b.areas, b.cursor
	return p.out, true
}

// painter draws one tree.
type painter struct {
	models widget.Models
	focus  *Focus
	ctx    render.Context
	nodes  int // how many may still be drawn
	old    map[cacheKey]render.Block
	out    *Drawing
}

// place is the room for one model.
type place struct {
	width int
	label int // columns of the descriptions in the same column of controls
	depth int
}

// model finds a model and notes that it was looked at.
func (p *painter) model(id string) *widget.Model {
	m := p.models[id]
	p.out.uses[id] = m
	return m
}

// draw draws one model and what is in it.
func (p *painter) draw(id string, at place) box {
	m := p.model(id)
	if m == nil || p.nodes <= 0 || at.depth > maxDepth {
		return box{}
	}
	p.nodes--
	layout := p.layout(m)
	if layout.hidden {
		return box{}
	}
	if layout.width > 0 {
		at.width = max(min(layout.width, at.width), 1)
	}
	if draw := p.drawer(m.Kind); draw != nil {
		return draw(m, at)
	}
	return p.unknown(m, at)
}

// drawer is the table of kinds.
func (p *painter) drawer(kind string) func(*widget.Model, place) box {
	switch kind {
	case "IntSlider", "FloatSlider", "FloatLogSlider", "IntRangeSlider", "FloatRangeSlider", "SelectionSlider", "SelectionRangeSlider":
		return p.slider
	case "IntProgress", "FloatProgress", "Progress":
		return p.progress
	case "Button":
		return p.button
	case "ToggleButton":
		return p.toggleButton
	case "Checkbox":
		return p.checkbox
	case "Valid":
		return p.valid
	case "Play":
		return p.play
	case "Text", "Password", "Combobox", "IntText", "FloatText", "BoundedIntText", "BoundedFloatText",
		"DatePicker", "Time", "TimePicker", "Datetime", "NaiveDatetime", "ColorPicker":
		return p.field
	case "Textarea":
		return p.textarea
	case "Dropdown":
		return p.dropdown
	case "Select", "SelectMultiple":
		return p.list
	case "RadioButtons":
		return p.radio
	case "ToggleButtons":
		return p.toggles
	case "HBox":
		return p.hbox
	case "VBox", "Box":
		return p.vbox
	case "GridBox":
		return p.grid
	case "Tab":
		return p.tab
	case "Accordion":
		return p.accordion
	case "Stack":
		return p.stack
	case "Label":
		return p.label
	case "HTML", "HTMLMath":
		return p.html
	case "Image":
		return p.image
	case "Output":
		return p.output
	}
	return nil
}

// layout is what of a Layout model matters in rows.
type layout struct {
	width  int  // columns; 0 is not told
	fill   bool // all the room there is
	hidden bool
	grid   string // grid_template_columns
}

// pixelsPerColumn is how wide a cell is taken to be where a layout counts in pixels.
const pixelsPerColumn = 8

func (p *painter) layout(m *widget.Model) layout {
	id := m.Ref("layout")
	if id == "" {
		return layout{}
	}
	l := p.model(id)
	if l == nil {
		return layout{}
	}
	out := layout{
		hidden: l.Text("display") == "none" || l.Text("visibility") == "hidden",
		grid:   l.Text("grid_template_columns"),
	}
	out.fill = l.Text("width") == "100%" || strings.Trim(l.Text("flex"), "0 ") != ""
	if px, ok := strings.CutSuffix(l.Text("width"), "px"); ok {
		out.width = int(number(px)) / pixelsPerColumn
	}
	if share, ok := strings.CutSuffix(l.Text("width"), "%"); ok && !out.fill {
		out.width = int(number(share) / 100 * float64(p.ctx.Width))
	}
	return out
}

// paint colours a piece of text that is clean.
func (p *painter) paint(text string, c color.Color, a ink.Attr) string {
	return ink.Style{Fg: ink.Of(c), Attr: a}.Paint(text, p.ctx.Caps.Colors)
}

func (p *painter) muted(text string) string { return p.paint(text, p.ctx.Palette.Muted, 0) }

// has is true for a part that has the focus.
func (p *painter) has(m *widget.Model, part int) bool {
	return p.focus.Model == m.ID && p.focus.Part == part
}

// held paints what has the focus: reversed, so that it shows without colours too.
func (p *painter) held(text string, held bool) string {
	if !held {
		return text
	}
	return p.paint(text, p.ctx.Palette.Accent, ink.Reverse)
}

// describe is the description of a control, in the columns of its neighbours'.
func (p *painter) describe(m *widget.Model, at place) string {
	text := description(m)
	switch {
	case text == "" && at.label == 0:
		return ""
	case at.label > 0:
		return p.muted(fit(text, at.label)) + " "
	}
	return p.muted(cut(text, max(at.width/2, 1))) + " "
}

// description is clean and has no white space around it.
func description(m *widget.Model) string {
	return strings.TrimSpace(term.Clean(m.Text("description")))
}

// tint is the colour of a button_style, bar_style or box_style.
func (p *painter) tint(style string) color.Color {
	switch style {
	case "success":
		return p.ctx.Palette.Ok
	case "warning":
		return p.ctx.Palette.Stale
	case "danger":
		return p.ctx.Palette.Failed
	case "info", "primary":
		return p.ctx.Palette.Accent
	}
	return nil
}
