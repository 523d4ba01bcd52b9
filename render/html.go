package render

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nbterm/engine/mime"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Bounds on HTML. It is read as a stream of tags, never as a tree, so its cost
// grows with its length alone.
const (
	maxHTML  = 4 << 20 // bytes
	maxSpan  = 64      // colspan and rowspan
	maxDepth = 32      // of lists and quotes that still indent
)

// markup draws text/html. What draws nothing by itself, such as a script with an
// empty box, leaves the bundle's other forms their turn.
func markup(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	text, ok := b.Text(typ)
	if !ok || len(text) > maxHTML {
		return Block{}, false
	}
	if spec, lite, ok := embedded(text); ok {
		if block, ok := drawChart(spec, lite, ctx); ok {
			return block, true
		}
	}
	block := readHTML(text, ctx)
	return block, len(block.Lines) > 0
}

// readHTML turns HTML into rows: tables as grids, the rest as text. Scripts,
// styles and anything to be loaded are left out.
func readHTML(src string, ctx Context) Block {
	r := page{ctx: ctx}
	z := html.NewTokenizer(strings.NewReader(src))
	for {
		switch z.Next() {
		case html.ErrorToken:
			r.end()
			for len(r.out) > 0 && r.out[len(r.out)-1] == "" {
				r.out = r.out[:len(r.out)-1]
			}
			return Block{Lines: r.out, Hidden: r.hidden}
		case html.TextToken:
			switch r.skip {
			case 0:
				r.text(scrub(string(z.Text())))
			case atom.Style:
				r.sheet.read(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(z.Token())
		case html.EndTagToken:
			name, _ := z.TagName()
			r.close(atom.Lookup(name))
		}
	}
}

// page collects rows while tags go by.
type page struct {
	ctx    Context
	out    []string
	line   strings.Builder // the paragraph so far, styled
	empty  bool            // a blank row is due before the next paragraph
	space  bool            // a blank is due before the next word
	skip   atom.Atom       // the element whose content is left out
	pre    int
	lists  []int // per open list: 0 bullets, n the next number is n
	quote  int
	mark   string // bullet or number before the next paragraph
	style  []tagStyle
	script atom.Atom // the innermost open element is sub or sup
	links  []string  // ends of open links
	table  *table
	sheet  sheet
	hidden int // columns of tables that did not fit
}

// tagStyle is the look that an open inline element brings.
type tagStyle struct {
	tag   atom.Atom
	style ink.Style
}

// current is the look of text now.
func (r *page) current() ink.Style {
	if n := len(r.style); n > 0 {
		return r.style[n-1].style
	}
	return ink.Style{}
}

// text takes a piece of text as the flow it stands in wants it.
func (r *page) text(s string) {
	to := &r.line
	if r.table != nil {
		to = &r.table.text
		if !r.table.inCell {
			return
		}
	}
	if r.pre > 0 && r.table == nil {
		to.WriteString(r.ctx.paintLines(r.current(), s))
		return
	}
	words := strings.Fields(s)
	blank := r.space || s != "" && strings.IndexByte(" \n\t", s[0]) >= 0
	if len(words) > 0 {
		text := strings.Join(words, " ")
		switch r.script {
		case atom.Sup:
			text = superscript(text)
		case atom.Sub:
			text = subscript(text)
		}
		if blank && to.Len() > 0 {
			to.WriteByte(' ')
		}
		to.WriteString(r.ctx.paint(r.current(), text))
		blank = false
	}
	r.space = blank || s != "" && strings.IndexByte(" \n\t", s[len(s)-1]) >= 0
}

// paintLines paints each line of text by itself.
func (ctx Context) paintLines(s ink.Style, text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = ctx.paint(s, lines[i])
	}
	return strings.Join(lines, "\n")
}

// end finishes the paragraph.
func (r *page) end() {
	text := r.line.String()
	r.line.Reset()
	r.space = false
	if r.pre == 0 {
		text = strings.TrimSpace(text)
	}
	if text == "" || strings.TrimSpace(text) == "" && r.mark == "" {
		return
	}
	depth := min(len(r.lists), maxDepth)
	indent := strings.Repeat("  ", max(depth-1, 0))
	if r.quote > 0 {
		indent = r.ctx.rule("│", 1) + " " + indent
	}
	p := para{first: indent, rest: indent, text: text, solid: r.pre > 0}
	if depth > 0 {
		p.rest += strings.Repeat(" ", max(len([]rune(r.mark)), 2))
		if r.mark == "" {
			p.first = p.rest
		} else {
			p.first += r.mark
		}
	}
	r.mark = ""
	r.push(p.rows(r.ctx))
}

// push adds rows, after a blank one where it is due.
func (r *page) push(rows []string) {
	if r.empty && len(r.out) > 0 {
		r.out = append(r.out, "")
	}
	r.empty = false
	r.out = append(r.out, rows...)
}

// apart ends the paragraph and asks for a blank row after it.
func (r *page) apart() {
	r.end()
	r.empty = len(r.lists) == 0
}

func (r *page) enter(tag atom.Atom, change func(*ink.Style)) {
	s := r.current()
	change(&s)
	if len(r.style) < 256 {
		r.style = append(r.style, tagStyle{tag, s})
	}
}

// leave ends the innermost open element of this kind.
func (r *page) leave(tag atom.Atom) {
	for i := len(r.style) - 1; i >= 0; i-- {
		if r.style[i].tag == tag {
			r.style = append(r.style[:i], r.style[i+1:]...)
			return
		}
	}
}

// open handles a start tag.
func (r *page) open(t html.Token) {
	if r.skip != 0 || r.table.open(r, t) || r.inline(t) {
		return
	}
	r.embed(t)
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript, atom.Svg, atom.Math, atom.Iframe,
		atom.Object, atom.Canvas, atom.Select, atom.Textarea:
		if t.Type == html.StartTagToken {
			r.skip = t.DataAtom
		}
	case atom.Br:
		if r.pre > 0 || r.line.Len() > 0 {
			r.line.WriteByte('\n')
		}
		r.space = false
	case atom.Hr:
		r.end()
		r.push([]string{r.ctx.rule("─", r.ctx.Width)})
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.apart()
		r.enter(t.DataAtom, func(s *ink.Style) { s.Attr |= ink.Bold; s.Fg = ink.Of(r.ctx.Palette.Heading) })
	case atom.P, atom.Blockquote, atom.Table, atom.Pre:
		r.apart()
		switch t.DataAtom {
		case atom.Blockquote:
			r.quote++
		case atom.Pre:
			r.pre++
		case atom.Table:
			r.table = &table{}
		}
	case atom.Ul, atom.Ol:
		r.apart()
		n := 0
		if t.DataAtom == atom.Ol {
			n = max(attrNumber(t, "start", 1), 1)
		}
		r.lists = append(r.lists, n)
	case atom.Li, atom.Dt, atom.Dd:
		r.end()
		r.mark = r.bullet(t.DataAtom)
	case atom.Summary:
		r.end()
		r.line.WriteString(r.ctx.muted("▾") + " ")
		r.enter(t.DataAtom, func(s *ink.Style) { s.Attr |= ink.Bold })
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Details, atom.Main, atom.Nav,
		atom.Figure, atom.Figcaption, atom.Address, atom.Dl, atom.Form, atom.Fieldset, atom.Center, atom.Body, atom.Html:
		r.end()
	}
}

