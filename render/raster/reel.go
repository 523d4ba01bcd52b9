package raster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"time"
)

// Reel is an animated GIF that is played frame by frame, again and again. One
// goroutine at a time uses it.
type Reel struct {
	gif    *gif.GIF
	canvas *image.RGBA
	before []uint8 // of the canvas, for a frame that is taken back
	at     int
}

// OpenReel decodes an animated GIF if all of its frames stay within limit bytes of
// memory. ErrFormat means that there is nothing to play.
func OpenReel(data []byte, limit int) (*Reel, error) {
	frames, pixels, err := frameSizes(data)
	switch {
	case err != nil:
		return nil, err
	case frames < 2:
		return nil, ErrFormat
	case pixels > limit:
		return nil, ErrLarge
	}
	g, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("decode an animation: %w", err)
	}
	return &Reel{gif: g, canvas: image.NewRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))}, nil
}

// Slowest and fastest frames; browsers take 0 for a tenth of a second too.
const (
	usualDelay = 100 * time.Millisecond
	leastDelay = 50 * time.Millisecond
)

// Next plays one frame and gives the whole picture after it, which the next call
// changes, and how long it stays.
func (r *Reel) Next() (image.Image, time.Duration) {
	if r.at == 0 {
		clear(r.canvas.Pix)
	} else {
		r.dispose(r.at - 1)
	}
	frame := r.gif.Image[r.at]
	if r.disposal(r.at) == gif.DisposalPrevious {
		r.before = append(r.before[:0], r.canvas.Pix...)
	}
	draw.Draw(r.canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Over)
	delay := usualDelay
	if r.at < len(r.gif.Delay) && r.gif.Delay[r.at] > 1 {
		delay = max(time.Duration(r.gif.Delay[r.at])*10*time.Millisecond, leastDelay)
	}
	r.at = (r.at + 1) % len(r.gif.Image)
	return r.canvas, delay
}

func (r *Reel) disposal(i int) byte {
	if i < len(r.gif.Disposal) {
		return r.gif.Disposal[i]
	}
	return gif.DisposalNone
}

// dispose takes frame i away as it asks for (GIF89a, 23: disposal methods).
func (r *Reel) dispose(i int) {
	switch r.disposal(i) {
	case gif.DisposalBackground:
		draw.Draw(r.canvas, r.gif.Image[i].Bounds(), image.Transparent, image.Point{}, draw.Src)
	case gif.DisposalPrevious:
		copy(r.canvas.Pix, r.before)
	}
}

// frameSizes walks the blocks of a GIF without decoding and counts the frames and
// their pixels, those of the canvas once for each of two copies.
func frameSizes(data []byte) (frames, pixels int, err error) {
	const header = 13
	if len(data) < header || string(data[:3]) != "GIF" {
		return 0, 0, ErrFormat
	}
	pixels = 8 * int(binary.LittleEndian.Uint16(data[6:])) * int(binary.LittleEndian.Uint16(data[8:]))
	rest := data[header:]
	rest = rest[min(len(rest), tableSize(data[10])):]
	for len(rest) > 0 {
		switch rest[0] {
		case 0x21: // an extension: its label, then blocks
			rest = skipBlocks(rest[min(len(rest), 2):])
		case 0x2c: // a picture: its place and size, a table, the code size, then blocks
			const descriptor = 10
			if len(rest) < descriptor+1 {
				return frames, pixels, nil
			}
			frames++
			pixels += int(binary.LittleEndian.Uint16(rest[5:])) * int(binary.LittleEndian.Uint16(rest[7:]))
			skip := descriptor + tableSize(rest[9]) + 1
			rest = skipBlocks(rest[min(len(rest), skip):])
		default: // the end, or nonsense after it
			return frames, pixels, nil
		}
	}
	return frames, pixels, nil
}

// tableSize is the length of the colour table that flags announce.
func tableSize(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipBlocks gives what follows a chain of blocks.
func skipBlocks(b []byte) []byte {
	for len(b) > 0 {
		n := int(b[0])
		b = b[min(len(b), n+1):]
		if n == 0 {
			return b
		}
	}
	return nil
}
