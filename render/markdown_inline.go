package render

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	astext "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"

	"nbterm/render/ink"
)

// document is markdown as parsed.
type document struct {
	source []byte
	root   ast.Node
	files  attachments // may be nil
}

// parseMarkdown parses a source.
func parseMarkdown(src string) *document {
	p := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify, extension.Footnote),
		goldmark.WithParserOptions(
			parser.WithInlineParsers(util.Prioritized(mathParser{}, 150)),
			parser.WithBlockParsers(util.Prioritized(mathBlockParser{}, 650)),
		)).Parser()
	d := &document{source: []byte(src)}
	d.root = p.Parse(text.NewReader(d.source))
	return d
}

// paragraph draws running text. Pictures and display formulas in it stand between
// its lines.
func (d *document) paragraph(n ast.Node, p place) Block {
	return d.inlines(n, p).end()
}

// inlines reads the running text below n.
func (d *document) inlines(n ast.Node, p place) *runner {
	r := &runner{d: d, ctx: p.ctx, look: tagLook{style: p.base}}
	r.walk(n)
	return r
}

// runner turns inline nodes into running text.
type runner struct {
	d     *document
	ctx   Context
	look  tagLook
	tags  []tagLook // open HTML elements, the look before each
	flow  flow      // since the last picture or formula
	above Block     // what is drawn already
}

// tagLook is how text looks within an HTML element.
type tagLook struct {
	tag   string
	style ink.Style
	url   string
	from  int // the first span within, for sub and sup
}

// end draws what is left.
func (r *runner) end() Block {
	r.cut()
	return r.above
}

// line is all of the text on a single line, for a cell of a table.
func (r *runner) line() string {
	line := r.flow.line(r.ctx)
	if len(r.above.Lines) == 0 {
		return line
	}
	all := r.above.Lines // a display formula in a cell
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return strings.TrimSpace(strings.Join(all, " ") + " " + line)
}

// cut draws the text so far, for something that needs rows of its own.
func (r *runner) cut() {
	if !r.flow.blank() {
		r.above = r.above.below(Block{Lines: r.flow.rows(r.ctx)})
	}
	r.flow.spans = r.flow.spans[:0]
	for i := range r.tags {
		r.tags[i].from = 0
	}
}

func (r *runner) text(s string) { r.flow.add(s, r.look.style, r.look.url) }

func (r *runner) walk(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		r.node(c)
	}
}

// within walks below n in another look.
func (r *runner) within(n ast.Node, change func(*tagLook)) {
	before := r.look
	change(&r.look)
	r.walk(n)
	r.look.style, r.look.url = before.style, before.url
}

func (r *runner) node(n ast.Node) {
	p := r.ctx.Palette
	switch n := n.(type) {
	case *ast.Text:
		r.plain(n)
	case *ast.String:
		r.text(scrub(string(n.Value)))
	case *ast.CodeSpan:
		before := r.look.style
		r.look.style.Fg = ink.Of(p.Type)
		r.text(scrub(strings.ReplaceAll(textBelow(n, r.d.source), "\n", " ")))
		r.look.style = before
	case *ast.Emphasis:
		r.within(n, func(l *tagLook) { l.style.Attr |= [3]ink.Attr{0, ink.Italic, ink.Bold}[min(n.Level, 2)] })
	case *astext.Strikethrough:
		r.within(n, func(l *tagLook) { l.style.Attr |= ink.Strike })
	case *ast.Link:
		r.link(decode(n.Destination), func() { r.walk(n) })
	case *ast.AutoLink:
		url := ""
		if n.AutoLinkType == ast.AutoLinkURL {
			url = string(n.URL(r.d.source))
		}
		r.link(url, func() { r.text(scrub(string(n.Label(r.d.source)))) })
	case *ast.Image:
		r.image(decode(n.Destination), textBelow(n, r.d.source))
	case *ast.RawHTML:
		r.rawTag(n)
	case *mathNode:
		r.math(n)
	case *astext.FootnoteLink:
		r.flow.add(superscript(itoa(n.Index)), ink.Style{Fg: ink.Of(p.Accent)}, "")
	case *astext.FootnoteBacklink, *astext.TaskCheckBox:
	default:
		r.walk(n)
	}
}

// plain takes a piece of text, decoded once as CommonMark says (2.4, 2.5).
func (r *runner) plain(t *ast.Text) {
	value := t.Segment.Value(r.d.source)
	if t.IsRaw() {
		r.text(scrub(string(value)))
	} else {
		r.text(decode(value))
	}
	switch {
	case t.HardLineBreak():
		r.text("\n")
	case t.SoftLineBreak():
		r.text(" ")
	}
}

