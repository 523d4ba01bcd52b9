package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/render/internal/golden"
	"nbterm/render/term"
)

func testContext(width int) Context {
	return Context{Width: width, Palette: DarkPalette(), Caps: Caps{Colors: TrueColor, Hyperlinks: true}}
}

// check fails on rows that a terminal must not get.
func check(t *testing.T, what string, b Block, width int) {
	t.Helper()
	for _, row := range b.Lines {
		if err := term.Verify(row); err != nil {
			t.Fatalf("%s: row %q: %v", what, row, err)
		}
		if w := ansi.StringWidth(row); w > width {
			t.Fatalf("%s: row %q has %d cells, not %d", what, row, w, width)
		}
	}
}

func bundle(entries ...mime.Entry) *notebook.Output {
	return notebook.NewDisplay(mime.FromEntries(entries...), nil, "")
}

func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDrawsAsTheGoldenFiles(t *testing.T) {
	t.Parallel()
	plain := Context{Width: 60, Palette: PlainPalette()}
	jsonRaw := json.RawMessage(`{"name":"nbterm","ok":true,"none":null,"list":[1,2.5,-3e9],"rows":[{"city":"Lisbon","views":81204,"rebuffer":0.7},{"city":"Oslo","views":42118,"rebuffer":0.41}],"deep":[[[[[[[[[[1]]]]]]]]]]}`)
	tests := map[string]func() Block{
		"markdown-80":       func() Block { return Markdown(read(t, "report.md"), testContext(80)) },
		"jupyter-60":        func() Block { return Markdown(read(t, "jupyter.md"), testContext(60)) },
		"jupyter-30-plain":  func() Block { return Markdown(read(t, "jupyter.md"), Context{Width: 30, Palette: PlainPalette()}) },
		"markdown-40-plain": func() Block { return Markdown(read(t, "report.md"), Context{Width: 40, Palette: PlainPalette()}) },
		"table-80": func() Block {
			return Output(bundle(mime.TextEntry("text/html", read(t, "frame.html"))), testContext(80))
		},
		"table-40-cut": func() Block {
			return Output(bundle(mime.TextEntry("text/html", read(t, "frame.html"))), testContext(40))
		},
		"table-styled": func() Block {
			return Output(bundle(mime.TextEntry("text/html", read(t, "styler.html"))), testContext(60))
		},
		"table-polars": func() Block {
			return Output(bundle(mime.TextEntry("text/html", read(t, "polars.html"))), testContext(60))
		},
		"table-latex": func() Block {
			return Output(bundle(mime.TextEntry("text/latex", read(t, "multi.tex"))), testContext(60))
		},
		"table-scrolled": func() Block {
			ctx := testContext(40)
			ctx.Left = 2
			return Output(bundle(mime.TextEntry("text/html", read(t, "frame.html"))), ctx)
		},
		"table-resource": func() Block {
			rows := strings.Repeat(`{"index":7,"city":"Oslo","views":1234.5,"note":null},`, 39) + `{"index":8,"city":"a\u001b[8m"}`
			return Output(bundle(mime.Entry{Type: "application/vnd.dataresource+json", Raw: json.RawMessage(
				`{"schema":{"fields":[{"name":"city","type":"string"},{"name":"index","type":"integer"},{"name":"views"},{"name":"note"}],"primaryKey":["index"]},"data":[` + rows + `]}`)}), testContext(60))
		},
		"table-multiindex": func() Block {
			return Output(bundle(mime.TextEntry("text/html", read(t, "multiindex.html"))), testContext(60))
		},
		"html": func() Block {
			return Output(bundle(mime.TextEntry("text/html", read(t, "page.html"))), testContext(60))
		},
		"json": func() Block {
			return Output(bundle(mime.Entry{Type: "application/json", Raw: jsonRaw}), testContext(60))
		},
		"python": func() Block { return Code(read(t, "sample.py"), "python", testContext(60)) },
		"stderr": func() Block {
			return Stream("stderr", "x.py:1: UserWarning: careful with this one, it is long enough to wrap\n  warn()\n", testContext(60))
		},
		"error": func() Block {
			return Output(notebook.NewError("ValueError", "3 days missing", []string{
				"\x1b[0;31m---------------------------------------------------------------------------\x1b[0m",
				"\x1b[0;31mValueError\x1b[0m                                Traceback (most recent call last)",
				"Cell \x1b[0;32mIn[5], line 1\x1b[0m\n\x1b[0;32m----> 1\x1b[0m check(df)",
				"\x1b[0;31mValueError\x1b[0m: 3 days missing"}), testContext(60))
		},
		"unknown": func() Block {
			return Output(bundle(mime.Entry{Type: "application/vnd.bokehjs_exec.v0+json", Raw: json.RawMessage(`{"a":1}`)}), testContext(60))
		},
		"svg": func() Block {
			return Output(bundle(mime.TextEntry("image/svg+xml", `<?xml version="1.0"?><svg viewBox="0 0 460 345"><script>x</script></svg>`)), testContext(60))
		},
		"latex": func() Block {
			return Output(bundle(mime.TextEntry("text/latex", `$\frac{a}{b}$`), mime.TextEntry("text/plain", "<IPython.core.display.Latex object>")), testContext(60))
		},
		"image": func() Block { return Block{Lines: Image(gradient(64, 40), smallPicture(TrueColor))} },
		"image-quarters": func() Block {
			ctx := smallPicture(ANSI256)
			ctx.Caps.Quarters = true
			return Block{Lines: Image(gradient(64, 40), ctx)}
		},
		"image-16":      func() Block { return Block{Lines: Image(gradient(64, 40), smallPicture(ANSI16))} },
		"image-braille": func() Block { return Block{Lines: Image(gradient(64, 40), smallPicture(NoColor))} },
		"stream-plain":  func() Block { return Stream("stdout", "\x1b[31mred\x1b[0m\r\x1b[1mbold\n 10%\r100%\n", plain) },
	}
	for name, draw := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := draw()
			check(t, name, b, 80)
			golden.Lines(t, name, b.Lines)
		})
	}
}

