package vega

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// cacheDir is that of the machine's tests: compiling takes most of the time.
func cacheDir() string { return os.TempDir() + "/nbterm-test-vega" }

func engine(t testing.TB) *Engine {
	e := New(cacheDir())
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestDrawsChartsOfEveryVersion(t *testing.T) {
	t.Parallel()
	e := engine(t)
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) < 7 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		for _, text := range []bool{false, true} {
			svg, err := e.SVG(read(t, path), Look{Lite: strings.Contains(path, ".vl."), Dark: text, Text: text, Width: 640, Height: 320})
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			bare, w, h, labels, err := Labels(svg)
			if err != nil || w < 50 || h < 50 || len(labels) < 3 {
				t.Errorf("%s: %v x %v, %d labels, %v", path, w, h, len(labels), err)
			}
			if strings.Contains(string(bare), "<text") || !strings.Contains(string(bare), "<path") || !strings.HasSuffix(strings.TrimSpace(string(bare)), "</svg>") {
				t.Errorf("%s: texts are left in the drawing, or more was taken", path)
			}
			if sw, sh := Size(svg); sw != w || sh != h {
				t.Errorf("%s: size %v x %v, not %v x %v", path, sw, sh, w, h)
			}
		}
	}
}

func TestAChartThatIsTooLargeIsLaidOutSmaller(t *testing.T) {
	t.Parallel()
	spec := strings.Replace(string(read(t, "testdata/line.vl.json")), `"mark"`, `"width": 2000, "height": 1500, "mark"`, 1)
	svg, err := engine(t).SVG([]byte(spec), Look{Lite: true, Text: true, Width: 640, Height: 320})
	if err != nil {
		t.Fatal(err)
	}
	if w, h := Size(svg); w > 660 || h > 340 {
		t.Errorf("it is %v x %v", w, h)
	}
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, url := range []string{"https://example.org/data.json", "file:///etc/passwd", "data.csv", "//example.org/x"} {
		spec := `{"data":{"url":"` + url + `"},"mark":"point","encoding":{"x":{"field":"a","type":"quantitative"}}}`
		if _, err := e.SVG([]byte(spec), Look{Lite: true}); err == nil || !strings.Contains(err.Error(), "not loaded") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestWhatIsNoChartIsRefusedAndTheEngineGoesOn(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, spec := range []string{"", "null", "[]", `"x"`, "{", `{"mark":"no such mark"}`, `{"data":{"values":1},"mark":{"type":{}}}`, strings.Repeat("[", 100_000), `{"layer":[{"layer":[{"mark":"x"}]}]}`} {
		if _, err := e.SVG([]byte(spec), Look{Lite: true}); !errors.Is(err, ErrChart) {
			t.Errorf("%.30q: %v", spec, err)
		}
	}
	if _, err := e.SVG(read(t, "testdata/bar.vl.json"), Look{Lite: true}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAClosedEngineSaysSo(t *testing.T) {
	t.Parallel()
	e := New(cacheDir())
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.SVG([]byte("{}"), Look{}); err == nil {
		t.Error("it drew")
	}
}

func FuzzLabels(f *testing.F) {
	f.Add([]byte(`<svg width="10" height="10" viewBox="0 0 20 20"><g transform="translate(1,2) rotate(-90) scale(2)"><text x="1" y="2" font-size="10px">a &amp; b</text></g></svg>`))
	f.Add([]byte(`<svg><text><text>a</text></text></g></g></svg>`))
	f.Fuzz(func(t *testing.T, svg []byte) {
		bare, _, _, _, err := Labels(svg)
		if err == nil && len(bare) > len(svg) {
			t.Error("the drawing grew")
		}
	})
}

func BenchmarkChart(b *testing.B) {
	spec := read(b, "testdata/line.vl.json")
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			e := New(cacheDir())
			if _, err := e.SVG(spec, Look{Lite: true}); err != nil {
				b.Fatal(err)
			}
			_ = e.Close()
		}
	})
	e := engine(b)
	b.Run("next", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.SVG(spec, Look{Lite: true}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Specifications made to take all time and memory end, and the engine goes on.
func TestBombsEnd(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for name, spec := range map[string]string{
		"sequence": `{"data":{"sequence":{"start":0,"stop":1e9}},"mark":"point","encoding":{"x":{"field":"data","type":"quantitative"}}}`,
		"ticks":    `{"data":{"values":[{"a":1}]},"mark":"point","encoding":{"x":{"field":"a","type":"quantitative","axis":{"values":{"signal":"sequence(0,1e9)"}}}}}`,
		"regexp":   `{"data":{"values":[{"a":"` + strings.Repeat("a", 40) + `!"}]},"transform":[{"calculate":"test(regexp('^(a+)+$'), datum.a)","as":"b"}],"mark":"point","encoding":{"x":{"field":"b"}}}`,
	} {
		start := time.Now()
		_, err := e.SVG([]byte(spec), Look{Lite: true})
		if took := time.Since(start); took > 3*maxTime {
			t.Errorf("%s took %v: %v", name, took, err)
		} else {
			t.Log(name, took, err)
		}
	}
	if _, err := e.SVG(read(t, "testdata/bar.vl.json"), Look{Lite: true}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
