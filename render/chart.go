package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/render/ink"
	"nbterm/render/raster"
	"nbterm/render/term"
	"nbterm/render/vega"
)

// A chart for character cells is laid out as if each were so many pixels.
const (
	chartCellWidth  = 8
	chartCellHeight = 16
)

// IsSlow reports a form whose drawing may take an engine and tenths of a second:
// not for the goroutine that answers keys.
func IsSlow(e mime.Entry) bool {
	switch {
	case strings.HasPrefix(e.Type, "application/vnd.vega"), strings.HasPrefix(e.Type, "application/vnd.plotly"), e.Type == "text/latex":
		return true
	}
	return e.Type == "text/html" && bytes.Contains(e.Raw, []byte("vegaEmbed"))
}

// IsSlowMarkdown reports markdown with pictures, or with formulas to be set by
// an engine.
func IsSlowMarkdown(src string, c Caps) bool {
	for _, mark := range []string{"![", "<img"} {
		if strings.Contains(src, mark) {
			return true
		}
	}
	return c.Pixels && (strings.Contains(src, "$$") || strings.Contains(src, `\begin{`) || strings.Contains(src, `\[`))
}

// vegaChart draws application/vnd.vega(lite).vN+json.
func vegaChart(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, ok := b.Get(typ)
	if !ok {
		return Block{}, false
	}
	return drawChart(raw, strings.Contains(typ, "vegalite"), ctx)
}

// plotlyChart draws application/vnd.plotly.vN+json as far as its traces have a
// counterpart in Vega-Lite, and names the others.
func plotlyChart(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, ok := b.Get(typ)
	if !ok || len(raw) > maxJSON {
		return Block{}, false
	}
	spec, kinds, err := fromPlotly(raw)
	if err == nil {
		if block, ok := drawChart(spec, true, ctx); ok {
			return block, true
		}
	}
	return browserNote("Plotly chart: "+strings.Join(kinds, ", "), len(raw), ctx), true
}

// bokeh names what only a browser shows.
func bokeh(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, _ := b.Get(typ)
	return browserNote("Bokeh chart", len(raw), ctx), true
}

func browserNote(what string, bytes int, ctx Context) Block {
	return ctx.note(fmt.Sprintf("%s · %s · save its HTML to see it in a browser", what, size(bytes)))
}

// drawChart draws a specification: as a picture where there are pixels, and as
// block characters with real letters for its texts elsewhere. false when it
// cannot be drawn, or there is nothing to draw with.
func drawChart(spec []byte, lite bool, ctx Context) (Block, bool) {
	if ctx.Tools == nil || ctx.Tools.Chart == nil || ctx.Tools.SVG == nil || ctx.Caps.NoPictures {
		return Block{}, false
	}
	look := vega.Look{Lite: lite, Dark: ctx.Palette.Dark}
	if ctx.Caps.Pixels {
		svg, err := ctx.Tools.Chart(spec, look)
		if err != nil {
			return ctx.note(err.Error()), true
		}
		w, h := ctx.box().Pixels()
		img, err := ctx.Tools.SVG(svg, w, h, ctx.Grow)
		if err != nil {
			return Block{}, false
		}
		return Raster(img, ctx), true
	}
	look.Text, look.Width, look.Height = true, min(ctx.Width, 110)*chartCellWidth, ctx.MaxRows*chartCellHeight
	svg, err := ctx.Tools.Chart(spec, look)
	if err != nil {
		return ctx.note(err.Error()), true
	}
	if _, h := vega.Size(svg); h > 1.5*float64(look.Height) {
		look.Tight = true
		if tight, err := ctx.Tools.Chart(spec, look); err == nil {
			svg = tight
		}
	}
	return chartInCells(svg, ctx)
}

// chartInCells draws the SVG of a chart in block characters and writes its texts
// over them.
func chartInCells(svg []byte, ctx Context) (Block, bool) {
	bare, width, height, labels, err := vega.Labels(svg)
	if err != nil || !(width >= 1 && height >= 1 && width < 1e5 && height < 1e5) {
		return Block{}, false
	}
	cols, rows := int(math.Ceil(width/chartCellWidth)), int(math.Ceil(height/chartCellHeight))
	if cols > ctx.Width || rows > 3*ctx.MaxRows {
		f := min(float64(ctx.Width)/float64(cols), float64(3*ctx.MaxRows)/float64(rows))
		cols, rows = max(int(float64(cols)*f), 1), max(int(float64(rows)*f), 1)
	}
	img, err := ctx.Tools.SVG(bare, cols*chartCellWidth, rows*chartCellHeight, false)
	if err != nil {
		return Block{}, false
	}
	look := ctx.look()
	look.Padded = true
	o := overlay{ctx: ctx, img: img, cols: cols, taken: make([][]bool, rows), texts: make([][]overText, rows)}
	for i := range o.taken {
		o.taken[i] = make([]bool, cols)
	}
	for _, l := range labels {
		l.X, l.Y = l.X/width*float64(cols), (l.Y-0.36*l.Size)/height*float64(rows)
		o.add(l)
	}
	return Block{Lines: o.rows(raster.Draw(img, cols, rows, look))}, true
}