func smallPicture(c Colors) Context {
	return Context{Width: 20, MaxRows: 6, Palette: DarkPalette(), Caps: Caps{Colors: c}}
}

// gradient is a picture with a transparent corner.
func gradient(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			a := uint8(255)
			if x+y < w/4 {
				a = 0
			}
			img.SetNRGBA(x, y, color.NRGBA{uint8(255 * x / w), uint8(255 * y / h), 128, a})
		}
	}
	return img
}

func TestPicksTheRichestFormThatCanBeDrawn(t *testing.T) {
	t.Parallel()
	text := mime.TextEntry("text/plain", "plain")
	tests := map[string]struct {
		in   []mime.Entry
		want string
	}{
		"html over plain":     {[]mime.Entry{text, mime.TextEntry("text/html", "<b>rich</b>")}, "rich"},
		"empty html":          {[]mime.Entry{mime.TextEntry("text/html", "<div></div><script>x()</script>"), text}, "plain"},
		"broken image":        {[]mime.Entry{mime.TextEntry("image/png", "bm90IGFuIGltYWdl"), text}, "plain"},
		"no base64":           {[]mime.Entry{mime.TextEntry("image/png", "%%%"), text}, "plain"},
		"widget":              {[]mime.Entry{{Type: "application/vnd.jupyter.widget-view+json", Raw: json.RawMessage(`{}`)}, text}, "plain"},
		"plain object name":   {[]mime.Entry{mime.TextEntry("text/plain", "<IPython.core.display.Markdown object>"), mime.TextEntry("text/markdown", "*md*")}, "md"},
		"javascript is named": {[]mime.Entry{mime.TextEntry("application/javascript", "x()"), mime.TextEntry("text/plain", "<IPython.core.display.Javascript object>")}, "application/javascript · 5 B"},
		"nothing":             {nil, ""},
	}
	for name, tt := range tests {
		got := ansi.Strip(strings.Join(Output(bundle(tt.in...), testContext(60)).Lines, "\n"))
		if got != tt.want {
			t.Errorf("%s: got %q want %q", name, got, tt.want)
		}
	}
}

func pngOf(img image.Image) mime.Entry {
	var buf bytes.Buffer
	_ = png.Encode(&buf, img)
	return mime.TextEntry("image/png", base64.StdEncoding.EncodeToString(buf.Bytes()))
}

func TestImagesFitAndAreBounded(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {1, 500}, {500, 1}, {640, 480}, {3, 7}} {
		for _, colors := range []Colors{NoColor, ANSI16, ANSI256, TrueColor} {
			ctx := Context{Width: 33, Palette: LightPalette(), Caps: Caps{Colors: colors}}
			b := Output(bundle(pngOf(gradient(size[0], size[1]))), ctx)
			check(t, "image", b, 33)
			if len(b.Lines) < 1 || len(b.Lines) > 20 {
				t.Errorf("%v: %d rows", size, len(b.Lines))
			}
		}
	}
	var bomb bytes.Buffer
	_ = png.Encode(&bomb, image.NewGray(image.Rect(0, 0, 8, 8)))
	data := bomb.Bytes()
	copy(data[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // the size in IHDR; the checksum then fails, so repair it
	fixCRC(data[12:33])
	b := Output(bundle(mime.TextEntry("image/png", base64.StdEncoding.EncodeToString(data))), testContext(80))
	if got := ansi.Strip(strings.Join(b.Lines, "")); !strings.Contains(got, "65535 × 65535") {
		t.Errorf("bomb: %q", got)
	}
	var jpg bytes.Buffer
	_ = jpeg.Encode(&jpg, gradient(100, 60), nil)
	b = Output(bundle(mime.TextEntry("image/jpeg", base64.StdEncoding.EncodeToString(jpg.Bytes()))), testContext(40))
	check(t, "jpeg", b, 40)
	if len(b.Lines) != 12 {
		t.Errorf("jpeg: %d rows", len(b.Lines))
	}
}

func TestEqualInputsGiveEqualBlocksFromAnyGoroutine(t *testing.T) {
	t.Parallel()
	src, ctx := read(t, "report.md"), testContext(72)
	want := Markdown(src, ctx)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := Markdown(src, ctx); !reflect.DeepEqual(got, want) {
				t.Error("blocks differ")
			}
			Code(src, "r", ctx)
		})
	}
	wg.Wait()
}

