package ink

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// Palette gives each meaning its colour. A nil colour is the terminal's own.
// Loud colours (Running, Failed, Stale, Unsaved) are for what needs the eye;
// everything else stays near the text colour.
type Palette struct {
	Dark bool // made for a dark background

	Text, Muted, Faint color.Color // body, secondary, rules and gutters
	Accent             color.Color // selection bar, focus, links
	Heading            color.Color
	Selection          color.Color // background of selected text
	CursorLine         color.Color // background of the current line; may be nil

	Running, Failed, Stale, Unsaved, Ok color.Color

	Keyword, Name, Function, Type, String, Number, Comment, Operator, Magic color.Color // code
}

// DarkPalette is for dark backgrounds, LightPalette for light ones. Text colours
// keep a contrast of at least 4.5 : 1 against black and white; Faint is for rules.
func DarkPalette() *Palette {
	c := lipgloss.Color
	return &Palette{
		Dark: true,
		Text: nil, Muted: c("#9aa0a6"), Faint: c("#5f6368"),
		Accent: c("#7aa2f7"), Heading: c("#e0e4ea"), Selection: c("#2f4468"), CursorLine: nil,
		Running: c("#7dcfff"), Failed: c("#f7768e"), Stale: c("#e0af68"), Unsaved: c("#e0af68"), Ok: c("#9ece6a"),
		Keyword: c("#bb9af7"), Name: nil, Function: c("#7aa2f7"), Type: c("#2ac3de"), String: c("#9ece6a"),
		Number: c("#ff9e64"), Comment: c("#868e9c"), Operator: c("#89ddff"), Magic: c("#e0af68"),
	}
}

// LightPalette is for light backgrounds.
func LightPalette() *Palette {
	c := lipgloss.Color
	return &Palette{
		Text: nil, Muted: c("#5f6368"), Faint: c("#b0b4ba"),
		Accent: c("#1a5fb4"), Heading: c("#202124"), Selection: c("#cfe0fc"), CursorLine: nil,
		Running: c("#0b7285"), Failed: c("#c01c28"), Stale: c("#9a6700"), Unsaved: c("#9a6700"), Ok: c("#26732a"),
		Keyword: c("#7c3aed"), Name: nil, Function: c("#1a5fb4"), Type: c("#0b7285"), String: c("#26732a"),
		Number: c("#b35900"), Comment: c("#6b7280"), Operator: c("#0b7285"), Magic: c("#9a6700"),
	}
}

// PlainPalette colours nothing; meaning is then carried by marks and attributes.
func PlainPalette() *Palette { return &Palette{Dark: true} }
