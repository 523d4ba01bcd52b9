package page

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nbterm/engine/notebook"
)

// kept are the elements that a page takes over from others, with the attributes that
// mean something there besides those that all may have. Of what is not here the
// content stays, but for what is dropped whole.
var kept = map[atom.Atom][]string{
	atom.A: {"href"}, atom.Abbr: nil, atom.B: nil, atom.Blockquote: nil, atom.Br: nil, atom.Caption: nil, atom.Center: nil, atom.Code: nil,
	atom.Col: {"span"}, atom.Colgroup: {"span"}, atom.Dd: nil, atom.Del: nil, atom.Details: {"open"}, atom.Summary: nil, atom.Div: nil, atom.Dl: nil, atom.Dt: nil,
	atom.Em: nil, atom.Figure: nil, atom.Figcaption: nil, atom.H1: nil, atom.H2: nil, atom.H3: nil, atom.H4: nil, atom.H5: nil, atom.H6: nil, atom.Hr: nil, atom.I: nil,
	atom.Img: {"src", "alt", "width", "height"}, atom.Ins: nil, atom.Kbd: nil, atom.Li: {"value"}, atom.Mark: nil, atom.Ol: {"start", "reversed", "type"}, atom.P: nil, atom.Pre: nil, atom.Q: nil,
	atom.S: nil, atom.Samp: nil, atom.Small: nil, atom.Span: nil, atom.Strike: nil, atom.Strong: nil, atom.Sub: nil, atom.Sup: nil,
	atom.Table: nil, atom.Tbody: nil, atom.Td: {"colspan", "rowspan"}, atom.Tfoot: nil, atom.Th: {"colspan", "rowspan", "scope"}, atom.Thead: nil, atom.Tr: nil,
	atom.Tt: nil, atom.U: nil, atom.Ul: nil, atom.Var: nil, atom.Wbr: nil, atom.Input: {"type", "checked", "disabled"},
}

// dropped are the elements whose content goes with them.
var dropped = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Iframe: true, atom.Object: true, atom.Embed: true, atom.Template: true, atom.Noscript: true, atom.Title: true,
	atom.Textarea: true, atom.Select: true, atom.Svg: true, atom.Math: true, atom.Audio: true, atom.Video: true, atom.Canvas: true, atom.Frameset: true, atom.Noembed: true,
	atom.Noframes: true, atom.Xmp: true, atom.Plaintext: true, atom.Head: true, atom.Link: true, atom.Meta: true, atom.Base: true, atom.Applet: true, atom.Marquee: true,
}

// sanitise brings HTML of others down to what is kept. c is the cell whose attachments
// images may name; nil for none.
func (d *drawer) sanitise(text string, c *notebook.Cell) string {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(text), body)
	if err != nil { // nested deeper than the parser goes
		return "<pre>" + html.EscapeString(visible(text)) + "</pre>"
	}
	s := sanitiser{d: d, cell: c, styles: map[string]string{}}
	for _, n := range nodes {
		s.collect(n)
	}
	for _, n := range nodes {
		s.write(n)
	}
	return s.b.String()
}

type sanitiser struct {
	d      *drawer
	cell   *notebook.Cell
	styles map[string]string // by id: what a <style> of the fragment says of it, safe
	b      strings.Builder
}

func (s *sanitiser) write(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		s.b.WriteString(html.EscapeString(visible(n.Data)))
		return
	case html.ElementNode:
	default:
		return // comments, doctypes
	}
	if dropped[n.DataAtom] || n.Namespace != "" {
		return
	}
	attributes, keep := kept[n.DataAtom]
	if n.DataAtom == atom.Input && attr(n, "type") != "checkbox" {
		keep = false
	}
	if n.DataAtom == atom.Img && !s.imageKnown(n) {
		s.far(n)
		return
	}
	if keep {
		s.open(n, attributes)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.write(c)
	}
	if keep && !void(n.DataAtom) {
		s.b.WriteString("</" + n.Data + ">")
	}
}

func void(a atom.Atom) bool {
	return a == atom.Br || a == atom.Hr || a == atom.Img || a == atom.Col || a == atom.Wbr || a == atom.Input
}

