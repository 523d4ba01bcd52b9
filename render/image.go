package render

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"nbterm/engine/mime"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// decoder reads one image format. Config must be cheap and is called first.
type decoder struct {
	config func(*bytes.Reader) (image.Config, error)
	decode func(*bytes.Reader) (image.Image, error)
	cost   int // bytes of memory a pixel may take while decoding
}

// maxDecode bounds the memory, in bytes, that decoding one image may take.
const maxDecode = 192 << 20

// formats are the images we draw; a GIF gives its first frame.
func formats(typ string) (decoder, bool) {
	switch typ {
	case "image/png":
		return decoder{
			func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }, 4,
		}, true
	case "image/jpeg":
		return decoder{
			func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }, 16,
		}, true
	case "image/gif":
		return decoder{
			func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }, 2,
		}, true
	}
	return decoder{}, false
}

// picture draws an image as half blocks, two pixels a cell.
func picture(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	data, err := b.Bytes(typ)
	if err != nil {
		return Block{}, false
	}
	d, ok := formats(typ)
	if !ok {
		return Block{}, false
	}
	c, err := d.config(bytes.NewReader(data))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return Block{}, false
	}
	cost := d.cost
	if deep(c) {
		cost *= 2
	}
	if c.Width > maxDecode/cost/c.Height {
		note := fmt.Sprintf("%s · %d × %d pixels · %s · too large to draw", typ, c.Width, c.Height, size(len(data)))
		return Block{Lines: term.Lines(ctx.muted(note), ctx.options())}, true
	}
	img, err := d.decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Empty() {
		return Block{}, false
	}
	return Block{Lines: Image(img, ctx)}, true
}

// Image draws an image in rows of half blocks, of quarter blocks where the terminal
// draws them well, or of braille dots where there are no colours. It is fitted to the width and to Context.MaxRows and never
// enlarged beyond one of its pixels to one of ours.
func Image(img image.Image, ctx Context) []string {
	ctx = ctx.sane()
	if img.Bounds().Empty() {
		return nil
	}
	if ctx.Caps.Colors == NoColor {
		return dots(img, ctx)
	}
	across := 1
	if ctx.Caps.Quarters {
		across = 2
	}
	cols, rows := fitImage(img.Bounds().Dx(), img.Bounds().Dy(), across, 2, ctx)
	pixels := shrink(img, cols, rows)
	lines := make([]string, 0, (rows+1)/2)
	for y := 0; y < rows; y += 2 {
		var line []byte
		var now ink.Style
		for x := 0; x < cols; x += across {
			var four [4]pixel
			for i := range four {
				px, py := x+i%across, y+i/2
				if px < cols && py < rows {
					four[i] = pixels.at(px, py, ctx.Palette.Dark)
				}
			}
			char, style := block(four, ctx.Caps.Colors)
			line = append(ink.AppendChange(line, now, style), char...)
			now = style
		}
		line = ink.AppendChange(line, now, ink.Style{})
		if now == (ink.Style{}) {
			line = bytes.TrimRight(line, " ")
		}
		lines = append(lines, string(line))
	}
	return lines
}

// fitImage gives the size in our pixels, of which one cell has across x down.
func fitImage(width, height, across, down int, ctx Context) (cols, rows int) {
	cw, ch := ctx.Caps.CellWidth, ctx.Caps.CellHeight
	if cw <= 0 || ch <= 0 {
		cw, ch = 8, 16
	}
	maxCols, maxRows := ctx.Width*across, ctx.MaxRows*down
	// one pixel of ours is cw/across wide and ch/down high
	aspect := float64(width) / float64(height) * (float64(ch) / float64(down)) / (float64(cw) / float64(across))
	cols = min(maxCols, width)
	rows = int(float64(cols)/aspect + 0.5)
	if limit := min(maxRows, height); rows > limit {
		rows = limit
		cols = int(float64(rows)*aspect + 0.5)
	}
	return min(max(cols, 1), maxCols), max(rows, 1)
}
