package widget

import (
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/widget"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Widths of tracks and bars, in columns.
const (
	leastTrack = 5
	mostTrack  = 32
	mostBar    = 40
)

// slider draws a track with one handle, or the two of a range, and the value.
func (p *painter) slider(m *widget.Model, at place) box {
	head := p.describe(m, at)
	readout := ""
	if m.Bool("readout") {
		readout = term.Clean(m.Readout())
	}
	room := at.width - ansi.StringWidth(head) - 2
	readout = cut(readout, max(room-leastTrack, 0))
	track := min(max(room-ansi.StringWidth(readout), leastTrack), mostTrack)
	span, _ := m.Bounds()
	ends := m.Ends()
	cells := make([]int, len(ends))
	for i, v := range ends {
		if span.Max > span.Min {
			share := math.Min(math.Max((v-span.Min)/(span.Max-span.Min), 0), 1)
			cells[i] = int(math.Round(share * float64(track-1)))
		}
	}
	from, to := 0, cells[0]
	if len(cells) == 2 {
		from, to = cells[0], cells[1]
	}
	var row strings.Builder
	for c := range track {
		switch {
		case len(cells) == 2 && c == cells[1]:
			row.WriteString(p.handle(m, 1))
		case c == cells[0]:
			row.WriteString(p.handle(m, 0))
		case c > from && c < to || len(cells) == 1 && c < to:
			row.WriteString(p.paint("━", p.ctx.Palette.Accent, 0))
		default:
			row.WriteString(p.paint("─", p.ctx.Palette.Faint, 0))
		}
	}
	text := head + row.String()
	if readout != "" {
		text += "  " + readout
	}
	b := box{lines: []string{text}}
	col := ansi.StringWidth(head)
	for part := range ends {
		b.areas = append(b.areas, Area{Row: 0, Col: col, Rows: 1, Cols: track, Model: m.ID, Part: part, Item: -1, Track: true, Stop: true})
	}
	return b
}

func (p *painter) handle(m *widget.Model, part int) string {
	if p.has(m, part) {
		return p.held("●", true)
	}
	if m.Disabled() {
		return p.muted("●")
	}
	return p.paint("●", p.ctx.Palette.Accent, ink.Bold)
}

// progress draws a bar in eighths of columns.
func (p *painter) progress(m *widget.Model, at place) box {
	head := p.describe(m, at)
	room := at.width - ansi.StringWidth(head) - 2
	if !p.layout(m).fill {
		room = min(room, mostBar)
	}
	room = max(room, 1)
	v, _ := m.Number("value")
	span, _ := m.Bounds()
	share := 0.0
	if span.Max > span.Min {
		share = math.Min(math.Max((v-span.Min)/(span.Max-span.Min), 0), 1)
	}
	eighths := int(math.Floor(share * float64(room) * 8))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	tint := p.tint(m.Text("bar_style"))
	if tint == nil {
		tint = p.ctx.Palette.Running
	}
	line := head + p.paint("▕", p.ctx.Palette.Faint, 0) + p.paint(bar, tint, 0) +
		strings.Repeat(" ", max(room-ansi.StringWidth(bar), 0)) + p.paint("▏", p.ctx.Palette.Faint, 0)
	return box{lines: []string{line}}
}

// pushed draws a button around clean text.
func (p *painter) pushed(text string, m *widget.Model, part int, tint string, down bool) string {
	left, right := "[ ", " ]"
	if down {
		left = "[•"
	}
	text = left + text + right
	switch {
	case p.has(m, part):
		return p.held(text, true)
	case m.Disabled():
		return p.muted(text)
	case down:
		return p.paint(text, p.tint(tint), ink.Bold)
	}
	return p.paint(text, p.tint(tint), 0)
}

// press is the area of a button, as wide as its text.
func press(b *box, row, col int, text string, m *widget.Model, part, item int, stop bool) {
	b.areas = append(b.areas, Area{Row: row, Col: col, Rows: 1, Cols: ansi.StringWidth(text), Model: m.ID, Part: part, Item: item, Stop: stop})
}

func (p *painter) button(m *widget.Model, at place) box {
	text := p.pushed(cut(p.face(m), max(at.width-4, 1)), m, 0, m.Text("button_style"), false)
	b := box{lines: []string{text}}
	press(&b, 0, 0, text, m, 0, -1, true)
	return b
}

// face is what stands on a button: its description, else the name of its icon.
func (p *painter) face(m *widget.Model) string {
	if text := description(m); text != "" {
		return text
	}
	if icon := term.Clean(m.Text("icon")); icon != "" {
		return icon
	}
	return " "
}

func (p *painter) toggleButton(m *widget.Model, at place) box {
	text := p.pushed(cut(p.face(m), max(at.width-4, 1)), m, 0, m.Text("button_style"), m.Bool("value"))
	b := box{lines: []string{text}}
	press(&b, 0, 0, text, m, 0, -1, true)
	return b
}

func (p *painter) checkbox(m *widget.Model, at place) box {
	indent := ""
	if at.label > 0 && m.Bool("indent") {
		indent = strings.Repeat(" ", at.label+1)
	}
	mark := "[ ]"
	if m.Bool("value") {
		mark = "[x]"
	}
	if m.Disabled() {
		mark = p.muted(mark)
	}
	text := cut(description(m), max(at.width-len(indent)-4, 0))
	line := p.held(mark, p.has(m, 0)) + " " + text
	b := box{lines: []string{indent + line}}
	press(&b, 0, len(indent), line, m, 0, -1, true)
	return b
}

func (p *painter) valid(m *widget.Model, at place) box {
	head := p.describe(m, at)
	if m.Bool("value") {
		return box{lines: []string{head + p.paint("✓", p.ctx.Palette.Ok, 0)}}
	}
	text := cut("✗ "+term.Clean(m.Text("readout")), max(at.width-ansi.StringWidth(head), 1))
	return box{lines: []string{head + p.paint(text, p.ctx.Palette.Failed, 0)}}
}

// play draws the buttons of an animation, in words.
func (p *painter) play(m *widget.Model, at place) box {
	head := p.describe(m, at)
	first := "play"
	if m.Playing() {
		first = "pause"
	}
	var b box
	line := head
	for part, word := range []string{widget.PlayButton: first, widget.StopButton: "stop", widget.RepeatButton: "repeat"} {
		if part == widget.RepeatButton && !m.Bool("show_repeat") {
			continue
		}
		text := p.pushed(word, m, part, "", part == widget.RepeatButton && m.Repeating())
		press(&b, 0, ansi.StringWidth(line), text, m, part, -1, true)
		line += text + " "
	}
	v, _ := m.Number("value")
	b.lines = []string{line + p.muted(widget.Format(v, ""))}
	return b
}