// embed names what only a browser plays or loads.
func (r *page) embed(t html.Token) {
	src := attr(t, "src")
	name := ""
	switch t.DataAtom {
	case atom.Audio, atom.Video:
		name = t.Data
	case atom.Source:
		name = term.Clean(attr(t, "type"))
	case atom.Iframe:
		name = "page"
	}
	if name == "" || src == "" {
		return
	}
	if _, data, ok := strings.Cut(src, ";base64,"); ok && strings.HasPrefix(src, "data:") {
		name += ", " + size(len(data)/4*3)
	}
	start, end := r.ctx.href(src)
	r.end()
	r.line.WriteString(start + r.ctx.muted("["+name+"]") + end)
	r.end()
}

// bullet is what stands before a list item; ordered lists count on.
func (r *page) bullet(tag atom.Atom) string {
	switch n := len(r.lists); {
	case tag == atom.Dt:
		return ""
	case tag == atom.Dd:
		return "  "
	case n > 0 && r.lists[n-1] > 0:
		r.lists[n-1]++
		return strconv.Itoa(r.lists[n-1]-1) + ". "
	}
	return "• "
}

// inline handles the tags of running text, in tables too.
func (r *page) inline(t html.Token) bool {
	to := &r.line
	if r.table != nil {
		to = &r.table.text
	}
	switch t.DataAtom {
	case atom.B, atom.Strong, atom.I, atom.Em, atom.Cite, atom.Var, atom.Dfn, atom.U, atom.Ins, atom.Abbr, atom.S, atom.Del, atom.Strike,
		atom.Code, atom.Kbd, atom.Samp, atom.Tt, atom.Mark, atom.Small, atom.Font, atom.Span, atom.Sub, atom.Sup:
		if r.script = t.DataAtom; t.DataAtom != atom.Sub && t.DataAtom != atom.Sup {
			r.script = 0
		}
		r.enter(t.DataAtom, func(s *ink.Style) { *s = inlineStyle(t, *s, r.ctx.Palette) })
	case atom.A:
		start, end := r.ctx.href(attr(t, "href"))
		if r.space && to.Len() > 0 {
			to.WriteByte(' ')
			r.space = false
		}
		to.WriteString(start)
		r.links = append(r.links, end)
		r.enter(t.DataAtom, func(s *ink.Style) { s.Fg = ink.Of(r.ctx.Palette.Accent); s.Attr |= ink.Underline })
	case atom.Img:
		r.text(" " + imageName(attr(t, "src"), attr(t, "alt")) + " ")
	case atom.Input:
		if box, ok := checkbox(t); ok {
			to.WriteString(box)
		}
	default:
		return false
	}
	return true
}

