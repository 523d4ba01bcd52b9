package page

import (
	"regexp"
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// properties are those of a style that may be taken over: colour, weight and how text
// is set. None of them places anything, so nothing can lie over the page's own.
var properties = map[string]bool{
	"color": true, "background-color": true, "background": true, "font-weight": true, "font-style": true, "text-align": true, "text-decoration": true,
	"white-space": true, "vertical-align": true,
}

// value is what such a property may be set to: words, numbers, colours.
var value = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i)(#[0-9a-f]{3,8}|rgba?\([0-9., %]{1,40}\)|hsla?\([0-9., %deg]{1,40}\)|[a-z-]{1,24}|[0-9]{1,4})$`)
})

// safeStyle keeps the declarations that may stay, each ended by a semicolon.
func safeStyle(css string) string {
	var b strings.Builder
	for _, d := range strings.Split(css, ";") {
		name, v, ok := strings.Cut(d, ":")
		name, v = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(v)
		v = strings.TrimSpace(strings.TrimSuffix(v, "!important"))
		if ok && properties[name] && value().MatchString(v) {
			b.WriteString(name + ":" + v + ";")
		}
	}
	return b.String()
}

// rule is one of a style sheet that names elements by id, as pandas' Styler writes them.
var rule = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)([^{}]+)\{([^{}]*)\}`) })

// styleMost is the bytes of a style sheet that are read.
const styleMost = 1 << 20

// collect reads the style sheets of a fragment: what they say of single ids is applied
// to those elements, and to nothing else on the page.
func (s *sanitiser) collect(n *html.Node) {
	if n.Type == html.ElementNode && n.DataAtom == atom.Style && n.FirstChild != nil && n.Namespace == "" {
		sheet := n.FirstChild.Data
		for _, m := range rule().FindAllStringSubmatch(sheet[:min(len(sheet), styleMost)], -1) {
			css := safeStyle(m[2])
			if css == "" {
				continue
			}
			for _, selector := range strings.Split(m[1], ",") {
				if id, ok := strings.CutPrefix(strings.TrimSpace(selector), "#"); ok && id != "" && !strings.ContainsAny(id, " .#:>[+~") {
					s.styles[id] += css
				}
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.collect(c)
	}
}
