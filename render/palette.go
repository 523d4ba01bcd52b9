package render

import "nbterm/render/ink"

// Palette gives each meaning its colour; see ink.Palette.
type Palette = ink.Palette

// DarkPalette is for dark backgrounds, LightPalette for light ones.
func DarkPalette() *Palette { return ink.DarkPalette() }

// LightPalette is for light backgrounds.
func LightPalette() *Palette { return ink.LightPalette() }

// PlainPalette colours nothing; meaning is then carried by marks and attributes.
func PlainPalette() *Palette { return ink.PlainPalette() }
