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

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Errors of decoding.
var (
	ErrFormat = errors.New("no picture of a known format")
	ErrLarge  = errors.New("too large to draw")
)

// format is one way of storing pictures. config must be cheap.
type format struct {
	config func(*bytes.Reader) (image.Config, error)
	decode func(*bytes.Reader) (image.Image, error)
	cost   int  // bytes of memory a pixel may take while decoding
	safe   bool // the header bounds what decoding takes; others are decoded in a child
}

func formatOf(typ string) (format, bool) {
	switch typ {
	case "image/png":
		return format{
			func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }, 4, true,
		}, true
	case "image/jpeg", "image/jpg":
		return format{
			func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }, 16, true,
		}, true
	case "image/gif":
		return format{
			func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }, 2, true,
		}, true
	case "image/bmp", "image/x-ms-bmp":
		return format{
			func(r *bytes.Reader) (image.Config, error) { return bmp.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return bmp.Decode(r) }, 4, true,
		}, true
	case "image/webp":
		return format{
			func(r *bytes.Reader) (image.Config, error) { return webp.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) }, 8, false,
		}, true
	case "image/tiff":
		return format{
			func(r *bytes.Reader) (image.Config, error) { return tiff.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return tiff.Decode(r) }, 8, false,
		}, true
	}
	return format{}, false
}

// Head is what the header of a picture says.
type Head struct {
	Width, Height int
	Bytes         int  // of memory that decoding may take
	Safe          bool // the header bounds it; what is not is decoded in a child
}

// ReadHead reads the header of a picture of the given mime type.
func ReadHead(typ string, data []byte) (Head, error) {
	f, ok := formatOf(typ)
	if !ok {
		return Head{}, ErrFormat
	}
	c, err := f.config(bytes.NewReader(data))
	if err != nil {
		return Head{}, fmt.Errorf("read the header of a picture: %w", err)
	}
	const most = 1 << 20 // pixels to a side; keeps the product in range
	if c.Width < 1 || c.Height < 1 || c.Width > most || c.Height > most {
		return Head{}, ErrFormat
	}
	cost := f.cost
	if deep(c) {
		cost *= 2
	}
	return Head{c.Width, c.Height, c.Width * c.Height * cost, f.safe}, nil
}

// deep reports sixteen bits a channel.
func deep(c image.Config) bool {
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model, color.Alpha16Model:
		return true
	}
	return false
}

// Decode decodes a picture, of a GIF the first frame, if its header promises to stay
// within limit bytes of memory. ErrLarge means that it does not.
func Decode(typ string, data []byte, limit int) (image.Image, error) {
	head, err := ReadHead(typ, data)
	if err != nil {
		return nil, err
	}
	if head.Bytes > limit {
		return nil, ErrLarge
	}
	f, _ := formatOf(typ)
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode a picture: %w", err)
	}
	if img.Bounds().Empty() {
		return nil, ErrFormat
	}
	return img, nil
}
