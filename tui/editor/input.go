package editor

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/ink"
)

// Input is a field of one line behind a prompt: for searches and for what a kernel
// asks with input() or getpass().
type Input struct {
	e      *Editor
	prompt string
	masked bool
}

// NewInput asks for a line. The prompt must be clean (no control characters).
// masked shows a dot for each character and lets nothing be copied.
func NewInput(prompt string, masked bool, palette *ink.Palette) *Input {
	in := &Input{e: New("", "", palette), prompt: prompt, masked: masked}
	in.e.SetFocused(false)
	in.e.SetAutoClose(false)
	return in
}

// Value is what was typed.
func (in *Input) Value() string { return in.e.Value() }

// SetValue replaces the text and puts the cursor at its end.
func (in *Input) SetValue(text string) {
	in.e.SetValue(oneLine(text))
	in.e.b.SetCursor(in.e.b.end())
}

// SetPrompt changes what stands before the field.
func (in *Input) SetPrompt(prompt string) { in.prompt = prompt }

// SetPalette changes the colours.
func (in *Input) SetPalette(p *ink.Palette) { in.e.SetPalette(p) }

// SetKeys and SetRegisters are the Editor's.
func (in *Input) SetKeys(keys map[string]Command) { in.e.SetKeys(keys) }

// SetRegisters shares what is copied with other editors.
func (in *Input) SetRegisters(r *Registers) { in.e.SetRegisters(r) }

// SetWidthMethod is the Editor's.
func (in *Input) SetWidthMethod(m ansi.Method) { in.e.SetWidthMethod(m) }

// Update does what a key or a paste asks for; enter, up, down, tab and whatever
// else means nothing in one line are left to the caller.
func (in *Input) Update(msg tea.Msg) (handled bool, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return in.e.Update(tea.PasteMsg{Content: oneLine(msg.Content)})
	case tea.KeyPressMsg:
		c, ok := in.e.command(msg.String())
		if !ok {
			return in.e.Update(msg)
		}
		return in.do(c)
	}
	return false, nil
}

// do runs the commands that make sense in one line.
func (in *Input) do(c Command) (handled bool, cmd tea.Cmd) {
	switch c {
	case Left, Right, WordLeft, WordRight, Home, End, SelectAll, Backspace, Delete, Undo, Redo,
		Selecting(Left), Selecting(Right), Selecting(WordLeft), Selecting(WordRight), Selecting(Home), Selecting(End):
		return in.e.Do(c)
	case Start, Selecting(Start):
		return in.e.Do(Home + c[len(Start):])
	case Finish, Selecting(Finish):
		return in.e.Do(End + c[len(Finish):])
	case Paste:
		in.e.InsertText(oneLine(in.e.registers.clip))
		return true, nil
	case Copy, Cut, WordBack, WordForward, KillLine, KillLineStart, Yank:
		if !in.masked {
			return in.e.Do(c)
		}
		return in.doMasked(c), nil
	}
	return false, nil
}

// doMasked deletes as the commands do, and keeps what was deleted nowhere.
func (in *Input) doMasked(c Command) bool {
	switch c {
	case WordBack:
		in.e.b.DeleteWordLeft()
	case WordForward:
		in.e.b.DeleteWordRight()
	case KillLine:
		in.e.b.KillLine()
	case KillLineStart:
		in.e.b.KillLineStart()
	}
	return true
}

// oneLine makes a line of pasted text.
func oneLine(text string) string {
	text = strings.TrimRight(clean(text), "\n")
	return strings.ReplaceAll(text, "\n", " ")
}

// Row draws prompt and field in at most width cells; of a long text the part about
// the cursor.
func (in *Input) Row(width int) string {
	prompt, m, start, _ := in.place(width)
	text, sel := in.text()
	p := *in.e.v.painter
	p.m = m
	end := m.byteAt(text, start, len(text), m.room)
	over := noOverlay
	over.from, over.to = sel.From.Col, sel.To.Col
	return ink.Style{Attr: ink.Bold}.SGR() + prompt + ink.Reset + p.row(text, start, end, nil, over)
}

// CursorCol is the column of the cursor in Row.
func (in *Input) CursorCol(width int) int {
	_, _, _, col := in.place(width)
	return col
}

// place says how a row of the width is divided: what is shown of the prompt, how
// much room the field has, at which byte of the text it starts and in which column
// of the row the cursor is.
func (in *Input) place(width int) (prompt string, m metric, start, col int) {
	width = max(width, 1)
	if width >= 8 {
		prompt = in.prompt
	}
	if most := max(width/2, width-20); ansi.StringWidth(prompt) > most {
		prompt = ansi.Truncate(prompt, most, "…")
	}
	before := in.e.v.method.StringWidth(prompt)
	m = newMetric(in.e.v.method, in.e.v.tab, max(width-before, 1))
	text, _ := in.text()
	at := min(in.cursor(), len(text))
	start = at
	for start > 0 {
		prev := prevCluster(text, start)
		if w := m.columns(text, prev, at); w > m.room {
			break
		}
		start = prev
	}
	return prompt, m, start, min(before+m.columns(text, start, at), width-1)
}

const dot = "•"

// text is what is drawn, and the selection in it.
func (in *Input) text() (string, Span) {
	sel, _ := in.e.b.Selection()
	text := in.e.b.Line(0)
	if !in.masked {
		return text, sel
	}
	sel.From.Col, sel.To.Col = len(dot)*clusters(text[:sel.From.Col]), len(dot)*clusters(text[:sel.To.Col])
	return strings.Repeat(dot, clusters(text)), sel
}

// cursor is the cursor's byte in text.
func (in *Input) cursor() int {
	at := in.e.b.cursor.Col
	if in.masked {
		return len(dot) * clusters(in.e.b.Line(0)[:at])
	}
	return at
}

func clusters(s string) int {
	n := 0
	for i := 0; i < len(s); i = nextCluster(s, i) {
		n++
	}
	return n
}
