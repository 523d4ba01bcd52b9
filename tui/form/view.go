package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/term"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
)

// shape is how the screen's width is shared out.
type shape struct {
	label, value, kind int // columns; 0 leaves it out
	rest               int
}

func (s *Screen) shape() shape {
	w := s.size.Width
	sh := shape{label: len("output")}
	for _, f := range s.fields {
		sh.label = max(sh.label, ansi.StringWidth(s.label(f)))
	}
	sh.label = min(sh.label, max(w/4, 8))
	sh.value = min(max(w/4, 16), 40)
	if w >= 60 {
		sh.kind = min(w/5, 26)
	}
	sh.rest = w - (3 + sh.label + 2 + sh.value + 4 + 2 + sh.kind + 2)
	return sh
}

// lines are the rows of the form; stop is the focus that a row belongs to, -1 for none.
func (s *Screen) lines() (rows []string, stops []int) {
	t, sh := s.deps.Theme, s.shape()
	add := func(stop int, row string) { rows, stops = append(rows, row), append(stops, stop) }
	for i, f := range s.fields {
		add(i, s.row(i, f, sh))
	}
	if len(s.fields) == 0 {
		add(-1, t.Muted("   "+s.deps.Note))
	}
	add(-1, "")
	add(len(s.fields), s.whereRow(sh))
	add(len(s.fields)+1, s.outputRow(sh))
	return rows, stops
}

func (s *Screen) bar(stop int) string {
	if stop == s.at {
		return s.deps.Theme.Accent(" ┃ ")
	}
	return "   "
}

// row draws a parameter: name, value, type or choices, help or what is wrong.
func (s *Screen) row(i int, f *field, sh shape) string {
	t := s.deps.Theme
	name := kit.Pad(s.label(f), sh.label)
	if i == s.at {
		name = t.Strong(name)
	} else {
		name = t.Text(name)
	}
	row := s.bar(i) + name + "  " + s.box(i, f, sh.value)
	if fault := s.fault(f); fault != "" && sh.kind > 0 {
		return row + "  " + t.Failed("✗ "+ansi.Truncate(fault, max(sh.kind+sh.rest-2, 8), "…"))
	}
	if sh.kind > 0 {
		row += "  " + t.Muted(kit.Pad(s.kind(f), sh.kind)) + "  "
	}
	if sh.rest > 8 {
		row += t.Muted(ansi.Truncate(term.Clean(f.Help), sh.rest-1, "…"))
	}
	return row
}

// box is the field to fill in, w columns and its brackets.
func (s *Screen) box(stop int, f *field, w int) string {
	t := s.deps.Theme
	bracket := t.Faint
	if stop == s.at {
		bracket = t.Accent
	}
	if f.Bool && f.input == nil {
		mark := " "
		if f.pick == 1 {
			mark = "x"
		}
		return bracket("[") + t.Text(mark) + bracket("]") + strings.Repeat(" ", w+1)
	}
	if f.input == nil {
		return bracket("[ ") + t.Text(kit.Pad(term.Clean(f.text()), w-2)) + t.Muted(" ▾") + bracket(" ]")
	}
	text := f.input.Row(w)
	if stop != s.at {
		paint := t.Text
		if f.text() == f.Default {
			paint = t.Muted // nothing was changed here
		}
		text = paint(ansi.Truncate(term.Clean(f.text()), w, "…"))
	}
	return bracket("[ ") + text + strings.Repeat(" ", max(w-ansi.StringWidth(text), 0)) + bracket(" ]")
}

// kind says what may stand in a field.
func (s *Screen) kind(f *field) string {
	switch {
	case f.Secret:
		return "secret · env:VAR file:PATH"
	case s.sweep:
		return strings.TrimSpace("a,b,c or 1..5 " + term.Clean(f.Type))
	case f.Bool:
		return ""
	case len(f.Choices) > 0:
		return term.Clean(strings.Join(f.Choices, " "))
	case f.Required:
		return strings.TrimSpace(term.Clean(f.Type) + " · required")
	}
	return term.Clean(f.Type)
}

func (s *Screen) whereRow(sh shape) string {
	t := s.deps.Theme
	row := s.bar(len(s.fields)) + t.Text(kit.Pad("where", sh.label)) + " "
	for i, w := range s.deps.Wheres {
		switch {
		case i == s.where:
			row += " " + t.Accent("(•)") + " " + t.Text(w.Name) + " "
		case w.Why != "":
			row += " " + t.Faint("( ) "+w.Name+": "+w.Why) + " "
		default:
			row += " " + t.Muted("( ) "+w.Name) + " "
		}
	}
	return ansi.Truncate(row, s.size.Width, "…")
}

