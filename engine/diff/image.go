package diff

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the formats that notebooks hold
	_ "image/jpeg"
	_ "image/png"
	"strings"

	"nbterm/engine/mime"
)

// Pixels is how two images differ.
type Pixels struct {
	A, B  image.Point // width and height; 0, 0 of one that is not there or cannot be read
	Share float64     // of differing pixels, of those of the greater image; 1 where the shapes differ in both
	Err   error       // why they could not be compared by pixels: the bytes differ
}

// String says it in a clause.
func (p *Pixels) String() string {
	size := func(s image.Point) string {
		if s == (image.Point{}) {
			return "none"
		}
		return fmt.Sprintf("%d × %d", s.X, s.Y)
	}
	switch {
	case p.A == (image.Point{}) && p.B == (image.Point{}):
		return "the image differs and cannot be read"
	case p.A != p.B:
		return size(p.A) + " became " + size(p.B)
	}
	return fmt.Sprintf("%s, %s of the pixels differ", size(p.A), percent(p.Share))
}

// percent is a share with two digits that count; what is more than none is not 0 %.
func percent(share float64) string {
	if share > 0 && share < 0.0001 {
		return "less than 0.01 %"
	}
	return fmt.Sprintf("%.2g %%", 100*share)
}

func isImage(typ string) bool { return strings.HasPrefix(typ, "image/") && typ != "image/svg+xml" }

// mostPixels bounds the images that are decoded: 8 bytes each.
const mostPixels = 32 << 20

// pixels compares the images of a type in two bundles; nil where they look the same.
func pixels(typ string, x, y mime.Bundle) *Pixels {
	a, err1 := x.Bytes(typ)
	b, err2 := y.Bytes(typ)
	if err1 == nil && err2 == nil && bytes.Equal(a, b) {
		return nil
	}
	p := &Pixels{Share: 1}
	first, err1 := decode(a, &p.A)
	second, err2 := decode(b, &p.B)
	switch {
	case err1 != nil:
		p.Err = err1
	case err2 != nil:
		p.Err = err2
	case p.A == p.B:
		if p.Share = share(first, second); p.Share == 0 {
			return nil
		}
	}
	return p
}

// decode reads an image; size is known even when it is too large to be read.
func decode(data []byte, size *image.Point) (image.Image, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read an image: %w", err)
	}
	*size = image.Pt(c.Width, c.Height)
	if c.Width <= 0 || c.Height <= 0 || c.Width > mostPixels/c.Height {
		return nil, fmt.Errorf("read an image: %d × %d pixels are too many", c.Width, c.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read an image: %w", err)
	}
	return img, nil
}

// share is how many of the pixels of two images of one size differ. Colours that are
// the same at 8 bits are the same, and what is not seen has no colour.
func share(a, b image.Image) float64 {
	r, s := a.Bounds(), b.Bounds()
	differ := 0
	for y := range r.Dy() {
		for x := range r.Dx() {
			if seen(a.At(r.Min.X+x, r.Min.Y+y)) != seen(b.At(s.Min.X+x, s.Min.Y+y)) {
				differ++
			}
		}
	}
	return float64(differ) / float64(max(r.Dx()*r.Dy(), 1))
}

func seen(c color.Color) [4]uint8 {
	r, g, b, a := c.RGBA() // multiplied by a
	return [4]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
}
