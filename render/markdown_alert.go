package render

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"golang.org/x/net/html"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// admonition is a kind of boxed remark.
type admonition uint8

const (
	note admonition = iota
	tip
	important
	warning
	danger
)

// admonitionOf knows the names that GitHub, MyST and Bootstrap (the alert classes
// of classic notebooks) give to remarks.
func admonitionOf(name string) (admonition, bool) {
	switch strings.ToLower(name) {
	case "note", "info", "seealso", "admonition", "abstract":
		return note, true
	case "tip", "hint", "success":
		return tip, true
	case "important":
		return important, true
	case "warning", "attention", "alert":
		return warning, true
	case "caution", "danger", "error":
		return danger, true
	}
	return note, false
}

// look gives the colour of a kind and its name.
func (a admonition) look(p *Palette) (ink.Style, string) {
	switch a {
	case tip:
		return ink.Style{Fg: ink.Of(p.Ok)}, "Tip"
	case important:
		return ink.Style{Fg: ink.Of(p.Keyword)}, "Important"
	case warning:
		return ink.Style{Fg: ink.Of(p.Stale)}, "Warning"
	case danger:
		return ink.Style{Fg: ink.Of(p.Failed)}, "Caution"
	}
	return ink.Style{Fg: ink.Of(p.Accent)}, "Note"
}

// inside is the place of a remark's text.
func inside(p place) place {
	inner, _ := p.within(2)
	inner.list, inner.base = false, ink.Style{}
	return inner
}

// box draws a remark: a bar in its colour, its title, its text, which was drawn in
// the place that inside gives. Without a title the kind is named.
func (a admonition) box(text Block, title string, p place) Block {
	style, name := a.look(p.ctx.Palette)
	if title == "" {
		title = name
	}
	bold := style
	bold.Attr |= ink.Bold
	var f flow
	f.add(title, bold, "")
	return bar(Block{Lines: f.rows(inside(p).ctx)}.below(text), style, p)
}

// bar draws a coloured bar beside a block that was drawn in the place that inside
// gives.
func bar(b Block, style ink.Style, p place) Block {
	if _, room := p.within(2); !room {
		return b
	}
	mark := p.ctx.paint(style, "┃")
	for i, row := range b.Lines {
		if row != "" {
			row = " " + row
		}
		b.Lines[i] = mark + row
	}
	for i := range b.Images {
		b.Images[i].Col += 2
	}
	return b
}

// htmlBlock draws a block of HTML, and the boxes of classic notebooks with a bar.
func htmlBlock(src string, p place) Block {
	z := html.NewTokenizer(strings.NewReader(src))
	if z.Next() == html.StartTagToken {
		for _, class := range strings.Fields(attr(z.Token(), "class")) {
			name, ok := strings.CutPrefix(class, "alert-")
			if kind, known := admonitionOf(name); ok && known {
				style, _ := kind.look(p.ctx.Palette)
				return bar(readHTML(src, inside(p).ctx), style, p)
			}
		}
	}
	return readHTML(src, p.ctx)
}

// alert reads the first line of a quotation as GitHub's mark of a remark, such as
// [!NOTE], and takes it away.
func (d *document) alert(n *ast.Blockquote) (kind admonition, title string, ok bool) {
	p, isPara := n.FirstChild().(*ast.Paragraph)
	if !isPara || p.Lines().Len() == 0 {
		return 0, "", false
	}
	first := p.Lines().At(0)
	mark, ok := strings.CutPrefix(strings.TrimSpace(string(first.Value(d.source))), "[!")
	if !ok {
		return 0, "", false
	}
	mark, title, ok = strings.Cut(mark, "]")
	if !ok {
		return 0, "", false
	}
	if kind, ok = admonitionOf(mark); !ok {
		return 0, "", false
	}
	for c := p.FirstChild(); c != nil; { // what the first line was parsed to
		next := c.NextSibling()
		t, isText := c.(*ast.Text)
		last := isText && (t.SoftLineBreak() || t.HardLineBreak())
		p.RemoveChild(p, c)
		if last {
			break
		}
		c = next
	}
	return kind, term.Clean(strings.TrimSpace(title)), true
}