// decode resolves entities and backslashes.
func decode(value []byte) string {
	for _, c := range value {
		if c == '&' || c == '\\' {
			value = util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(value)))
			break
		}
	}
	return scrub(string(value))
}

// textBelow is the text below a node, as written.
func textBelow(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := c.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// link draws a link: one that the terminal can follow, or with its target behind
// its text where that says more.
func (r *runner) link(url string, walk func()) {
	before, target := r.look, plainURL(url)
	r.look.style.Fg = ink.Of(r.ctx.Palette.Accent)
	r.look.style.Attr |= ink.Underline
	if r.ctx.Caps.Hyperlinks {
		r.look.url = target
	}
	start := len(r.flow.spans)
	walk()
	r.look.style, r.look.url = before.style, before.url
	if target == "" || r.ctx.Caps.Hyperlinks {
		return
	}
	var shown strings.Builder
	for _, s := range r.flow.spans[min(start, len(r.flow.spans)):] {
		shown.WriteString(s.text)
	}
	if strings.TrimSuffix(shown.String(), "/") != strings.TrimSuffix(url, "/") {
		r.flow.add(" <"+target+">", ink.Style{Fg: ink.Of(r.ctx.Palette.Muted)}, "")
	}
}

// image draws a picture that is at hand, on rows of its own, and names any other.
func (r *runner) image(src, alt string) {
	if b, ok := r.d.picture(src, r.ctx); ok {
		r.cut()
		r.above = r.above.below(b)
		return
	}
	r.flow.add(imageName(src, alt), ink.Style{Fg: ink.Of(r.ctx.Palette.Muted)}, r.look.url)
}

// math puts a formula into the text, or on rows of its own.
func (r *runner) math(n *mathNode) {
	if n.display {
		r.cut()
		r.above = r.above.below(formula(n.tex, r.ctx))
		return
	}
	style := r.look.style
	style.Fg = ink.Of(r.ctx.Palette.Type)
	r.flow.add(inlineMath(n.tex), style, r.look.url)
}

// rawTag reads one tag of inline HTML. What is no tag of HTML is shown: it is
// somebody's <placeholder>.
func (r *runner) rawTag(n *ast.RawHTML) {
	var raw strings.Builder
	for i := range n.Segments.Len() {
		s := n.Segments.At(i)
		raw.Write(s.Value(r.d.source))
	}
	src := raw.String()
	if strings.HasPrefix(src, "<!") || strings.HasPrefix(src, "<?") {
		return
	}
	z := html.NewTokenizer(strings.NewReader(src))
	kind := z.Next()
	t := z.Token()
	switch {
	case !isElement(t.Data):
		r.text(scrub(src))
	case kind == html.EndTagToken:
		r.closeTag(t.Data)
	default:
		r.openTag(t)
	}
}

// openTag handles the start of an inline element.
func (r *runner) openTag(t html.Token) {
	switch t.Data {
	case "br":
		r.text("\n")
		return
	case "img":
		r.image(attr(t, "src"), attr(t, "alt"))
		return
	case "input":
		if box, ok := checkbox(t); ok {
			r.text(box)
		}
		return
	case "hr", "wbr":
		return
	}
	if len(r.tags) > maxLevels {
		return
	}
	before := r.look
	before.tag, before.from = t.Data, len(r.flow.spans)
	r.tags = append(r.tags, before)
	r.look.style = inlineStyle(t, r.look.style, r.ctx.Palette)
	if t.Data == "a" && r.ctx.Caps.Hyperlinks {
		r.look.url = plainURL(attr(t, "href"))
	}
}

// closeTag goes back to the look before the innermost element of that name.
func (r *runner) closeTag(tag string) {
	for i := len(r.tags) - 1; i >= 0; i-- {
		open := r.tags[i]
		if open.tag != tag {
			continue
		}
		if tag == "sub" || tag == "sup" {
			r.script(tag, open.from)
		}
		r.look, r.tags = open, r.tags[:i]
		return
	}
}

// script raises or lowers the text since a span.
func (r *runner) script(tag string, from int) {
	for i := min(from, len(r.flow.spans)); i < len(r.flow.spans); i++ {
		if s := &r.flow.spans[i]; tag == "sup" {
			s.text = superscript(s.text)
		} else {
			s.text = subscript(s.text)
		}
	}
}
