package render

import (
	"strings"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// Stream draws what a program printed. The lines of stderr carry a quiet mark at
// the left: warnings are no failures.
func Stream(name, text string, ctx Context) Block {
	p := NewPrinter(name, ctx)
	p.Update(text)
	p.screen.Flush()
	return Block{Lines: p.Rows(0, p.Len())}
}

// Printer is a stream that grows: it draws what was added since the last Update
// and the rows that are asked for, not the whole again. One goroutine owns it.
type Printer struct {
	ctx    Context
	name   string
	bar    string // before each row
	screen *term.Screen
	clip   clipper
	seen   int    // bytes written
	end    string // the last of them
}

// NewPrinter makes the printer of the stream called name: "stdout" or "stderr".
func NewPrinter(name string, ctx Context) *Printer {
	p := &Printer{ctx: ctx.sane(), name: name}
	if name == "stderr" && p.ctx.Width > 1 {
		p.bar = p.ctx.paint(ink.Style{Fg: ink.Of(p.ctx.Palette.Stale)}, "▏")
	}
	p.restart()
	return p
}

// room is the width without the bar.
func (p *Printer) room() int {
	if p.bar != "" {
		return p.ctx.Width - 1
	}
	return p.ctx.Width
}

func (p *Printer) restart() {
	o := p.ctx.options()
	o.Width = p.room()
	p.screen, p.clip, p.seen, p.end = term.NewScreen(o), clipper{limit: p.ctx.MaxLine}, 0, ""
}

// Update brings the printer to this text. Text that goes on where it ended before
// costs what is new, any other starts again.
func (p *Printer) Update(text string) {
	if len(text) < p.seen || !strings.HasSuffix(text[:p.seen], p.end) {
		p.restart()
	}
	p.clip.write(p.screen, text[p.seen:])
	p.seen = len(text)
	p.end = strings.Clone(text[max(0, len(text)-64):])
}

// Resize changes the width.
func (p *Printer) Resize(width int) {
	p.ctx.Width = max(width, 1)
	*p = *p.again()
}

// again is a printer of the same stream, with its screen cut anew.
func (p *Printer) again() *Printer {
	next := NewPrinter(p.name, p.ctx)
	p.screen.Resize(next.room())
	next.screen, next.clip, next.seen, next.end = p.screen, p.clip, p.seen, p.end
	return next
}

// Len is the number of rows.
func (p *Printer) Len() int { return p.screen.Len() }

// Rows returns rows from (included) to to (not included).
func (p *Printer) Rows(from, to int) []string {
	rows := p.screen.Rows(from, to)
	if p.bar != "" {
		for i, row := range rows {
			rows[i] = p.bar + row
		}
	}
	return rows
}
