package render

import (
	"image"
	"image/color"
)

// raster is a small image: premultiplied red, green, blue and alpha, 0-255.
type raster struct {
	width int
	pix   []uint8
}

// pixel is one pixel laid over the background; seen is false where there is none.
type pixel struct {
	r, g, b uint8
	seen    bool
}

// at gives one pixel.
func (r *raster) at(x, y int, dark bool) pixel {
	p := r.pix[4*(y*r.width+x):]
	a := p[3]
	if a < 20 {
		return pixel{}
	}
	under := 255 - a
	if dark {
		under /= 10
	}
	return pixel{p[0] + under, p[1] + under, p[2] + under, true}
}

// shrink averages the pixels of img over the areas of a smaller image. Formats
// that decoders give are read directly; of others and of very large areas a
// regular sample is taken.
func shrink(img image.Image, width, height int) *raster {
	out := &raster{width: width, pix: make([]uint8, 4*width*height)}
	b := img.Bounds()
	sum := summer(img)
	for y := range height {
		y0, y1 := area(y, height, b.Dy())
		for x := range width {
			x0, x1 := area(x, width, b.Dx())
			r, g, bl, a := sum(image.Rect(b.Min.X+x0, b.Min.Y+y0, b.Min.X+x1, b.Min.Y+y1))
			p := out.pix[4*(y*width+x):]
			p[0], p[1], p[2], p[3] = r, g, bl, a
		}
	}
	return out
}

// area is the source span of pixel i of n.
func area(i, n, size int) (from, to int) {
	from = i * size / n
	return from, max((i+1)*size/n, from+1)
}

// mean is the average of an area, premultiplied.
type mean func(image.Rectangle) (r, g, b, a uint8)

func summer(img image.Image) mean {
	switch img := img.(type) {
	case *image.RGBA:
		return func(r image.Rectangle) (uint8, uint8, uint8, uint8) {
			return meanRGBA(img.Pix[img.PixOffset(r.Min.X, r.Min.Y):], img.Stride, r.Dx(), r.Dy())
		}
	case *image.NRGBA:
		return func(r image.Rectangle) (uint8, uint8, uint8, uint8) {
			return meanNRGBA(img.Pix[img.PixOffset(r.Min.X, r.Min.Y):], img.Stride, r.Dx(), r.Dy())
		}
	case *image.YCbCr:
		return func(r image.Rectangle) (uint8, uint8, uint8, uint8) { return meanYCbCr(img, r) }
	case *image.Gray:
		return func(r image.Rectangle) (uint8, uint8, uint8, uint8) {
			v := meanGray(img.Pix[img.PixOffset(r.Min.X, r.Min.Y):], img.Stride, r.Dx(), r.Dy())
			return v, v, v, 255
		}
	}
	return func(r image.Rectangle) (uint8, uint8, uint8, uint8) { return meanAny(img, r) }
}

func meanRGBA(pix []uint8, stride, w, h int) (r, g, b, a uint8) {
	var sr, sg, sb, sa uint64
	for y := range h {
		row := pix[y*stride : y*stride+4*w]
		var lr, lg, lb, la uint32
		for len(row) >= 4 {
			lr, lg, lb, la = lr+uint32(row[0]), lg+uint32(row[1]), lb+uint32(row[2]), la+uint32(row[3])
			row = row[4:]
		}
		sr, sg, sb, sa = sr+uint64(lr), sg+uint64(lg), sb+uint64(lb), sa+uint64(la)
	}
	n := uint64(w) * uint64(h)
	return uint8(sr / n), uint8(sg / n), uint8(sb / n), uint8(sa / n)
}

func meanNRGBA(pix []uint8, stride, w, h int) (r, g, b, a uint8) {
	var sr, sg, sb, sa uint64
	for y := range h {
		row := pix[y*stride : y*stride+4*w]
		for len(row) >= 4 {
			alpha := uint64(row[3])
			sr, sg, sb, sa = sr+uint64(row[0])*alpha, sg+uint64(row[1])*alpha, sb+uint64(row[2])*alpha, sa+alpha
			row = row[4:]
		}
	}
	n := uint64(w) * uint64(h)
	return uint8(sr / n / 255), uint8(sg / n / 255), uint8(sb / n / 255), uint8(sa / n)
}

func meanGray(pix []uint8, stride, w, h int) uint8 {
	var sum uint64
	for y := range h {
		for _, v := range pix[y*stride : y*stride+w] {
			sum += uint64(v)
		}
	}
	return uint8(sum / (uint64(w) * uint64(h)))
}

// meanYCbCr averages luma over the area and chroma over its samples: the colour
// of an average is the average of the colours.
func meanYCbCr(img *image.YCbCr, r image.Rectangle) (uint8, uint8, uint8, uint8) {
	y := meanGray(img.Y[img.YOffset(r.Min.X, r.Min.Y):], img.YStride, r.Dx(), r.Dy())
	first, last := img.COffset(r.Min.X, r.Min.Y), img.COffset(r.Max.X-1, r.Min.Y)
	rows := (img.COffset(r.Min.X, r.Max.Y-1)-first)/max(img.CStride, 1) + 1
	cb := meanGray(img.Cb[first:], img.CStride, last-first+1, rows)
	cr := meanGray(img.Cr[first:], img.CStride, last-first+1, rows)
	red, green, blue := color.YCbCrToRGB(y, cb, cr)
	return red, green, blue, 255
}

// meanAny samples at most 8 x 8 points.
func meanAny(img image.Image, r image.Rectangle) (uint8, uint8, uint8, uint8) {
	var sr, sg, sb, sa, n uint32
	stepX, stepY := max(r.Dx()/8, 1), max(r.Dy()/8, 1)
	for y := r.Min.Y; y < r.Max.Y; y += stepY {
		for x := r.Min.X; x < r.Max.X; x += stepX {
			cr, cg, cb, ca := img.At(x, y).RGBA()
			sr, sg, sb, sa, n = sr+cr>>8, sg+cg>>8, sb+cb>>8, sa+ca>>8, n+1
		}
	}
	return uint8(sr / n), uint8(sg / n), uint8(sb / n), uint8(sa / n)
}

// deep reports sixteen bits a channel.
func deep(c image.Config) bool {
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model, color.Alpha16Model:
		return true
	}
	return false
}

// dots draws an image in braille, dithered by a fixed pattern, for terminals
// without colours.
func dots(img image.Image, ctx Context) []string {
	cols, rows := fitImage(img.Bounds().Dx(), img.Bounds().Dy(), 2, 4, ctx)
	pixels := shrink(img, cols, rows)
	bits := [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
	bayer := [4][4]int{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}
	var lines []string
	for y := 0; y < rows; y += 4 {
		line := make([]rune, 0, cols/2+1)
		for x := 0; x < cols; x += 2 {
			cell := rune(0x2800)
			for dy := range min(4, rows-y) {
				for dx := range min(2, cols-x) {
					p := pixels.at(x+dx, y+dy, ctx.Palette.Dark)
					luma := (299*int(p.r) + 587*int(p.g) + 114*int(p.b)) / 1000
					if !ctx.Palette.Dark {
						luma = 255 - luma
					}
					if p.seen && luma > 16*bayer[(y+dy)%4][(x+dx)%4]+8 {
						cell |= bits[dy][dx]
					}
				}
			}
			line = append(line, cell)
		}
		lines = append(lines, string(line))
	}
	return lines
}
