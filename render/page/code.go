package page

import (
	"bytes"
	"html"
	"strings"
	"unicode"

	"nbterm/render/highlight"
)

// class of a token in the style sheet; "" has none.
func class(c highlight.Class) string {
	switch c {
	case highlight.Keyword:
		return "k"
	case highlight.String, highlight.Escape:
		return "s"
	case highlight.Number:
		return "m"
	case highlight.Comment:
		return "c"
	case highlight.Function, highlight.Type, highlight.Decorator, highlight.Magic:
		return "f"
	case highlight.Builtin:
		return "b"
	case highlight.Operator:
		return "o"
	case highlight.Plain, highlight.Name, highlight.Invalid:
	}
	return ""
}

// highlightMost is the bytes of source from which on it is left plain.
const highlightMost = 256 << 10

// code writes source as <pre>, its tokens in spans.
func code(b *bytes.Buffer, source, language string) {
	b.WriteString("<pre><code>")
	defer b.WriteString("</code></pre>")
	source = strings.TrimRight(source, "\n")
	if len(source) > highlightMost {
		b.WriteString(html.EscapeString(visible(source)))
		return
	}
	lines := strings.Split(source, "\n")
	for i, tokens := range tokens(source, lines, language) {
		if i > 0 {
			b.WriteByte('\n')
		}
		at, line := 0, lines[i]
		for _, t := range tokens {
			name := class(t.Class)
			if name == "" || t.Start < at || t.End > len(line) {
				continue
			}
			b.WriteString(html.EscapeString(visible(line[at:t.Start])))
			b.WriteString(`<span class="` + name + `">` + html.EscapeString(visible(line[t.Start:t.End])) + `</span>`)
			at = t.End
		}
		b.WriteString(html.EscapeString(visible(line[at:])))
	}
}

// tokens gives those of each line.
func tokens(source string, lines []string, language string) [][]highlight.Token {
	all := make([][]highlight.Token, len(lines))
	lexer, ours := highlight.For(language)
	if !ours {
		copy(all, highlight.Highlight(source, language))
		return all
	}
	var state highlight.State
	for i, l := range lines {
		all[i], state = lexer.Line(l, state)
	}
	return all
}

// visible shows what would turn the direction of text or hide: a page is read by
// people who trust what they see.
func visible(s string) string {
	if strings.IndexFunc(s, hides) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if hides(r) {
			return '�'
		}
		return r
	}, s)
}

func hides(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c, r == 0xfeff:
		return true
	}
	return false
}
