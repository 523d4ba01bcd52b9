package notebook

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/storage"
	"nbterm/tui/dialog"
	"nbterm/tui/keymap"
)

// palette lists every action with its key and, where it cannot act now, why.
func (s *Screen) palette() tea.Cmd {
	var entries []dialog.Entry
	seen := map[string]bool{}
	for _, c := range []keymap.Context{keymap.Command, keymap.Edit} {
		for _, e := range s.Keys.Help(c, false) {
			if s.actions[e.ID] == nil || seen[e.ID] || e.ID == keymap.Palette {
				continue
			}
			seen[e.ID] = true
			entries = append(entries, dialog.Entry{
				Text: e.Title, Keys: strings.Join(e.Keys, "  "), Why: s.cannot(e.ID),
				Do: func() tea.Cmd { return s.actions[e.ID](s) },
			})
		}
	}
	return dialog.Open(dialog.NewPalette("type to find an action · ⏎ does it · esc closes", entries))
}

// cannot says why an action would do nothing now; "" when it would.
func (s *Screen) cannot(id string) string {
	_, to := s.sel.span()
	switch id {
	case keymap.Undo:
		if len(s.history.undo) == 0 {
			return "nothing was done yet"
		}
	case keymap.Redo:
		if len(s.history.redo) == 0 {
			return "nothing was undone"
		}
	case keymap.PasteAbove, keymap.PasteBelow:
		if len(s.clip) == 0 {
			return "no cell was cut or copied"
		}
	case keymap.Interrupt:
		if !s.Busy() {
			return "nothing is running"
		}
	case keymap.Split:
		if s.view.ed == nil {
			return "the cell is not being edited"
		}
	case keymap.Merge:
		if s.sel.at == s.sel.mark && to+1 >= s.Doc.Len() {
			return "there is no cell below"
		}
	case keymap.OpenHistory:
		if s.saving.was == storage.None {
			return "it was never saved"
		}
	case keymap.RunStale:
		if len(s.stale()) == 0 {
			return "no cell was edited since it ran"
		}
	}
	if s.ReadOnly && !looks(id) {
		return "read-only view"
	}
	return ""
}

// stale names the code cells whose source is not what ran.
func (s *Screen) stale() []uint64 {
	var keys []uint64
	for i := range s.Doc.Len() {
		if c := s.Doc.Cell(i); c.Kind() == notebook.Code && !session.Blank(c.Source()) && s.ses.Edited(c) {
			keys = append(keys, c.Key())
		}
	}
	return keys
}
