package ink

import (
	"image/color"
	"math"
	"reflect"
	"testing"
)

func TestStylesAreSpelledOneWay(t *testing.T) {
	t.Parallel()
	red := Style{Fg: Index(1)}
	tests := []struct {
		from, to Style
		want     string
	}{
		{Style{}, Style{}, ""},
		{Style{}, red, "\x1b[31m"},
		{red, Style{}, "\x1b[m"},
		{red, Style{Fg: Index(9), Attr: Bold | Overline}, "\x1b[0;1;53;91m"},
		{Style{}, Style{Fg: RGB(1, 2, 3), Bg: Index(200)}, "\x1b[38;2;1;2;3;48;5;200m"},
		{Style{}, Style{Bg: Index(15)}, "\x1b[107m"},
	}
	for _, tt := range tests {
		if got := string(AppendChange(nil, tt.from, tt.to)); got != tt.want {
			t.Errorf("%v to %v: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
	if got := red.Paint("x", NoColor); got != "x" {
		t.Errorf("without colours: %q", got)
	}
	if got := (Style{Fg: Index(1), Attr: Bold}).Paint("x", NoColor); got != "\x1b[1mx\x1b[m" {
		t.Errorf("attributes without colours: %q", got)
	}
}

func TestColoursComeNear(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   Color
		n    Colors
		want Color
	}{
		{RGB(255, 0, 0), ANSI256, Index(196)},
		{RGB(8, 8, 8), ANSI256, Index(232)},
		{RGB(128, 128, 128), ANSI256, Index(244)},
		{RGB(250, 5, 5), ANSI16, Index(9)},
		{Index(196), ANSI16, Index(9)},
		{Index(3), ANSI16, Index(3)},
		{Index(3), NoColor, 0},
		{0, ANSI16, 0},
		{RGB(1, 2, 3), TrueColor, RGB(1, 2, 3)},
	}
	for _, tt := range tests {
		if got := tt.in.Within(tt.n); got != tt.want {
			t.Errorf("%x within %d: %x, want %x", tt.in, tt.n, got, tt.want)
		}
	}
	if Of(nil) != 0 || Of(color.RGBA{1, 2, 3, 255}) != RGB(1, 2, 3) {
		t.Error("colours are not converted")
	}
}

// Every colour of text must be told from both likely backgrounds.
func TestPalettesCanBeRead(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*Palette{"dark": DarkPalette(), "light": LightPalette()} {
		v := reflect.ValueOf(*p)
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			c, ok := v.Field(i).Interface().(color.Color)
			if !ok || c == nil || field == "Faint" || field == "Selection" || field == "CursorLine" {
				continue
			}
			under := color.Color(color.RGBA{0x1e, 0x1e, 0x1e, 255})
			if !p.Dark {
				under = color.White
			}
			if got := contrast(c, under); got < 4.5 {
				t.Errorf("%s %s: contrast %.2f", name, field, got)
			}
		}
	}
}

// contrast is that of WCAG 2.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func linear(v uint32) float64 {
	x := float64(v) / 0xffff
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}
