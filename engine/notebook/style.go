package notebook

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"nbterm/engine/mime/rawjson"
)

// style is how a file is written.
type style struct {
	rawjson.Style
	flatCells  bool // each cell is on one line, though the file is not
	flatSource bool // sources are one string, not a list of lines
}

// style is read off the file when the first new text is written into it.
func (h *home) style() style {
	h.once.Do(func() {
		body := bodyOf(h.data)
		h.found.Style = rawjson.DetectStyle(body)
		h.found.ASCII = escapesUnicode(h.data)
		cells, _ := rawjson.Get(body, "cells")
		seen, sources := 0, 0
		rawjson.Elements(cells, func(cell []byte) {
			if seen++; seen == 1 && len(cell) > 1 && cell[0] == '{' {
				gap, _, _ := bytes.Cut(cell[1:], []byte{'"'})
				h.found.flatCells = bytes.IndexByte(gap, '\n') < 0
			}
			if sources > 0 {
				return
			}
			if source, ok := rawjson.Get(cell, "source"); ok {
				sources++
				h.found.flatSource = source[0] == '"'
			}
		})
	})
	return h.found
}

// escapesUnicode tells whether the writer of a file escaped all beyond ASCII: it
// has such escapes, and no byte beyond ASCII.
func escapesUnicode(data []byte) bool {
	if !isASCII(data) {
		return false
	}
	for i := 0; ; i += 2 {
		next := bytes.Index(data[i:], []byte(`\u`))
		if next < 0 {
			return false
		}
		i += next
		if !escapedAt(data, i) && unicodeEscape(data[i:]) {
			return true
		}
	}
}

func isASCII(data []byte) bool {
	for len(data) >= 8 {
		if binary.LittleEndian.Uint64(data)&0x8080808080808080 != 0 {
			return false
		}
		data = data[8:]
	}
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// escapedAt tells whether the backslash at i is the second half of an escape.
func escapedAt(data []byte, i int) bool {
	n := 0
	for i > n && data[i-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// unicodeEscape tells whether the escape stands for a character beyond ASCII that
// could have been written as itself, which a lone surrogate could not.
func unicodeEscape(d []byte) bool {
	if len(d) < 6 {
		return false
	}
	zero := d[2] == '0' && d[3] == '0' && d[4] < '8'
	surrogate := (d[2] == 'd' || d[2] == 'D') && d[3] >= '8'
	pair := len(d) >= 12 && d[6] == '\\' && d[7] == 'u' && (d[8] == 'd' || d[8] == 'D') && d[9] > '9'
	return !zero && (!surrogate || pair)
}
