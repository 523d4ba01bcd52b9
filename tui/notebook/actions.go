package notebook

import (
	"fmt"
	"maps"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
	"nbterm/storage"
	"nbterm/tui/dialog"
	"nbterm/tui/keymap"
	"nbterm/tui/screen"
)

// action is what a key or a palette entry does.
type action func(*Screen) tea.Cmd

// plain is an action that needs no command afterwards.
func plain(do func(*Screen)) action {
	return func(s *Screen) tea.Cmd { do(s); return nil }
}

// newActions are all that the screen can do, by the ids of the key map.
func newActions() map[string]action {
	all := map[string]action{}
	for _, some := range []map[string]action{moving(), changing(), running(), operations()} {
		maps.Copy(all, some)
	}
	for level := 1; level <= 6; level++ {
		all[fmt.Sprintf("cell.heading-%d", level)] = plain(func(s *Screen) { s.heading(level) })
	}
	return all
}

// moving is what only moves the cursor or the window.
func moving() map[string]action {
	return map[string]action{
		keymap.Up:          plain(func(s *Screen) { s.vertical(-1) }),
		keymap.Down:        plain(func(s *Screen) { s.vertical(1) }),
		keymap.First:       plain(func(s *Screen) { s.choose(0) }),
		keymap.Last:        plain(func(s *Screen) { s.choose(s.Doc.Len() - 1) }),
		keymap.ExtendUp:    plain(func(s *Screen) { s.extend(s.sel.at - 1) }),
		keymap.ExtendDown:  plain(func(s *Screen) { s.extend(s.sel.at + 1) }),
		keymap.ExtendFirst: plain(func(s *Screen) { s.extend(0) }),
		keymap.ExtendLast:  plain(func(s *Screen) { s.extend(s.Doc.Len() - 1) }),
		keymap.HalfDown:    plain(func(s *Screen) { s.list.Scroll(s.list.Height() / 2) }),
		keymap.HalfUp:      plain(func(s *Screen) { s.list.Scroll(-s.list.Height() / 2) }),
		keymap.SelectAll:   plain(func(s *Screen) { s.sel = selection{s.Doc.Len() - 1, 0}; s.show() }),
		keymap.PageDown:    plain(func(s *Screen) { s.list.Scroll(s.list.Height() - 1) }),
		keymap.PageUp:      plain(func(s *Screen) { s.list.Scroll(1 - s.list.Height()) }),
		keymap.LineDown:    plain(func(s *Screen) { s.list.Scroll(1) }),
		keymap.LineUp:      plain(func(s *Screen) { s.list.Scroll(-1) }),
	}
}

// changing is what changes the cells.
func changing() map[string]action {
	return map[string]action{
		keymap.InsertAbove:  plain(func(s *Screen) { from, _ := s.sel.span(); s.insert(from) }),
		keymap.InsertBelow:  plain(func(s *Screen) { _, to := s.sel.span(); s.insert(to + 1) }),
		keymap.Delete:       plain((*Screen).remove),
		keymap.Cut:          plain(func(s *Screen) { s.copyCells(); s.remove() }),
		keymap.Copy:         plain((*Screen).copyCells),
		keymap.PasteBelow:   plain(func(s *Screen) { _, to := s.sel.span(); s.paste(to + 1) }),
		keymap.PasteAbove:   plain(func(s *Screen) { from, _ := s.sel.span(); s.paste(from) }),
		keymap.Undo:         plain((*Screen).undo),
		keymap.Redo:         plain((*Screen).redo),
		keymap.MoveUp:       plain(func(s *Screen) { s.move(-1) }),
		keymap.MoveDown:     plain(func(s *Screen) { s.move(1) }),
		keymap.Merge:        plain((*Screen).merge),
		keymap.Split:        plain((*Screen).split),
		keymap.ToCode:       plain(func(s *Screen) { s.convert(notebook.Code) }),
		keymap.ToMarkdown:   plain(func(s *Screen) { s.convert(notebook.Markdown) }),
		keymap.ToRaw:        plain(func(s *Screen) { s.convert(notebook.Raw) }),
		keymap.OpenOutput:   (*Screen).openOutput,
		keymap.ToOrigin:     plain((*Screen).toOrigin),
		keymap.ToggleOutput: plain((*Screen).toggleOutput),
		keymap.ReadOutput:   (*Screen).readOutput,
		keymap.ClearOutput:  plain(func(s *Screen) { from, to := s.sel.span(); s.clearOutputs(from, to) }),
		keymap.ClearAll:     plain(func(s *Screen) { s.clearOutputs(0, s.Doc.Len()-1) }),
	}
}

