package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// para is a paragraph of styled text, to be filled to a width: its first row
// starts with first, the rows below with rest, which is as wide.
type para struct {
	first, rest string
	text        string
	solid       bool // spaces count: preformatted, cut instead of filled
}

// rows fills the paragraph. Escapes in text must be our own.
func (p para) rows(ctx Context) []string {
	room := ctx
	room.Width = max(ctx.Width-ansi.StringWidth(p.first), 1)
	text := p.text
	if !p.solid {
		text = ansi.Wrap(text, room.Width, "")
	}
	rows := term.Lines(text, room.options())
	if len(rows) == 0 {
		rows = []string{""}
	}
	if room.Width+ansi.StringWidth(p.first) > ctx.Width {
		return rows // no room for a prefix at all
	}
	prefix := p.first
	for i, row := range rows {
		if row == "" {
			prefix = strings.TrimRight(prefix, " ")
		}
		rows[i] = prefix + row
		prefix = p.rest
	}
	return rows
}

// scrub removes controls from text that will be styled by us, so that an escape
// found there later is ours; line breaks and tabs stay.
func scrub(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= 0x20 && s[i] < 0x7f || s[i] == '\n' || s[i] == '\t' || s[i] > 0xc2
	}
	if clean && !strings.ContainsRune(s, '\ufffd') {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f {
			return '\ufffd'
		}
		return r
	}, s)
}

// paint writes text in one colour of the palette.
func (ctx Context) paint(s ink.Style, text string) string { return s.Paint(text, ctx.Caps.Colors) }

// rule is a thin line.
func (ctx Context) rule(char string, width int) string {
	return ctx.paint(ink.Style{Fg: ink.Of(ctx.Palette.Faint)}, strings.Repeat(char, max(width, 1)))
}

// href starts and ends a link as far as the terminal can: an OSC 8 sequence, or
// the target written behind the text.
func (ctx Context) href(url string) (start, end string) {
	url = plainURL(url)
	switch {
	case url == "":
		return "", ""
	case !ctx.Caps.Hyperlinks:
		return "", ctx.muted(" <" + url + ">")
	}
	return "\x1b]8;;" + url + "\x1b\\", "\x1b]8;;\x1b\\"
}

// plainURL gives an http(s) URL in printable ASCII, "" for anything else.
func plainURL(url string) string {
	lower := strings.ToLower(url)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") || len(url) > 2000 {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(url); i++ {
		if c := url[i]; c > 0x20 && c < 0x7f {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
