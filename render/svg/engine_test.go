package svg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// shared is one engine for all tests: compiling takes seconds. Its cache is that of
// the machine's tests.
var shared = sync.OnceValue(func() *Engine { return New(os.TempDir() + "/nbterm-test-resvg") })

func draw(t testing.TB, src string, w, h int, grow bool) *image.NRGBA {
	t.Helper()
	img, err := shared().Draw(context.Background(), []byte(src), w, h, grow)
	if err != nil {
		t.Fatalf("draw %.60q: %v", src, err)
	}
	return img
}

func TestTheWasmIsThePublishedOne(t *testing.T) {
	t.Parallel()
	wasm, err := unpack()
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(wasm)); sum != wasmSum {
		t.Errorf("its sum is %s", sum)
	}
}

func TestDrawsShapesAndText(t *testing.T) {
	t.Parallel()
	img := draw(t, `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50"><rect width="50" height="50" fill="red"/>
		<text x="55" y="30" font-family="Helvetica, sans-serif" font-size="20" fill="blue">abc</text></svg>`, 1000, 1000, false)
	if img.Rect.Dx() != 100 || img.Rect.Dy() != 50 {
		t.Fatalf("size %v", img.Rect)
	}
	if c := img.NRGBAAt(25, 25); c != (color.NRGBA{255, 0, 0, 255}) {
		t.Errorf("the square is %v", c)
	}
	inked := 0
	for x := 55; x < 100; x++ {
		for y := range 50 {
			if c := img.NRGBAAt(x, y); c.B > 200 && c.A > 200 {
				inked++
			}
		}
	}
	if inked < 40 {
		t.Errorf("the text has %d blue pixels", inked)
	}
	if c := img.NRGBAAt(99, 1); c.A != 0 {
		t.Errorf("where nothing is drawn there is %v", c)
	}
}

func TestSizeFollowsTheRoomThereIs(t *testing.T) {
	t.Parallel()
	const src = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200"><circle cx="200" cy="100" r="90"/></svg>`
	for _, c := range []struct {
		w, h int
		grow bool
		want image.Point
	}{
		{1000, 1000, false, image.Pt(400, 200)},
		{100, 1000, false, image.Pt(100, 50)},
		{1000, 50, false, image.Pt(100, 50)},
		{800, 800, true, image.Pt(800, 400)},
	} {
		if got := draw(t, src, c.w, c.h, c.grow).Rect.Size(); got != c.want {
			t.Errorf("in %d x %d it is %v, want %v", c.w, c.h, got, c.want)
		}
	}
}

func TestWhatIsNoDrawingIsAnError(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"", "hello", "<svg>", "<html/>", `<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>`, "\xff\xfe\x00"} {
		if _, err := shared().Draw(context.Background(), []byte(src), 100, 100, false); !errors.Is(err, ErrBroken) {
			t.Errorf("%q: %v", src, err)
		}
	}
}

func TestBombsEndInTime(t *testing.T) {
	t.Parallel()
	draw(t, `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>`, 1, 1, false) // loaded
	svg := func(body string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="400" height="400">` + body + `</svg>`
	}
	var laughs strings.Builder
	laughs.WriteString(`<g id="g0"><rect width="9" height="9"/></g>`)
	for i := range 30 {
		fmt.Fprintf(&laughs, `<g id="g%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use xlink:href="#g%d"/>`, i), 10))
	}
	for name, src := range map[string]string{
		"uses":     svg(laughs.String()),
		"entities": `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">` + entities() + `]>` + svg("<text>&z;</text>"),
		"huge":     `<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"><rect width="1e9" height="1e9"/></svg>`,
		"blur":     svg(`<filter id="f"><feGaussianBlur stdDeviation="1e6"/><feTurbulence numOctaves="9999" baseFrequency="1"/></filter>` + strings.Repeat(`<rect width="400" height="400" filter="url(#f)"/>`, 300)),
		"deep":     svg(strings.Repeat("<g>", 100_000)),
		"paths":    svg(`<path d="M0 0` + strings.Repeat("L399 1L0 399", 200_000) + `"/>`),
		"dashes":   svg(`<path stroke="red" stroke-dasharray="0.00001" d="M0 0L1e7 1e7"/>`),
		"self":     svg(`<use id="a" xlink:href="#a"/><pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)" width="9" height="9"/>`),
	} {
		start := time.Now()
		_, err := shared().Draw(t.Context(), []byte(src), 800, 800, false)
		if took := time.Since(start); took > 20*maxTime { // the machine may be busy
			t.Errorf("%s took %v", name, took)
		} else {
			t.Log(name, took.Round(time.Millisecond), err)
		}
	}
}

func entities() string {
	var b strings.Builder
	for c := 'b'; c <= 'z'; c++ {
		fmt.Fprintf(&b, `<!ENTITY %c "%s">`, c, strings.Repeat(fmt.Sprintf("&%c;", c-1), 10))
	}
	return b.String()
}

func TestNothingIsRead(t *testing.T) {
	t.Parallel()
	img := draw(t, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20">
		<image xlink:href="file:///usr/share/pixmaps/debian-logo.png" width="20" height="20"/><image xlink:href="http://127.0.0.1:1/a.png" width="20" height="20"/></svg>`, 100, 100, false)
	for i := 3; i < len(img.Pix); i += 4 {
		if img.Pix[i] != 0 {
			t.Fatal("something was drawn")
		}
	}
}

func BenchmarkPlot(b *testing.B) {
	src, err := os.ReadFile("testdata/plot.svg")
	if err != nil {
		b.Fatal(err)
	}
	draw(b, string(src), 800, 600, false)
	for b.Loop() {
		draw(b, string(src), 800, 600, false)
	}
}

func BenchmarkLoadFromCache(b *testing.B) {
	draw(b, `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`, 1, 1, false)
	for b.Loop() {
		e := New(shared().cacheDir)
		e.mu.Lock()
		err := e.load()
		e.mu.Unlock()
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
