// Package theme turns the palette's meanings into painted text for the screens.
// The program's renderer brings colours down to what the terminal has.
package theme

import (
	"image/color"

	"nbterm/render/ink"
)

// Theme paints. It is a value; equal themes paint equally.
type Theme struct {
	Palette *ink.Palette
}

// New is the theme for a dark or a light background.
func New(dark bool) Theme {
	if dark {
		return Theme{ink.DarkPalette()}
	}
	return Theme{ink.LightPalette()}
}

// Plain is the theme without colours.
func Plain() Theme { return Theme{ink.PlainPalette()} }

func paint(c color.Color, attr ink.Attr, s string) string {
	return ink.Style{Fg: ink.Of(c), Attr: attr}.Paint(s, ink.TrueColor)
}

// Text is body text.
func (t Theme) Text(s string) string { return paint(t.Palette.Text, 0, s) }

// Strong is body text in bold.
func (t Theme) Strong(s string) string { return paint(t.Palette.Text, ink.Bold, s) }

// Muted is secondary text.
func (t Theme) Muted(s string) string { return paint(t.Palette.Muted, 0, s) }

// Faint is for rules and gutters.
func (t Theme) Faint(s string) string { return paint(t.Palette.Faint, 0, s) }

// Accent marks the selection and keys that can be pressed.
func (t Theme) Accent(s string) string { return paint(t.Palette.Accent, 0, s) }

// Running is for what runs; it and the next three are the loud colours.
func (t Theme) Running(s string) string { return paint(t.Palette.Running, 0, s) }

// Failed is for what failed.
func (t Theme) Failed(s string) string { return paint(t.Palette.Failed, ink.Bold, s) }

// Stale is for outputs that are no longer of their code, and for what is unsaved.
func (t Theme) Stale(s string) string { return paint(t.Palette.Stale, 0, s) }

// Ok is for what is well.
func (t Theme) Ok(s string) string { return paint(t.Palette.Ok, 0, s) }

// Mode paints a mode name as a block.
func (t Theme) Mode(s string) string {
	return ink.Style{Fg: ink.Of(t.Palette.Accent), Attr: ink.Bold | ink.Reverse}.Paint(" "+s+" ", ink.TrueColor)
}
