package sessions

import (
	"fmt"
	"path"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/host"
	"nbterm/engine/host/roster"
	"nbterm/render/term"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/theme"
)

// column is one of the table's: a head, a width, and what it says of a session.
type column struct {
	head  string
	width int // columns of the terminal; 0 takes what the others leave
	right bool
	text  func(roster.Session) string
	paint func(theme.Theme, roster.Session, string) string // nil is muted
}

// columns are those that fit: what matters least goes first.
func (s *Screen) columns() []column {
	w := s.size.Width
	cols := []column{{"notebook", 0, false, s.name, func(t theme.Theme, _ roster.Session, x string) string { return t.Text(x) }}}
	add := func(least int, c column) {
		if w >= least {
			cols = append(cols, c)
		}
	}
	add(60, column{"kernel", max(w/9, 9), false, kernel, nil})
	add(100, column{"runs", w / 4, false, running, func(t theme.Theme, _ roster.Session, x string) string { return t.Running(x) }})
	add(50, column{"queue", 5, true, queue, nil})
	add(0, column{"age", 4, true, func(e roster.Session) string { return kit.Age(s.deps.Now().Sub(e.Started)) }, nil})
	add(40, column{"memory", 7, true, memory, nil})
	add(60, column{"cpu", 5, true, cpu, func(t theme.Theme, e roster.Session, x string) string {
		if e.CPU >= 50 {
			return t.Running(x)
		}
		return t.Muted(x)
	}})
	add(100, column{"clients", 7, true, func(e roster.Session) string { return number(e.Clients) }, nil})
	return cols
}

// name is the notebook for people: the end of a path says most.
func (s *Screen) name(e roster.Session) string {
	switch {
	case e.Spare:
		return "(ready for the next)"
	case e.Notebook == "":
		return "(no notebook)"
	}
	file := term.Clean(s.deps.Tilde(e.Notebook))
	if s.size.Width < 60 {
		return path.Base(file)
	}
	return file
}

func running(e roster.Session) string {
	if e.Cell == nil {
		return ""
	}
	return fmt.Sprintf("%d: %s", e.Cell.Index+1, term.Clean(strings.TrimSpace(strings.ReplaceAll(e.Cell.Line, "\t", " "))))
}

func kernel(e roster.Session) string {
	if e.Away != "" {
		return "link lost"
	}
	return term.Clean(e.Kernel)
}

func queue(e roster.Session) string { return number(e.Queued) }

func memory(e roster.Session) string {
	if e.Memory == 0 {
		return ""
	}
	return kit.Bytes(e.Memory)
}

func cpu(e roster.Session) string {
	if e.PID == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", e.CPU)
}

// number leaves out a zero: what is quiet need not be read.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func machine(e roster.Session) string {
	if e.Machine == "" {
		return "another machine"
	}
	return term.Clean(e.Machine)
}

// glyph is the state of a session, painted.
func glyph(t theme.Theme, e roster.Session) string {
	switch {
	case e.Away != "":
		return t.Failed("!")
	case e.State == host.Idle.String():
		return t.Muted("○")
	case e.State == host.Busy.String():
		return t.Running("◐")
	case e.State == host.Dead.String(), e.State == roster.Unreachable:
		return t.Failed("✗")
	case e.State == roster.Elsewhere:
		return t.Muted("↗")
	}
	return t.Running("○") // starting, restarting
}

// rows are the sessions as a list shows them.
type rows struct{ *Screen }

// Len implements list.Items.
func (r rows) Len() int { return len(r.found) }

// Height implements list.Items.
func (r rows) Height(int) int { return 1 }

// Rows implements list.Items.
func (r rows) Rows(i, _, _ int) []string {
	cols := r.columns()
	return []string{r.row(r.found[i], cols, r.widths(cols))}
}

// layout gives the list its height.
func (s *Screen) layout() { s.list.SetHeight(max(s.bodyHeight()-s.heads(), 0)) }

func (s *Screen) bodyHeight() int {
	return max(kit.BodyHeight(s.size.Height, s.notice != "" || s.fielded())-s.details(), 0)
}

// fielded is true while the field to find with is on the screen.
func (s *Screen) fielded() bool { return s.finding || s.find.Value() != "" }

// heads and details are the rows above and below the list.
func (s *Screen) heads() int {
	if s.size.Height < kit.Low {
		return 0
	}
	return 1
}

func (s *Screen) details() int {
	if s.size.Height < 12 {
		return 0
	}
	return 2
}

func (s *Screen) listTop() int { return kit.BodyTop(s.size.Height) + s.heads() }

// widths shares the screen's width out.
func (s *Screen) widths(cols []column) []int {
	left := s.size.Width - 5 // bar, glyph, margins
	widths := make([]int, len(cols))
	for i, c := range cols {
		widths[i] = c.width
		left -= c.width + 2
	}
	for i, c := range cols {
		if c.width == 0 {
			widths[i] = max(left+2, 8)
		}
	}
	return widths
}

