package tuitest_test

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui/tuitest"
)

// echo shows the size, the keys and the pastes it was given, a row each.
type echo struct {
	w, h int
	seen []string
}

func (e echo) Init() tea.Cmd { return nil }

func (e echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		e.w, e.h = m.Width, m.Height
	case tea.KeyPressMsg:
		if m.String() == "q" {
			return e, tea.Quit
		}
		e.seen = append(e.seen, "key "+m.String())
	case tea.PasteMsg:
		e.seen = append(e.seen, fmt.Sprintf("paste %q", m.Content))
	case tea.MouseClickMsg:
		e.seen = append(e.seen, fmt.Sprintf("click %d,%d", m.X, m.Y))
	case tea.MouseWheelMsg:
		e.seen = append(e.seen, fmt.Sprintf("%v %d,%d", m.Button, m.X, m.Y))
	}
	return e, nil
}

func (e echo) View() tea.View {
	v := tea.NewView(fmt.Sprintf("%dx%d é 漢字 \x1b[1mbold\x1b[m\n", e.w, e.h) + strings.Join(e.seen, "\n"))
	v.AltScreen, v.MouseMode, v.WindowTitle = true, tea.MouseModeCellMotion, "echo"
	v.Cursor = tea.NewCursor(3, 1)
	return v
}

func TestIdleMayBeAskedForEver(t *testing.T) {
	t.Parallel()
	term := tuitest.Start(t, echo{}, 40, 10)
	for i := range 600 {
		term.Type(string(rune('a' + i%3)))
		term.Idle()
	}
}

func TestKeysArriveByTheirNames(t *testing.T) {
	t.Parallel()
	keys := []string{
		"a", "A", "é", "enter", "tab", "shift+tab", "esc", "backspace", "space", "up", "home", "pgdown", "f1",
		"ctrl+r", "ctrl+s", "ctrl+space", "alt+r", "shift+enter", "ctrl+enter", "alt+enter",
		"shift+up", "ctrl+home", "ctrl+shift+down", "alt+down", "ctrl+shift+-",
	}
	term := tuitest.Start(t, echo{}, 40, 40)
	term.Type(keys...)
	term.Idle()
	var got []string
	for _, row := range term.Rows()[1:] {
		if key, found := strings.CutPrefix(row, "key "); found {
			got = append(got, key)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(keys) {
		t.Errorf("arrived as\n%q, typed\n%q", got, keys)
	}
}

func TestIdleShowsWhatWasTyped(t *testing.T) {
	t.Parallel()
	term := tuitest.Start(t, echo{}, 30, 300)
	for i := range 100 {
		term.Type("x")
		term.Idle()
		if n := strings.Count(term.Screen(), "key x"); n != i+1 {
			t.Fatalf("after %d keys the screen shows %d", i+1, n)
		}
	}
}

func TestTheScreenIsReadByCells(t *testing.T) {
	t.Parallel()
	term := tuitest.Start(t, echo{}, 30, 4)
	term.Idle()
	if got := term.Rows()[0]; got != "30x4 é 漢字 bold" {
		t.Errorf("row 0 is %q", got)
	}
	x, y := term.Find("bold")
	if c := term.Cell(x, y); x != 12 || c.Content != "b" || c.Style.Attrs == 0 {
		t.Errorf("column %d shows %q with %+v", x, c.Content, c.Style)
	}
	if x, y, shown := term.Cursor(); x != 3 || y != 1 || !shown {
		t.Errorf("cursor at %d,%d, shown %v", x, y, shown)
	}
	if term.Title() != "echo" {
		t.Errorf("title %q", term.Title())
	}
}

func TestResizePasteAndMouseReachTheProgram(t *testing.T) {
	t.Parallel()
	term := tuitest.Start(t, echo{}, 30, 6)
	term.Resize(60, 12)
	term.Paste("one\ntwo")
	term.Click(5, 3)
	term.Wheel(tuitest.WheelDown, 0, 2)
	term.Idle()
	rows := term.Rows()
	want := []string{"60x12", `paste "one\ntwo"`, "click 5,3", "wheeldown 0,2"}
	for i, w := range want {
		if !strings.HasPrefix(rows[i], w) {
			t.Errorf("row %d is %q, want %q", i, rows[i], w)
		}
	}
	if len(rows) != 12 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestAProgramMayEndByItself(t *testing.T) {
	t.Parallel()
	term := tuitest.Start(t, echo{}, 30, 6)
	term.Type("q")
	term.WaitEnd()
	if !term.Ended() {
		t.Error("it has not ended")
	}
}
