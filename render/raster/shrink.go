package raster

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
)

// Small is a small picture: premultiplied red, green, blue and alpha, 0-255.
type Small struct {
	width, height int
	pix           []uint8
}

// pixel is one pixel laid over the background; seen is false where there is none.
type pixel struct {
	r, g, b uint8
	seen    bool
}

// at gives one pixel over a dark or a light background.
func (s *Small) at(x, y int, dark bool) pixel {
	p := s.pix[4*(y*s.width+x):]
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

// patch is what is known of an area: its mean, and the colour in it that is
// furthest from the ground. Both are premultiplied.
type patch struct{ mean, far [4]uint8 }

// sampler looks at areas of a picture.
type sampler func(area image.Rectangle) patch

// Shrink averages the pixels of img over the areas of a smaller picture. In plots,
// pictures on a flat ground, lines thinner than a pixel of the result are drawn
// stronger than their average: a line that fades says nothing.
func Shrink(img image.Image, width, height int) *Small {
	out := &Small{width: width, height: height, pix: make([]uint8, 4*width*height)}
	b := img.Bounds()
	ground, flat := groundOf(img)
	sample := samplerOf(img, ground, flat)
	for y := range height {
		y0, y1 := span(y, height, b.Dy())
		for x := range width {
			x0, x1 := span(x, width, b.Dx())
			p := sample(image.Rect(b.Min.X+x0, b.Min.Y+y0, b.Min.X+x1, b.Min.Y+y1))
			c := p.mean
			if flat {
				c = p.strong(ground)
			}
			copy(out.pix[4*(y*width+x):], c[:])
		}
	}
	return out
}

// span is the source span of pixel i of n.
func span(i, n, size int) (from, to int) {
	from = i * size / n
	return from, max((i+1)*size/n, from+1)
}

// strong is the mean moved towards the furthest colour. How much of the area that
// colour covers is what the mean tells; its cube root is what is drawn, so that a line
// over an eighth of the area shows with half of its strength, and what covers all of
// it is unchanged.
func (p patch) strong(ground [4]uint8) [4]uint8 {
	whole := distance(p.far, ground)
	if whole == 0 {
		return p.mean
	}
	cover := float64(distance(p.mean, ground)) / float64(whole)
	if cover <= 0 || cover >= 1 {
		return p.mean
	}
	// Along the way that the mean lies on, so that areas of several colours keep
	// their mixture.
	gain := math.Cbrt(cover) / cover
	var out [4]uint8
	for i := range out {
		g := float64(ground[i])
		out[i] = uint8(min(max(g+(float64(p.mean[i])-g)*gain, 0), 255))
	}
	for i := range 3 { // premultiplied colours never exceed their alpha
		out[i] = min(out[i], out[3])
	}
	return out
}

// distance is how far two colours are apart: the sum over the channels.
func distance(a, b [4]uint8) int {
	d := 0
	for i := range a {
		d += max(int(a[i]), int(b[i])) - min(int(a[i]), int(b[i]))
	}
	return d
}

// groundOf finds the ground of a plot: the colour of at least two fifths of the
// pixels, looked at in a regular sample. Photographs have none.
func groundOf(img image.Image) (ground [4]uint8, flat bool) {
	const side = 48
	b := img.Bounds()
	count := map[[4]uint8]int{}
	total := 0
	for i := range side {
		for j := range side {
			x, y := b.Min.X+(2*i+1)*b.Dx()/(2*side), b.Min.Y+(2*j+1)*b.Dy()/(2*side)
			count[rgba(img.At(x, y))]++
			total++
		}
	}
	best := 0
	for c, n := range count {
		if n > best {
			best, ground = n, c
		}
	}
	return ground, 5*best >= 2*total
}

func rgba(c color.Color) [4]uint8 {
	r, g, b, a := c.RGBA()
	return [4]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
}

// samplerOf picks the fastest way to read img: formats that decoders give are read
// directly, of others a regular sample is taken.
func samplerOf(img image.Image, ground [4]uint8, flat bool) sampler {
	switch img := img.(type) {
	case *image.RGBA:
		return func(r image.Rectangle) patch {
			return patchOf(img.Pix[img.PixOffset(r.Min.X, r.Min.Y):], img.Stride, r.Dx(), r.Dy(), ground, flat)
		}
	case *image.NRGBA:
		return func(r image.Rectangle) patch {
			pix := img.Pix[img.PixOffset(r.Min.X, r.Min.Y):]
			if p := patchOf(pix, img.Stride, r.Dx(), r.Dy(), ground, flat); p.mean[3] == 255 {
				return p // opaque: the same bytes premultiplied or not
			}
			return patchNRGBA(pix, img.Stride, r.Dx(), r.Dy(), ground, flat)
		}
	case *image.YCbCr:
		return func(r image.Rectangle) patch { return patchYCbCr(img, r) }
	case *image.Gray:
		return func(r image.Rectangle) patch { return patchGray(img, r, ground) }
	}
	return func(r image.Rectangle) patch { return patchAny(img, r, ground) }
}

// patchOf reads four bytes a pixel. Sums are kept two channels to a word; a row of
// an area is at most some thousand pixels, too few to overflow 32 bits.
func patchOf(pix []uint8, stride, w, h int, ground [4]uint8, flat bool) patch {
	const even = 0x00ff00ff00ff00ff & 0xffffffff
	var even64, odd64 [2]uint64 // channels 0 and 2, 1 and 3
	flatPixel := binary.LittleEndian.Uint32(ground[:])
	last, far, most := flatPixel, ground, 0
	for y := range h {
		row := pix[y*stride : y*stride+4*w]
		for len(row) > 0 {
			n := min(len(row), 4*256) // 256 pixels: 16 bits a sum
			var e, o uint32
			for _, run := 0, row[:n]; len(run) >= 4; run = run[4:] {
				v := binary.LittleEndian.Uint32(run)
				e, o = e+v&even, o+v>>8&even
				if flat && v != last && v != flatPixel {
					last = v
					c := [4]uint8{uint8(v), uint8(v >> 8), uint8(v >> 16), uint8(v >> 24)}
					if d := distance(c, ground); d > most {
						most, far = d, c
					}
				}
			}
			even64[0], even64[1] = even64[0]+uint64(e&0xffff), even64[1]+uint64(e>>16)
			odd64[0], odd64[1] = odd64[0]+uint64(o&0xffff), odd64[1]+uint64(o>>16)
			row = row[n:]
		}
	}
	n := uint64(w) * uint64(h)
	return patch{[4]uint8{uint8(even64[0] / n), uint8(odd64[0] / n), uint8(even64[1] / n), uint8(odd64[1] / n)}, far}
}

// patchNRGBA reads pixels that are not premultiplied and not all opaque.
func patchNRGBA(pix []uint8, stride, w, h int, ground [4]uint8, flat bool) patch {
	var sr, sg, sb, sa uint64
	far, most, last := ground, 0, uint32(0)
	for y := range h {
		for row := pix[y*stride : y*stride+4*w]; len(row) >= 4; row = row[4:] {
			v := binary.LittleEndian.Uint32(row)
			a := uint64(v >> 24)
			if a == 0 && ground[3] == 0 {
				continue // most of a plot without a ground of its own
			}
			sr, sg, sb, sa = sr+uint64(row[0])*a, sg+uint64(row[1])*a, sb+uint64(row[2])*a, sa+a
			if !flat || v == last {
				continue
			}
			last = v
			c := [4]uint8{uint8(uint64(row[0]) * a / 255), uint8(uint64(row[1]) * a / 255), uint8(uint64(row[2]) * a / 255), row[3]}
			if d := distance(c, ground); d > most {
				most, far = d, c
			}
		}
	}
	n := uint64(w) * uint64(h)
	return patch{[4]uint8{uint8(sr / n / 255), uint8(sg / n / 255), uint8(sb / n / 255), uint8(sa / n)}, far}
}

func patchGray(img *image.Gray, r image.Rectangle, ground [4]uint8) patch {
	pix := img.Pix[img.PixOffset(r.Min.X, r.Min.Y):]
	v := meanGray(pix, img.Stride, r.Dx(), r.Dy())
	far, most := ground[0], 0
	for y := range r.Dy() {
		for _, p := range pix[y*img.Stride : y*img.Stride+r.Dx()] {
			if d := max(int(p), int(ground[0])) - min(int(p), int(ground[0])); d > most {
				most, far = d, p
			}
		}
	}
	return patch{[4]uint8{v, v, v, 255}, [4]uint8{far, far, far, 255}}
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

// patchYCbCr averages luma over the area and chroma over its samples: the colour
// of an average is the average of the colours. Its far colour is the mean: JPEG has
// no flat ground, and no thin lines either.
func patchYCbCr(img *image.YCbCr, r image.Rectangle) patch {
	y := meanGray(img.Y[img.YOffset(r.Min.X, r.Min.Y):], img.YStride, r.Dx(), r.Dy())
	first, last := img.COffset(r.Min.X, r.Min.Y), img.COffset(r.Max.X-1, r.Min.Y)
	rows := (img.COffset(r.Min.X, r.Max.Y-1)-first)/max(img.CStride, 1) + 1
	cb := meanGray(img.Cb[first:], img.CStride, last-first+1, rows)
	cr := meanGray(img.Cr[first:], img.CStride, last-first+1, rows)
	red, green, blue := color.YCbCrToRGB(y, cb, cr)
	c := [4]uint8{red, green, blue, 255}
	return patch{c, c}
}

// patchAny samples at most 8 x 8 points for the mean.
func patchAny(img image.Image, r image.Rectangle, ground [4]uint8) patch {
	var sum [4]uint32
	var n uint32
	far, most := ground, 0
	stepX, stepY := max(r.Dx()/8, 1), max(r.Dy()/8, 1)
	for y := r.Min.Y; y < r.Max.Y; y += stepY {
		for x := r.Min.X; x < r.Max.X; x += stepX {
			c := rgba(img.At(x, y))
			for i := range sum {
				sum[i] += uint32(c[i])
			}
			n++
			if d := distance(c, ground); d > most {
				most, far = d, c
			}
		}
	}
	return patch{[4]uint8{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), uint8(sum[3] / n)}, far}
}