func (s *sanitiser) open(n *html.Node, attributes []string) {
	s.b.WriteString("<" + n.Data)
	css := s.styles[attr(n, "id")]
	for _, a := range n.Attr {
		if a.Namespace != "" {
			continue
		}
		switch key := strings.ToLower(a.Key); {
		case key == "style":
			css += safeStyle(a.Val)
		case key == "title", key == "align" && alignment().MatchString(a.Val):
			s.attribute(key, visible(a.Val))
		case !slices.Contains(attributes, key):
		case key == "href":
			s.link(a.Val)
		case key == "src":
			s.attribute("src", s.source(a.Val))
		case key == "alt":
			s.attribute("alt", visible(a.Val))
		case plainValue().MatchString(a.Val):
			s.attribute(key, a.Val)
		}
	}
	if n.DataAtom == atom.Input {
		s.attribute("disabled", "")
	}
	if css != "" {
		s.attribute("style", css)
	}
	s.b.WriteString(">")
}

// A formula's mark in an attribute stays text: what it stands for has no place there.
func (s *sanitiser) attribute(key, value string) {
	value = strings.ReplaceAll(strings.ReplaceAll(value, string(markBegin), "$"), string(markEnd), "$")
	s.b.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
}

var (
	alignment  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?i)(left|right|center|justify)$`) })
	plainValue = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9%.]{0,16}$`) })
)

// link writes where a link leads: http, https and mailto as they are, what is relative
// through the page's own addresses.
func (s *sanitiser) link(raw string) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return
	}
	switch {
	case u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto":
		s.attribute("href", u.String())
		s.attribute("rel", "noopener noreferrer nofollow")
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(raw, "#"):
		s.attribute("href", "#"+url.PathEscape(u.Fragment))
	case u.Scheme == "" && u.Host == "" && u.Path != "" && s.d.Link != nil:
		if to := s.d.Link(u.Path); to != "" {
			s.attribute("href", to)
		}
	}
}

func (s *sanitiser) imageKnown(n *html.Node) bool { return s.source(attr(n, "src")) != "" }

// source is an image that a page may show: embedded, attached to the cell, or beside
// the notebook. Those of other servers are never loaded.
func (s *sanitiser) source(raw string) string {
	raw = strings.TrimSpace(raw)
	if dataImage().MatchString(raw) {
		return raw
	}
	if name, ok := strings.CutPrefix(raw, "attachment:"); ok {
		if unescaped, err := url.PathUnescape(name); err == nil {
			name = unescaped
		}
		return attached(s.cell, name)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || s.d.File == nil {
		return ""
	}
	return s.d.File(u.Path)
}

var dataImage = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^data:image/(png|jpeg|gif|webp|bmp|svg\+xml);base64,[A-Za-z0-9+/=\s]+$`)
})

func attached(c *notebook.Cell, name string) string {
	if c == nil {
		return ""
	}
	b, ok := c.Attachment(name)
	if !ok {
		return ""
	}
	for _, typ := range b.Types() {
		if raw, ok := b.Text(typ); ok {
			if src := "data:" + typ + ";base64," + strings.Join(strings.Fields(raw), ""); dataImage().MatchString(src) {
				return src
			}
		}
	}
	return ""
}

// far names an image that is not loaded, with a link where it is on the web.
func (s *sanitiser) far(n *html.Node) {
	name := attr(n, "alt")
	src := attr(n, "src")
	u, err := url.Parse(src)
	if name == "" && err == nil {
		name = u.Path
	}
	text := html.EscapeString(visible(clip(name, 120)))
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		fmt.Fprintf(&s.b, `<a class="far" rel="noopener noreferrer nofollow" href="%s">[image: %s, on %s]</a>`, html.EscapeString(u.String()), text, html.EscapeString(visible(u.Host)))
		return
	}
	s.b.WriteString(`<span class="far">[image: ` + text + `]</span>`)
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// stripped is the text of HTML.
func stripped(text string) string { return tags().ReplaceAllString(text, "") }

var tags = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<[^>]*>`) })
