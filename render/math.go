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
