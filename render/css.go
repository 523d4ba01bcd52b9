package render

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"nbterm/render/ink"
)

// declare applies CSS declarations, as in a style attribute, to a look. It knows
// colours, weight, slant and decoration; nothing it reads is ever loaded.
func declare(css string, s *ink.Style) {
	for len(css) > 0 {
		var one string
		one, css, _ = strings.Cut(css, ";")
		name, value, _ := strings.Cut(one, ":")
		value = strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important")))
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "color":
			if c, ok := cssColor(value); ok {
				s.Fg = c
			}
		case "background", "background-color":
			if c, ok := cssColor(value); ok {
				s.Bg = c
			}
		case "font-weight":
			s.Attr &^= ink.Bold
			if n, _ := strconv.Atoi(value); n >= 600 || strings.HasPrefix(value, "bold") {
				s.Attr |= ink.Bold
			}
		case "font-style":
			s.Attr &^= ink.Italic
			if value == "italic" || value == "oblique" {
				s.Attr |= ink.Italic
			}
		case "text-decoration", "text-decoration-line":
			if strings.Contains(value, "underline") {
				s.Attr |= ink.Underline
			}
			if strings.Contains(value, "line-through") {
				s.Attr |= ink.Strike
			}
		}
	}
}

// named colours of CSS that people write; the rest is rare enough to go without.
var cssNames = map[string]uint32{
	"black": 0, "white": 0xffffff, "red": 0xff0000, "green": 0x008000, "blue": 0x0000ff, "yellow": 0xffff00, "orange": 0xffa500, "purple": 0x800080,
	"gray": 0x808080, "grey": 0x808080, "silver": 0xc0c0c0, "maroon": 0x800000, "olive": 0x808000, "lime": 0x00ff00, "aqua": 0x00ffff, "cyan": 0x00ffff,
	"teal": 0x008080, "navy": 0x000080, "fuchsia": 0xff00ff, "magenta": 0xff00ff, "pink": 0xffc0cb, "brown": 0xa52a2a, "gold": 0xffd700, "indigo": 0x4b0082,
	"violet": 0xee82ee, "tomato": 0xff6347, "salmon": 0xfa8072, "coral": 0xff7f50, "crimson": 0xdc143c, "darkred": 0x8b0000, "darkgreen": 0x006400,
	"darkblue": 0x00008b, "darkorange": 0xff8c00, "steelblue": 0x4682b4, "skyblue": 0x87ceeb, "lightblue": 0xadd8e6, "lightgreen": 0x90ee90,
	"lightgray": 0xd3d3d3, "lightgrey": 0xd3d3d3, "darkgray": 0xa9a9a9, "darkgrey": 0xa9a9a9, "dimgray": 0x696969, "lightyellow": 0xffffe0, "khaki": 0xf0e68c,
	"turquoise": 0x40e0d0, "royalblue": 0x4169e1, "dodgerblue": 0x1e90ff, "firebrick": 0xb22222, "forestgreen": 0x228b22, "seagreen": 0x2e8b57,
	"limegreen": 0x32cd32, "orchid": 0xda70d6, "plum": 0xdda0dd, "tan": 0xd2b48c, "beige": 0xf5f5dc, "lavender": 0xe6e6fa, "chocolate": 0xd2691e,
}

// cssColor reads #rgb, #rrggbb, rgb(…), rgba(…) and names. What is half
// transparent or more counts as none.
func cssColor(s string) (ink.Color, bool) {
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		if len(hex) == 3 || len(hex) == 4 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		n, err := strconv.ParseUint(hex[:min(len(hex), 6)], 16, 32)
		return rgb(uint32(n)), err == nil && len(hex) >= 6
	}
	if args, ok := strings.CutPrefix(s, "rgb"); ok {
		args = strings.Trim(strings.TrimPrefix(args, "a"), "()")
		parts := strings.FieldsFunc(args, func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
		if len(parts) < 3 {
			return 0, false
		}
		var c [4]float64
		c[3] = 1
		for i, p := range parts[:min(len(parts), 4)] {
			v, err := strconv.ParseFloat(strings.TrimSuffix(p, "%"), 64)
			if err != nil {
				return 0, false
			}
			if strings.HasSuffix(p, "%") {
				v *= 2.55
			}
			c[i] = min(max(v, 0), 255)
		}
		return ink.RGB(uint8(c[0]), uint8(c[1]), uint8(c[2])), c[3] > 0.5
	}
	n, ok := cssNames[s]
	return rgb(n), ok
}

