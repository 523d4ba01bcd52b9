package editor

import tea "charm.land/bubbletea/v2"

// Command names what a key does in the text, for key maps and for Do.
type Command string

// Binding is a command with its title and the keys it has by default, in the
// names of bubbletea's KeyPressMsg.String.
type Binding struct {
	Command Command
	Title   string
	Keys    []string
}

// The motions come in pairs: Select variants end in "-select".
const (
	Left          Command = "text.left"
	Right         Command = "text.right"
	Up            Command = "text.up"
	Down          Command = "text.down"
	WordLeft      Command = "text.word-left"
	WordRight     Command = "text.word-right"
	Home          Command = "text.home"
	End           Command = "text.end"
	PageUp        Command = "text.page-up"
	PageDown      Command = "text.page-down"
	Start         Command = "text.start"
	Finish        Command = "text.finish"
	SelectAll     Command = "text.select-all"
	Newline       Command = "text.newline"
	Backspace     Command = "text.backspace"
	Delete        Command = "text.delete"
	WordBack      Command = "text.delete-word-left"
	WordForward   Command = "text.delete-word-right"
	KillLine      Command = "text.kill-line"
	KillLineStart Command = "text.kill-line-start"
	Yank          Command = "text.yank"
	Undo          Command = "text.undo"
	Redo          Command = "text.redo"
	Copy          Command = "text.copy"
	Cut           Command = "text.cut"
	Paste         Command = "text.paste"
	Indent        Command = "text.indent"
	Dedent        Command = "text.dedent"
	Comment       Command = "text.comment"
	Duplicate     Command = "text.duplicate-line"
	MoveUp        Command = "text.move-line-up"
	MoveDown      Command = "text.move-line-down"
	DeleteLine    Command = "text.delete-line"
)

// Selecting is the command for a motion that extends the selection.
func Selecting(motion Command) Command { return motion + "-select" }

// Yields reports whether the command leaves its key to the caller where it can do
// nothing: up on the first row, tab after text, undo when nothing was done.
func (c Command) Yields() bool {
	switch c {
	case Up, Down, PageUp, PageDown, Left, Right, Start, Finish, Indent, Dedent, Undo, Redo, Copy, Paste, Yank:
		return true
	}
	return false
}

// Bindings lists every command, in the order a help screen shows them.
func Bindings() []Binding {
	b := []Binding{
		{Undo, "undo", []string{"ctrl+z"}},
		{Redo, "redo", []string{"ctrl+y", "ctrl+shift+z"}},
		{Copy, "copy", []string{"ctrl+c", "ctrl+insert"}},
		{Cut, "cut, the line when nothing is selected", []string{"ctrl+x", "shift+delete"}},
		{Paste, "paste", []string{"ctrl+v", "shift+insert"}},
		{SelectAll, "select all", []string{"ctrl+a"}},
		{Comment, "comment or uncomment", []string{"ctrl+/", "ctrl+_"}},
		{Indent, "indent", []string{"tab", "ctrl+]"}},
		{Dedent, "dedent", []string{"shift+tab"}},
		{MoveUp, "move line up", []string{"alt+up"}},
		{MoveDown, "move line down", []string{"alt+down"}},
		{Duplicate, "duplicate line", []string{"alt+shift+down", "alt+shift+up"}},
		{DeleteLine, "delete line", []string{"ctrl+shift+k", "alt+shift+k"}},
		{WordBack, "delete word before", []string{"ctrl+w", "ctrl+backspace", "alt+backspace", "ctrl+h"}},
		{WordForward, "delete word after", []string{"ctrl+delete", "alt+d", "alt+delete"}},
		{KillLine, "delete to end of line", []string{"ctrl+k"}},
		{KillLineStart, "delete to start of line", []string{"ctrl+u"}},
		{Yank, "put back what was deleted, again for the one before", []string{"alt+y"}},
		{Newline, "new line", []string{"enter", "ctrl+j"}},
		{Backspace, "delete before", []string{"backspace", "shift+backspace"}},
		{Delete, "delete after", []string{"delete"}},
	}
	for _, m := range []Binding{
		{Left, "left", []string{"left"}},
		{Right, "right", []string{"right"}},
		{Up, "up", []string{"up"}},
		{Down, "down", []string{"down"}},
		{WordLeft, "word left", []string{"ctrl+left", "alt+left", "alt+b"}},
		{WordRight, "word right", []string{"ctrl+right", "alt+right", "alt+f"}},
		{Home, "start of line", []string{"home"}},
		{End, "end of line", []string{"end"}},
		{PageUp, "page up", []string{"pgup"}},
		{PageDown, "page down", []string{"pgdown"}},
		{Start, "start of cell", []string{"ctrl+home"}},
		{Finish, "end of cell", []string{"ctrl+end"}},
	} {
		b = append(b, m, Binding{Selecting(m.Command), "select " + m.Title, shifted(m.Keys)})
	}
	return b
}

// shifted adds shift to keys, in bubbletea's order of modifiers. Letters are left
// out: with shift they are another key.
func shifted(keys []string) []string {
	var out []string
	for _, k := range keys {
		switch {
		case len(k) > 5 && k[:5] == "ctrl+":
			out = append(out, "ctrl+shift+"+k[5:])
		case len(k) == 5 && k[:4] == "alt+":
		case len(k) > 4 && k[:4] == "alt+":
			out = append(out, "alt+shift+"+k[4:])
		default:
			out = append(out, "shift+"+k)
		}
	}
	return out
}

// DefaultKeys maps each key to its command.
func DefaultKeys() map[string]Command {
	keys := map[string]Command{}
	for _, b := range Bindings() {
		for _, k := range b.Keys {
			keys[k] = b.Command
		}
	}
	return keys
}