// outputRow has a box of its own width: paths are long.
func (s *Screen) outputRow(sh shape) string {
	t := s.deps.Theme
	stop := len(s.fields) + 1
	w := s.outputWidth(sh)
	return s.bar(stop) + t.Text(kit.Pad("output", sh.label)) + "  " + s.box(stop, s.output, w)
}

func (s *Screen) outputWidth(sh shape) int { return max(s.size.Width-(3+sh.label+2+4+2), 8) }

// detail is what there is to know of the focus, in full.
func (s *Screen) detail() (text string, loud bool) {
	f := s.focus()
	switch {
	case f == nil:
		return "here: opens the record and follows it · background: goes on by itself", false
	case s.fault(f) != "" && (f == s.output || s.shape().kind == 0): // elsewhere it stands in the row
		return s.label(f) + ": " + s.fault(f), true
	case f == s.output:
		path, err := s.deps.Path(s.output.text(), s.plain())
		if err != nil {
			return term.Clean(err.Error()), false
		}
		return "the record: " + term.Clean(path), false
	}
	parts := []string{term.Clean(f.Name)}
	if kind := s.kind(f); kind != "" {
		parts = append(parts, kind)
	}
	if f.Default != "" {
		parts = append(parts, "default "+term.Clean(f.Default))
	}
	if f.Help != "" {
		parts = append(parts, term.Clean(f.Help))
	}
	return strings.Join(parts, " · "), false
}

// details are the rows below the form.
func (s *Screen) details() int {
	if s.size.Height < kit.Low {
		return 0
	}
	return 2
}

// scroll keeps the focus on the screen.
func (s *Screen) scroll(stops []int, height int) {
	for i, stop := range stops {
		if stop == s.at {
			s.top = min(max(s.top, i-height+1), i)
		}
	}
	s.top = max(min(s.top, len(stops)-height), 0)
}

func (s *Screen) height() int {
	return max(kit.BodyHeight(s.size.Height, s.notice != "")-s.details(), 1)
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	t, w, h := s.deps.Theme, s.size.Width, s.size.Height
	rows, stops := s.lines()
	height := s.height()
	s.scroll(stops, height)
	body := rows[s.top:min(s.top+height, len(rows))]
	for i, r := range body {
		body[i] = ansi.Truncate(r, w, "…")
	}
	if s.details() > 0 {
		for len(body) < height {
			body = append(body, "")
		}
		text, loud := s.detail()
		paint := t.Muted
		if loud {
			paint = t.Failed
		}
		body = append(body, "", " "+paint(ansi.Truncate(text, max(w-2, 0), "…")))
	}
	mode := "RUN"
	if s.sweep {
		mode = "SWEEP"
	}
	s.controls.Context = keymap.Form
	sweep, schedule := keymap.FormSweep, keymap.FormSchedule
	hints := s.controls.Hints(keymap.FormRun, "run", sweep, "sweep", schedule, "schedule", keymap.FormCancel, "close")
	if f := s.focus(); f != nil && f.input != nil {
		s.controls.Context = keymap.Field
		hints = s.controls.Hints(keymap.FormRun, "run", sweep, "sweep", schedule, "schedule", keymap.FormCancel, "close")
	}
	f := kit.Frame{
		Title: t.Strong("Run  ") + t.Text(term.Clean(s.deps.Name)), Right: t.Muted(s.summary()), Body: body,
		Notice: s.notice, Loud: s.loud, Mode: mode, Hints: hints,
	}
	return f.Rows(t, w, h)
}

// summary says how much is changed.
func (s *Screen) summary() string {
	_, given := s.values()
	if len(s.fields) == 0 {
		return ""
	}
	return kit.Plural(len(s.fields), "parameter") + " · " + kit.Thousands(len(given)) + " given"
}

// stopAt is the focus that row y of the screen belongs to, -1 for none.
func (s *Screen) stopAt(y int) int {
	_, stops := s.lines()
	i := y - kit.BodyTop(s.size.Height) + s.top
	if i < 0 || i >= len(stops) || y < kit.BodyTop(s.size.Height) || i-s.top >= s.height() {
		return -1
	}
	return stops[i]
}

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor {
	f := s.focus()
	if f == nil || f.input == nil {
		return nil
	}
	_, stops := s.lines()
	sh := s.shape()
	w := sh.value
	if f == s.output {
		w = s.outputWidth(sh)
	}
	for i, stop := range stops {
		if y := i - s.top; stop == s.at && y >= 0 && y < s.height() {
			x := 3 + sh.label + 2 + 2 + f.input.CursorCol(w)
			c := tea.NewCursor(min(x, s.size.Width-1), kit.BodyTop(s.size.Height)+y)
			c.Shape, c.Blink = tea.CursorBar, true
			return c
		}
	}
	return nil
}
