package render

import (
	"errors"
	"fmt"
	"image"
	"strings"

	"nbterm/engine/mime"
	"nbterm/render/raster"
	"nbterm/render/term"
	"nbterm/render/vega"
)

// maxDecode bounds the memory, in bytes, that decoding one image may take.
const maxDecode = 192 << 20

// Tools are what drawing may use besides its content. They cost memory and time, so
// they are made on first use, and they answer within bounds of their own. A nil Tools
// or a missing one draws what can be drawn without.
type Tools struct {
	// SVG makes pixels of a drawing: at its own size, or smaller to stay within
	// width x height; enlarged to fill them when grow.
	SVG func(src []byte, width, height int, grow bool) (image.Image, error)
	// Foreign decodes, in another process under limits, what a header does not bound.
	Foreign func(typ string, data []byte) (image.Image, error)
	// Chart draws a Vega or Vega-Lite specification as SVG.
	Chart func(spec []byte, look vega.Look) (svg []byte, err error)
	// Formula draws TeX as SVG, ex pixels being the height of an x.
	Formula func(tex string, ex float64, color string) (svg []byte, err error)
}

// picture draws an image: as block characters, and as pixels for terminals with them.
func picture(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	data, err := b.Bytes(typ)
	if err != nil {
		return Block{}, false
	}
	if ctx.Caps.NoPictures {
		head, err := raster.ReadHead(typ, data)
		return ctx.note(pictureName(typ, head.Width, head.Height, len(data))), err == nil
	}
	img, err := unpack(typ, data, ctx)
	switch {
	case errors.Is(err, raster.ErrLarge):
		head, _ := raster.ReadHead(typ, data)
		return ctx.note(pictureName(typ, head.Width, head.Height, len(data)) + " · too large to draw"), true
	case err != nil:
		return Block{}, false
	}
	return Raster(img, ctx), true
}

// unpack decodes here what its header bounds, and elsewhere what it does not.
func unpack(typ string, data []byte, ctx Context) (image.Image, error) {
	head, err := raster.ReadHead(typ, data)
	isPDF := typ == "application/pdf"
	switch {
	case err != nil && !isPDF:
		return nil, err
	case head.Safe:
		return raster.Decode(typ, data, maxDecode)
	case head.Bytes > maxDecode:
		return nil, raster.ErrLarge
	case ctx.Tools == nil || ctx.Tools.Foreign == nil:
		return nil, raster.ErrFormat
	}
	return ctx.Tools.Foreign(typ, data)
}

// pages draws the first page of a PDF where that is possible and names it where
// it is not.
func pages(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	data, err := b.Bytes(typ)
	if err != nil {
		return Block{}, false
	}
	if img, err := unpack(typ, data, ctx); err == nil && !ctx.Caps.NoPictures {
		return Raster(img, ctx), true
	}
	return ctx.note(typ + " · " + size(len(data))), true
}

func pictureName(typ string, width, height, bytes int) string {
	return fmt.Sprintf("%s · %d × %d pixels · %s", typ, width, height, size(bytes))
}

// note is one quiet line.
func (ctx Context) note(text string) Block {
	return Block{Lines: term.Lines(ctx.muted(term.Clean(text)), ctx.options())}
}

// Image draws an image in rows of half blocks, of quarter blocks where the terminal
// draws them well, or of braille dots where there are no colours. It is fitted to the
// width and to Context.MaxRows and never enlarged beyond one of its pixels to one of
// ours.
func Image(img image.Image, ctx Context) []string {
	ctx = ctx.sane()
	if img.Bounds().Empty() {
		return nil
	}
	across, down := 1, 2
	switch {
	case ctx.Caps.Colors == NoColor:
		across, down = 2, 4
	case ctx.Caps.Quarters:
		across = 2
	}
	b := img.Bounds()
	cols, rows := ctx.box().FitBlocks(b.Dx(), b.Dy(), across, down)
	return raster.Draw(img, cols, rows, ctx.look())
}

func (ctx Context) box() raster.Box {
	return raster.Box{Cols: ctx.Width, Rows: ctx.MaxRows, CellWidth: ctx.Caps.CellWidth, CellHeight: ctx.Caps.CellHeight}
}

func (ctx Context) look() raster.Look {
	return raster.Look{Colors: ctx.Caps.Colors, Quarters: ctx.Caps.Quarters, Dark: ctx.Palette.Dark}
}

// Raster draws a picture of any origin: block characters, and over them, for
// terminals with pixels, the picture itself at its own size or smaller.
func Raster(img image.Image, ctx Context) Block {
	ctx = ctx.sane()
	b := img.Bounds()
	switch {
	case b.Empty():
		return Block{}
	case !ctx.Caps.Pixels:
		return Block{Lines: Image(img, ctx)}
	}
	box := ctx.box()
	cols, rows := box.Fit(b.Dx(), b.Dy())
	if ctx.Grow {
		cols, rows = box.Grown(b.Dx(), b.Dy())
	}
	data, err := box.PNG(img, cols, rows)
	if err != nil {
		return Block{Lines: Image(img, ctx)}
	}
	look := ctx.look()
	look.Padded = true
	return Block{
		Lines:  raster.Draw(img, cols, rows, look),
		Images: []Placement{{Rows: rows, Cols: cols, PNG: data}},
	}
}

// headOf reads the size of a picture or a drawing.
func headOf(typ string, b mime.Bundle) (raster.Head, bool) {
	if typ == typeSVG {
		text, _ := b.Text(typ)
		width, height, ok := svgSize(text)
		w, h := pixels(width), pixels(height)
		return raster.Head{Width: w, Height: h}, ok && w > 0 && h > 0
	}
	data, err := b.Bytes(typ)
	if err != nil {
		return raster.Head{}, false
	}
	head, err := raster.ReadHead(typ, data)
	return head, err == nil
}

// Height is the number of rows that a bundle will take, told from headers alone, and
// 0 where that cannot be told. What is drawn later keeps its place with it.
func Height(b mime.Bundle, ctx Context) int {
	ctx = ctx.sane()
	table := forms()
	typ, ok := b.Richest(func(typ string) int { return lookup(table, typ).rank })
	if !ok || !strings.HasPrefix(typ, "image/") || ctx.Caps.NoPictures || typ == typeSVG && (ctx.Tools == nil || ctx.Tools.SVG == nil) {
		return 0
	}
	head, ok := headOf(typ, b)
	if !ok || head.Bytes > maxDecode {
		return 0
	}
	box := ctx.box()
	if ctx.Caps.Pixels {
		_, rows := box.Fit(head.Width, head.Height)
		return rows
	}
	across, down := 1, 2
	if ctx.Caps.Quarters {
		across = 2
	}
	_, rows := box.FitBlocks(head.Width, head.Height, across, down)
	return rows
}