// motion is what a motion does; Select variants share it.
func (e *Editor) motion(c Command) (to Pos, ok bool) {
	b := e.b
	switch c {
	case Left:
		return b.left(), true
	case Right:
		return b.right(), true
	case WordLeft:
		return b.wordLeft(), true
	case WordRight:
		return b.wordRight(), true
	case Home:
		return b.home(), true
	case End:
		return b.lineEnd(), true
	case Start:
		return Pos{}, true
	case Finish:
		return b.end(), true
	case Up:
		return e.rows(-1), true
	case Down:
		return e.rows(1), true
	case PageUp:
		return e.rows(-e.page), true
	case PageDown:
		return e.rows(e.page), true
	}
	return Pos{}, false
}

// rows is the place n rows down at the goal column; beyond the first or last row
// it is the start or the end.
func (e *Editor) rows(n int) Pos {
	l := &e.v.layout
	row, col := l.cell(e.b.cursor)
	if e.goal < 0 {
		e.goal = col
	}
	switch row += n; {
	case row < 0:
		return Pos{}
	case row >= l.total:
		return e.b.end()
	}
	return l.place(row, e.goal)
}

// move does a motion. Without a selection, one that leads nowhere is not handled.
func (e *Editor) move(c Command) (known, handled bool) {
	motion, extend := c, false
	if n := len(c) - len("-select"); n > 0 && c[n:] == "-select" {
		motion, extend = c[:n], true
	}
	vertical := motion == Up || motion == Down || motion == PageUp || motion == PageDown
	if !vertical {
		e.goal = -1
	}
	from := e.b.cursor
	sel, selected := e.b.Selection()
	to, ok := e.motion(motion)
	if !ok {
		return false, false
	}
	row, last := 0, e.v.layout.total-1
	if vertical {
		row, _ = e.v.layout.cell(from)
	}
	switch {
	case extend:
	case selected && motion == Left:
		to = sel.From
	case selected && motion == Right:
		to = sel.To
	case selected:
	case (motion == Up || motion == PageUp) && row == 0, (motion == Down || motion == PageDown) && row == last:
		return true, false
	}
	e.b.move(to, extend)
	return true, extend || selected || to != from
}

// Do runs a command. It reports false for one it does not know and for one that
// can do nothing where the cursor is.
func (e *Editor) Do(c Command) (handled bool, cmd tea.Cmd) {
	last := e.last
	if known, handled := e.move(c); known {
		e.last = c
		return handled, nil
	}
	handled, cmd = e.copying(c)
	if !handled && !e.readOnly {
		handled = e.change(c, last)
	}
	if handled {
		e.goal, e.last = -1, c
	}
	return handled, cmd
}

// copying runs the commands of the clipboard and those that only select.
func (e *Editor) copying(c Command) (handled bool, cmd tea.Cmd) {
	sel, selected := e.b.Selection()
	text := e.b.Text(sel)
	switch {
	case c == SelectAll:
		e.b.Select(Pos{}, e.b.end())
		return true, nil
	case c == Copy && selected, c == Cut && e.readOnly && selected:
	case c == Cut && selected && !e.readOnly:
		e.b.Replace(sel, "")
	case c == Cut && !e.readOnly:
		text = e.b.DeleteLines()
	default:
		return false, nil
	}
	e.registers.clip = text
	return true, tea.SetClipboard(text)
}

// change runs the commands that change the text.
func (e *Editor) change(c, last Command) bool {
	b := e.b
	switch c {
	case Newline:
		b.Newline()
	case Backspace:
		b.Backspace()
	case Delete:
		b.Delete()
	case WordBack, WordForward, KillLine, KillLineStart:
		e.kill(c, last)
	case Yank:
		return e.yank(last)
	case Undo:
		return b.Undo()
	case Redo:
		return b.Redo()
	case Paste:
		if e.registers.clip == "" {
			return false
		}
		b.Paste(e.registers.clip)
	default:
		return e.changeLines(c)
	}
	return true
}

// changeLines runs the commands on whole lines.
func (e *Editor) changeLines(c Command) bool {
	b := e.b
	_, selected := b.Selection()
	switch c {
	case Indent, Dedent:
		switch {
		case !selected && !b.inIndentation():
			return false
		case c == Dedent:
			b.Dedent()
		case selected:
			b.Indent()
		default:
			b.InsertIndent()
		}
	case Comment:
		return b.ToggleComment()
	case Duplicate:
		b.DuplicateLines()
	case MoveUp:
		b.MoveLines(-1)
	case MoveDown:
		b.MoveLines(1)
	case DeleteLine:
		e.registers.kill(b.DeleteLines(), false, false)
	default:
		return false
	}
	return true
}

// kill deletes and keeps the text for a yank.
func (e *Editor) kill(c, last Command) {
	adds := last == WordBack || last == WordForward || last == KillLine || last == KillLineStart
	switch c {
	case WordBack:
		e.registers.kill(e.b.DeleteWordLeft(), adds, true)
	case WordForward:
		e.registers.kill(e.b.DeleteWordRight(), adds, false)
	case KillLine:
		e.registers.kill(e.b.KillLine(), adds, false)
	case KillLineStart:
		e.registers.kill(e.b.KillLineStart(), adds, true)
	}
}

// yank puts the latest kill in; a yank right after it puts the one before in its
// place.
func (e *Editor) yank(last Command) bool {
	into, _ := e.b.Selection()
	if last == Yank {
		e.yanks++
		into = e.yanked
	} else {
		e.yanks = 0
	}
	text := e.registers.killed(e.yanks)
	if text == "" {
		return false
	}
	e.b.Replace(into, text)
	e.yanked = Span{into.From, e.b.cursor}
	return true
}