func rgb(n uint32) ink.Color { return ink.RGB(uint8(n>>16), uint8(n>>8), uint8(n)) }

// readable gives text on a coloured ground a colour of its own, since the
// terminal's may be the same.
func readable(s ink.Style) ink.Style {
	if s.Bg == 0 || s.Fg != 0 {
		return s
	}
	r, g, b := s.Bg.Channels()
	s.Fg = ink.RGB(255, 255, 255)
	if 299*int(r)+587*int(g)+114*int(b) > 140_000 {
		s.Fg = ink.RGB(0, 0, 0)
	}
	return s
}

// inlineStyle is how text within an inline element looks.
func inlineStyle(t html.Token, s ink.Style, p *Palette) ink.Style {
	switch t.Data {
	case "b", "strong":
		s.Attr |= ink.Bold
	case "i", "em", "cite", "var", "dfn":
		s.Attr |= ink.Italic
	case "u", "ins", "abbr":
		s.Attr |= ink.Underline
	case "s", "del", "strike":
		s.Attr |= ink.Strike
	case "code", "samp", "tt":
		s.Fg = ink.Of(p.Type)
	case "kbd":
		s.Fg = ink.Of(p.Type)
		s.Attr |= ink.Bold
	case "mark":
		s.Attr |= ink.Reverse
	case "small":
		s.Fg = ink.Of(p.Muted)
	case "a":
		s.Fg = ink.Of(p.Accent)
		s.Attr |= ink.Underline
	case "font": // as classic notebooks colour text
		if c, ok := cssColor(strings.ToLower(attr(t, "color"))); ok {
			s.Fg = c
		}
	}
	if css := attr(t, "style"); css != "" {
		declare(css, &s)
		s = readable(s)
	}
	return s
}

// isElement reports a name that HTML gives to an element.
func isElement(name string) bool {
	return slices.Contains(strings.Fields(`a abbr acronym address article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code
col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head
header hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre
progress q rp rt ruby s samp script section select small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead
time title tr track tt u ul var video wbr`), name)
}

// sheet is what style elements say about elements by their id, as pandas writes
// it for the cells of a styled table.
type sheet map[string]string

// maxSheet bounds the rules that are kept.
const maxSheet = 20_000

// read takes the rules of one style element whose selectors are #id.
func (s *sheet) read(css string) {
	if *s == nil {
		*s = sheet{}
	}
	for {
		selectors, rest, ok := strings.Cut(css, "{")
		if !ok {
			return
		}
		body, after, ok := strings.Cut(rest, "}")
		if !ok {
			return
		}
		css = after
		for one := range strings.SplitSeq(selectors, ",") {
			id, ok := strings.CutPrefix(strings.TrimSpace(one), "#")
			if ok && !strings.ContainsAny(id, " .:>#[") && len(*s) < maxSheet {
				(*s)[id] += body + ";"
			}
		}
	}
}

// cellStyle is the look and the place that CSS gives to a cell of a table.
func (s sheet) cellStyle(t html.Token) (ink.Style, align) {
	if len(t.Attr) == 0 {
		return ink.Style{}, alignAuto
	}
	css := ""
	if len(s) > 0 {
		css = s[attr(t, "id")]
	}
	css += attr(t, "style")
	if css == "" {
		return ink.Style{}, map[string]align{"left": alignLeft, "right": alignRight, "center": alignCenter}[attr(t, "halign")]
	}
	var look ink.Style
	declare(css, &look)
	place := alignAuto
	switch low := strings.ReplaceAll(strings.ToLower(css), " ", ""); {
	case strings.Contains(low, "text-align:right"):
		place = alignRight
	case strings.Contains(low, "text-align:center"):
		place = alignCenter
	case strings.Contains(low, "text-align:left"):
		place = alignLeft
	}
	return readable(look), place
}