// running is what concerns the kernel, the file, the modes and the program.
func running() map[string]action {
	return map[string]action{
		keymap.PromptSubmit: (*Screen).answer,
		keymap.PromptCancel: plain((*Screen).command),
		keymap.PromptBreak:  (*Screen).interrupt,
		keymap.Redraw:       func(*Screen) tea.Cmd { return tea.ClearScreen },
		keymap.EnterEdit:    plain((*Screen).enter),
		keymap.EnterNormal:  plain((*Screen).command),
		keymap.RunStay:      (*Screen).run,
		keymap.RunAdvance:   (*Screen).runAdvance,
		keymap.RunInsert:    (*Screen).runInsert,
		keymap.RunAll:       func(s *Screen) tea.Cmd { return s.runRange(0, s.Doc.Len()-1) },
		keymap.RunAbove:     func(s *Screen) tea.Cmd { return s.runRange(0, s.sel.at-1) },
		keymap.RunBelow:     func(s *Screen) tea.Cmd { return s.runRange(s.sel.at, s.Doc.Len()-1) },
		keymap.RunStale:     (*Screen).runStale,
		keymap.Save:         (*Screen).save,
		keymap.Interrupt:    (*Screen).interrupt,
		keymap.Restart:      (*Screen).askRestart,
		keymap.RestartRun:   (*Screen).restartRunAll,
		keymap.Palette:      (*Screen).palette,
		keymap.Complete:     (*Screen).complete,
		keymap.Inspect:      (*Screen).inspect,
		keymap.Help:         (*Screen).help,
		keymap.OpenSessions: func(*Screen) tea.Cmd { return screen.Open(screen.Target{Kind: screen.Sessions}) },
		keymap.OpenForm:     (*Screen).openForm,
		keymap.OpenHistory:  (*Screen).openHistory,
		keymap.OpenDiff:     (*Screen).askDiff,
		keymap.Close:        (*Screen).shut,
		keymap.Quit:         func(*Screen) tea.Cmd { return screen.Quit },
	}
}

// enter is Jupyter's Enter: into the editor, or back into a waiting input field.
func (s *Screen) enter() {
	if s.ses.Kernel.Input != nil && s.view.prompt == nil && s.cell().Key() == s.ses.Kernel.Running {
		s.askInput()
		return
	}
	s.edit()
}

// command is Jupyter's Esc: out of the editor or the input field; in command mode
// it drops a range and a notice.
func (s *Screen) command() {
	switch {
	case s.view.prompt != nil:
		s.view.prompt = nil
	case s.view.ed != nil:
		s.leave()
	default:
		s.choose(s.sel.at)
		s.say("")
		s.alarm(gapAlarm, "")
	}
}

func (s *Screen) insert(at int) {
	s.commit()
	s.history.did(change(s.Doc.Insert(at, notebook.NewCell(notebook.Code, "")), s.sel.at))
	s.view.ed, s.view.editing = nil, 0
	s.choose(at)
}

// remove deletes the selected cells; an empty notebook gets an empty cell.
func (s *Screen) remove() {
	from, to := s.sel.span()
	back := []step{change(s.Doc.Delete(from, to-from+1), from)}
	if s.Doc.Len() == 0 {
		back = append(back, change(s.Doc.Insert(0, notebook.NewCell(notebook.Code, "")), 0))
	}
	s.history.did(together(back))
	s.view.forget()
	s.choose(min(from, s.Doc.Len()-1))
	s.say(plural(to-from+1, "cell") + " deleted · z undoes")
}

func (s *Screen) copyCells() {
	from, to := s.sel.span()
	s.clip = nil
	for i := from; i <= to; i++ {
		s.clip = append(s.clip, s.Doc.Copy(i))
	}
	s.say(plural(to-from+1, "cell") + " copied · v pastes below")
}

// paste inserts fresh copies, so that pasting twice makes two.
func (s *Screen) paste(at int) {
	if len(s.clip) == 0 {
		s.say("There is nothing to paste: x cuts and c copies cells.")
		return
	}
	s.history.did(change(s.Doc.Insert(at, s.clip...), s.sel.at))
	s.choose(at)
	s.extend(at + len(s.clip) - 1)
	for i := range s.clip {
		s.clip[i] = s.Doc.Copy(at + i)
	}
}

func (s *Screen) undo() {
	if !s.back(&s.history.undo, &s.history.redo) {
		s.say("There is nothing to undo.")
	}
}

func (s *Screen) redo() {
	if !s.back(&s.history.redo, &s.history.undo) {
		s.say("There is nothing to redo.")
	}
}

// move shifts the selected cells by one place.
func (s *Screen) move(by int) {
	from, to := s.sel.span()
	if from+by < 0 || to+by >= s.Doc.Len() {
		return
	}
	if by < 0 {
		s.history.did(change(s.Doc.Move(from-1, to), from))
	} else {
		s.history.did(change(s.Doc.Move(to+1, from), from))
	}
	s.sel.at, s.sel.mark = s.sel.at+by, s.sel.mark+by
	s.show()
}

