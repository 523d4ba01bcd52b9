package dialog

import (
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/theme"
)

// Ask asks for one line of text.
type Ask struct {
	Title string
	Hint  string // shown while nothing is typed
	// Do takes what was typed, never "".
	Do   func(text string) tea.Cmd
	text string
}

// Press implements Dialog.
func (d *Ask) Press(key string) (tea.Cmd, bool) {
	switch key {
	case "esc", "ctrl+c":
		return nil, true
	case "enter":
		if d.text == "" {
			return nil, false
		}
		return d.Do(d.text), true
	case "backspace":
		_, n := utf8.DecodeLastRuneInString(d.text)
		d.text = d.text[:len(d.text)-n]
	case "ctrl+u":
		d.text = ""
	case "space":
		d.text += " "
	default:
		if utf8.RuneCountInString(key) == 1 {
			d.text += key
		}
	}
	return nil, false
}

// Rows implements Dialog.
func (d *Ask) Rows(t theme.Theme, w, h int) []string {
	room := max(w-6, 1)
	text := d.text + "▏"
	if d.text == "" {
		text = "▏" + t.Faint(d.Hint)
	}
	// The end is where one types.
	if wide := ansi.StringWidth(text); d.text != "" && wide > room {
		text = ansi.TruncateLeft(text, wide-room+1, "…")
	}
	body := []string{t.Strong(d.Title), "", t.Accent("> ") + ansi.Truncate(text, room, "…"), "", t.Muted("⏎ takes it · esc closes")}
	return frame(t, body, w, h)
}
