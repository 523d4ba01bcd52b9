package render

import (
	"strings"

	"nbterm/render/highlight"
	"nbterm/render/term"
)

// maxCode is the size in bytes from which source is shown without colour.
const maxCode = 1 << 18

// Code draws source in the colours of its language, cut hard at the width. Tabs
// are eight columns wide.
func Code(src, language string, ctx Context) Block {
	ctx = ctx.sane()
	if len(src) > maxCode {
		return Block{Lines: term.Lines(src, ctx.options())}
	}
	src = strings.ReplaceAll(src, "\r\n", "\n")
	var b strings.Builder
	tokens := highlight.Highlight(src, language)
	for i, line := range strings.Split(src, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		writeTokens(&b, line, tokens[i], ctx)
	}
	return Block{Lines: term.Lines(b.String(), ctx.options())}
}

// writeTokens writes one line with its tokens painted. What the line brings of
// escapes itself is shown, not played: in source they are text.
func writeTokens(b *strings.Builder, line string, tokens []highlight.Token, ctx Context) {
	at := 0
	for _, t := range tokens {
		b.WriteString(literal(line[at:t.Start]))
		b.WriteString(highlight.Style(t.Class, ctx.Palette).Paint(literal(line[t.Start:t.End]), ctx.Caps.Colors))
		at = t.End
	}
	b.WriteString(literal(line[at:]))
}

// literal makes controls in a piece of source visible, but for tabs.
func literal(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < 0x20 && r != '\t' || r >= 0x7f && r <= 0x9f }) < 0 {
		return s
	}
	pieces := strings.Split(s, "\t")
	for i := range pieces {
		pieces[i] = term.Clean(pieces[i])
	}
	return strings.Join(pieces, "\t")
}

// options is the context as the line terminal takes it.
func (ctx Context) options() term.Options {
	return term.Options{Width: ctx.Width, Colors: ctx.Caps.Colors, Links: ctx.Caps.Hyperlinks}
}
