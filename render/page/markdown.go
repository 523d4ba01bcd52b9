package page

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	ghtml "github.com/yuin/goldmark/renderer/html"

	"nbterm/engine/notebook"
	"nbterm/render/latex"
)

// markdown writes text as CommonMark with GitHub's additions. HTML in it is taken over
// as in an output: the whole passes one allowlist.
func (d *drawer) markdown(text string, c *notebook.Cell) {
	text, formulas := lift(text)
	md := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithParserOptions(parser.WithHeadingAttribute()), goldmark.WithRendererOptions(ghtml.WithUnsafe()))
	var out bytes.Buffer
	if err := md.Convert([]byte(text), &out); err != nil {
		d.b.WriteString("<pre>" + html.EscapeString(visible(text)) + "</pre>")
		return
	}
	safe := d.sanitise(out.String(), c)
	d.b.WriteString(lower(safe, formulas))
}

// formula is math that markdown must not read.
var formula = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)` + "```.*?```|`[^`\n]+`" + `|\$\$.+?\$\$|\\\[.+?\\\]|\\\(.+?\\\)|\\begin\{[a-z]+\*?\}.+?\\end\{[a-z]+\*?\}|(?:^|[^\\$\w])\$[^\s$](?:[^$\n]*[^\s$\\])?\$`)
})

// The marks that stand for formulas while markdown is read: of the private use area,
// and taken out of what was written before.
const (
	markBegin = '\ue000'
	markEnd   = '\ue001'
)

// lift takes formulas out of markdown and leaves marks.
func lift(text string) (string, []string) {
	text = strings.Map(func(r rune) rune {
		if r == markBegin || r == markEnd {
			return -1
		}
		return r
	}, text)
	var all []string
	text = formula().ReplaceAllStringFunc(text, func(m string) string {
		if m[0] == '`' {
			return m
		}
		before := ""
		if i := strings.IndexAny(m, `$\`); i > 0 {
			before, m = m[:i], m[i:]
		}
		tex, display := m, true
		switch {
		case strings.HasPrefix(m, "$$"), strings.HasPrefix(m, `\[`):
			tex = m[2 : len(m)-2]
		case strings.HasPrefix(m, `\(`):
			tex, display = m[2:len(m)-2], false
		case m[0] == '$':
			tex, display = m[1:len(m)-1], false
		}
		all = append(all, math(tex, display))
		return before + string(markBegin) + strings.Repeat("x", len(all)) + string(markEnd)
	})
	return text, all
}

// lower puts the formulas back.
func lower(text string, formulas []string) string {
	for i, f := range formulas {
		text = strings.Replace(text, string(markBegin)+strings.Repeat("x", i+1)+string(markEnd), f, 1)
	}
	return text
}

// math writes TeX as MathML, which browsers set without a script; what is not
// understood stays as it was written.
func math(tex string, display bool) string {
	tex = strings.TrimSpace(tex)
	if markup, ok := latex.MathML(visible(tex), display); ok {
		return markup
	}
	class := "math"
	if display {
		class = "math display"
	}
	return `<code class="` + class + `">` + html.EscapeString(visible(tex)) + `</code>`
}
