package editor

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
)

// Editor is the component: text, its looks, and the keys that change it. It is
// owned by the goroutine of the program.
type Editor struct {
	b         *Buffer
	v         *view
	keys      map[string]Command // nil: the usual ones
	registers *Registers
	palette   *ink.Palette
	language  string
	page      int // rows a page motion goes
	focused   bool
	readOnly  bool
	goal      int // column that up and down keep, -1: the cursor's own
	last      Command
	yanks     int // how many kills back the last yank reached
	yanked    Span
	word      Span // the word a double click selected, while dragging
}

// New edits text. language is the kernel's or "markdown"; palette may be shared.
func New(text, language string, palette *ink.Palette) *Editor {
	e := &Editor{
		b: NewBuffer(text), registers: &Registers{},
		palette: palette, language: language, page: 20, goal: -1, focused: true,
	}
	e.b.lang = languageOf(language)
	e.v = newView(e.b, language, palette)
	e.v.fit(80)
	return e
}

// Buffer is the text core, for operations that have no command.
func (e *Editor) Buffer() *Buffer { return e.b }

// Value is the whole text.
func (e *Editor) Value() string { return e.b.Value() }

// Version grows with every change of the text.
func (e *Editor) Version() uint64 { return e.b.version }

// SetValue replaces the whole text as one step of undo, where it differs.
func (e *Editor) SetValue(text string) {
	if text == e.Value() {
		return
	}
	cursor := e.b.cursor
	e.b.Replace(Span{Pos{}, e.b.end()}, text)
	e.b.SetCursor(cursor)
}

// SetPalette changes the colours.
func (e *Editor) SetPalette(p *ink.Palette) {
	e.palette = p
	e.v.painter = newPainter(themeOf(p), e.v.painter.m)
}

// SetLanguage changes colours and indentation.
func (e *Editor) SetLanguage(language string) {
	if language == e.language {
		return
	}
	e.language = language
	e.b.lang = languageOf(language)
	e.v.lexing = newLexing(e.b, language)
	e.v.painter = newPainter(e.v.painter.theme, e.v.painter.m)
}

// SetKeys changes which key gives which command; see DefaultKeys.
func (e *Editor) SetKeys(keys map[string]Command) { e.keys = keys }

// SetRegisters shares what is copied and killed with other editors.
func (e *Editor) SetRegisters(r *Registers) { e.registers = r }

// SetAutoClose says whether brackets and quotes close themselves; they do at first.
func (e *Editor) SetAutoClose(on bool) { e.b.AutoClose = on }

// SetReadOnly refuses every change but keeps motions, selection and copying.
func (e *Editor) SetReadOnly(on bool) { e.readOnly = on }

// SetPage is how many rows a page motion goes: the height of what is on screen.
func (e *Editor) SetPage(rows int) { e.page = max(rows, 1) }

// SetFocused says whether matching brackets are shown.
func (e *Editor) SetFocused(on bool) { e.focused = on }

// SetTabWidth sets the columns of a tab stop; at least 1.
func (e *Editor) SetTabWidth(columns int) {
	e.v.tab = max(columns, 1)
	e.v.fit(e.v.layout.m.width)
}

// SetWidthMethod says how the terminal counts cells: ansi.WcWidth, as bubbletea
// does until the terminal has granted mode 2027, or ansi.GraphemeWidth.
func (e *Editor) SetWidthMethod(m ansi.Method) {
	e.v.method = m
	e.v.fit(e.v.layout.m.width)
}

// Update does what a key or a paste asks for. A key that means nothing here, or
// that cannot do anything where the cursor is (up on the first row, tab after
// text), is left to the caller: handled is false. The command, often nil, may end
// in a Coloured message: give it to Update.
func (e *Editor) Update(msg tea.Msg) (handled bool, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case Coloured:
		return msg.of == e, e.coloured(msg)
	case tea.PasteMsg:
		handled = e.edit(func() { e.b.Paste(msg.Content) })
	case tea.KeyPressMsg:
		if c, ok := e.command(msg.String()); ok {
			handled, cmd = e.Do(c)
		} else if msg.Text != "" && msg.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock|tea.ModScrollLock) == 0 {
			handled = e.edit(func() { e.b.Type(msg.Text) })
		}
	}
	return handled, tea.Batch(cmd, e.colour())
}

