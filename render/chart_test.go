package render

import (
	"context"
	"encoding/json"
	"image"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/render/internal/golden"
	"nbterm/render/mathjax"
	"nbterm/render/svg"
	"nbterm/render/vega"
)

// realTools are the engines that the product draws with. Their caches are those of
// the machine's tests: compiling takes seconds.
var realTools = sync.OnceValue(func() *Tools {
	shapes, charts := svg.New(os.TempDir()+"/nbterm-test-resvg"), vega.New(os.TempDir()+"/nbterm-test-vega")
	return &Tools{
		SVG: func(src []byte, w, h int, grow bool) (image.Image, error) {
			return shapes.Draw(context.Background(), src, w, h, grow)
		},
		Chart: charts.SVG,
	}
})

func chartContext(width int) Context {
	ctx := testContext(width)
	ctx.Tools = realTools()
	return ctx
}

func chartBundle(t *testing.T, name string) mime.Bundle {
	typ := "application/vnd.vegalite.v5+json"
	if strings.Contains(name, ".vg.") {
		typ = "application/vnd.vega.v5+json"
	}
	return mime.FromEntries(mime.Entry{Type: typ, Raw: json.RawMessage(read(t, "../vega/testdata/"+name))}, mime.TextEntry("text/plain", "alt.Chart(...)"))
}

func TestChartsInCellsHaveRealLetters(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]string{
		"bar.vl.json": {"Lisbon", "Oslo", "Rome", "50"}, "line.vl.json": {"Views", "25", "a", "b"}, "bar.vg.json": {"A", "B", "50"},
		"hbar.vl.json": {"name 0", "name 39", "1,500"}, "facet.vl.json": {"a", "b"},
	} {
		for _, width := range []int{90, 40} {
			b := Bundle(chartBundle(t, name), chartContext(width))
			check(t, name, b, width)
			text := ansi.Strip(strings.Join(b.Lines, "\n"))
			for _, word := range words {
				if !strings.Contains(text, word) && width > 40 {
					t.Errorf("%s lacks %q:\n%s", name, word, text)
				}
			}
			if len(b.Lines) < 5 || !strings.ContainsAny(text, "▀▄█") {
				t.Errorf("%s at %d columns shows no chart:\n%s", name, width, text)
			}
		}
	}
	ctx := chartContext(60)
	ctx.MaxRows = 12
	golden.Lines(t, "chart-bar", Bundle(chartBundle(t, "bar.vl.json"), ctx).Lines)
	ctx.Caps.Colors, ctx.Palette = NoColor, PlainPalette()
	golden.Lines(t, "chart-line-plain", Bundle(chartBundle(t, "line.vl.json"), ctx).Lines)
}

func TestChartsArePicturesWhereThereArePixels(t *testing.T) {
	t.Parallel()
	ctx := chartContext(80)
	ctx.Caps.Pixels, ctx.Caps.CellWidth, ctx.Caps.CellHeight = true, 8, 16
	b := Bundle(chartBundle(t, "bar.vl.json"), ctx)
	if len(b.Images) != 1 || b.Images[0].Rows != len(b.Lines) {
		t.Errorf("%d pictures over %d rows", len(b.Images), len(b.Lines))
	}
}

func TestAltairsHTMLIsDrawnAsAChart(t *testing.T) {
	t.Parallel()
	page := `<div id="altair-viz-1"></div><script type="text/javascript">(function(spec, embedOpt){ vegaEmbed("#altair-viz-1", spec, embedOpt) })(` +
		read(t, "../vega/testdata/bar.vl.json") + `, {"mode": "vega-lite"});</script>`
	got := ansi.Strip(strings.Join(Bundle(mime.FromEntries(mime.TextEntry("text/html", page)), chartContext(80)).Lines, "\n"))
	if !strings.Contains(got, "Lisbon") || !strings.ContainsAny(got, "▀▄█") {
		t.Errorf("%s", got)
	}
	for _, page := range []string{"vegaEmbed", "vegaEmbed })({", "vegaEmbed })({}"} {
		check(t, page, Bundle(mime.FromEntries(mime.TextEntry("text/html", page)), chartContext(80)), 80)
	}
}

func TestChartsWithoutEnginesFallBack(t *testing.T) {
	t.Parallel()
	if got := strings.Join(Bundle(chartBundle(t, "bar.vl.json"), testContext(60)).Lines, ""); got != "alt.Chart(...)" {
		t.Errorf("%q", got)
	}
	broken := mime.FromEntries(mime.Entry{Type: "application/vnd.vegalite.v5+json", Raw: json.RawMessage(`{"mark":"\u001b[8m"}`)})
	b := Bundle(broken, chartContext(60))
	check(t, "broken", b, 60)
	if got := ansi.Strip(strings.Join(b.Lines, " ")); !strings.Contains(got, "cannot be drawn") {
		t.Errorf("%q", got)
	}
}

