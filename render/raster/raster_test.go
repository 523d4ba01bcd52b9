package raster

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"nbterm/render/ink"
	"nbterm/render/term"
)

// plot is a thin line on a flat ground.
func plot(ground, line color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 400, 320))
	for y := range 320 {
		for x := range 400 {
			img.Set(x, y, ground)
		}
	}
	for x := range 400 {
		img.Set(x, 100, line)
	}
	return img
}

func TestThinLinesOfPlotsStayVisible(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ ground, line color.RGBA }{
		"light":       {color.RGBA{255, 255, 255, 255}, color.RGBA{31, 119, 180, 255}},
		"dark":        {color.RGBA{0, 0, 0, 255}, color.RGBA{141, 211, 199, 255}},
		"transparent": {color.RGBA{}, color.RGBA{255, 127, 14, 255}},
	} {
		img := plot(c.ground, c.line)
		small := Shrink(img, 50, 40) // the line covers an eighth of its row
		row, far := small.pix[4*(12*50+20):][:4], rgba(c.line)
		ground := rgba(c.ground)
		got := distance([4]uint8(row), ground)
		if whole := distance(far, ground); got < whole*45/100 || got > whole*60/100 {
			t.Errorf("%s: the line has %d of its %d", name, got, whole)
		}
		if above := small.pix[4*(11*50+20):][:4]; [4]uint8(above) != ground {
			t.Errorf("%s: beside the line is %v", name, above)
		}
	}
}

func TestPhotographsAreAveraged(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 200, 200))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 37)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	small := Shrink(img, 2, 2)
	var sum [3]int
	for y := range 100 {
		for x := range 100 {
			c := img.RGBAAt(x, y)
			sum[0], sum[1], sum[2] = sum[0]+int(c.R), sum[1]+int(c.G), sum[2]+int(c.B)
		}
	}
	for i, s := range sum {
		if got, want := int(small.pix[i]), s/10_000; got != want {
			t.Errorf("channel %d is %d, want %d", i, got, want)
		}
	}
}

// All ways of reading pixels agree on a picture that each can hold.
func TestFormatsOfPixelsAgree(t *testing.T) {
	t.Parallel()
	gray := image.NewGray(image.Rect(0, 0, 64, 64))
	rgba, nrgba, rgba64 := image.NewRGBA(gray.Rect), image.NewNRGBA(gray.Rect), image.NewRGBA64(gray.Rect)
	for y := range 64 {
		for x := range 64 {
			c := color.Gray{255}
			if (x/8+y/8)%3 == 0 {
				c.Y = 40
			}
			gray.Set(x, y, c)
			rgba.Set(x, y, c)
			nrgba.Set(x, y, c)
			rgba64.Set(x, y, c)
		}
	}
	want := Shrink(rgba, 8, 8)
	for name, img := range map[string]image.Image{"gray": gray, "nrgba": nrgba, "rgba64": rgba64} {
		if got := Shrink(img, 8, 8); !bytes.Equal(got.pix, want.pix) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestRowsAreWithinTheGrammarAndAsWideAsAsked(t *testing.T) {
	t.Parallel()
	img := plot(color.RGBA{}, color.RGBA{9, 99, 199, 255})
	for _, l := range []Look{{Colors: ink.TrueColor, Padded: true}, {Colors: ink.ANSI16, Quarters: true, Padded: true}, {Colors: ink.NoColor}} {
		rows := Draw(img, 31, 9, l)
		if len(rows) != 9 {
			t.Errorf("%+v: %d rows", l, len(rows))
		}
		for _, row := range rows {
			if err := term.Verify(row); err != nil {
				t.Errorf("%+v: %v", l, err)
			}
		}
	}
}

func TestFitKeepsProportions(t *testing.T) {
	t.Parallel()
	b := Box{Cols: 100, Rows: 30, CellWidth: 8, CellHeight: 16}
	for _, c := range []struct{ w, h, cols, rows int }{
		{80, 32, 10, 2},      // its own size
		{81, 33, 11, 3},      // the last cells are not full
		{1600, 160, 100, 5},  // too wide
		{480, 4800, 6, 30},   // too high
		{100_000, 1, 100, 1}, // never nothing
		{1, 100_000, 1, 30},
	} {
		if cols, rows := b.Fit(c.w, c.h); cols != c.cols || rows != c.rows {
			t.Errorf("%d x %d takes %d x %d cells, want %d x %d", c.w, c.h, cols, rows, c.cols, c.rows)
		}
	}
	if cols, rows := b.Grown(80, 32); cols != 75 && rows != 15 && cols != 100 {
		t.Errorf("grown it takes %d x %d", cols, rows)
	}
}

func TestPNGHasNoMorePixelsThanItsCells(t *testing.T) {
	t.Parallel()
	b := Box{Cols: 50, Rows: 20, CellWidth: 8, CellHeight: 16}
	for _, size := range []image.Point{{1000, 700}, {4000, 3000}, {40, 30}} {
		img := image.NewRGBA(image.Rectangle{Max: size})
		cols, rows := b.Fit(size.X, size.Y)
		data, err := b.PNG(img, cols, rows)
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width > cols*8 || c.Height > rows*16 || size.X < 400 && (c.Width != size.X || c.Height != size.Y) {
			t.Errorf("%v became %d x %d in %d x %d cells, %v", size, c.Width, c.Height, cols, rows, err)
		}
	}
}

func encoded(t testing.TB) map[string][]byte {
	t.Helper()
	img := plot(color.RGBA{255, 255, 255, 255}, color.RGBA{200, 0, 0, 255})
	out := map[string][]byte{}
	for typ, enc := range map[string]func(*bytes.Buffer) error{
		"image/png":  func(b *bytes.Buffer) error { return png.Encode(b, img) },
		"image/jpeg": func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
		"image/gif":  func(b *bytes.Buffer) error { return gif.Encode(b, img, nil) },
		"image/bmp":  func(b *bytes.Buffer) error { return bmp.Encode(b, img) },
		"image/tiff": func(b *bytes.Buffer) error { return tiff.Encode(b, img, nil) },
	} {
		var b bytes.Buffer
		if err := enc(&b); err != nil {
			t.Fatal(err)
		}
		out[typ] = b.Bytes()
	}
	return out
}

func TestDecodesWithinTheLimitOnly(t *testing.T) {
	t.Parallel()
	for typ, data := range encoded(t) {
		img, err := Decode(typ, data, 1<<22)
		if err != nil || img.Bounds().Dx() != 400 {
			t.Errorf("%s: %v", typ, err)
		}
		if _, err := Decode(typ, data, 1000); !errors.Is(err, ErrLarge) {
			t.Errorf("%s beyond the limit: %v", typ, err)
		}
		if _, err := Decode(typ, data[:len(data)/3], 1<<22); err == nil && typ != "image/jpeg" {
			t.Errorf("%s cut short decodes", typ)
		}
	}
	if _, err := Decode("image/x-unknown", nil, 1<<20); !errors.Is(err, ErrFormat) {
		t.Errorf("unknown: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	types := []string{"image/png", "image/jpeg", "image/gif", "image/bmp"}
	for typ, data := range encoded(f) {
		for i, name := range types {
			if name == typ {
				f.Add(i, data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		typ := types[max(i, -i)%len(types)]
		img, err := Decode(typ, data, 1<<22)
		if err != nil {
			return
		}
		if rows := Draw(img, 7, 3, Look{Colors: ink.ANSI256}); len(rows) != 3 || strings.Contains(fmt.Sprint(rows), "\n\n") {
			t.Errorf("%d rows", len(rows))
		}
	})
}