// command gives what a key means. Most editors only ever draw: their map is made
// with the first key.
func (e *Editor) command(key string) (Command, bool) {
	if e.keys == nil {
		e.keys = DefaultKeys()
	}
	c, ok := e.keys[key]
	return c, ok
}

// edit runs a change that is not a command.
func (e *Editor) edit(do func()) bool {
	if e.readOnly {
		return false
	}
	do()
	e.goal, e.last = -1, ""
	return true
}

// InsertText puts text in at the cursor, over the selection, as one step.
func (e *Editor) InsertText(text string) {
	s, _ := e.b.Selection()
	e.b.Replace(s, text)
	e.goal, e.last = -1, ""
}

// Replace puts text in the place of the bytes from start to end of Value, with the
// cursor after it: what a completion does.
func (e *Editor) Replace(start, end int, text string) {
	e.b.Replace(Span{e.b.At(start), e.b.At(end)}, text)
	e.goal, e.last = -1, ""
}

// CursorOffset is the byte offset of the cursor in Value.
func (e *Editor) CursorOffset() int { return e.b.Offset(e.b.cursor) }

// SetCursorOffset moves the cursor to a byte offset of Value.
func (e *Editor) SetCursorOffset(offset int) {
	e.b.SetCursor(e.b.At(offset))
	e.goal, e.last = -1, ""
}

// SelectedText is the selected text, "" when nothing is selected.
func (e *Editor) SelectedText() string {
	s, _ := e.b.Selection()
	return e.b.Text(s)
}

// Height is the number of rows at a width in cells, at least 1.
func (e *Editor) Height(width int) int { return e.v.fit(width).total }

// Rows draws the rows from up to, not including, to at a width: each safe to write
// to a terminal, at most width cells wide, its attributes reset at the end, and not
// padded.
func (e *Editor) Rows(width, from, to int) []string {
	e.v.fit(width)
	e.look()
	at, partner, match := Pos{}, Pos{}, false
	if e.focused {
		at, partner, match = e.b.Match()
	}
	sel, selected := e.b.Selection()
	return e.v.rows(from, to, func(line int) overlay {
		over := noOverlay
		if selected && sel.From.Line <= line && line <= sel.To.Line {
			over.to, over.newline = len(e.b.lines[line]), line < sel.To.Line
			if line == sel.From.Line {
				over.from = sel.From.Col
			}
			if line == sel.To.Line {
				over.to = sel.To.Col
			}
		}
		if match && at.Line == line {
			over.marks[0] = at.Col
		}
		if match && partner.Line == line {
			over.marks[1] = partner.Col
		}
		return over
	})
}

// Cursor is the cell of the cursor at a width, from the first row.
func (e *Editor) Cursor(width int) (row, col int) { return e.v.fit(width).cell(e.b.cursor) }

// AtFirstRow reports whether the cursor is on the first row.
func (e *Editor) AtFirstRow(width int) bool {
	row, _ := e.Cursor(width)
	return row == 0
}

// AtLastRow reports whether the cursor is on the last row.
func (e *Editor) AtLastRow(width int) bool {
	row, _ := e.Cursor(width)
	return row == e.v.layout.total-1
}

// MoveToRow puts the cursor on a row (negative: from the end) at a column: where a
// cursor goes that came up or down from a neighbouring cell.
func (e *Editor) MoveToRow(width, row, col int) {
	l := e.v.fit(width)
	if row < 0 {
		row += l.total
	}
	e.b.SetCursor(l.place(row, col))
	e.goal, e.last = col, ""
}

// Click puts the cursor at a cell; Drag, following it, selects from there.
func (e *Editor) Click(width, row, col int) {
	e.b.SetCursor(e.v.fit(width).place(row, col))
	e.goal, e.last, e.word = -1, "", Span{}
}

// DoubleClick selects the word at a cell; Drag then selects by words.
func (e *Editor) DoubleClick(width, row, col int) {
	e.word = e.b.wordAt(e.v.fit(width).place(row, col))
	e.b.Select(e.word.From, e.word.To)
	e.goal, e.last = -1, ""
}

// Drag selects from where the click was to a cell.
func (e *Editor) Drag(width, row, col int) {
	p := e.v.fit(width).place(row, col)
	if e.word.Empty() {
		e.b.move(p, true)
		return
	}
	to := e.b.wordAt(p)
	if p.Before(e.word.From) {
		e.b.Select(e.word.To, to.From)
	} else {
		e.b.Select(e.word.From, to.To)
	}
}
