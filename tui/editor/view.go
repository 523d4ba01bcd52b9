package editor

import (
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/highlight"
	"nbterm/render/ink"
)

// view is what is remembered about how a buffer looks: its layout, the states of
// its lexer and the rows painted.
type view struct {
	layout  layout
	lexing  *lexing
	painter *painter
	method  ansi.Method
	tab     int // columns of a tab stop
}

func newView(b *Buffer, language string, palette *ink.Palette) *view {
	v := &view{layout: layout{b: b}, lexing: newLexing(b, language), tab: defaultTab}
	v.painter = newPainter(themeOf(palette), newMetric(v.method, v.tab, 80))
	b.changed = func(c change) {
		v.layout.changed(c)
		v.lexing.changed(c)
	}
	return v
}

// fit prepares for a width in cells.
func (v *view) fit(width int) *layout {
	v.layout.fit(max(width, 1), v.tab, v.method)
	if v.painter.m != v.layout.m {
		v.painter = newPainter(v.painter.theme, v.layout.m)
	}
	return &v.layout
}

// rows draws the rows from up to, not including, to; over gives each line's overlay.
func (v *view) rows(from, to int, over func(line int) overlay) []string {
	l := &v.layout
	from, to = max(from, 0), min(to, l.total)
	if from >= to {
		return nil
	}
	out := make([]string, 0, to-from)
	for line, part := l.lineAt(from); len(out) < to-from; line, part = line+1, 0 {
		s := v.lexing.at(line)
		out = append(out, v.line(line, part, part+to-from-len(out), s, over(line))...)
	}
	return out
}

// line draws the rows from up to to of a line, or fewer when it has fewer.
func (v *view) line(line, from, to int, s highlight.State, over overlay) []string {
	text := v.layout.b.lines[line]
	n := len(v.layout.lines[line]) + 1
	to = min(to, n)
	key := painted{text, s}
	if over == noOverlay && len(text) < longLine && v.lexing.whole == nil {
		if rows, ok := v.painter.cache[key]; ok {
			return rows[from:to]
		}
		rows := v.paint(line, 0, n, s, over)
		v.painter.keep(key, rows)
		return rows[from:to]
	}
	return v.paint(line, from, to, s, over)
}

func (v *view) paint(line, from, to int, s highlight.State, over overlay) []string {
	tokens, _ := v.lexing.line(line, s)
	rows := make([]string, 0, to-from)
	for part := from; part < to; part++ {
		start, end := v.layout.bounds(line, part)
		rows = append(rows, v.painter.row(v.layout.b.lines[line], start, end, tokens, over))
	}
	return rows
}
