package editor

import (
	"strings"

	"nbterm/render/highlight"
	"nbterm/render/ink"
)

// theme is what painting takes from a palette.
type theme struct {
	palette   *ink.Palette
	odd       ink.Style // things shown in the place of what cannot be drawn
	selection ink.Style
}

func themeOf(p *ink.Palette) theme {
	t := theme{palette: p, odd: ink.Style{Fg: ink.Of(p.Muted)}, selection: ink.Style{Bg: ink.Of(p.Selection)}}
	if p.Selection == nil {
		t.selection.Attr = ink.Reverse
	}
	if p.Muted == nil {
		t.odd.Attr = ink.Faint
	}
	return t
}

// overlay is what lies over the colours of a line: the selected bytes, whether the
// newline is selected too, and up to two bytes that are matching brackets.
type overlay struct {
	from, to int
	newline  bool
	marks    [2]int // -1: none
}

var noOverlay = overlay{marks: [2]int{-1, -1}}

// painter draws rows and remembers those without overlay by what they show.
type painter struct {
	theme theme
	m     metric
	cache map[painted][]string
	rows  int // rows in the cache
}

type painted struct {
	text  string
	state highlight.State
}

// maxPainted is how many rows are remembered.
const maxPainted = 8192

func newPainter(t theme, m metric) *painter {
	return &painter{theme: t, m: m}
}

// keep remembers the rows of a line.
func (p *painter) keep(key painted, rows []string) {
	if p.rows += len(rows); p.cache == nil || p.rows > maxPainted {
		p.cache, p.rows = map[painted][]string{}, len(rows)
	}
	p.cache[key] = rows
}

// row draws the bytes s[start:end] of a line.
func (p *painter) row(s string, start, end int, tokens []highlight.Token, over overlay) string {
	dst := make([]byte, 0, 2*(end-start)+16)
	var now ink.Style
	col, t := 0, 0
	for i := start; i < end; {
		for t < len(tokens) && tokens[t].End <= i {
			t++
		}
		var style ink.Style
		if t < len(tokens) && tokens[t].Start <= i {
			style = highlight.Style(tokens[t].Class, p.theme.palette)
		}
		next, w := p.m.measure(s, i, col)
		text := s[i:next]
		if next > i+1 || s[i] < ' ' || s[i] >= 0x7f {
			text, style = p.odd(text, w, style)
		}
		style = over.lay(i, style, p.theme.selection)
		dst = ink.AppendChange(dst, now, style)
		dst = append(dst, text...)
		now = style
		col += w
		i = next
	}
	if over.newline && end == len(s) && col < p.m.width {
		dst = ink.AppendChange(dst, now, p.theme.selection)
		dst = append(dst, ' ')
		now = p.theme.selection
	}
	return string(ink.AppendChange(dst, now, ink.Style{}))
}

// odd gives what is drawn for a cluster that is more than a printable ASCII byte,
// w cells wide.
func (p *painter) odd(cluster string, w int, style ink.Style) (string, ink.Style) {
	if cluster == "\t" {
		return strings.Repeat(" ", w), style
	}
	text, _ := p.m.glyph(cluster)
	if !strings.HasPrefix(cluster, text) {
		style = p.theme.odd
	}
	return text, style
}

// lay puts the overlay of byte i on a style.
func (o overlay) lay(i int, s, selection ink.Style) ink.Style {
	if o.from <= i && i < o.to {
		s.Bg, s.Attr = selection.Bg, s.Attr|selection.Attr
	}
	if i == o.marks[0] || i == o.marks[1] {
		s.Attr |= ink.Bold | ink.Underline
	}
	return s
}
