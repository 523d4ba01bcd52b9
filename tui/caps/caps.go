// Package caps finds out how a terminal can show pictures. It asks and listens; what
// it does not hear in time it leaves out, and until then the screen draws with block
// characters. It writes nothing itself: Ask gives the questions, Hear takes the
// answers as the program's messages.
package caps

import (
	"strings"
	"time"

	"nbterm/render"
)

// Protocol is a way of showing pictures.
type Protocol uint8

// The protocols. Blocks are characters and always work.
const (
	Blocks Protocol = iota
	Kitty           // placeholders in the text, pictures sent once
	Sixel           // pixels over the text
	ITerm2          // files over the text
	Hidden          // no pictures at all
)

// String names the protocol as the configuration does.
func (p Protocol) String() string {
	return [...]string{"blocks", "kitty", "sixel", "iterm2", "none"}[p]
}

// Overlaid is true for protocols that paint over a finished frame.
func (p Protocol) Overlaid() bool { return p == Sixel || p == ITerm2 }

// Terminal is what is known of a terminal. The zero value is one that shows text
// only.
type Terminal struct {
	Protocol Protocol
	// CellWidth and CellHeight are in pixels; 0 when not known.
	CellWidth, CellHeight int
	// Tmux means that bytes for the terminal outside go through tmux wrapped.
	Tmux bool
	// Quarters means that the terminal draws quarter blocks itself, without gaps.
	Quarters bool
}

// Render is t as drawing wants to know it.
func (t Terminal) Render() render.Caps {
	pixels := t.Protocol == Kitty || t.Protocol.Overlaid()
	return render.Caps{
		Colors: render.TrueColor, Hyperlinks: true, Quarters: t.Quarters,
		Pixels: pixels, NoPictures: t.Protocol == Hidden, CellWidth: t.CellWidth, CellHeight: t.CellHeight,
	}
}

// Size is what the kernel says of a terminal (ioctl_tty(2), TIOCGWINSZ). Pixels are
// 0 where it does not know.
type Size struct{ Cols, Rows, Width, Height int }

// Patience is how long the answers are waited for before what the environment says
// is taken. An answer that comes later still counts.
const Patience = 1500 * time.Millisecond

// named protocols of the configuration; auto is none of them.
func protocolNamed(name string) (Protocol, bool) {
	for p := Blocks; p <= Hidden; p++ {
		if p.String() == name {
			return p, true
		}
	}
	return Blocks, false
}

// draws lists terminals that draw block characters themselves, pixel by pixel.
func drawsBlocks(version string) bool {
	for _, name := range []string{"kitty", "foot", "wezterm", "ghostty", "iterm2", "contour", "alacritty", "rio", "konsole"} {
		if strings.Contains(version, name) {
			return true
		}
	}
	return false
}