// close handles an end tag.
func (r *page) close(tag atom.Atom) {
	if r.skip != 0 {
		if tag == r.skip {
			r.skip = 0
		}
		return
	}
	if r.table.close(r, tag) {
		return
	}
	switch tag {
	case atom.A:
		r.leave(tag)
		if n := len(r.links); n > 0 {
			to := &r.line
			if r.table != nil {
				to = &r.table.text
			}
			to.WriteString(r.links[n-1])
			r.links = r.links[:n-1]
		}
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.apart()
		r.leave(tag)
	case atom.Blockquote:
		r.apart()
		r.quote = max(r.quote-1, 0)
	case atom.Pre:
		r.apart()
		r.pre = max(r.pre-1, 0)
	case atom.Ul, atom.Ol:
		r.end()
		if n := len(r.lists); n > 0 {
			r.lists = r.lists[:n-1]
		}
		r.empty = len(r.lists) == 0
	case atom.Summary:
		r.end()
		r.leave(tag)
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Details, atom.Main, atom.Nav,
		atom.Figure, atom.Figcaption, atom.Li, atom.Dt, atom.Dd, atom.Dl, atom.Form, atom.Fieldset, atom.Center, atom.Address:
		r.end()
	default:
		if r.leave(tag); tag == r.script {
			r.script = 0
		}
	}
}

// checkbox draws an input that is a box to tick.
func checkbox(t html.Token) (string, bool) {
	if attr(t, "type") != "checkbox" {
		return "", false
	}
	if _, checked := attrOf(t, "checked"); checked {
		return "☑ ", true
	}
	return "☐ ", true
}

func attrOf(t html.Token, name string) (string, bool) {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func attr(t html.Token, name string) string { v, _ := attrOf(t, name); return v }

func attrNumber(t html.Token, name string, none int) int {
	value, ok := attrOf(t, name)
	if !ok {
		return none
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return none
	}
	return n
}

// imageName stands for a picture in text: nothing is ever loaded.
func imageName(src, alt string) string {
	alt = strings.Join(strings.Fields(scrub(alt)), " ")
	if name, ok := strings.CutPrefix(src, "attachment:"); ok {
		return fmt.Sprintf("[attachment: %s]", scrub(name))
	}
	if alt == "" && !strings.HasPrefix(src, "data:") {
		path, _, _ := strings.Cut(src, "?")
		alt = scrub(path[strings.LastIndexByte(path, '/')+1:])
	}
	if alt == "" {
		return "[image]"
	}
	return fmt.Sprintf("[image: %s]", alt)
}