// overText is a text over part of a row.
type overText struct {
	col   int
	text  string
	style ink.Style
}

// overlay writes texts over rows of block characters.
type overlay struct {
	ctx   Context
	img   image.Image
	cols  int
	taken [][]bool // cells with text
	texts [][]overText
}

// add places a label, whose X and Y are in cells, unless another is there.
func (o *overlay) add(l vega.Label) {
	text := term.Clean(l.Text)
	if l.Turned {
		o.addTurned(l, text)
		return
	}
	text = ansi.Truncate(text, o.cols, "…")
	n := ansi.StringWidth(text)
	col := int(math.Round(l.X))
	switch l.Anchor {
	case "middle":
		col = int(math.Round(l.X - float64(n)/2))
	case "end":
		col = int(math.Round(l.X)) - n
	}
	o.put(min(max(col, 0), o.cols-n), int(math.Floor(l.Y)), text, n, l)
}

// addTurned writes a label downwards.
func (o *overlay) addTurned(l vega.Label, text string) {
	runes := []rune(text)
	n := len(runes)
	row := int(math.Floor(l.Y))
	switch l.Anchor {
	case "middle":
		row -= n / 2
	case "end":
		row -= n - 1
	}
	row = min(max(row, 0), max(len(o.taken)-n, 0))
	for i, r := range runes {
		o.put(min(max(int(l.X), 0), o.cols-1), row+i, string(r), ansi.StringWidth(string(r)), l)
	}
}

func (o *overlay) put(col, row int, text string, n int, l vega.Label) {
	if row < 0 || row >= len(o.taken) || n < 1 || col < 0 || col+n > o.cols {
		return
	}
	if slices.Contains(o.taken[row][max(col-1, 0):min(col+n+1, o.cols)], true) && !l.Turned {
		return
	}
	for i := range n {
		o.taken[row][col+i] = true
	}
	style := ink.Style{Bg: o.ground(col, row)}
	if c, ok := cssColor(strings.ToLower(l.Fill)); ok {
		style.Fg = c
	}
	if l.Bold {
		style.Attr = ink.Bold
	}
	o.texts[row] = append(o.texts[row], overText{col, text, style})
}

// ground is the colour under a cell, 0 where the picture is clear.
func (o *overlay) ground(col, row int) ink.Color {
	b := o.img.Bounds()
	x := b.Min.X + (2*col+1)*b.Dx()/(2*o.cols)
	y := b.Min.Y + (2*row+1)*b.Dy()/(2*len(o.taken))
	r, g, bl, a := o.img.At(x, y).RGBA()
	if a < 0x8000 {
		return 0
	}
	return ink.RGB(uint8(r>>8), uint8(g>>8), uint8(bl>>8))
}

// rows puts the texts over the rows.
func (o *overlay) rows(rows []string) []string {
	for i, texts := range o.texts[:min(len(o.texts), len(rows))] {
		slices.SortFunc(texts, func(a, b overText) int { return a.col - b.col })
		var b strings.Builder
		at := 0
		for _, t := range texts {
			if t.col < at {
				continue
			}
			b.WriteString(pad(ansi.Cut(rows[i], at, t.col), t.col-at))
			b.WriteString(ink.Reset + o.ctx.paint(t.style, t.text))
			at = t.col + ansi.StringWidth(t.text)
		}
		b.WriteString(ansi.Cut(rows[i], at, o.cols))
		rows[i] = b.String() + ink.Reset
	}
	return term.Lines(strings.Join(rows, "\n"), o.ctx.options())
}

// pad fills a piece of a row that was cut short with blanks.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(n-ansi.StringWidth(s), 0))
}

// embedded finds the specification that Altair's HTML hands to vegaEmbed.
func embedded(html string) (spec []byte, lite, ok bool) {
	if !strings.Contains(html, "vegaEmbed") {
		return nil, false, false
	}
	for _, start := range []string{"})({", "var spec = {", "const spec = {"} {
		_, rest, found := strings.Cut(html, start)
		if !found {
			continue
		}
		var raw json.RawMessage
		if err := json.NewDecoder(bytes.NewReader([]byte("{" + rest))).Decode(&raw); err == nil {
			return raw, !bytes.Contains(raw, []byte("vega.github.io/schema/vega/")), true
		}
	}
	return nil, false, false
}
