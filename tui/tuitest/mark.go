package tuitest

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// markMode is a terminal mode that does not exist. Reports of it are how Idle sends a
// mark through the program's input behind what was typed; the window title of the
// next frame brings the mark back.
const markMode = 9473

// marks is how many there are before they begin anew: the setting in a report is a byte.
const marks = 255

const markSign = "\u2063" // an invisible separator; no title of ours has it

// marked is a model that passes marks on and keeps them from the model inside.
type marked struct {
	tea.Model
	last  int
	sized bool // the model has been told its first size, which comes by a way of its own
}

// Update implements tea.Model.
func (m marked) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if r, ok := msg.(tea.ModeReportMsg); ok && r.Mode == ansi.DECMode(markMode) {
		m.last = int(r.Value)
		return m, nil
	}
	if _, ok := msg.(tea.WindowSizeMsg); ok {
		m.sized = true
	}
	var cmd tea.Cmd
	m.Model, cmd = m.Model.Update(msg)
	return m, cmd
}

// View implements tea.Model.
func (m marked) View() tea.View {
	v := m.Model.View()
	if m.sized {
		v.WindowTitle += markSign + strconv.Itoa(m.last)
	}
	return v
}

// retitled is called while output is written, with the lock held.
func (t *Terminal) retitled(title string) {
	text, mark, found := strings.Cut(title, markSign)
	t.title = text
	if n, err := strconv.Atoi(mark); found && err == nil {
		t.drawn = n
	}
}
