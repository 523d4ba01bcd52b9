package diff

import (
	"fmt"
	"image/color"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	delta "nbterm/engine/diff"
	"nbterm/engine/scrap"
	"nbterm/render"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Look is how differences are drawn. Context.Width is the room for a row.
type Look struct {
	render.Context
	Beside  bool // a at the left, b at the right; else one below the other
	Whole   bool // all lines that are the same, too
	Outputs bool
	Most    int // lines of one text at most; 0 is all
}

func (l Look) paint(c color.Color, attr ink.Attr, s string) string {
	if s == "" {
		return ""
	}
	return ink.Style{Fg: ink.Of(c), Attr: attr}.Paint(s, l.Caps.Colors)
}

func (l Look) muted(s string) string { return l.paint(l.Palette.Muted, 0, s) }

// Heading says what happened to a cell, in a line.
func (l Look) Heading(c *delta.Cell) string {
	name := fmt.Sprintf("cell %d", max(c.A, c.B)+1)
	if c.A >= 0 && c.B >= 0 {
		name = fmt.Sprintf("cell %d", c.B+1)
	}
	var told []string
	switch c.Kind {
	case delta.Added:
		told = append(told, l.paint(l.Palette.Ok, 0, "added"))
	case delta.Removed:
		told = append(told, l.paint(l.Palette.Failed, 0, "removed"))
	case delta.Changed:
		told = append(told, l.paint(l.Palette.Stale, 0, "changed"))
	}
	switch {
	case c.Moved:
		told = append(told, l.paint(l.Palette.Accent, 0, fmt.Sprintf("moved, was cell %d", c.A+1)))
	case c.A >= 0 && c.B >= 0 && c.A != c.B:
		told = append(told, l.muted(fmt.Sprintf("was cell %d", c.A+1)))
	}
	if t := l.Times(c.Took); t != "" {
		told = append(told, t)
	}
	if len(told) == 0 {
		told = append(told, l.muted("the same"))
	}
	return l.paint(l.Palette.Text, ink.Bold, name) + "  " + strings.Join(told, l.muted(" · "))
}

// Times says how much longer or shorter it took; "" where that is not worth a word.
func (l Look) Times(t delta.Times) string {
	r := t.Ratio()
	if r == 0 {
		return ""
	}
	loud := l.Palette.Stale
	if r < 1 {
		loud = l.Palette.Ok
	}
	return l.paint(loud, 0, fmt.Sprintf("took %.2g×", r)) + l.muted(fmt.Sprintf(" (%s → %s)", span(t.A), span(t.B)))
}

// span is a duration rounded to what matters.
func span(d time.Duration) string {
	switch {
	case d == 0:
		return "?"
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d m %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d m", int(d.Hours()), int(d.Minutes())%60)
}

// Body draws what differs in a cell.
func (l Look) Body(c *delta.Cell) []string {
	var rows []string
	switch {
	case c.Kind == delta.Added, c.Kind == delta.Removed:
		rows = l.lines(oneSided(c))
		if n := len(c.Cell().Outputs()); n > 0 && l.Outputs {
			rows = append(rows, l.muted(plural(n, "output")))
		}
		return rows
	case c.Source != nil:
		lines := c.Source
		for n := len(lines); n > 0 && lines[n-1].InA && lines[n-1].InB && strings.TrimSpace(lines[n-1].Text) == ""; n-- {
			lines = lines[:n-1] // the line end behind the last line
		}
		rows = l.lines(lines)
	case c.Kind == delta.Same && l.Whole:
		return l.lines(delta.Lines(c.CellB.Source(), c.CellB.Source()))
	}
	if l.Outputs {
		for _, o := range c.Outputs {
			rows = append(rows, l.output(o)...)
		}
	} else if len(c.Outputs) > 0 {
		rows = append(rows, l.muted(plural(len(c.Outputs), "output")+" differ"+map[bool]string{true: "s"}[len(c.Outputs) == 1]))
	}
	for _, v := range c.Meta {
		rows = append(rows, l.muted("metadata  ")+l.Value(v, 0))
	}
	return rows
}

func oneSided(c *delta.Cell) []delta.Line {
	if c.Kind == delta.Added {
		return delta.Lines("", c.CellB.Source())
	}
	return delta.Lines(c.CellA.Source(), "")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// output draws one output that differs.
func (l Look) output(o delta.Output) []string {
	head := term.Clean(o.Type)
	switch {
	case o.Image != nil:
		head += "  " + o.Image.String()
	case o.A == nil:
		head += "  only now"
	case o.B == nil:
		head += "  no more"
	}
	if o.Note != "" {
		head += "  " + term.Clean(o.Note)
	}
	rows := []string{ansi.Truncate(l.muted(head), l.Width, "…")}
	if o.Image != nil {
		return append(rows, l.images(o)...)
	}
	return append(rows, l.lines(o.Lines)...)
}

// images draws both pictures where there is room for two.
func (l Look) images(o delta.Output) []string {
	if !l.Beside {
		return nil
	}
	in := l.Context
	in.Width, in.MaxRows = l.column(), 12
	var sides [2][]string
	if o.A != nil {
		sides[0] = render.Output(o.A, in).Lines
	}
	if o.B != nil {
		sides[1] = render.Output(o.B, in).Lines
	}
	return l.join(sides[0], sides[1])
}

// Value is a name with what it was and is.
func (l Look) Value(v delta.Value, width int) string {
	name := fmt.Sprintf("%-*s", width, term.Clean(v.Name))
	brief := scrap.Brief
	if scrap.Brief(v.A) == scrap.Brief(v.B) {
		brief = scrap.Show // the difference is in the digits behind
	}
	show := func(x any, has bool) string {
		if !has {
			return "–"
		}
		s := term.Clean(brief(x))
		if text, ok := x.(string); ok && (text == "" || text != strings.TrimSpace(text)) {
			s = fmt.Sprintf("%q", s)
		}
		return ansi.Truncate(s, max((l.Width-width-12)/2, 12), "…")
	}
	a, b := show(v.A, v.InA), show(v.B, v.InB)
	if !v.Differs {
		return name + "  " + l.muted(b)
	}
	row := name + "  " + l.paint(l.Palette.Failed, 0, a) + l.muted(" → ") + l.paint(l.Palette.Ok, 0, b)
	x, ok1 := scrap.Number(v.A)
	y, ok2 := scrap.Number(v.B)
	if gap := y - x; v.InA && v.InB && ok1 && ok2 && gap-gap == 0 {
		row += l.muted(fmt.Sprintf("  %+.3g", gap))
	}
	return row
}
