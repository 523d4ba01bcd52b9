package render

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// maxMarkdown is the size in bytes from which markdown is shown as its source.
const maxMarkdown = 1 << 19

// maxLevels bounds lists, quotes and emphasis within each other: the cost of both
// reading and drawing grows with its square.
const maxLevels = 40

// maxLinks bounds what looks like a link, for the same reason.
const maxLinks = 8000

// minRoom is the width below which lists and quotes indent no further.
const minRoom = 8

// Markdown draws markdown as JupyterLab reads it: GitHub's flavour, footnotes,
// alerts, a subset of HTML and mathematics. Images that are not in the text itself
// are named, never fetched.
func Markdown(src string, ctx Context) Block {
	return draw(src, nil, ctx)
}

// MarkdownCell draws a markdown cell, with the pictures attached to it.
func MarkdownCell(c *notebook.Cell, ctx Context) Block {
	return draw(c.Source(), c.Attachment, ctx)
}

// attachments gives the file attached to a cell under a name.
type attachments func(name string) (mime.Bundle, bool)

func draw(src string, files attachments, ctx Context) Block {
	ctx = ctx.sane()
	if len(src) > maxMarkdown || stacked(src) {
		return Block{Lines: term.Lines(src, ctx.options())}
	}
	d := parseMarkdown(src)
	d.files = files
	if deeper(d.root, maxLevels) {
		return Block{Lines: term.Lines(src, ctx.options())}
	}
	return d.blocks(d.root, place{ctx: ctx})
}

// stacked reports a source that opens more containers in a line, or more links,
// than anybody reads.
func stacked(src string) bool {
	for line := range strings.Lines(src) {
		levels := 0
		for i := 0; i < len(line) && strings.IndexByte("> \t-*+", line[i]) >= 0; i++ {
			if line[i] == '>' || line[i] != ' ' && line[i] != '\t' && i+1 < len(line) && line[i+1] == ' ' {
				levels++
			}
		}
		if levels > maxLevels {
			return true
		}
	}
	return strings.Count(src, "](") > maxLinks
}

// deeper reports a tree of more than so many levels.
func deeper(n ast.Node, levels int) bool {
	if levels == 0 {
		return true
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if deeper(c, levels-1) {
			return true
		}
	}
	return false
}

func markdownText(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	text, ok := b.Text(typ)
	if !ok {
		return Block{}, false
	}
	return Markdown(text, ctx), true
}

// place is where blocks are drawn: how wide, and in which look.
type place struct {
	ctx  Context
	base ink.Style
	list bool // within a list
}

// within is the place right of a prefix of so many cells; ok is false when there
// is no room to indent.
func (p place) within(cells int) (inner place, ok bool) {
	if p.ctx.Width-cells < minRoom {
		return p, false
	}
	p.ctx.Width -= cells
	return p, true
}

// blocks draws the blocks below n, apart by an empty row where the source has them
// apart.
func (d *document) blocks(n ast.Node, p place) Block {
	var out Block
	tight := true // nothing above, or a heading: no blank row in between
	list, _ := n.Parent().(*ast.List)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		b := d.block(c, p)
		if len(b.Lines) == 0 {
			continue
		}
		if !tight && (list == nil || !list.IsTight) {
			out.Lines = append(out.Lines, "")
		}
		out = out.below(b)
		tight = c.Kind() == ast.KindHeading
	}
	return out
}

// below puts another block under b.
func (b Block) below(other Block) Block {
	for _, img := range other.Images {
		img.Row += len(b.Lines)
		b.Images = append(b.Images, img)
	}
	b.Lines = append(b.Lines, other.Lines...)
	b.Hidden = max(b.Hidden, other.Hidden)
	return b
}

// behind puts a prefix of so many cells before the rows of b.
func (b Block) behind(first, rest string, cells int) Block {
	for i := range b.Images {
		b.Images[i].Col += cells
	}
	b.Lines = prefixed(b.Lines, first, rest)
	return b
}

// block draws one block.
func (d *document) block(n ast.Node, p place) Block {
	switch n := n.(type) {
	case *ast.Heading:
		return d.heading(n, p)
	case *ast.FencedCodeBlock:
		return d.fence(n, p)
	case *ast.CodeBlock:
		return d.code(n, "", p)
	case *ast.ThematicBreak:
		return Block{Lines: []string{p.ctx.rule("─", p.ctx.Width)}}
	case *ast.HTMLBlock:
		return htmlBlock(d.rawHTML(n), p)
	case *astext.Table:
		return d.table(n, p)
	case *ast.List:
		return d.list(n, p)
	case *ast.Blockquote:
		return d.quote(n, p)
	case *mathBlock:
		return formula(unfenced(d.lines(n)), p.ctx)
	case *astext.FootnoteList:
		return d.footnotes(n, p)
	}
	if n.Type() != ast.TypeBlock {
		return Block{}
	}
	if n.Kind() != ast.KindParagraph && n.Kind() != ast.KindTextBlock { // an extension's
		return d.blocks(n, p)
	}
	return d.paragraph(n, p)
}