func (s *Screen) head(cols []column, widths []int) string {
	var cells []string
	for i, c := range cols {
		cells = append(cells, align(c, c.head, widths[i]))
	}
	return s.deps.Theme.Faint("    " + strings.Join(cells, "  "))
}

func align(c column, text string, w int) string {
	if c.right {
		return kit.PadLeft(text, w)
	}
	if c.width == 0 {
		text = kit.Middle(text, w) // of a path the end says most
	}
	return kit.Pad(text, w)
}

// row draws a session.
func (s *Screen) row(e roster.Session, cols []column, widths []int) string {
	t := s.deps.Theme
	bar := "  "
	if e.ID == s.at {
		bar = t.Accent(" ┃")
	}
	row := bar + glyph(t, e) + " "
	for i, c := range cols {
		text := align(c, c.text(e), widths[i])
		switch {
		case i == 0 && e.ID == s.at:
			text = t.Strong(text)
		case e.Away != "" && c.head == "kernel":
			text = t.Failed(text)
		case c.paint != nil && e.State != roster.Elsewhere && !e.Spare:
			text = c.paint(t, e, text)
		default:
			text = t.Muted(text)
		}
		if i > 0 {
			text = "  " + text
		}
		row += text
	}
	return row
}

// detail is all about the selected session that its row has no room for.
func (s *Screen) detail() string {
	e, ok := s.selected()
	if !ok {
		return ""
	}
	parts := []string{"session " + e.ID, e.State}
	if run := running(e); run != "" && s.size.Width < 100 {
		parts = append(parts, "cell "+run)
	}
	if e.Away != "" {
		parts = append(parts, "link lost: "+e.Away)
	}
	if e.Server != "" {
		parts = append(parts, "on "+e.Server)
	}
	if !e.Here {
		parts = append(parts, "on "+machine(e))
	}
	if e.PID != 0 {
		parts = append(parts, fmt.Sprintf("process %d", e.PID))
	}
	parts = append(parts, kit.Plural(e.Clients, "client"), "since "+e.Started.In(s.deps.Now().Location()).Format("Jan 2 15:04"))
	if e.Notebook != "" {
		parts = append(parts, s.deps.Tilde(e.Notebook))
	}
	return term.Clean(strings.Join(parts, " · "))
}

// summary is what the title says of all.
func (s *Screen) summary() string {
	t := s.deps.Theme
	busy, memory := 0, int64(0)
	for _, e := range s.all {
		if e.State == host.Busy.String() {
			busy++
		}
		memory += e.Memory
	}
	text := kit.Plural(len(s.all), "kernel")
	if busy > 0 {
		text += fmt.Sprintf(" · %d busy", busy)
	}
	if memory > 0 {
		text += " · " + kit.Bytes(memory)
	}
	return t.Muted(text)
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	t, w, h := s.deps.Theme, s.size.Width, s.size.Height
	s.layout()
	cols := s.columns()
	widths := s.widths(cols)
	var body []string
	if s.heads() > 0 && len(s.found) > 0 {
		body = append(body, s.head(cols, widths))
	}
	if len(s.found) == 0 {
		body = append(body, "", t.Muted("  "+s.nothing()))
	} else {
		body = append(body, s.list.Rows()...)
	}
	for len(body) < s.bodyHeight() {
		body = append(body, "")
	}
	if s.details() > 0 {
		body = append(body[:s.bodyHeight()], "", t.Muted(" "+ansi.Truncate(s.detail(), max(w-2, 0), "…")))
	}
	f := kit.Frame{
		Title: t.Strong("sessions"), Right: s.summary(), Body: body, Notice: s.notice, Loud: s.loud,
		Hints: s.controls.Hints(keymap.Help, "help", keymap.ListOpen, "open", keymap.ListView, "view", keymap.SessionInterrupt, "interrupt",
			keymap.SessionRestart, "restart", keymap.SessionKill, "end", keymap.ListFind, "find", keymap.Close, "close"),
	}
	if s.finding || s.fielded() && s.notice == "" {
		f.Field = " " + s.find.Row(max(w-2, 1))
	}
	if s.finding {
		f.Hints = []string{"⏎ keep", "↑↓ choose", "esc forget"}
	}
	return f.Rows(t, w, h)
}

// nothing says why the list is empty.
func (s *Screen) nothing() string {
	switch {
	case !s.known:
		return "asking the kernels …"
	case len(s.all) > 0:
		return "no session is called that · esc shows all"
	}
	return "No kernel is running. One starts when a notebook is opened."
}

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor {
	if !s.finding || s.size.Height < 3 {
		return nil
	}
	c := tea.NewCursor(min(1+s.find.CursorCol(max(s.size.Width-2, 1)), s.size.Width-1), kit.FieldRow(s.size.Height))
	c.Shape, c.Blink = tea.CursorBar, true
	return c
}
