package raster

import "image"

// dots draws an image in braille, dithered by a fixed pattern, for terminals
// without colours.
func dots(img image.Image, cols, rows int, l Look) []string {
	small := Shrink(img, 2*cols, 4*rows)
	bits := [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
	bayer := [4][4]int{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}
	lines := make([]string, 0, rows)
	for y := 0; y < 4*rows; y += 4 {
		line := make([]rune, 0, cols)
		for x := 0; x < 2*cols; x += 2 {
			cell := rune(0x2800)
			for dy := range 4 {
				for dx := range 2 {
					p := small.at(x+dx, y+dy, l.Dark)
					luma := (299*int(p.r) + 587*int(p.g) + 114*int(p.b)) / 1000
					if !l.Dark {
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
