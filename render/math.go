package render

import (
	"strconv"
	"strings"

	"nbterm/render/ink"
	"nbterm/render/latex"
	"nbterm/render/term"
)

// formula draws a formula on rows of its own, centred as JupyterLab has it; what
// cannot be laid out is shown as it is written.
func formula(tex string, ctx Context) Block {
	if b, ok := formulaPicture(tex, ctx); ok {
		return b
	}
	layout, ok := latex.Display(scrub(tex), ctx.Width)
	style := ink.Style{Fg: ink.Of(ctx.Palette.Type)}
	if !ok {
		return Block{Lines: term.Lines(ctx.paintLines(style, scrub(tex)), ctx.options())}
	}
	var b strings.Builder
	for line := range strings.Lines(layout) {
		text := strings.TrimLeft(line, " ")
		b.WriteString(line[:len(line)-len(text)] + ctx.paint(style, strings.TrimSuffix(text, "\n")) + "\n")
	}
	return Block{Lines: term.Lines(strings.TrimSuffix(b.String(), "\n"), ctx.options())}
}

// formulaPicture draws a formula in pixels, where there are any.
func formulaPicture(tex string, ctx Context) (Block, bool) {
	if !ctx.Caps.Pixels || ctx.Tools == nil || ctx.Tools.Formula == nil || ctx.Tools.SVG == nil {
		return Block{}, false
	}
	cell := ctx.Caps.CellHeight
	if cell <= 0 {
		cell = 16
	}
	color := "#202124"
	if ctx.Palette.Dark {
		color = "#e0e4ea"
	}
	drawing, err := ctx.Tools.Formula(tex, 0.45*float64(cell), color)
	if err != nil {
		return Block{}, false
	}
	ctx.Grow = false
	w, h := ctx.box().Pixels()
	img, err := ctx.Tools.SVG(drawing, w, h, false)
	if err != nil {
		return Block{}, false
	}
	b := Raster(img, ctx)
	if len(b.Images) != 1 {
		return Block{}, false
	}
	left := max(ctx.Width-b.Images[0].Cols, 0) / 2
	for i := range b.Lines { // no letter is left of a formula in block characters
		b.Lines[i] = strings.Repeat(" ", left+b.Images[0].Cols)
	}
	b.Images[0].Col += left
	return b, true
}

// inlineMath writes a formula on one line, as it is written where that cannot be.
func inlineMath(tex string) string {
	s, ok := latex.Inline(scrub(tex))
	if !ok {
		return "$" + scrub(tex) + "$"
	}
	return s
}

// superscript raises text as far as Unicode goes: all of it or none, with ^ before.
func superscript(s string) string { return latex.Superscript(s) }

// subscript lowers text.
func subscript(s string) string { return latex.Subscript(s) }

func itoa(n int) string { return strconv.Itoa(n) }
