package render

import (
	"bytes"
	"fmt"
	"image/color"
	"strings"

	gansi "charm.land/glamour/v2/ansi"
	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmrender "github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html/atom"

	"nbterm/render/highlight"
)

// Characters that stand for & \ and a line break while glamour has the text: it
// decodes entities and backslashes wherever it finds them, often twice. They are
// for private use; a source that brings them gets U+FFFD.
const (
	ampersand = '\uf8f0'
	backslash = '\uf8f1'
	lineBreak = '\uf8f2'
)

// document is markdown as parsed, with every text in it made safe for glamour.
type document struct {
	ctx    Context
	source []byte // grows: text that replaces other text is appended
	root   ast.Node
	render gmrender.Renderer
}

// parseMarkdown parses a source; prepare comes before drawing.
func parseMarkdown(src string, ctx Context) *document {
	src = strings.Map(func(r rune) rune {
		if r >= ampersand && r <= lineBreak {
			return '\ufffd'
		}
		return r
	}, scrub(src))
	p := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify),
		goldmark.WithParserOptions(parser.WithInlineParsers(util.Prioritized(math{}, 150)))).Parser()
	d := &document{ctx: ctx, source: []byte(src)}
	d.root = p.Parse(text.NewReader(d.source))
	d.render = gmrender.NewRenderer(gmrender.WithNodeRenderers(
		util.Prioritized(gansi.NewRenderer(gansi.Options{Styles: styleOf(ctx.Palette)}), 1000)))
	return d
}

// prepare replaces text below n by what glamour may see.
func (d *document) prepare(n ast.Node) {
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		switch c := c.(type) {
		case *ast.Text:
			d.prepareText(c)
		case *ast.String: // glamour knows none and would say so on stdout
			n.ReplaceChild(n, c, d.text(encode(scrub(string(c.Value)))))
		case *ast.CodeSpan:
			d.prepareSpan(c)
		case *ast.Image:
			n.ReplaceChild(n, c, d.text(d.ctx.muted(encode(imageName(string(c.Destination), textBelow(c, d.source))))))
		case *ast.Link:
			d.prepare(c)
			d.link(c, string(c.Destination))
		case *ast.AutoLink:
			link := ast.NewLink()
			link.AppendChild(link, d.text(encode(string(c.Label(d.source)))))
			n.ReplaceChild(n, c, link)
			if c.AutoLinkType == ast.AutoLinkURL {
				d.link(link, string(c.URL(d.source)))
			} else {
				link.Destination = nowhere
			}
		case *ast.RawHTML:
			n.ReplaceChild(n, c, d.text(d.tag(c)))
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if n != d.root {
				d.prepareCode(c)
			}
		case *ast.HTMLBlock:
			if n != d.root {
				p := ast.NewParagraph()
				p.AppendChild(p, d.text(strings.Join(readHTML(d.rawHTML(c), d.ctx), string(lineBreak))))
				n.ReplaceChild(n, c, p)
			}
		case *ast.Paragraph:
			d.prepare(c)
			if c.PreviousSibling() != nil && n.Kind() == ast.KindListItem { // glamour would join them
				c.InsertBefore(c, c.FirstChild(), d.text(string(lineBreak)))
			}
		default:
			d.prepare(c)
		}
		c = next
	}
}

// nowhere is a target that glamour neither links to nor shows.
var nowhere = []byte("#")

// text makes a text node of a string that is not in the source.
func (d *document) text(s string) *ast.Text {
	start := len(d.source)
	d.source = append(d.source, s...)
	return ast.NewTextSegment(text.NewSegment(start, len(d.source)))
}

