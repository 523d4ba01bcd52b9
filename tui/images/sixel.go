package images

import (
	"bytes"
	"image"
	"image/color"
	"sort"
	"strconv"
)

// maxColours is what a sixel terminal has at least where it matters: the VT340 had
// 16, all of today have 256.
const maxColours = 255

// clear is the palette's index for pixels that are not painted.
const clear = 255

// sixel writes a picture as DEC sixel graphics (VT340 programmer's reference, chapter
// 14). Pixels that are more transparent than not are left as they are on the screen.
func sixel(b *bytes.Buffer, img *image.NRGBA) {
	palette, pixels := quantise(img)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	b.WriteString("\x1bP0;1;0q\"1;1;" + strconv.Itoa(w) + ";" + strconv.Itoa(h))
	for i, c := range palette {
		b.WriteString("#" + strconv.Itoa(i) + ";2;" + percent(c.R) + ";" + percent(c.G) + ";" + percent(c.B))
	}
	band := newBand(w)
	for y := 0; y < h; y += 6 {
		band.write(b, pixels[y*w:min((y+6)*w, len(pixels))], len(palette))
	}
	b.WriteString("\x1b\\")
}

func percent(v uint8) string { return strconv.Itoa((int(v)*100 + 127) / 255) }

// band writes six rows of pixels, colour after colour.
type band struct {
	w     int
	used  [256]bool
	cells [256][]byte // of each colour: the six bits of each column
}

func newBand(w int) *band { return &band{w: w} }

func (s *band) write(b *bytes.Buffer, pixels []uint8, colours int) {
	s.used = [256]bool{}
	for i, c := range pixels {
		if c == clear {
			continue
		}
		if !s.used[c] {
			s.used[c] = true
			if s.cells[c] == nil {
				s.cells[c] = make([]byte, s.w)
			}
			row := s.cells[c]
			for x := range row {
				row[x] = 0
			}
		}
		s.cells[c][i%s.w] |= 1 << (i / s.w)
	}
	first := true
	for c := range colours {
		if !s.used[c] {
			continue
		}
		if !first {
			b.WriteByte('$')
		}
		first = false
		b.WriteString("#" + strconv.Itoa(c))
		runs(b, s.cells[c])
	}
	b.WriteByte('-')
}

// runs writes columns, equal ones in a row as one with its count.
func runs(b *bytes.Buffer, cells []byte) {
	end := len(cells)
	for end > 0 && cells[end-1] == 0 {
		end--
	}
	for i := 0; i < end; {
		n := 1
		for i+n < end && cells[i+n] == cells[i] {
			n++
		}
		char := cells[i] + '?'
		switch {
		case n > 3:
			b.WriteString("!" + strconv.Itoa(n))
			b.WriteByte(char)
		default:
			for range n {
				b.WriteByte(char)
			}
		}
		i += n
	}
}

// quantise brings a picture to at most maxColours colours. Pictures that have no more
// keep them exactly; of others the colours are those of the median cut.
func quantise(img *image.NRGBA) ([]color.NRGBA, []uint8) {
	shift := uint(0) // how many bits of a channel are left out
	count := colours(img, shift)
	for len(count) > 1<<13 && shift < 3 {
		shift++
		count = colours(img, shift)
	}
	boxes := cutBoxes(count)
	index := make(map[[3]uint8]uint8, len(count))
	palette := make([]color.NRGBA, len(boxes))
	for i, box := range boxes {
		palette[i] = box.mean()
		for _, c := range box {
			index[c.rgb] = uint8(i)
		}
	}
	pixels := make([]uint8, img.Rect.Dx()*img.Rect.Dy())
	last, was := [3]uint8{}, uint8(clear)
	for i := range pixels {
		p := img.Pix[i/img.Rect.Dx()*img.Stride+i%img.Rect.Dx()*4:]
		if p[3] < 128 {
			pixels[i] = clear
			continue
		}
		c := [3]uint8{p[0] >> shift << shift, p[1] >> shift << shift, p[2] >> shift << shift}
		if c != last || was == clear {
			last, was = c, index[c]
		}
		pixels[i] = was
	}
	return palette, pixels
}

func colours(img *image.NRGBA, shift uint) map[[3]uint8]int {
	count := map[[3]uint8]int{}
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride : y*img.Stride+4*img.Rect.Dx()]
		var last [3]uint8
		run := 0
		for ; len(row) >= 4; row = row[4:] {
			if row[3] < 128 {
				continue
			}
			c := [3]uint8{row[0] >> shift << shift, row[1] >> shift << shift, row[2] >> shift << shift}
			if c == last {
				run++
				continue
			}
			if run > 0 {
				count[last] += run
			}
			last, run = c, 1
		}
		if run > 0 {
			count[last] += run
		}
		if len(count) > 1<<15 {
			break // far too many: the caller asks again with coarser ones
		}
	}
	return count
}

// counted is a colour and how often it is there.
type counted struct {
	rgb [3]uint8
	n   int
}

// colourBox is a group of colours that become one.
type colourBox []counted

// cutBoxes divides the colours: the box with the widest spread, weighed by its
// pixels, is cut at the median of its longest side until there are enough.
func cutBoxes(count map[[3]uint8]int) []colourBox {
	all := make(colourBox, 0, len(count))
	for c, n := range count {
		all = append(all, counted{c, n})
	}
	sort.Slice(all, func(i, j int) bool { return less(all[i].rgb, all[j].rgb) }) // maps have no order
	if len(all) == 0 {
		return nil
	}
	boxes := []colourBox{all}
	for len(boxes) < maxColours {
		best, most, axis := -1, 0, 0
		for i, b := range boxes {
			if side, a := b.longest(); side > 0 && side*b.weight() > most {
				best, most, axis = i, side*b.weight(), a
			}
		}
		if best < 0 {
			break
		}
		low, high := boxes[best].cut(axis)
		boxes[best] = low
		boxes = append(boxes, high)
	}
	return boxes
}

func less(a, b [3]uint8) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// weight grows slowly with the pixels, so that rare colours such as thin lines keep
// a place.
func (b colourBox) weight() int {
	n := 0
	for _, c := range b {
		n += c.n
	}
	w := 1
	for n > 1 {
		n, w = n/2, w+1
	}
	return w
}

func (b colourBox) longest() (side, axis int) {
	for a := range 3 {
		lo, hi := 255, 0
		for _, c := range b {
			lo, hi = min(lo, int(c.rgb[a])), max(hi, int(c.rgb[a]))
		}
		if hi-lo > side {
			side, axis = hi-lo, a
		}
	}
	return side, axis
}

// cut divides at the middle of the axis.
func (b colourBox) cut(axis int) (low, high colourBox) {
	sort.Slice(b, func(i, j int) bool {
		if b[i].rgb[axis] != b[j].rgb[axis] {
			return b[i].rgb[axis] < b[j].rgb[axis]
		}
		return less(b[i].rgb, b[j].rgb)
	})
	middle := (int(b[0].rgb[axis]) + int(b[len(b)-1].rgb[axis]) + 1) / 2
	at := sort.Search(len(b), func(i int) bool { return int(b[i].rgb[axis]) >= middle })
	at = min(max(at, 1), len(b)-1)
	return b[:at:at], b[at:]
}

func (b colourBox) mean() color.NRGBA {
	var sum [3]int
	n := 0
	for _, c := range b {
		for a := range sum {
			sum[a] += int(c.rgb[a]) * c.n
		}
		n += c.n
	}
	return color.NRGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}
