package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/caps"
	"nbterm/tui/images"
)

// Pictures is how the terminal is asked how it shows pictures, and what shows them.
// The zero value leaves them to block characters.
type Pictures struct {
	Probe *caps.Probe
	Layer *images.Layer
}

// ask asks the terminal what it can do.
func (p Pictures) ask() tea.Cmd {
	if p.Probe == nil {
		return nil
	}
	over := tea.Tick(caps.Patience, func(time.Time) tea.Msg { return caps.OverMsg{} })
	return tea.Batch(tea.Raw(p.Probe.Ask()), over)
}

// learn takes what the terminal answers; the screens hear of what it comes to.
func (a *App) learn(msg tea.Msg) tea.Cmd {
	p := a.opt.Pictures
	if p.Probe == nil || p.Layer == nil {
		return nil
	}
	if m, ok := msg.(tea.ColorProfileMsg); ok {
		p.Layer.SetColors(m.Profile)
	}
	if !p.Probe.Hear(msg) {
		return nil
	}
	p.Layer.SetTerminal(p.Probe.Terminal())
	return a.tellAll(p.Probe.Terminal())
}

// terminal is what is known of the terminal, for a screen that is new.
func (p Pictures) terminal() caps.Terminal {
	if p.Probe == nil {
		return caps.Terminal{}
	}
	return p.Probe.Terminal()
}

// compose puts pictures where rows have marks for them.
func (p Pictures) compose(rows []string, width int) []string {
	if p.Layer == nil {
		return rows
	}
	return p.Layer.Compose(rows, width)
}
