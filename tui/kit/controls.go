package kit

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/dialog"
	"nbterm/tui/keymap"
	"nbterm/tui/theme"
)

// Action is something that a screen can do.
type Action struct {
	Do func() tea.Cmd
	// Why says why it would do nothing now, "" when it would; nil always can.
	Why func() string
}

// Plain is an action that needs no command afterwards.
func Plain(do func()) Action { return Action{Do: func() tea.Cmd { do(); return nil }} }

// why is the answer of Why.
func (a Action) why() string {
	if a.Why == nil {
		return ""
	}
	return a.Why()
}

// Controls are the actions of a screen by the ids of the key map. Help, palette and
// redraw need not be among them: Controls do these.
type Controls struct {
	Keys    *keymap.Map
	Context keymap.Context // whose keys are in force
	Title   string         // of the help, such as "Keys of the sessions"
	Actions map[string]Action

	pending keymap.Pending
}

// Press does what the key map says of a key. why is what to tell where the action can
// do nothing now; known is false for a key that means nothing here.
func (c *Controls) Press(k tea.KeyPressMsg, t theme.Theme) (cmd tea.Cmd, why string, known bool) {
	id, pending, matched := c.Keys.Lookup(c.Context, k.String(), c.pending)
	c.pending = pending
	if !matched {
		return nil, "", !pending.Empty()
	}
	switch id {
	case keymap.Palette:
		return c.Palette(), "", true
	case keymap.Help:
		return c.Help(t), "", true
	case keymap.Redraw:
		return tea.ClearScreen, "", true
	}
	a, known := c.Actions[id]
	if !known {
		return nil, "", false
	}
	if why := a.why(); why != "" {
		return nil, why, true
	}
	return a.Do(), "", true
}

// Pending is the part of a sequence of keys that was pressed, "" when none has begun.
func (c *Controls) Pending() string {
	if c.pending.Empty() {
		return ""
	}
	return c.pending.String()
}

// Palette lists every action with its keys and, where it cannot act now, why. What
// every screen has comes last.
func (c *Controls) Palette() tea.Cmd {
	var entries, usual []dialog.Entry
	for _, e := range c.Keys.Help(c.Context, false) {
		a, known := c.Actions[e.ID]
		if !known {
			continue
		}
		entry := dialog.Entry{Text: e.Title, Keys: strings.Join(e.Keys, "  "), Why: a.why(), Do: a.Do}
		if e.Group == keymap.Everywhere {
			usual = append(usual, entry)
		} else {
			entries = append(entries, entry)
		}
	}
	return OpenPalette(append(entries, usual...))
}

// OpenPalette offers actions; every screen's palette says the same of how it is used.
func OpenPalette(entries []dialog.Entry) tea.Cmd {
	return dialog.Open(dialog.NewPalette("type to find an action · ⏎ does it · esc closes", entries))
}

// Help lists what can be done here, with its keys.
func (c *Controls) Help(t theme.Theme) tea.Cmd {
	var lines []string
	group := ""
	for _, e := range c.Keys.Help(c.Context, false) {
		if _, known := c.Actions[e.ID]; !known && e.ID != keymap.Palette && e.ID != keymap.Help && e.ID != keymap.Redraw || len(e.Keys) == 0 {
			continue
		}
		if e.Group != group {
			group = e.Group
			lines = append(lines, "", t.Accent(group))
		}
		lines = append(lines, fmt.Sprintf("  %s %s", Pad(strings.Join(e.Keys, "  "), 30), e.Title))
	}
	return dialog.Open(&dialog.Text{Title: c.Title + " · j k scroll · esc closes", Lines: lines})
}

// Hint is an action's first key with a word for what it does, "⏎ open"; "" where the
// user has taken its keys away.
func (c *Controls) Hint(id, word string) string {
	keys := c.Keys.Keys(c.Context, id, false)
	if len(keys) == 0 {
		return ""
	}
	return keys[0] + " " + word
}

// Hints are several, given as id, word, id, word, …
func (c *Controls) Hints(pairs ...string) []string {
	if p := c.Pending(); p != "" {
		return []string{p + " …"}
	}
	var hints []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if h := c.Hint(pairs[i], pairs[i+1]); h != "" {
			hints = append(hints, h)
		}
	}
	return hints
}
