package render

import (
	"io/fs"

	"nbterm/render/ink"
)

// Block is something drawn: rows of text, one string each, and the images that
// lie over them. Every row is safe to write to a terminal: printable characters,
// SGR without conceal, and OSC 8 with http(s) targets only. No row is wider than
// the width asked for, and each ends with its attributes reset.
type Block struct {
	Lines  []string
	Images []Placement
	Hidden int // columns of tables that did not fit; Context.Left brings them into view
}

// Placement is a picture for terminals with pixels, over cells of a Block in which
// Lines draw it with block characters, each row to the last column of the picture.
type Placement struct {
	Row, Col   int    // top left cell within the block
	Rows, Cols int    // size in cells
	PNG        []byte // our own encoding, never the bytes that came
}

// Caps is what the terminal can do.
type Caps struct {
	Colors     Colors
	CellWidth  int // pixels of one cell; 0 when not known, then 8 x 16 is assumed
	CellHeight int
	Hyperlinks bool // OSC 8 is understood
	Quarters   bool // quarter blocks (U+2596-259F) are drawn by the terminal, not from a font with gaps
	Pixels     bool // pictures can be placed: Block.Images is filled
	NoPictures bool // pictures are named only
}

// Colors is how many colours may be written.
type Colors = ink.Colors

// From poorest to richest.
const (
	NoColor   = ink.NoColor // attributes such as bold are still allowed
	ANSI16    = ink.ANSI16
	ANSI256   = ink.ANSI256
	TrueColor = ink.TrueColor
)

// Context is all that drawing depends on besides the content; two equal contexts
// and equal content give equal blocks, so results can be cached.
type Context struct {
	Width   int  // columns to fill at most; at least 1
	MaxRows int  // rows of a picture at most; 0 is 20
	Grow    bool // small pictures are enlarged to fill Width and MaxRows
	Caps    Caps
	Palette *Palette
	Tools   *Tools // may be nil
	MaxLine int    // bytes of one line of a text that are drawn, 0 is all of them
	Left    int    // columns of wide tables that are scrolled off at the left
	// Files holds what markdown may show beside the notebook: pictures. It must be
	// comparable, as os.DirFS and the FS of an os.Root are; nil is nothing.
	Files fs.FS
}
