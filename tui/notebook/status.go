package notebook

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/host"
	"nbterm/tui/keymap"
	"nbterm/tui/list"
)

// Rows draws the screen: title, rule, cells, notice, rule, footer.
func (s *Screen) Rows() []string {
	rule := s.Theme.Faint(strings.Repeat("─", s.size.w))
	rows := append(make([]string, 0, s.size.h), s.title())
	tall := s.size.h >= 8
	if tall {
		rows = append(rows, rule)
	}
	rows = append(rows, s.list.Rows()...)
	rows = append(rows, s.noticeRows()...)
	if tall {
		rows = append(rows, rule)
	}
	return append(rows, s.footer())[:max(min(s.size.h, len(rows)+1), 0)]
}

// Title is the terminal's window title.
func (s *Screen) Title() string { return s.Name + " · nbterm" }

// title is what is open at the left and the kernel at the right.
func (s *Screen) title() string {
	left := " " + s.Theme.Strong(s.Name)
	if s.Dirty() && !s.ReadOnly {
		left += s.Theme.Stale(" •")
	}
	left += "  " + s.Theme.Muted(s.Place)
	if s.ReadOnly {
		left += s.Theme.Accent("  read-only")
	}
	return sides(left, s.kernel()+" ", s.size.w)
}

// narrow is the width below which the kernel's name gives way to the notebook's.
const narrow = 50

// kernel names the kernel and says what it does.
func (s *Screen) kernel() string {
	k := s.ses.Kernel
	name := s.Kernel
	if k.Info != nil {
		name = k.Info.Info.DisplayName
	}
	name, t := clean(name), s.Theme
	if s.size.w < narrow {
		name = ""
	}
	if k.Away != "" { // what it does there nobody here knows
		return t.Muted(name+" ") + t.Failed("✗ link lost, reconnecting")
	}
	switch k.State {
	case host.Starting:
		return t.Muted(name+" ") + t.Running("○ starting")
	case host.Restarting:
		return t.Muted(name+" ") + t.Running("○ restarting")
	case host.Dead:
		if s.ReadOnly {
			return t.Muted(name + " ○ ended")
		}
		return t.Muted(name+" ") + t.Failed("✗ no kernel")
	case host.Busy:
		text := "◐ busy"
		if i := s.Doc.Index(k.Running); s.ReadOnly && i >= 0 {
			text = fmt.Sprintf("◐ cell %d/%d", i+1, s.Doc.Len())
		}
		if k.Waiting > 0 {
			text += fmt.Sprintf(" · %d queued", k.Waiting)
		}
		if k.Input != nil {
			text = "? waits for input"
		}
		return t.Muted(name+" ") + t.Running(text) + t.Muted(s.costText())
	}
	return t.Muted(name + " ○ idle" + s.costText())
}

// footer is the mode, where we are and which keys matter now; at the right, when
// it was saved.
func (s *Screen) footer() string {
	t := s.Theme
	mode, hints := s.mode()
	if from, to := s.sel.span(); from != to {
		hints = append([]string{fmt.Sprintf("%d cells selected", to-from+1)}, hints...)
	}
	if !s.pending.Empty() {
		hints = []string{s.pending.String() + " …"}
	}
	left := " " + t.Mode(mode) + t.Muted(fmt.Sprintf("  %d/%d   ", s.sel.at+1, s.Doc.Len()))
	right := s.saveState() + " "
	return sides(left+t.Muted(fitting(hints, s.size.w-ansi.StringWidth(left)-ansi.StringWidth(right)-2)), right, s.size.w)
}

