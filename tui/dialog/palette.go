package dialog

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/theme"
)

// Entry is something a Palette offers.
type Entry struct {
	Text string
	Keys string // as shown; may be empty
	Why  string // why it cannot be done now; "" when it can
	Do   func() tea.Cmd
}

// Palette finds an action by typing parts of its name.
type Palette struct {
	hint   string // shown while nothing is typed
	all    []Entry
	query  string
	found  []Entry
	at     int // of found
	top    int // of found, first shown
	height int
}

// NewPalette offers entries in their order; hint says what typing and ⏎ do.
func NewPalette(hint string, entries []Entry) *Palette {
	p := &Palette{hint: hint, all: entries}
	p.filter()
	return p
}

// filter keeps the entries that hold every word of the query.
func (p *Palette) filter() {
	words := strings.Fields(strings.ToLower(p.query))
	p.found, p.at, p.top = nil, 0, 0
	for _, e := range p.all {
		text := strings.ToLower(e.Text + " " + e.Keys)
		holds := true
		for _, w := range words {
			holds = holds && strings.Contains(text, w)
		}
		if holds {
			p.found = append(p.found, e)
		}
	}
}

// Press implements Dialog.
func (p *Palette) Press(key string) (tea.Cmd, bool) {
	switch key {
	case "esc", "ctrl+c", "ctrl+p":
		return nil, true
	case "enter":
		if p.at >= len(p.found) || p.found[p.at].Why != "" {
			return nil, false
		}
		return p.found[p.at].Do(), true
	case "down", "ctrl+n", "tab":
		p.at = min(p.at+1, max(len(p.found)-1, 0))
	case "up", "shift+tab":
		p.at = max(p.at-1, 0)
	case "pgdown":
		p.at = min(p.at+p.height, max(len(p.found)-1, 0))
	case "pgup":
		p.at = max(p.at-p.height, 0)
	case "backspace":
		if _, n := utf8.DecodeLastRuneInString(p.query); n > 0 {
			p.query = p.query[:len(p.query)-n]
			p.filter()
		}
	case "ctrl+u":
		p.query = ""
		p.filter()
	case "space":
		p.query += " "
	default:
		if utf8.RuneCountInString(key) == 1 {
			p.query += key
			p.filter()
		}
	}
	return nil, false
}

// Rows implements Dialog.
func (p *Palette) Rows(t theme.Theme, w, h int) []string {
	p.height = max(min(h-6, 16), 1)
	p.top = max(min(p.top, p.at), p.at-p.height+1)
	query := p.query
	if query == "" {
		query = t.Faint(p.hint)
	}
	body := []string{t.Accent(": ") + query, ""}
	for i := p.top; i < min(p.top+p.height, len(p.found)); i++ {
		e := p.found[i]
		mark, text, note := "  ", t.Text(e.Text), t.Muted(e.Keys)
		if e.Why != "" {
			text, note = t.Faint(e.Text), t.Faint(e.Why)
		}
		if i == p.at {
			mark = t.Accent("┃ ")
		}
		row := mark + pad(text, min(46, w/2)) + " " + note
		body = append(body, ansi.Truncate(row, max(w-4, 1), "…"))
	}
	if len(p.found) == 0 {
		body = append(body, t.Muted("  nothing is called that"))
	}
	return frame(t, body, w, h)
}
