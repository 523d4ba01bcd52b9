package render

import (
	"nbterm/engine/mime"
	"nbterm/render/term"
)

// Markdown draws a markdown source.
func Markdown(src string, ctx Context) Block {
	ctx = ctx.sane()
	return Block{Lines: term.Lines(src, ctx.options())}
}

func markdownText(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	text, ok := b.Text(typ)
	return Markdown(text, ctx), ok
}