// merge joins the selected cells, or the cell with the one below.
func (s *Screen) merge() {
	from, to := s.sel.span()
	if from == to {
		to++
	}
	if to >= s.Doc.Len() {
		s.say("There is no cell below to merge with.")
		return
	}
	s.history.did(change(s.Doc.Merge(from, to-from+1), from))
	s.choose(from)
}

// split cuts the edited cell in two at the cursor.
func (s *Screen) split() {
	if s.view.ed == nil {
		s.say("Split works at the cursor: press ⏎ to edit the cell first.")
		return
	}
	s.commit()
	at := s.sel.at
	s.history.did(change(s.Doc.Split(at, s.view.ed.CursorOffset()), at))
	s.choose(at + 1)
	s.edit()
}

func (s *Screen) convert(k notebook.Kind) {
	from, to := s.sel.span()
	var back []step
	for i := from; i <= to; i++ {
		if c := s.Doc.Cell(i); c.Kind() != k {
			back = append(back, change(s.Doc.Replace(i, c.WithKind(k)), from))
		}
	}
	if back != nil {
		s.history.did(together(back))
	}
	s.show()
}

// heading makes the cell markdown and its first line a heading.
func (s *Screen) heading(level int) {
	c := s.cell()
	text := strings.Repeat("#", level) + " " + strings.TrimLeft(c.Source(), "# ")
	back := change(s.Doc.Replace(s.sel.at, c.WithKind(notebook.Markdown).WithSource(text)), s.sel.at)
	s.history.did(back)
	s.show()
}

func (s *Screen) toggleOutput() {
	from, to := s.sel.span()
	for i := from; i <= to; i++ {
		c := s.Doc.Cell(i)
		long := s.view.at(i).outputs.long()
		s.view.fold[c.Key()] = s.view.foldOf(c).next(long)
	}
}

func (s *Screen) clearOutputs(from, to int) {
	var back []step
	for i := from; i <= to; i++ {
		if c := s.Doc.Cell(i); c.Kind() == notebook.Code {
			back = append(back, change(s.Doc.Replace(i, c.WithOutputs(nil).WithCount(0, false)), i))
		}
	}
	s.history.did(together(back))
}

// openForm opens the parameters as a form. A run reads the file, so what is not in
// there must be saved first.
func (s *Screen) openForm() tea.Cmd {
	s.commit()
	if merge.Edited(s.saving.base, s.Doc) || s.saving.was == storage.None {
		s.say("Save first: a run reads the file.")
		return nil
	}
	return screen.Open(screen.Target{Kind: screen.Form, Path: s.Address})
}

// openHistory shows what the file was before.
func (s *Screen) openHistory() tea.Cmd {
	if s.saving.was == storage.None {
		s.say("There is no history yet: the notebook was never saved.")
		return nil
	}
	return screen.Open(screen.Target{Kind: screen.History, Path: s.Address})
}

// askDiff compares the file of this notebook with another, which is asked for. A name
// without a folder is that of a neighbour.
func (s *Screen) askDiff() tea.Cmd {
	here := s.Address
	return dialog.Open(&dialog.Ask{
		Title: "Compare with",
		Hint:  "a path or an address, which stands left",
		Do: func(other string) tea.Cmd {
			if !strings.ContainsAny(other, "/:~") {
				other = here[:strings.LastIndexByte(here, '/')+1] + other
			}
			return screen.Open(screen.Target{Kind: screen.Diff, Path: other, Other: here})
		},
	})
}

// help lists what can be done where we are, with its keys.
func (s *Screen) help() tea.Cmd {
	var lines []string
	for _, c := range []keymap.Context{keymap.Command, keymap.Edit, keymap.Control, keymap.Text} {
		group := ""
		for _, e := range s.Keys.Help(c, false) {
			if s.actions[e.ID] == nil && c != keymap.Text || len(e.Keys) == 0 {
				continue
			}
			if e.Group != group {
				group = e.Group
				lines = append(lines, "", s.Theme.Accent(helpTitle(c)+group))
			}
			keys := strings.Join(e.Keys, "  ")
			lines = append(lines, fmt.Sprintf("  %s %s", padTo(keys, 30), e.Title))
		}
	}
	return dialog.Open(&dialog.Text{Title: "Keys of the notebook · j k scroll · esc closes", Lines: lines})
}

func helpTitle(c keymap.Context) string {
	switch c {
	case keymap.Command:
		return "COMMAND  "
	case keymap.Edit:
		return "EDIT  "
	case keymap.Control:
		return "WIDGETS  "
	}
	return ""
}

func padTo(s string, w int) string { return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0)) }
