package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark/ast"
	astext "github.com/yuin/goldmark/extension/ast"

	"nbterm/engine/mime"
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

// Markdown draws GitHub-flavoured markdown. Running text, lists and quotes are
// glamour's, block by block; headings, code, tables and HTML are drawn as they are
// elsewhere. Images are named, never fetched.
func Markdown(src string, ctx Context) Block {
	ctx = ctx.sane()
	if len(src) > maxMarkdown || stacked(src) {
		return Block{Lines: term.Lines(src, ctx.options())}
	}
	d := parseMarkdown(src, ctx)
	if deeper(d.root, maxLevels) {
		return Block{Lines: term.Lines(src, ctx.options())}
	}
	d.prepare(d.root)
	var out []string
	tight := true // nothing above, or a heading: no blank row in between
	for n := d.root.FirstChild(); n != nil; {
		next := n.NextSibling()
		rows := d.block(n)
		if len(rows) > 0 {
			if !tight {
				out = append(out, "")
			}
			out = append(out, rows...)
			tight = n.Kind() == ast.KindHeading
		}
		n = next
	}
	return Block{Lines: out}
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

// block draws one block at the top level.
func (d *document) block(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.Heading:
		return d.heading(n)
	case *ast.FencedCodeBlock:
		return d.code(n, string(n.Language(d.source)))
	case *ast.CodeBlock:
		return d.code(n, "")
	case *ast.ThematicBreak:
		return []string{d.ctx.rule("─", d.ctx.Width)}
	case *ast.HTMLBlock:
		return readHTML(d.rawHTML(n), d.ctx)
	case *astext.Table:
		return d.table(n)
	case *ast.Paragraph:
		if src := strings.TrimSpace(d.lines(n)); strings.HasPrefix(src, "$$") || strings.HasPrefix(src, `\begin{`) {
			return d.formula(src)
		}
	}
	list, _ := n.(*ast.List)
	var out []string
	for _, line := range d.flow(n) {
		if list != nil && list.IsTight && line == "" { // glamour parts nested lists
			continue
		}
		out = append(out, d.hang(line).rows(d.ctx)...)
	}
	return out
}

// formula shows display mathematics as it is written, line by line.
func (d *document) formula(src string) []string {
	text := d.ctx.paintLines(ink.Style{Fg: ink.Of(d.ctx.Palette.Type)}, src)
	return para{first: "  ", rest: "  ", text: text, solid: true}.rows(d.ctx)
}

// heading draws a heading: the first two levels are underlined by a rule as long
// as they are.
func (d *document) heading(n *ast.Heading) []string {
	s := ink.Style{Fg: ink.Of(d.ctx.Palette.Heading), Attr: ink.Bold}
	switch {
	case n.Level == 3:
		s.Fg = ink.Of(d.ctx.Palette.Accent)
	case n.Level > 3:
		s.Fg, s.Attr = ink.Of(d.ctx.Palette.Muted), ink.Bold
	}
	p := ast.NewParagraph()
	adopt(p, n)
	text := d.recolor(strings.Join(d.flow(p), " "), s)
	rows := para{text: text}.rows(d.ctx)
	if n.Level > 2 {
		return rows
	}
	longest := 1
	for _, row := range rows {
		longest = max(longest, ansi.StringWidth(row))
	}
	char := "═"
	if n.Level == 2 {
		char = "─"
	}
	return append(rows, d.ctx.rule(char, longest))
}

// recolor puts a style under text that has looks of its own.
func (d *document) recolor(text string, s ink.Style) string {
	if s = s.Within(d.ctx.Caps.Colors); s == (ink.Style{}) {
		return text
	}
	return s.SGR() + strings.ReplaceAll(text, ink.Reset, ink.Reset+s.SGR()) + ink.Reset
}

// code draws a code block, two columns in.
func (d *document) code(n ast.Node, language string) []string {
	inner := d.ctx
	inner.Width = max(d.ctx.Width-2, 1)
	rows := Code(strings.TrimRight(d.lines(n), "\n"), language, inner).Lines
	if d.ctx.Width < 4 {
		return rows
	}
	for i := range rows {
		if rows[i] != "" {
			rows[i] = "  " + rows[i]
		}
	}
	return rows
}

// table draws a table in the grid that HTML tables use.
func (d *document) table(n *astext.Table) []string {
	g := grid{}
	for _, a := range n.Alignments {
		g.aligns = append(g.aligns, map[astext.Alignment]align{
			astext.AlignLeft: alignLeft, astext.AlignRight: alignRight, astext.AlignCenter: alignCenter,
		}[a])
	}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for c := row.FirstChild(); c != nil; {
			next := c.NextSibling()
			p := ast.NewParagraph()
			adopt(p, c)
			cells = append(cells, strings.ReplaceAll(strings.Join(d.flow(p), " "), "\n", " "))
			c = next
		}
		if row.Kind() == astext.KindTableHeader {
			g.head = append(g.head, cells)
		} else {
			g.rows = append(g.rows, cells)
		}
	}
	return g.draw(d.ctx)
}

// hang takes the bullets, numbers and quote bars off the start of a line, so that
// the rows below stand under its text.
func (d *document) hang(line string) para {
	var p para
	plain := ansi.Strip(line)
	at := 0
	for at < len(plain) {
		tail := plain[at:]
		digits := len(tail) - len(strings.TrimLeft(tail, "0123456789"))
		n := 0
		switch {
		case tail[0] == ' ':
			n = 1
			p.first, p.rest = p.first+" ", p.rest+" "
		case strings.HasPrefix(tail, "│ "), tail == "│":
			n = min(len("│ "), len(tail))
			bar := d.ctx.rule("│", 1) + " "
			p.first, p.rest = p.first+bar, p.rest+bar
		case strings.HasPrefix(tail, "• "), strings.HasPrefix(tail, "☐ "), strings.HasPrefix(tail, "☑ "):
			n = len("• ")
			p.first, p.rest = p.first+d.ctx.muted(tail[:n]), p.rest+"  "
		case at > 0 && digits > 0 && digits < 10 && strings.HasPrefix(tail[digits:], ". "):
			n = digits + 2
			p.first, p.rest = p.first+d.ctx.muted(tail[:n]), p.rest+strings.Repeat(" ", n)
		}
		if n == 0 {
			break
		}
		at += n
	}
	p.text = ansi.TruncateLeft(line, ansi.StringWidth(plain[:at]), "")
	return p
}
