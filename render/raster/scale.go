package raster

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"golang.org/x/image/draw"
)

// Box is a size in cells, and the pixels of one cell.
type Box struct {
	Cols, Rows            int
	CellWidth, CellHeight int // 0 when not known: then 8 x 16
}

func (b Box) cell() (w, h int) {
	if b.CellWidth <= 0 || b.CellHeight <= 0 {
		return 8, 16
	}
	return b.CellWidth, b.CellHeight
}

// Pixels is the size of the box in pixels.
func (b Box) Pixels() (w, h int) {
	cw, ch := b.cell()
	return b.Cols * cw, b.Rows * ch
}

// Fit gives the cells that a picture of width x height pixels takes within the box:
// as many as there are, but at pixel for pixel at most, and in its own proportions.
func (b Box) Fit(width, height int) (cols, rows int) {
	cw, ch := b.cell()
	cols, rows = ceil(width, cw), ceil(height, ch)
	if cols > b.Cols {
		cols, rows = b.Cols, round(b.Cols*cw*height, width*ch)
	}
	if rows > b.Rows {
		rows, cols = b.Rows, round(b.Rows*ch*width, height*cw)
	}
	return min(max(cols, 1), b.Cols), min(max(rows, 1), b.Rows)
}

// FitBlocks is Fit for block characters of across x down pixels a cell. Those are
// coarse, so one pixel of the picture may become one of theirs, however large.
func (b Box) FitBlocks(width, height, across, down int) (cols, rows int) {
	cw, ch := b.cell()
	cols = min(b.Cols, ceil(width, across))
	rows = round(cols*cw*height, width*ch)
	if most := min(b.Rows, ceil(height, down)); rows > most {
		rows = most
		cols = round(rows*ch*width, height*cw)
	}
	return min(max(cols, 1), b.Cols), max(rows, 1)
}

// Grown is Fit for small pictures too: they are enlarged to fill the box.
func (b Box) Grown(width, height int) (cols, rows int) {
	cw, ch := b.cell()
	cols, rows = b.Cols, round(b.Cols*cw*height, width*ch)
	if rows > b.Rows {
		rows, cols = b.Rows, round(b.Rows*ch*width, height*cw)
	}
	return min(max(cols, 1), b.Cols), min(max(rows, 1), b.Rows)
}

func ceil(a, b int) int  { return (a + b - 1) / b }
func round(a, b int) int { return (2*a + b) / (2 * b) }

// PNG encodes a picture for cols x rows cells: never more pixels than the cells have,
// and fewer where the picture is smaller.
func (b Box) PNG(img image.Image, cols, rows int) ([]byte, error) {
	cw, ch := b.cell()
	img = Within(img, cols*cw, rows*ch)
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("encode a picture: %w", err)
	}
	return out.Bytes(), nil
}

// Within scales a picture down to width x height pixels at most, in its own
// proportions. One that fits is returned as it is.
func Within(img image.Image, width, height int) image.Image {
	size := img.Bounds().Size()
	if size.X <= width && size.Y <= height {
		return img
	}
	if size.X*height > size.Y*width {
		height = max(size.Y*width/size.X, 1)
	} else {
		width = max(size.X*height/size.Y, 1)
	}
	return reduce(img, width, height)
}

// reduce scales down: by averages to about twice the size, which is fast, and from
// there with a filter, which is good.
func reduce(img image.Image, w, h int) *image.RGBA {
	if b := img.Bounds(); b.Dx() > 4*w && b.Dy() > 4*h {
		img = average2(img, 2*w, 2*h)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// average2 is the plain average over areas.
func average2(img image.Image, w, h int) *image.RGBA {
	b := img.Bounds()
	sample := samplerOf(img, [4]uint8{}, false)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := span(y, h, b.Dy())
		for x := range w {
			x0, x1 := span(x, w, b.Dx())
			p := sample(image.Rect(b.Min.X+x0, b.Min.Y+y0, b.Min.X+x1, b.Min.Y+y1))
			copy(out.Pix[out.PixOffset(x, y):], p.mean[:])
		}
	}
	return out
}