func TestEveryWidthIsHeld(t *testing.T) {
	t.Parallel()
	for _, colors := range []Colors{NoColor, TrueColor} {
		for width := 1; width < 90; width += 3 {
			ctx := Context{Width: width, Palette: LightPalette(), Caps: Caps{Colors: colors}}
			check(t, "markdown", Markdown(read(t, "report.md"), ctx), width)
			for _, name := range []string{"frame.html", "multiindex.html", "page.html"} {
				check(t, name, Output(bundle(mime.TextEntry("text/html", read(t, name))), ctx), width)
			}
			check(t, "code", Code(read(t, "sample.py"), "python", ctx), width)
			check(t, "stderr", Stream("stderr", "日本語 and more\n", ctx), width)
			check(t, "json", Output(bundle(mime.Entry{Type: "application/json", Raw: json.RawMessage(`{"a":[1,2,{"long key":"日本語日本語日本語"}]}`)}), ctx), width)
		}
	}
}

func TestAGrowingStreamIsDrawnAsTheWhole(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("line of some length, \x1b[31mred\x1b[m and 日本\n 10%\r 99%\n", 20)
	for _, name := range []string{"stdout", "stderr"} {
		p := NewPrinter(name, testContext(33))
		for n := 0; n <= len(text); n += 7 {
			p.Update(text[:n])
			p.Rows(0, 3)
		}
		p.Update(text)
		want := Stream(name, text, testContext(33)).Lines
		if got := p.Rows(0, p.Len()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		p.Resize(50)
		if got, want := p.Rows(0, p.Len()), Stream(name, text, testContext(50)).Lines; !reflect.DeepEqual(got, want) {
			t.Errorf("%s resized: %q, want %q", name, got, want)
		}
		p.Update("other")
		if got := ansi.Strip(strings.Join(p.Rows(0, p.Len()), "|")); strings.Trim(got, "▏") != "other" {
			t.Errorf("%s started again: %q", name, got)
		}
	}
}

func TestABundleCanBeDrawnFromEachOfItsForms(t *testing.T) {
	t.Parallel()
	b := mime.FromEntries(mime.TextEntry("text/plain", "plain"), mime.TextEntry("text/html", "<b>html</b>"), mime.TextEntry("application/x-odd", "?"))
	if got, want := Forms(b), []string{"text/html", "text/plain", "application/x-odd"}; !reflect.DeepEqual(got, want) {
		t.Errorf("forms %q, want %q", got, want)
	}
	for _, typ := range b.Types() {
		if block, ok := Form(typ, b, testContext(40)); !ok || len(block.Lines) != 1 {
			t.Errorf("%s: %v %v", typ, block, ok)
		}
	}
	if _, ok := Form("image/png", b, testContext(40)); ok {
		t.Error("a form that is not there was drawn")
	}
}

func TestColoursStayWithinTheTerminal(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`\x1b\[([0-9;]*)m`)
	for colors, forbidden := range map[Colors]*regexp.Regexp{
		NoColor: regexp.MustCompile(`(^|;)([349][0-7]|10[0-7]|[34]8)(;|$)`),
		ANSI16:  regexp.MustCompile(`(^|;)[34]8;`),
		ANSI256: regexp.MustCompile(`(^|;)[34]8;2;`),
	} {
		ctx := Context{Width: 70, Palette: DarkPalette(), Caps: Caps{Colors: colors, Hyperlinks: true}}
		blocks := []Block{
			Markdown(read(t, "report.md"), ctx), Code(read(t, "sample.py"), "python", ctx), Stream("stderr", "\x1b[38;2;1;2;3mx\x1b[48;5;99my", ctx),
			Failure("E", "v", []string{"\x1b[38;2;1;2;3mx"}, ctx), {Lines: Image(gradient(30, 30), ctx)},
			Output(bundle(mime.TextEntry("text/html", read(t, "page.html"))), ctx), Output(bundle(mime.TextEntry("text/html", read(t, "frame.html"))), ctx),
			Output(bundle(mime.Entry{Type: "application/json", Raw: json.RawMessage(`{"a":[1,null,"x"]}`)}), ctx), Output(bundle(mime.TextEntry("x/y", "z")), ctx),
		}
		for _, b := range blocks {
			for _, row := range b.Lines {
				for _, m := range code.FindAllStringSubmatch(row, -1) {
					if forbidden.MatchString(m[1]) {
						t.Fatalf("%d colours: %q", colors, row)
					}
				}
			}
		}
	}
}