// mode names the mode, with the keys that matter in it.
func (s *Screen) mode() (name string, hints []string) {
	end := "close"
	if s.alone {
		end = "quit"
	}
	switch {
	case s.ReadOnly:
		return "VIEW", s.hints(keymap.Help, "help", keymap.Down+" "+keymap.Up, "cells", keymap.PageDown, "page", keymap.ToggleOutput, "fold", keymap.Close, end)
	case s.view.prompt != nil:
		return "INPUT", s.hints(keymap.PromptSubmit, "answers", keymap.PromptCancel, "back to the cells")
	case s.view.held != nil:
		return "WIDGETS", []string{"esc back to the cells", "tab next", "← → change", "⏎ press"}
	case s.view.ed != nil:
		return "EDIT", append(s.hints(keymap.EnterNormal, "commands", keymap.RunAdvance, "run"), append([]string{"ctrl+z undo"}, s.hints(keymap.Save, "save")...)...)
	}
	return "COMMAND", s.hints(keymap.Help, "help", keymap.RunAdvance, "run", keymap.EnterEdit, "edit", keymap.InsertAbove+" "+keymap.InsertBelow, "insert", keymap.Delete, "delete",
		keymap.Undo, "undo", keymap.Interrupt, "interrupt", keymap.Save, "save", keymap.Close, end, keymap.Palette, "actions",
		keymap.OpenSessions, "sessions", keymap.OpenHistory, "history", keymap.OpenForm, "parameters")
}

// hints are keys with a word for each, given as ids, word, ids, word, … (several ids
// with blanks between). What has no keys any more has no hint.
func (s *Screen) hints(pairs ...string) []string {
	var hints []string
	for i := 0; i+1 < len(pairs); i += 2 {
		var keys []string
		for _, id := range strings.Fields(pairs[i]) {
			if k := s.easiest(id); k != "" {
				keys = append(keys, k)
			}
		}
		if len(keys) > 0 {
			hints = append(hints, strings.Join(append(keys, pairs[i+1]), " "))
		}
	}
	return hints
}

// easiest is the shortest key of an action: not every terminal sends the long ones.
func (s *Screen) easiest(id string) string {
	best := ""
	for _, k := range s.Keys.Keys(s.context(), id, false) {
		if best == "" || utf8.RuneCountInString(k) < utf8.RuneCountInString(best) {
			best = k
		}
	}
	return best
}

// fitting joins as many hints as there is room for; they come in the order of
// their use to somebody new, and the first is shown last.
func fitting(hints []string, room int) string {
	text := ""
	for n := 1; n <= len(hints); n++ {
		longer := strings.Join(append(append([]string(nil), hints[1:n]...), hints[0]), " · ")
		if ansi.StringWidth(longer) > room && n > 1 {
			break
		}
		text = longer
	}
	return text
}

func (s *Screen) saveState() string {
	switch {
	case s.saving.running:
		return s.Theme.Muted("saving…")
	case s.Partial:
		return s.Theme.Running("loading…")
	case s.ReadOnly:
		return ""
	case s.Dirty():
		return s.Theme.Stale("unsaved")
	case !s.saving.at.IsZero():
		return s.Theme.Muted("saved " + s.saving.at.Format("15:04:05"))
	}
	return ""
}

// sides puts left and right on one row; the left gives way.
func sides(left, right string, w int) string {
	room := w - ansi.StringWidth(right)
	if room < 0 {
		return ansi.Truncate(right, w, "…")
	}
	if ansi.StringWidth(left) > room-1 {
		left = ansi.Truncate(left, max(room-1, 0), "…")
	}
	return left + strings.Repeat(" ", max(room-ansi.StringWidth(left), 0)) + right
}

// Cursor is where the terminal's own cursor stands; nil hides it.
func (s *Screen) Cursor() *tea.Cursor {
	top := 1
	if s.size.h >= 8 {
		top = 2
	}
	var item, row, col int
	switch {
	case s.view.prompt != nil:
		item = s.Doc.Index(s.ses.Kernel.Running)
		if item < 0 {
			return nil
		}
		row, col = s.view.Height(item)-gap-1, s.view.prompt.CursorCol(s.view.textWidth())
	case s.view.ed != nil:
		item = s.sel.at
		row, col = s.view.ed.Cursor(s.view.textWidth())
	case s.view.held != nil:
		i, at, ok := s.operating()
		if !ok || at.cursor == nil {
			return nil
		}
		item, row, col = i, s.view.inputHeight(i)+at.cursor.Row, at.cursor.Col
	default:
		return nil
	}
	y, ok := s.list.Y(list.Pos{Item: item, Row: row})
	if !ok {
		return nil
	}
	c := tea.NewCursor(min(gutterWidth+col, s.size.w-1), top+y)
	c.Shape = tea.CursorBar
	c.Blink = true
	return c
}
