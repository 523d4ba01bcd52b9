// Package dialog is what lies over a screen for a moment: a choice to make or a
// text to read. The program keeps a stack of them; the top one has the keys.
package dialog

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/theme"
)

// Dialog is one of the stack.
type Dialog interface {
	// Press takes a key; done takes the dialog off the stack.
	Press(key string) (cmd tea.Cmd, done bool)
	// Rows draws it at most w wide and h high.
	Rows(t theme.Theme, w, h int) []string
}

// OpenMsg asks the program to put a dialog on the stack.
type OpenMsg struct{ Dialog Dialog }

// Open is the command for it.
func Open(d Dialog) tea.Cmd { return func() tea.Msg { return OpenMsg{d} } }

// Option is one way to answer a Choice.
type Option struct {
	Key  string // "esc" answers also to ctrl+c and q
	Text string
	Do   func() tea.Cmd // nil does nothing
}

// Choice asks for one of a few keys.
type Choice struct {
	Title   string
	Body    string // may be empty
	Options []Option
}

// Press implements Dialog.
func (c Choice) Press(key string) (tea.Cmd, bool) {
	if key == "ctrl+c" || key == "q" {
		key = "esc"
	}
	for _, o := range c.Options {
		if o.Key == key {
			if o.Do == nil {
				return nil, true
			}
			return o.Do(), true
		}
	}
	return nil, false
}

// Rows implements Dialog.
func (c Choice) Rows(t theme.Theme, w, h int) []string {
	width := min(w-4, 72)
	var body []string
	body = append(body, paragraph(t.Strong, c.Title, width)...)
	body = append(body, paragraph(t.Text, c.Body, width)...)
	body = append(body, "")
	for _, o := range c.Options {
		body = append(body, ansi.Truncate(t.Accent(pad(o.Key, 5))+t.Text(o.Text), width, "…"))
	}
	return frame(t, body, w, h)
}

// Text shows rows that may be longer than the screen; it scrolls.
type Text struct {
	Title string
	Lines []string
	top   int
	page  int
}

// Press implements Dialog.
func (d *Text) Press(key string) (tea.Cmd, bool) {
	switch key {
	case "esc", "q", "?", "enter", "ctrl+c":
		return nil, true
	case "down", "j":
		d.top++
	case "up", "k":
		d.top--
	case "pgdown", "space", "ctrl+f":
		d.top += d.page
	case "pgup", "ctrl+b":
		d.top -= d.page
	case "home", "g":
		d.top = 0
	case "end", "G":
		d.top = len(d.Lines)
	}
	return nil, false
}

// Rows implements Dialog.
func (d *Text) Rows(t theme.Theme, w, h int) []string {
	d.page = max(h-5, 1)
	d.top = max(min(d.top, len(d.Lines)-d.page), 0)
	body := []string{ansi.Truncate(t.Strong(d.Title), max(w-4, 1), "…"), ""}
	for _, l := range d.Lines[d.top:min(d.top+d.page, len(d.Lines))] {
		body = append(body, ansi.Truncate(l, max(w-4, 1), "…"))
	}
	return frame(t, body, w, h)
}

// frame sets rows off from the screen below by one thin rule above and under them.
// Where there is little room the empty rows go first, then the rules.
func frame(t theme.Theme, body []string, w, h int) []string {
	if len(body)+2 > h {
		body = slices.DeleteFunc(body, func(row string) bool { return row == "" })
	}
	rule := t.Faint(strings.Repeat("─", w))
	if len(body)+2 > h {
		rows := make([]string, 0, len(body))
		for _, b := range body {
			rows = append(rows, fill(" "+b, w))
		}
		return rows[:min(len(rows), h)]
	}
	rows := []string{rule}
	for _, b := range body {
		rows = append(rows, fill("  "+b, w))
	}
	rows = append(rows, rule)
	return rows[:min(len(rows), h)]
}

func paragraph(style func(string) string, text string, width int) []string {
	if text == "" {
		return nil
	}
	var rows []string
	for _, l := range strings.Split(ansi.Wrap(text, max(width, 1), ""), "\n") {
		rows = append(rows, style(l))
	}
	return rows
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-ansi.StringWidth(s), 1)) }

func fill(s string, w int) string {
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}
