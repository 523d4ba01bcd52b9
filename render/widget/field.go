package widget

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/widget"
	"nbterm/render/term"
)

// Widths of fields, in columns.
const (
	leastField = 12
	mostField  = 40
	areaField  = 60
)

// field draws one line of text in brackets.
func (p *painter) field(m *widget.Model, at place) box {
	head := p.describe(m, at)
	indent := ansi.StringWidth(head)
	text, cursor, typing := p.text(m)
	room := min(max(ansi.StringWidth(text)+1, leastField), mostField)
	if p.layout(m).width > 0 {
		room = mostField
	}
	room = max(min(room, at.width-indent-4), 1)
	shown, col := window(text, cursor, room)
	if text == "" && !typing {
		shown = p.muted(cut(term.Clean(strings.Trim(m.Text("placeholder"), "\u200b")), room))
	}
	face := "[ " + pad(shown, room) + " ]"
	switch {
	case typing:
		face = p.paint("[ ", p.ctx.Palette.Accent, 0) + pad(shown, room) + p.paint(" ]", p.ctx.Palette.Accent, 0)
	case p.has(m, 0):
		face = p.held("[ ", true) + pad(shown, room) + p.held(" ]", true)
	case m.Disabled():
		face = p.muted(face)
	}
	b := box{lines: []string{head + face}}
	press(&b, 0, indent, face, m, 0, -1, true)
	if typing {
		b.cursor = &Point{0, indent + 2 + col}
	}
	if swatch, ok := swatch(m); ok {
		b.lines[0] += " " + p.paint("██", swatch, 0)
	}
	return p.hints(b, m, indent, at)
}

// hints are the options of a Combobox that go on with what is typed.
func (p *painter) hints(b box, m *widget.Model, indent int, at place) box {
	if m.Kind != "Combobox" || !p.has(m, 0) || p.focus.Field == nil {
		return b
	}
	var hints box
	for i, option := range options(m) {
		if len(hints.lines) == 6 || !strings.HasPrefix(strings.ToLower(option), strings.ToLower(p.focus.Field.Text)) || option == p.focus.Field.Text {
			continue
		}
		hints.areas = append(hints.areas, Area{Row: len(hints.lines), Rows: 1, Cols: max(at.width-indent, 1), Model: m.ID, Item: i})
		hints.lines = append(hints.lines, p.muted(cut(option, max(at.width-indent-2, 1))))
	}
	return below(0, b, below(indent+2, hints))
}

// text is what a field shows, one line for all but a Textarea, with the cursor in
// bytes; typing is true while it is being written.
func (p *painter) text(m *widget.Model) (text string, cursor int, typing bool) {
	text, _ = m.Field()
	if f := p.focus.Field; f != nil && p.has(m, 0) {
		text, cursor, typing = f.Text, min(max(f.Cursor, 0), len(f.Text)), true
	}
	before := clean(text[:cursor], m)
	return before + clean(text[cursor:], m), len(before), typing
}

// clean makes text fit to show, each character of a password a dot.
func clean(text string, m *widget.Model) string {
	switch m.Kind {
	case "Password":
		return strings.Repeat("•", len([]rune(text)))
	case "Textarea":
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = term.Clean(lines[i])
		}
		return strings.Join(lines, "\n")
	}
	return term.Clean(text)
}

// window is the part of a line about the cursor that has room, and the cursor's column.
func window(text string, cursor, room int) (shown string, col int) {
	col = ansi.StringWidth(text[:cursor])
	left := max(col-room+1, 0)
	return ansi.Cut(text, left, left+room), col - left
}

// textarea draws lines of text behind a bar.
func (p *painter) textarea(m *widget.Model, at place) box {
	head := p.describe(m, at)
	indent := ansi.StringWidth(head)
	text, cursor, typing := p.text(m)
	room := max(min(areaField, at.width-indent-2), 1)
	rows := 3
	if n, ok := m.Number("rows"); ok && n >= 1 {
		rows = int(min(n, 20))
	}
	lines := strings.Split(text, "\n")
	line := strings.Count(text[:cursor], "\n")
	if text == "" && !typing {
		lines[0] = p.muted(cut(term.Clean(strings.Trim(m.Text("placeholder"), "\u200b")), room))
	}
	rows = max(rows, min(len(lines), 20))
	first := min(max(line-rows+1, 0), max(len(lines)-rows, 0))
	bar := p.paint("│", p.ctx.Palette.Faint, 0) + " "
	if p.has(m, 0) {
		bar = p.paint("┃", p.ctx.Palette.Accent, 0) + " "
	}
	var b box
	for i := first; i < first+rows; i++ {
		shown := ""
		if i < len(lines) {
			at := 0
			if typing && i == line {
				at = cursor - (strings.LastIndexByte(text[:cursor], '\n') + 1)
				var col int
				shown, col = window(lines[i], at, room)
				b.cursor = &Point{i - first, 2 + col}
			} else {
				shown = cut(lines[i], room)
			}
		}
		b.lines = append(b.lines, bar+pad(shown, room))
	}
	b.areas = []Area{{Rows: len(b.lines), Cols: room + 2, Model: m.ID, Item: -1, Stop: true}}
	if head == "" {
		return b
	}
	return beside(0, box{lines: []string{head}}, b)
}

// swatch is the colour that a ColorPicker holds, where it is told in hexadecimal.
func swatch(m *widget.Model) (color.Color, bool) {
	text := m.Text("value")
	if m.Kind != "ColorPicker" || len(text) != 7 && len(text) != 4 || text[0] != '#' || strings.Trim(text[1:], "0123456789abcdefABCDEF") != "" {
		return nil, false
	}
	return lipgloss.Color(text), true
}
