package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// renderer draws the value of one mime type of a bundle. It reports false when
// the value is not what its type says; the next richest form is then tried.
type renderer func(typ string, b mime.Bundle, ctx Context) (Block, bool)

// form is one row of the table that decides how outputs are drawn.
type form struct {
	mime string // exact, or a prefix ending in *
	rank int    // the highest in a bundle wins
	draw renderer
}

// forms is the table: what a bundle is drawn from, richest first.
func forms() []form {
	return []form{
		{"application/vnd.vegalite.*", 96, vegaChart},
		{"application/vnd.vega.*", 95, vegaChart},
		{"application/vnd.plotly.*", 94, plotlyChart},
		{"application/vnd.bokehjs_exec*", 3, bokeh},
		{"image/png", 90, picture},
		{"image/jpeg", 89, picture},
		{"image/gif", 88, picture},
		{"image/webp", 87, picture},
		{"image/bmp", 86, picture},
		{"image/tiff", 85, picture},
		{"application/pdf", 65, pages},
		{typeSVG, 70, vector},
		{"application/vnd.dataresource+json", 61, dataResource},
		{"text/html", 60, markup},
		{"text/markdown", 55, markdownText},
		{"text/latex", 52, latexText},
		{"application/geo+json", 58, geoJSON},
		{"application/json", 53, jsonTree}, // above its Python object's name
		{"audio/*", 40, media},
		{"video/*", 40, media},
		{"application/javascript", 2, named}, // never run
		{"application/vnd.jupyter.widget-view+json", 5, named},
		{"text/plain", 50, plainText},
		{"*", 1, named},
	}
}

// Output draws one output of a cell.
func Output(o *notebook.Output, ctx Context) Block {
	ctx = ctx.sane()
	switch o.Kind() {
	case "stream":
		return Stream(o.StreamName(), o.Text(), ctx)
	case "error":
		ename, evalue, traceback := o.Error()
		return Failure(ename, evalue, traceback, ctx)
	}
	return Bundle(o.Bundle(), ctx)
}

// Bundle draws the richest form of a bundle that can be drawn.
func Bundle(b mime.Bundle, ctx Context) Block {
	ctx = ctx.sane()
	table := forms()
	failed := map[string]bool{}
	for {
		typ, ok := b.Richest(func(typ string) int {
			if failed[typ] {
				return 0
			}
			return lookup(table, typ).rank
		})
		if !ok {
			return broken(b, ctx)
		}
		if block, ok := lookup(table, typ).draw(typ, b, ctx); ok {
			return block
		}
		failed[typ] = true
	}
}

// broken names what a bundle holds when none of it is what its type says.
func broken(b mime.Bundle, ctx Context) Block {
	types := Forms(b)
	if len(types) == 0 {
		return Block{}
	}
	block, _ := named(types[0], b, ctx)
	return block
}

// Forms lists the types a bundle can be drawn from, richest first.
func Forms(b mime.Bundle) []string {
	table, types := forms(), b.Types()
	slices.SortStableFunc(types, func(a, b string) int { return lookup(table, b).rank - lookup(table, a).rank })
	return types
}

// Form draws a bundle from one of its types; false when its value is not what the
// type says.
func Form(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	f := lookup(forms(), typ)
	if _, ok := b.Get(typ); !ok || f.draw == nil {
		return Block{}, false
	}
	return f.draw(typ, b, ctx.sane())
}

func lookup(table []form, typ string) form {
	for _, f := range table {
		if prefix, ok := strings.CutSuffix(f.mime, "*"); f.mime == typ || ok && strings.HasPrefix(typ, prefix) {
			return f
		}
	}
	return form{}
}

// Failure draws an exception whole: Exception, then Traceback.
func Failure(ename, evalue string, traceback []string, ctx Context) Block {
	head := Exception(ename, evalue, ctx)
	tail := Traceback(ename, evalue, traceback, ctx)
	return Block{Lines: append(head.Lines, tail.Lines...)}
}

// Exception draws the name and the value of an exception, loud.
func Exception(ename, evalue string, ctx Context) Block {
	ctx = ctx.sane()
	loud := ink.Style{Fg: ink.Of(ctx.Palette.Failed), Attr: ink.Bold}
	name, value := literal(strings.TrimSpace(ename)), strings.TrimSpace(evalue)
	if value != "" && name != "" {
		name += ": "
	}
	if name == "" && value == "" {
		name = "error"
	}
	return Block{Lines: term.Lines(ctx.paint(loud, name)+value, ctx.options())}
}

// Traceback draws where an exception came from, as the kernel coloured it, without
// the rule and the title above and the repetition of the exception below that
// IPython adds.
func Traceback(ename, evalue string, traceback []string, ctx Context) Block {
	ctx = ctx.sane()
	if len(traceback) > 0 && strings.Trim(ansi.Strip(traceback[0]), "-\n ") == "" {
		traceback = traceback[1:]
	}
	if n := len(traceback); n > 0 && strings.TrimSpace(ansi.Strip(traceback[n-1])) == strings.TrimSpace(ename+": "+evalue) {
		traceback = traceback[:n-1]
	}
	if len(traceback) > 0 && strings.Join(strings.Fields(ansi.Strip(traceback[0])), " ") == ename+" Traceback (most recent call last)" {
		traceback = traceback[1:]
	}
	return Block{Lines: term.Lines(strings.Join(traceback, "\n"), ctx.options())}
}

// plainText draws text/plain, unless it only names the Python object whose other
// forms say more.
func plainText(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	text, ok := b.Text(typ)
	if !ok || b.Len() > 1 && strings.HasPrefix(text, "<IPython.core.display.") && strings.HasSuffix(text, " object>") {
		return Block{}, false
	}
	if ctx.MaxLine > 0 && len(text) > ctx.MaxLine {
		return Stream("stdout", text, ctx), true
	}
	return Block{Lines: term.Lines(text, ctx.options())}, true
}

// latexText draws text/latex: a formula, or text with formulas in it.
func latexText(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	text, ok := b.Text(typ)
	if !ok {
		return Block{}, false
	}
	if block, ok := tabular(text, ctx); ok {
		return block, true
	}
	if tex := unfenced(text); tex != strings.TrimSpace(text) || strings.HasPrefix(tex, `\begin{`) {
		return formula(tex, ctx), true
	}
	return Markdown(text, ctx), true
}

// named says in one quiet line what cannot be drawn, unless a plain form can.
func named(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, _ := b.Get(typ)
	line := fmt.Sprintf("%s · %s", term.Clean(typ), size(len(raw)))
	return Block{Lines: term.Lines(ctx.muted(line), ctx.options())}, true
}

// media names sound and film with their size.
func media(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	data, err := b.Bytes(typ)
	if err != nil {
		return Block{}, false
	}
	return ctx.note(typ + " · " + size(len(data)) + " · save it to play it"), true
}

// muted paints secondary text.
func (ctx Context) muted(s string) string {
	return ink.Style{Fg: ink.Of(ctx.Palette.Muted)}.Paint(s, ctx.Caps.Colors)
}

// size writes a number of bytes for people.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 999_500:
		return fmt.Sprintf("%.3g kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.3g MB", float64(n)/1e6)
}

// sane fills what a caller may leave out.
func (ctx Context) sane() Context {
	ctx.Width = max(ctx.Width, 1)
	if ctx.MaxRows <= 0 {
		ctx.MaxRows = 20
	}
	if ctx.Palette == nil {
		ctx.Palette = PlainPalette()
	}
	return ctx
}
