package render

import (
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Live is a stream output that may grow: its rows are those of Stream, what is
// added costs about its own length, and only the rows asked for are made. One
// goroutine owns it at a time.
type Live struct {
	screen *term.Screen
	bar    string // before each row; "" for stdout
}

// NewLive draws an empty stream.
func NewLive(name string, ctx Context) *Live {
	ctx = ctx.sane()
	l := &Live{}
	if name == "stderr" && ctx.Width > 1 {
		l.bar = ink.Style{Fg: ink.Of(ctx.Palette.Stale)}.Paint("▏", ctx.Caps.Colors)
		ctx.Width--
	}
	l.screen = term.NewScreen(ctx.options())
	return l
}

// Write adds text, cut anywhere.
func (l *Live) Write(text string) { l.screen.Write(text) }

// Len is the number of rows.
func (l *Live) Len() int { return l.screen.Len() }

// Rows gives rows [from, to).
func (l *Live) Rows(from, to int) []string {
	rows := l.screen.Rows(from, to)
	if l.bar != "" {
		for i := range rows {
			rows[i] = l.bar + rows[i]
		}
	}
	return rows
}