var (
	hide = strings.NewReplacer("&", string(ampersand), `\`, string(backslash), "\n", string(lineBreak))
	show = strings.NewReplacer(string(ampersand), "&", string(backslash), `\`, string(lineBreak), "\n")
)

// encode hides from glamour what it would decode.
func encode(s string) string { return hide.Replace(s) }

// decode brings it back.
func decode(s string) string { return show.Replace(s) }

// prepareText decodes a piece of text once, as CommonMark says (2.4, 2.5).
func (d *document) prepareText(t *ast.Text) {
	value := t.Segment.Value(d.source)
	if !t.IsRaw() {
		value = util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(value)))
	}
	s := encode(scrub(string(value)))
	switch {
	case t.HardLineBreak():
		s += string(lineBreak)
	case t.SoftLineBreak():
		s += " "
	}
	t.SetSoftLineBreak(false)
	t.SetHardLineBreak(false)
	t.Segment = d.text(s).Segment
}

// prepareSpan makes one text of a code span.
func (d *document) prepareSpan(span *ast.CodeSpan) {
	s := strings.ReplaceAll(textBelow(span, d.source), "\n", " ")
	span.RemoveChildren(span)
	span.AppendChild(span, d.text(encode(s)))
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

// link lets text link to an http(s) target as far as the terminal can; glamour
// gets a link without one, for its style alone.
func (d *document) link(l *ast.Link, url string) {
	start, end := d.ctx.href(string(util.ResolveEntityNames(util.ResolveNumericReferences([]byte(url)))))
	if strings.TrimSuffix(strings.TrimSpace(textBelow(l, d.source)), "/") == strings.TrimSuffix(encode(url), "/") && !d.ctx.Caps.Hyperlinks {
		end = ""
	}
	l.Destination = nowhere
	parent := l.Parent()
	if start != "" {
		parent.InsertBefore(parent, l, d.text(encode(start)))
	}
	if end != "" {
		parent.InsertAfter(parent, l, d.text(encode(end)))
	}
}

// tag reads an inline HTML tag: breaks and images mean something, other tags are
// left out, and what is no tag of HTML is shown: somebody's <placeholder>.
func (d *document) tag(n *ast.RawHTML) string {
	var raw strings.Builder
	for i := range n.Segments.Len() {
		s := n.Segments.At(i)
		raw.Write(s.Value(d.source))
	}
	inner := strings.Trim(raw.String(), "</> \n")
	name, _, _ := strings.Cut(strings.ToLower(inner), " ")
	switch tag := atom.Lookup([]byte(name)); {
	case tag == atom.Br:
		return string(lineBreak)
	case tag == atom.Img:
		return encode(strings.Join(readHTML(raw.String(), d.ctx), " "))
	case tag == 0 && !strings.HasPrefix(inner, "!") && !strings.HasPrefix(inner, "?"):
		return encode(raw.String())
	}
	return ""
}

// rawHTML is the source of an HTML block.
func (d *document) rawHTML(n *ast.HTMLBlock) string {
	s := d.lines(n)
	if n.HasClosure() {
		s += string(n.ClosureLine.Value(d.source))
	}
	return s
}

// lines is the text of a block that is taken as it stands.
func (d *document) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		b.Write(s.Value(d.source))
	}
	return b.String()
}

// prepareCode paints a code block within a list or a quote.
func (d *document) prepareCode(n ast.Node) {
	language := ""
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		language = string(f.Language(d.source))
	}
	src := strings.TrimRight(d.lines(n), "\n")
	var b strings.Builder
	tokens := highlight.Highlight(src, language)
	segments := text.NewSegments()
	for i, line := range strings.Split(src, "\n") {
		b.Reset()
		writeTokens(&b, line, tokens[i], d.ctx)
		segments.Append(d.text(encode(b.String()) + "\n").Segment)
	}
	n.SetLines(segments)
}

// adopt moves the children of one node to another.
func adopt(to, from ast.Node) {
	for c := from.FirstChild(); c != nil; {
		next := c.NextSibling()
		to.AppendChild(to, c)
		c = next
	}
}

// flow has glamour draw one block and returns its lines, not yet cut to a width:
// each may still hold line breaks of its own.
func (d *document) flow(n ast.Node) []string {
	doc := ast.NewDocument()
	doc.AppendChild(doc, n)
	var out bytes.Buffer
	if err := d.render.Render(&out, d.source, doc); err != nil {
		return []string{"(" + scrub(err.Error()) + ")"}
	}
	lines := strings.Split(out.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(decode(line), " ")
	}
	for len(lines) > 0 && bare(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && bare(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// bare reports a line of nothing but quote bars.
func bare(line string) bool { return strings.Trim(ansi.Strip(line), "│ ") == "" }

// styleOf is glamour's style in our colours: no margins, nothing padded.
func styleOf(p *Palette) gansi.StyleConfig {
	yes := true
	zero, one, two := uint(0), uint(1), uint(2)
	bar := "│ "
	return gansi.StyleConfig{
		List:          gansi.StyleList{StyleBlock: gansi.StyleBlock{Indent: &two}, LevelIndent: two},
		BlockQuote:    gansi.StyleBlock{StylePrimitive: gansi.StylePrimitive{Color: hex(p.Muted)}, Indent: &one, IndentToken: &bar},
		Strong:        gansi.StylePrimitive{Bold: &yes},
		Emph:          gansi.StylePrimitive{Italic: &yes},
		Strikethrough: gansi.StylePrimitive{CrossedOut: &yes},
		Item:          gansi.StylePrimitive{BlockPrefix: "• "},
		Enumeration:   gansi.StylePrimitive{BlockPrefix: ". "},
		Task:          gansi.StyleTask{Ticked: "☑ ", Unticked: "☐ "},
		LinkText:      gansi.StylePrimitive{Color: hex(p.Accent), Underline: &yes},
		Code:          gansi.StyleBlock{StylePrimitive: gansi.StylePrimitive{Color: hex(p.Type)}},
		CodeBlock:     gansi.StyleCodeBlock{StyleBlock: gansi.StyleBlock{Indent: &two, Margin: &zero}},
	}
}

// hex spells a colour as glamour wants it; nil stays the terminal's own.
func hex(c color.Color) *string {
	if c == nil {
		return nil
	}
	r, g, b, _ := c.RGBA()
	s := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	return &s
}