// heading draws a heading: the first two levels are underlined by a rule as long
// as they are.
func (d *document) heading(n *ast.Heading, p place) Block {
	p.base = ink.Style{Fg: ink.Of(p.ctx.Palette.Heading), Attr: ink.Bold}
	switch {
	case n.Level == 3:
		p.base.Fg = ink.Of(p.ctx.Palette.Accent)
	case n.Level > 3:
		p.base.Fg = ink.Of(p.ctx.Palette.Muted)
	}
	b := d.paragraph(n, p)
	if n.Level > 2 || len(b.Lines) == 0 {
		return b
	}
	longest := 1
	for _, row := range b.Lines {
		longest = max(longest, ansi.StringWidth(row))
	}
	char := "═"
	if n.Level == 2 {
		char = "─"
	}
	b.Lines = append(b.Lines, p.ctx.rule(char, longest))
	return b
}

// fence draws a fenced block: code, or an admonition as MyST writes it.
func (d *document) fence(n *ast.FencedCodeBlock, p place) Block {
	language := string(n.Language(d.source))
	if name, ok := strings.CutPrefix(language, "{"); ok {
		name, _, _ = strings.Cut(name, "}")
		if kind, ok := admonitionOf(name); ok {
			return kind.box(Markdown(d.lines(n), inside(p).ctx), "", p)
		}
		if name == "math" {
			return formula(d.lines(n), p.ctx)
		}
	}
	return d.code(n, language, p)
}

// code draws a code block, two columns in.
func (d *document) code(n ast.Node, language string, p place) Block {
	inner, ok := p.within(2)
	b := Code(strings.TrimRight(d.lines(n), "\n"), language, inner.ctx)
	if !ok {
		return b
	}
	return b.behind("  ", "  ", 2)
}

// list draws a list. The items of one at the top stand two columns in.
func (d *document) list(n *ast.List, p place) Block {
	indent := ""
	if !p.list {
		indent = "  "
	}
	p.list = true
	number, widest := n.Start, len(strconv.Itoa(n.Start+n.ChildCount()-1))
	var out Block
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "•"
		if n.IsOrdered() {
			mark = strconv.Itoa(number)
			mark = strings.Repeat(" ", max(widest-len(mark), 0)) + mark + string(n.Marker)
			number++
		}
		if box, ok := taskOf(item); ok {
			mark = "☐"
			if box.IsChecked {
				mark = "☑"
			}
		}
		cells := len(indent) + len([]rune(mark)) + 1
		inner, room := p.within(cells)
		b := d.blocks(item, inner)
		if len(b.Lines) == 0 {
			b.Lines = []string{""}
		}
		if first := indent + p.ctx.muted(mark) + " "; room {
			b = b.behind(first, strings.Repeat(" ", cells), cells)
		}
		if len(out.Lines) > 0 && !n.IsTight {
			out.Lines = append(out.Lines, "")
		}
		out = out.below(b)
	}
	return out
}

// taskOf finds the box at the start of a list item.
func taskOf(item ast.Node) (*astext.TaskCheckBox, bool) {
	if text := item.FirstChild(); text != nil {
		box, ok := text.FirstChild().(*astext.TaskCheckBox)
		return box, ok
	}
	return nil, false
}

// quote draws a quotation, or what GitHub calls an alert.
func (d *document) quote(n *ast.Blockquote, p place) Block {
	if kind, title, ok := d.alert(n); ok {
		return kind.box(d.blocks(n, inside(p)), title, p)
	}
	inner, ok := p.within(2)
	inner.list = false
	inner.base.Fg = ink.Of(p.ctx.Palette.Muted)
	b := d.blocks(n, inner)
	if !ok || len(b.Lines) == 0 {
		return b
	}
	bar := p.ctx.rule("│", 1) + " "
	for i, row := range b.Lines { // the bar goes on beside empty rows
		if row == "" {
			b.Lines[i] = p.ctx.rule("│", 1)
		} else {
			b.Lines[i] = bar + row
		}
	}
	for i := range b.Images {
		b.Images[i].Col += 2
	}
	return b
}

// table draws a table in the grid that HTML tables use; cells are filled, not cut.
func (d *document) table(n *astext.Table, p place) Block {
	g := grid{wrap: true}
	for _, a := range n.Alignments {
		g.aligns = append(g.aligns, map[astext.Alignment]align{
			astext.AlignLeft: alignLeft, astext.AlignRight: alignRight, astext.AlignCenter: alignCenter,
		}[a])
	}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []cell
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, cell{text: d.inlines(c, place{ctx: p.ctx}).line()})
		}
		if row.Kind() == astext.KindTableHeader {
			g.head = append(g.head, cells)
		} else {
			g.rows = append(g.rows, cells)
		}
	}
	return g.draw(p.ctx)
}

// footnotes draws the notes below everything else.
func (d *document) footnotes(n *astext.FootnoteList, p place) Block {
	out := Block{Lines: []string{p.ctx.rule("─", min(p.ctx.Width, 12))}}
	for note := n.FirstChild(); note != nil; note = note.NextSibling() {
		f, ok := note.(*astext.Footnote)
		if !ok || f.Index < 1 { // nobody refers to it
			continue
		}
		mark := superscript(strconv.Itoa(f.Index))
		cells := len([]rune(mark)) + 1
		inner, room := p.within(cells)
		b := d.blocks(note, inner)
		if room {
			b = b.behind(p.ctx.muted(mark)+" ", strings.Repeat(" ", cells), cells)
		}
		out = out.below(b)
	}
	if len(out.Lines) == 1 {
		return Block{}
	}
	return out
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
