package raster

import (
	"bytes"
	"image"

	"nbterm/render/ink"
)

// Look is how block characters may be drawn.
type Look struct {
	Colors   ink.Colors // NoColor draws in braille
	Quarters bool       // quarter blocks too
	Dark     bool       // the background
	Padded   bool       // rows are filled with blanks to their width
}

// across is how many pixels one cell has from left to right.
func (l Look) across() int {
	if l.Quarters {
		return 2
	}
	return 1
}

// Draw draws an image in cols x rows cells: in half blocks, in quarter blocks where
// those are drawn well, in braille where there are no colours. Every row ends with
// its styles closed.
func Draw(img image.Image, cols, rows int, l Look) []string {
	if l.Colors == ink.NoColor {
		return dots(img, cols, rows, l)
	}
	across := l.across()
	b := img.Bounds()
	// No pixel of the image is drawn twice, or small ones would be smeared.
	small := Shrink(img, min(cols*across, max(b.Dx(), cols)), 2*rows)
	lines := make([]string, 0, rows)
	for y := range rows {
		lines = append(lines, small.row(2*y, cols, l))
	}
	return lines
}

// row draws two rows of pixels as one of cells.
func (s *Small) row(y, cols int, l Look) string {
	across := l.across()
	var line []byte
	var now ink.Style
	for x := range cols {
		var four [4]pixel
		for i := range four {
			if px, py := x*across+i%across, y+i/2; px < s.width && py < s.height {
				four[i] = s.at(px, py, l.Dark)
			}
		}
		char, style := block(four, l.Colors)
		line = append(ink.AppendChange(line, now, style), char...)
		now = style
	}
	line = ink.AppendChange(line, now, ink.Style{})
	if now == (ink.Style{}) && !l.Padded {
		line = bytes.TrimRight(line, " ")
	}
	return string(line)
}

// quarters are the block characters by the quarters they fill: bit 0 is the upper
// left, 1 the upper right, 2 the lower left, 3 the lower right.
var quarters = [16]string{" ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█"}

// block draws four pixels as one character in two colours: those that come nearest
// to the four. Pixels that are not there leave the terminal's background.
func block(four [4]pixel, n ink.Colors) (string, ink.Style) {
	there := 0
	for i, p := range four {
		if p.seen {
			there |= 1 << i
		}
	}
	if there != 15 {
		fg := average(four, there).Within(n)
		return quarters[there], ink.Style{Fg: fg}
	}
	best, mask := 1<<30, 15
	for try := 8; try < 16; try++ { // the others are these with the colours swapped
		if e := spread(four, try) + spread(four, ^try&15); e < best || e == best && try == 15 {
			best, mask = e, try
		}
	}
	fg, bg := average(four, mask).Within(n), average(four, ^mask&15).Within(n)
	if mask == 15 || fg == bg { // not a blank: what copies rows cuts blanks off
		return quarters[3], ink.Style{Fg: fg, Bg: fg}
	}
	if mask == 12 { // the upper half is drawn better than the lower by most fonts
		return quarters[3], ink.Style{Fg: bg, Bg: fg}
	}
	return quarters[mask], ink.Style{Fg: fg, Bg: bg}
}

// average is the mean colour of the pixels in mask, 0 when there is none.
func average(four [4]pixel, mask int) ink.Color {
	var r, g, b, n int
	for i, p := range four {
		if mask&(1<<i) != 0 {
			r, g, b, n = r+int(p.r), g+int(p.g), b+int(p.b), n+1
		}
	}
	if n == 0 {
		return 0
	}
	return ink.RGB(uint8(r/n), uint8(g/n), uint8(b/n))
}

// spread is how far, squared, the pixels in mask are from their mean, times 12.
func spread(four [4]pixel, mask int) int {
	var r, g, b, squares, n int
	for i, p := range four {
		if mask&(1<<i) != 0 {
			x, y, z := int(p.r), int(p.g), int(p.b)
			r, g, b, n = r+x, g+y, b+z, n+1
			squares += x*x + y*y + z*z
		}
	}
	if n == 0 {
		return 0
	}
	return 12*squares - 12/n*(r*r+g*g+b*b)
}
