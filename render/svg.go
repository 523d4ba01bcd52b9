package render

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"nbterm/engine/mime"
	"nbterm/render/term"
)

const typeSVG = "image/svg+xml"

// pixels reads a length as CSS has it, 0 for what is none in a fixed unit.
func pixels(length string) int {
	number := strings.TrimRight(length, "abcdefghijklmnopqrstuvwxyz%")
	units := map[string]float64{"": 1, "px": 1, "pt": 96.0 / 72, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "pc": 16}
	v, err := strconv.ParseFloat(number, 64)
	if v *= units[length[len(number):]]; err != nil || !(v > 0 && v < 1e6) {
		return 0
	}
	return int(v + 0.5)
}

// vector draws an SVG, and names it and its size where nothing can.
func vector(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	text, ok := b.Text(typ)
	if !ok {
		return Block{}, false
	}
	if ctx.Tools != nil && ctx.Tools.SVG != nil && !ctx.Caps.NoPictures {
		box := ctx.box()
		w, h := box.Pixels()
		if img, err := ctx.Tools.SVG([]byte(text), w, h, ctx.Grow); err == nil {
			return Raster(img, ctx), true
		}
	}
	line := typ
	if width, height, ok := svgSize(text); ok {
		line += " · " + width + " × " + height
	}
	return ctx.note(line + " · " + size(len(text))), true
}

// svgSize reads the size that the first svg tag gives, in whatever unit.
func svgSize(src string) (width, height string, ok bool) {
	z := html.NewTokenizer(strings.NewReader(src[:min(len(src), 1<<16)]))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return "", "", false
		case html.StartTagToken:
			t := z.Token()
			if t.Data != "svg" {
				continue
			}
			width, height = term.Clean(attr(t, "width")), term.Clean(attr(t, "height"))
			if box := strings.Fields(attr(t, "viewbox")); (width == "" || height == "") && len(box) == 4 {
				width, height = term.Clean(box[2]), term.Clean(box[3])
			}
			return width, height, width != "" && height != "" && len(width)+len(height) < 40
		}
	}
}
