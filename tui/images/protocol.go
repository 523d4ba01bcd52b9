package images

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/image/draw"

	"nbterm/tui/caps"
)

// chunkSize is the most of a picture that one sequence of kitty's protocol carries.
const chunkSize = 4096

func passthrough(seq string) string { return ansi.TmuxPassthrough(seq) }

// kittySend transmits a picture and makes its virtual placement, by which the
// placeholders show it: https://sw.kovidgoyal.net/kitty/graphics-protocol/, "Unicode
// placeholders". Nothing is answered.
func kittySend(p *Picture) []string {
	data := base64.StdEncoding.EncodeToString(p.png)
	var out []string
	for first := true; first || data != ""; first = false {
		n := min(len(data), chunkSize)
		more := 0
		if n < len(data) {
			more = 1
		}
		control := fmt.Sprintf("m=%d,q=2", more)
		if first {
			control = fmt.Sprintf("a=T,U=1,i=%d,c=%d,r=%d,f=100,", p.id, p.cols, p.rows) + control
		}
		out = append(out, "\x1b_G"+control+";"+data[:n]+"\x1b\\")
		data = data[n:]
	}
	return out
}

// kittyDelete removes a picture and its placements and frees its memory.
func kittyDelete(id uint32) string { return fmt.Sprintf("\x1b_Ga=d,d=I,i=%d,q=2;\x1b\\", id) }

// overlayOf paints a part of a picture at its place and leaves the cursor where it
// was.
func overlayOf(s spot, t caps.Terminal) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(s.pic.png))
	if err != nil {
		return nil, fmt.Errorf("decode our own picture: %w", err)
	}
	cw, ch := cellOf(t)
	part := s.part(img, cw, ch)
	if part == nil {
		return nil, nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\x1b7\x1b[%d;%dH", s.y+1, s.x+1)
	if t.Protocol == caps.ITerm2 {
		err = iterm2(&b, part, s.to-s.from, s.height, cw, ch)
	} else {
		sixel(&b, part)
	}
	b.WriteString("\x1b8")
	return b.Bytes(), err
}

// part gives the pixels of a part of a picture, in cells of cw x ch. A picture that
// was given more cells than it fills is enlarged to them.
func (s spot) part(img image.Image, cw, ch int) *image.NRGBA {
	size := img.Bounds().Size()
	scale := min(float64(s.pic.cols*cw)/float64(size.X), float64(s.pic.rows*ch)/float64(size.Y))
	if s.pic.cols <= (size.X+cw-1)/cw || s.pic.rows <= (size.Y+ch-1)/ch {
		scale = 1
	}
	whole := image.Rect(0, 0, int(float64(size.X)*scale), int(float64(size.Y)*scale))
	area := image.Rect(s.from*cw, s.row*ch, s.to*cw, (s.row+s.height)*ch).Intersect(whole)
	if area.Empty() {
		return nil
	}
	out := image.NewNRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
	if scale == 1 {
		draw.Draw(out, out.Bounds(), img, area.Min, draw.Src)
		return out
	}
	from := func(v int) int { return int(float64(v) / scale) }
	src := image.Rect(from(area.Min.X), from(area.Min.Y), from(area.Max.X), from(area.Max.Y))
	draw.BiLinear.Scale(out, out.Bounds(), img, src, draw.Src, nil)
	return out
}

// iterm2 writes a picture as a file shown inline, in as many cells as it fills:
// https://iterm2.com/documentation-images.html.
func iterm2(b *bytes.Buffer, img image.Image, cols, rows, cw, ch int) error {
	var data bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&data, img); err != nil {
		return fmt.Errorf("encode a picture: %w", err)
	}
	size := img.Bounds().Size()
	args := []string{
		"inline=1", fmt.Sprintf("size=%d", data.Len()), "preserveAspectRatio=1", "doNotMoveCursor=1",
		fmt.Sprintf("width=%d", min(cols, (size.X+cw-1)/cw)), fmt.Sprintf("height=%d", min(rows, (size.Y+ch-1)/ch)),
	}
	b.WriteString("\x1b]1337;File=" + strings.Join(args, ";") + ":")
	b.WriteString(base64.StdEncoding.EncodeToString(data.Bytes()))
	b.WriteString("\a")
	return nil
}
