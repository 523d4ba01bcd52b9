// Package ink is colour on a terminal: the palette that gives each meaning its
// colour, the colours a terminal can show, and the one way a style is spelled as
// SGR. A leaf: it knows no content.
package ink

import "image/color"

// Colors is how many colours may be written.
type Colors uint8

// From poorest to richest.
const (
	NoColor Colors = iota // attributes such as bold are still allowed
	ANSI16
	ANSI256
	TrueColor
)

// Color is a colour as SGR names it. The zero value is the terminal's own.
type Color uint32

const (
	kindIndex Color = 1 << 24 // low byte: 0-255, the first 16 being the terminal's theme
	kindRGB   Color = 2 << 24 // low three bytes: red, green, blue
	kindMask  Color = 3 << 24
)

// Index is one of the 256 numbered colours.
func Index(n uint8) Color { return kindIndex | Color(n) }

// RGB is a true colour.
func RGB(r, g, b uint8) Color { return kindRGB | Color(r)<<16 | Color(g)<<8 | Color(b) }

// Of turns any colour into ours; nil is the terminal's own.
func Of(c color.Color) Color {
	if c == nil {
		return 0
	}
	r, g, b, a := c.RGBA()
	if a == 0 {
		return 0
	}
	return RGB(uint8(r>>8), uint8(g>>8), uint8(b>>8))
}

// Channels gives red, green and blue, 0-255, with xterm's values for the
// numbered colours.
func (c Color) Channels() (r, g, b uint8) {
	switch c & kindMask {
	case kindRGB:
		return uint8(c >> 16), uint8(c >> 8), uint8(c)
	case kindIndex:
		return indexed(uint8(c))
	}
	return 0, 0, 0
}

// Within gives the nearest colour a terminal of n colours can show.
func (c Color) Within(n Colors) Color {
	switch {
	case c == 0 || n == NoColor:
		return 0
	case n == TrueColor:
		return c
	case n == ANSI256:
		if c&kindMask == kindRGB {
			return Index(nearest256(c.Channels()))
		}
		return c
	case c&kindMask == kindIndex && uint8(c) < 16:
		return c
	}
	return Index(nearest16(c.Channels()))
}

var cube = [6]uint8{0, 95, 135, 175, 215, 255}

// base is xterm's default for the sixteen theme colours.
var base = [16][3]uint8{
	{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0}, {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
	{127, 127, 127}, {255, 0, 0}, {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255},
}

func indexed(n uint8) (r, g, b uint8) {
	switch {
	case n < 16:
		return base[n][0], base[n][1], base[n][2]
	case n < 232:
		n -= 16
		return cube[n/36], cube[n/6%6], cube[n%6]
	}
	v := 8 + 10*(n-232)
	return v, v, v
}

// nearest256 tries the closest corner of the 6x6x6 cube and the closest grey. The
// sixteen theme colours are left out: nobody knows what they look like.
func nearest256(r, g, b uint8) uint8 {
	ri, gi, bi := step(r), step(g), step(b)
	inCube := distance(r, g, b, cube[ri], cube[gi], cube[bi])
	mean := (int(r) + int(g) + int(b)) / 3
	grey := min(max((mean-3)/10, 0), 23)
	v := uint8(8 + 10*grey)
	if distance(r, g, b, v, v, v) < inCube {
		return uint8(232 + grey)
	}
	return uint8(16 + 36*ri + 6*gi + bi)
}

func step(v uint8) int {
	switch {
	case v < 48:
		return 0
	case v < 115:
		return 1
	}
	return min((int(v)-35)/40, 5)
}

// nearest16 goes by hue: nobody knows the sixteen exactly, but a red must stay
// red, and pastels are nearer to greys than to anything else.
func nearest16(r, g, b uint8) uint8 {
	high, low := int(max(r, g, b)), int(min(r, g, b))
	spread := high - low
	if 5*spread < high || high < 32 {
		switch luma := (299*int(r) + 587*int(g) + 114*int(b)) / 1000; {
		case luma < 48:
			return 0
		case luma < 144:
			return 8
		case luma < 216:
			return 7
		}
		return 15
	}
	bright := uint8(0)
	if high > 200 {
		bright = 8
	}
	switch h := hue(int(r), int(g), int(b), high, spread); {
	case h < 20 || h >= 330:
		return bright + 1
	case h < 75:
		return bright + 3
	case h < 160:
		return bright + 2
	case h < 205:
		return bright + 6
	case h < 250:
		return bright + 4
	}
	return bright + 5
}

// hue is in degrees.
func hue(r, g, b, high, spread int) int {
	switch high {
	case r:
		return (60*(g-b)/spread + 360) % 360
	case g:
		return 60*(b-r)/spread + 120
	}
	return 60*(r-g)/spread + 240
}

// distance weighs the channels roughly as the eye does ("redmean").
func distance(r, g, b, r2, g2, b2 uint8) int {
	mean := (int(r) + int(r2)) / 2
	dr, dg, db := int(r)-int(r2), int(g)-int(g2), int(b)-int(b2)
	return ((512+mean)*dr*dr)>>8 + 4*dg*dg + ((767-mean)*db*db)>>8
}
