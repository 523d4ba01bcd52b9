package render

import (
	"strconv"
	"strings"

	"nbterm/render/ink"
	"nbterm/render/latex"
)

// maxTeXCell bounds, in bytes, the source of one cell.
const maxTeXCell = 2000

// tabular draws a LaTeX table, as pandas' to_latex writes it, in the grid that
// other tables use; ok is false when the source holds none.
func tabular(src string, ctx Context) (Block, bool) {
	for _, name := range []string{"tabular", "longtable", "tabular*", "tabularx"} {
		_, rest, found := strings.Cut(src, `\begin{`+name+`}`)
		if !found {
			continue
		}
		body, _, found := strings.Cut(rest, `\end{`+name+`}`)
		if !found {
			return Block{}, false
		}
		if name == "tabularx" || name == "tabular*" {
			_, body = braced(body)
		}
		spec, body := braced(strings.TrimPrefix(strings.TrimSpace(body), "[t]"))
		g := tabularGrid(spec, scrub(body))
		if len(g.rows)+len(g.head) == 0 {
			return Block{}, false
		}
		b := g.draw(ctx)
		if _, caption, ok := strings.Cut(src, `\caption{`); ok {
			text, _ := braced("{" + caption)
			b = Block{Lines: para{text: ctx.muted(texText(scrub(text), ctx))}.rows(ctx)}.below(b)
		}
		return b, true
	}
	return Block{}, false
}

// braced reads one group in braces and what follows it.
func braced(s string) (group, rest string) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "{") {
		return "", s
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[1:i], s[i+1:]
			}
		}
	}
	return s[1:], ""
}

// tabularGrid reads the rows of a table. What stands above the first rule after a
// row is its head.
func tabularGrid(spec, body string) *grid {
	g := &grid{}
	for _, c := range spec {
		switch c {
		case 'l', 'p', 'X':
			g.aligns = append(g.aligns, alignLeft)
		case 'c':
			g.aligns = append(g.aligns, alignCenter)
		case 'r', 'S':
			g.aligns = append(g.aligns, alignRight)
		}
	}
	for _, line := range splitTeX(body, `\\`) {
		ruled := false
		line = strings.TrimSpace(line)
		for again := true; again; {
			again = false
			for _, rule := range []string{`\hline`, `\toprule`, `\midrule`, `\bottomrule`, `\endhead`, `\endfirsthead`, `\endfoot`, `\endlastfoot`, `\cline`, `\cmidrule`} {
				if rest, ok := strings.CutPrefix(line, rule); ok {
					again, ruled = true, ruled || rule != `\cline` && rule != `\cmidrule`
					line = strings.TrimSpace(rest)
					if strings.HasPrefix(line, "(") {
						_, line, _ = strings.Cut(line, ")")
					}
					if rule == `\cline` || rule == `\cmidrule` {
						_, line = braced(line)
						line = strings.TrimSpace(line)
					}
				}
			}
		}
		if ruled && len(g.rows) > 0 && len(g.head) == 0 {
			g.head, g.rows = g.rows, nil
		}
		if line != "" && len(g.rows) <= maxGridRows {
			g.rows = append(g.rows, texRow(line))
		}
	}
	return g
}

// splitTeX cuts at a separator outside of braces.
func splitTeX(s, sep string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case depth == 0 && strings.HasPrefix(s[i:], sep):
			out = append(out, s[start:i])
			i += len(sep) - 1
			start = i + 1
		case s[i] == '\\':
			i++
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth = max(depth-1, 0)
		}
	}
	return append(out, s[start:])
}

func texRow(line string) []cell {
	var row []cell
	for _, part := range splitTeX(line, "&") {
		if len(row) >= maxGridCols {
			break
		}
		c := cell{}
		part = strings.ToValidUTF8(strings.TrimSpace(part[:min(len(part), maxTeXCell)]), "")
		if rest, ok := strings.CutPrefix(part, `\multicolumn`); ok {
			n, rest := braced(rest)
			place, rest := braced(rest)
			part, _ = braced(rest)
			c.span, _ = strconv.Atoi(n)
			c.span = min(max(c.span, 1), maxSpan)
			c.align = map[string]align{"l": alignLeft, "c": alignCenter, "r": alignRight}[strings.Trim(place, "| ")]
		} else if rest, ok := strings.CutPrefix(part, `\multirow`); ok {
			if strings.HasPrefix(rest, "[") {
				_, rest, _ = strings.Cut(rest, "]")
			}
			_, rest = braced(rest)
			_, rest = braced(rest)
			part, _ = braced(rest)
		}
		c.text = texText(part, Context{Palette: PlainPalette()})
		row = append(row, c)
		for i := 1; i < c.span && len(row) < maxGridCols; i++ {
			row = append(row, cell{})
		}
	}
	return row
}

// texText reads running text of LaTeX: formulas, bold and italic, escapes.
func texText(s string, ctx Context) string {
	var b strings.Builder
	for s != "" {
		if size, tex, _ := formulaAt([]byte(s)); size > 0 && s[0] == '$' {
			b.WriteString(inlineMath(tex))
			s = s[size:]
			continue
		}
		if s[0] != '\\' || len(s) < 2 {
			switch s[0] {
			case '{', '}':
			case '~':
				b.WriteByte(' ')
			default:
				b.WriteByte(s[0])
			}
			s = s[1:]
			continue
		}
		name := s[1 : 1+len(s[1:])-len(strings.TrimLeft(s[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
		if name == "" {
			switch {
			case strings.IndexByte(" ,;:/", s[1]) >= 0:
				b.WriteByte(' ')
			case s[1] != '\\' && s[1] != '!' && s[1] < 0x80:
				b.WriteByte(s[1])
			}
			s = s[2:]
			continue
		}
		s = strings.TrimPrefix(s[1+len(name):], "{}")
		style := ink.Style{}
		switch name {
		case "textbf", "bfseries":
			style.Attr = ink.Bold
		case "textit", "emph", "itshape":
			style.Attr = ink.Italic
		case "underline":
			style.Attr = ink.Underline
		case "textbackslash":
			b.WriteByte('\\')
		case "textasciitilde":
			b.WriteByte('~')
		case "textasciicircum":
			b.WriteByte('^')
		case "label":
			_, s = braced(s)
		default:
			if sign, ok := latex.Inline(`\` + name); ok {
				b.WriteString(sign)
			}
		}
		if style.Attr != 0 && strings.HasPrefix(s, "{") {
			var group string
			group, s = braced(s)
			b.WriteString(style.Paint(texText(group, ctx), ctx.Caps.Colors))
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