func figure(data, layout string) mime.Bundle {
	return mime.FromEntries(mime.Entry{Type: "application/vnd.plotly.v1+json", Raw: json.RawMessage(`{"data":[` + data + `],"layout":` + layout + `}`)})
}

func TestCommonPlotlyTracesAreDrawn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		data  string
		words []string
	}{
		"lines":     {`{"type":"scatter","mode":"lines+markers","name":"eu","x":["2026-01-01","2026-02-01"],"y":[1,2]},{"y":[2,3],"x":["2026-01-01","2026-02-01"],"name":"us"}`, []string{"Figure", "eu", "us", "when"}},
		"no x":      {`{"type":"scattergl","mode":"markers","y":[1,5,3]}`, []string{"Figure", "5"}},
		"bars":      {`{"type":"bar","name":"one","x":["a","b"],"y":[3,4]},{"type":"bar","name":"two","x":["a","b"],"y":[1,2]}`, []string{"one", "two", "a", "b"}},
		"sideways":  {`{"type":"bar","orientation":"h","y":["apple","pear"],"x":[3,4]}`, []string{"apple", "pear"}},
		"histogram": {`{"type":"histogram","x":[1,1,2,3,3,3,9]}`, []string{"count"}},
		"box":       {`{"type":"box","name":"g1","y":[1,2,3,4,9]},{"type":"box","name":"g2","y":[2,2,3,5]}`, []string{"g1", "g2"}},
		"heatmap":   {`{"type":"heatmap","z":[[1,2],[3,4]],"x":["left","right"],"y":["low","high"]}`, []string{"left", "right", "low", "high"}},
		"pie":       {`{"type":"pie","labels":["yes","no"],"values":[3,1],"hole":0.4}`, []string{"yes", "no"}},
		"packed":    {`{"type":"scatter","x":{"dtype":"i2","bdata":"AQACAAMA"},"y":{"dtype":"f8","bdata":"AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhA"}}`, []string{"3"}},
	} {
		b := Bundle(figure(tt.data, `{"title":{"text":"<b>Figure</b>"},"xaxis":{"title":{"text":"when"}}}`), chartContext(90))
		check(t, name, b, 90)
		got := ansi.Strip(strings.Join(b.Lines, "\n"))
		for _, word := range tt.words {
			if !strings.Contains(got, word) {
				t.Errorf("%s lacks %q:\n%s", name, word, got)
			}
		}
		if !strings.ContainsAny(got, "▀▄█") {
			t.Errorf("%s shows no chart:\n%s", name, got)
		}
	}
	got := ansi.Strip(strings.Join(Bundle(figure(`{"type":"sankey"}`, `{}`), chartContext(90)).Lines, "\n"))
	if !strings.Contains(got, "sankey") || !strings.Contains(got, "browser") {
		t.Errorf("a trace without counterpart: %q", got)
	}
}

func FuzzPlotly(f *testing.F) {
	f.Add([]byte(`{"data":[{"type":"bar","x":["a"],"y":[1]},{"type":"heatmap","z":{"dtype":"f4","bdata":"AAAA","shape":"1, 2"}}],"layout":{"title":"x"}}`))
	f.Add([]byte(`{"data":[{"type":"histogram","y":[1,null,"x"]},{"type":"pie","labels":{},"values":[1]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		spec, _, err := fromPlotly(raw)
		if err == nil && !json.Valid(spec) {
			t.Errorf("%q", spec)
		}
	})
}

func TestFormulasArePicturesWhereThereArePixels(t *testing.T) {
	t.Parallel()
	ctx := chartContext(80)
	ctx.Caps.Pixels, ctx.Caps.CellWidth, ctx.Caps.CellHeight = true, 8, 16
	ctx.Tools = &Tools{SVG: ctx.Tools.SVG, Chart: ctx.Tools.Chart, Formula: mathjax.New(os.TempDir() + "/nbterm-test-mathjax").SVG}
	b := Markdown("Before\n\n$$\\frac{a}{b}$$\n\nafter $x^2$ and\n\n> $$\\sqrt{x}$$\n\n$$\\nosuch$$", ctx)
	check(t, "formulas", b, 80)
	if len(b.Images) != 2 {
		t.Fatalf("%d pictures", len(b.Images))
	}
	for _, p := range b.Images {
		if p.Rows < 1 || p.Rows > 6 || p.Col+p.Cols > 80 || p.Col < 20 {
			t.Errorf("a formula of %d x %d cells at column %d", p.Cols, p.Rows, p.Col)
		}
		for r := range p.Rows {
			row := ansi.Strip(b.Lines[p.Row+r])
			if ansi.StringWidth(row) < p.Col+p.Cols || strings.Trim(row, " │") != "" {
				t.Errorf("row %q is not left free", row)
			}
		}
	}
	if text := ansi.Strip(strings.Join(b.Lines, "\n")); !strings.Contains(text, "after x²") || !strings.Contains(text, `\nosuch`) {
		t.Errorf("%s", text)
	}
}
