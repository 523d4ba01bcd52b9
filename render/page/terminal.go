package page

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"strings"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// terminalWidth is wider than any line that a program sets for a terminal; a
// browser wraps the rows itself.
const terminalWidth = 4000

// terminal writes what a program wrote to its terminal: carriage returns and moves
// of the cursor done, colours as spans, all other control gone.
func terminal(b *bytes.Buffer, class, text string) {
	fmt.Fprintf(b, `<pre class="%s">`, class)
	for i, row := range term.Lines(text, term.Options{Width: terminalWidth, Colors: ink.TrueColor}) {
		if i > 0 {
			b.WriteByte('\n')
		}
		paint(b, row)
	}
	b.WriteString("</pre>")
}

// pen is how text is written.
type pen struct {
	fg, bg                                  string // CSS colours; "" is the page's
	bold, faint, italic, under, strike, rev bool
}

// paint writes one row of render/term as HTML. Of control there is only SGR in it.
func paint(b *bytes.Buffer, row string) {
	var p pen
	for row != "" {
		i := strings.IndexByte(row, 0x1b)
		if i < 0 {
			p.write(b, row)
			return
		}
		p.write(b, row[:i])
		row = row[i:]
		end := strings.IndexByte(row, 'm')
		if !strings.HasPrefix(row, "\x1b[") || end < 0 {
			return // not of the grammar: nothing more is believed
		}
		p.set(strings.FieldsFunc(row[2:end], func(r rune) bool { return r == ';' || r == ':' }))
		row = row[end+1:]
	}
}

func (p pen) write(b *bytes.Buffer, text string) {
	if text == "" {
		return
	}
	css := p.css()
	if css == "" {
		b.WriteString(html.EscapeString(text))
		return
	}
	b.WriteString(`<span style="` + css + `">` + html.EscapeString(text) + `</span>`)
}

func (p pen) css() string {
	var parts []string
	fg, bg := p.fg, p.bg
	if p.rev {
		if fg == "" {
			fg = "var(--fg)"
		}
		if bg == "" {
			bg = "var(--bg)"
		}
		fg, bg = bg, fg
	}
	add := func(on bool, css string) {
		if on {
			parts = append(parts, css)
		}
	}
	add(fg != "", "color:"+fg)
	add(bg != "", "background:"+bg)
	add(p.bold, "font-weight:600")
	add(p.faint, "opacity:.7")
	add(p.italic, "font-style:italic")
	add(p.under && !p.strike, "text-decoration:underline")
	add(p.strike, "text-decoration:line-through")
	return strings.Join(parts, ";")
}

// set does the parameters of one SGR (ECMA-48 8.3.117).
func (p *pen) set(codes []string) {
	if len(codes) == 0 {
		*p = pen{}
	}
	for i := 0; i < len(codes); i++ {
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			return
		}
		switch {
		case n == 0:
			*p = pen{}
		case n == 38 || n == 48:
			color, used := wide(codes[i+1:])
			i += used
			if n == 38 {
				p.fg = color
			} else {
				p.bg = color
			}
		case n >= 30 && n <= 37:
			p.fg = named(n - 30)
		case n >= 90 && n <= 97:
			p.fg = named(n - 90)
		case n == 39:
			p.fg = ""
		case n >= 40 && n <= 47:
			p.bg = named(n - 40)
		case n >= 100 && n <= 107:
			p.bg = named(n - 100)
		case n == 49:
			p.bg = ""
		default:
			p.attribute(n)
		}
	}
}

func (p *pen) attribute(n int) {
	switch n {
	case 1:
		p.bold = true
	case 2:
		p.faint = true
	case 3:
		p.italic = true
	case 4:
		p.under = true
	case 7:
		p.rev = true
	case 9:
		p.strike = true
	case 22:
		p.bold, p.faint = false, false
	case 23:
		p.italic = false
	case 24:
		p.under = false
	case 27:
		p.rev = false
	case 29:
		p.strike = false
	}
}

// named is one of the eight colours, which follow the page's theme.
func named(n int) string { return fmt.Sprintf("var(--c%d)", n) }

// wide reads 5;N or 2;R;G;B and says how many parameters it took.
func wide(codes []string) (color string, used int) {
	num := func(i int) int {
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			return 0
		}
		return n & 255
	}
	switch {
	case len(codes) >= 4 && codes[0] == "2":
		return fmt.Sprintf("#%02x%02x%02x", num(1), num(2), num(3)), 4
	case len(codes) >= 2 && codes[0] == "5":
		return indexed(num(1)), 2
	}
	return "", len(codes)
}

// indexed is a colour of the table of 256: eight, eight bright, a cube of six, greys.
func indexed(n int) string {
	switch {
	case n < 16:
		return named(n % 8)
	case n >= 232:
		g := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", g, g, g)
	}
	level := func(v int) int {
		if v == 0 {
			return 0
		}
		return 55 + 40*v
	}
	n -= 16
	return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
}
