package render

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/render/internal/golden"
)

func TestTracebacksTellTheLinesOfCells(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		in   []string
		want []Frame
	}{
		"IPython 8": {[]string{
			"\x1b[0;31m-----\x1b[0m", "ZeroDivisionError      Traceback (most recent call last)",
			"Cell \x1b[0;32mIn[12], line 9\x1b[0m\n      5 def report(rows):\n----> 9 report(1)\n",
			"File /usr/lib/python3/dist-packages/x.py:20, in f(a)\n---> 20 g()", "Cell In [3], line 2, in rate(lost, views)\n----> 2 return lost",
		}, []Frame{{12, 9, 2}, {3, 2, 8}}},
		"IPython 8.0":   {[]string{"Input In [5], in <cell line: 1>()\n----> 1 f()\n      2 g()"}, []Frame{{5, 1, 0}}},
		"IPython 7":     {[]string{"<ipython-input-7-0a1b2c> in <module>\n      1 x\n----> 2 f()\n", "<ipython-input-6-0a1b2c> in f()\n----> 4 1/0"}, []Frame{{7, 2, 0}, {6, 4, 4}}},
		"syntax":        {[]string{"  File \"<ipython-input-4-ab12cd>\", line 3\n    x =\n"}, nil},
		"syntax 8":      {[]string{"\x1b[0;36m  Cell \x1b[0;32mIn[4], line 3\x1b[0;36m\x1b[0m\n    x =\n"}, []Frame{{4, 3, 0}}},
		"nothing of us": {[]string{"Traceback (most recent call last):", `  File "x.py", line 3, in <module>`}, nil},
	} {
		if got := Frames(tt.in); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestFoldedTracebacksKeepCellsAndTheEnd(t *testing.T) {
	t.Parallel()
	lib := "File \x1b[0;32m/usr/lib/python3/dist-packages/pandas/core/x.py:20\x1b[0m, in f(a)\n---> 20 g()"
	got := Folded([]string{"head", "Cell In[1], line 1", lib, lib, lib, "KeyError: 'x'"})
	want := []string{"head", "Cell In[1], line 1", "… 2 frames in libraries", lib, "KeyError: 'x'"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

const places = `{"type":"FeatureCollection","features":[
	{"type":"Feature","properties":{"name":"square"},"geometry":{"type":"Polygon","coordinates":[[[8,45],[14,45],[14,49],[8,49],[8,45]]]}},
	{"type":"Feature","properties":{"name":"ro\u001b[8mute"},"geometry":{"type":"LineString","coordinates":[[4,52],[9,48],[13,52],[16,48]]}},
	{"type":"Feature","properties":{},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[10.75,59.9]},{"type":"MultiPoint","coordinates":[[1,50],[2,50]]}]}}]}`

func TestGeoJSONIsSketched(t *testing.T) {
	t.Parallel()
	b := Bundle(mime.FromEntries(mime.Entry{Type: "application/geo+json", Raw: json.RawMessage(places)}), testContext(70))
	check(t, "geojson", b, 70)
	golden.Lines(t, "geojson", b.Lines)
	for _, odd := range []string{`{"type":"Point","coordinates":[1e308,-1e308]}`, `{"type":"Polygon","coordinates":[[[1,1]]]}`, `{"type":"Point"}`, `{"type":"MultiPoint","coordinates":{}}`,
		`{"type":"LineString","coordinates":[[0,0],["x",1],[1],[-1e300,1e300]]}`, strings.Repeat(`{"type":"Feature","geometry":`, 100) + "null" + strings.Repeat("}", 100)} {
		check(t, odd, Bundle(mime.FromEntries(mime.Entry{Type: "application/geo+json", Raw: json.RawMessage(odd)}), testContext(30)), 30)
	}
}

func TestSoundFilmAndPagesAreNamed(t *testing.T) {
	t.Parallel()
	sound := base64.StdEncoding.EncodeToString(make([]byte, 45_000))
	for want, b := range map[string]mime.Bundle{
		"audio/wav · 45 kB":                     mime.FromEntries(mime.TextEntry("audio/wav", sound)),
		"[audio/wav, 45 kB]":                    mime.FromEntries(mime.TextEntry("text/html", `<audio controls><source src="data:audio/wav;base64,`+sound+`" type="audio/wav"/></audio>`)),
		"[page] <https://www.youtube.com/e/1>":  mime.FromEntries(mime.TextEntry("text/html", `<iframe src="https://www.youtube.com/e/1"></iframe>`)),
		"[video]":                               mime.FromEntries(mime.TextEntry("text/html", `<video src="film.mp4"></video>`)),
		"application/x-odd · 3 B":               mime.FromEntries(mime.TextEntry("application/x-odd", "?")),
		"application/vnd.bokehjs_load.v0+json":  mime.FromEntries(mime.Entry{Type: "application/vnd.bokehjs_load.v0+json", Raw: json.RawMessage("{}")}),
		"Bokeh chart · 2 B · save its HTML to ": mime.FromEntries(mime.Entry{Type: "application/vnd.bokehjs_exec.v0+json", Raw: json.RawMessage("{}")}),
	} {
		got := ansi.Strip(strings.Join(Bundle(b, Context{Width: 80, Palette: PlainPalette()}).Lines, "\n"))
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func FuzzJSONForms(f *testing.F) {
	f.Add([]byte(places))
	f.Add([]byte(`{"schema":{"fields":[{"name":"a"}]},"data":[{"a":1}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		for _, typ := range []string{"application/geo+json", "application/vnd.dataresource+json", "application/json"} {
			check(t, typ, Bundle(mime.FromEntries(mime.Entry{Type: typ, Raw: raw}), testContext(40)), 40)
		}
	})
}

func FuzzLaTeXTables(f *testing.F) {
	f.Add(`\begin{tabular}{lr} \toprule a & \multicolumn{2}{c}{b} \\ \midrule $x_1$ & \textbf{c} \\ \end{tabular}`)
	f.Fuzz(func(t *testing.T, src string) {
		check(t, "latex", Bundle(mime.FromEntries(mime.TextEntry("text/latex", src)), testContext(40)), 40)
	})
}
