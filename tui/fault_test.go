package tui_test

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui"
)

// fuse blows where it is told to.
type fuse struct {
	*card
	in string
}

func (f fuse) Init() tea.Cmd {
	return func() tea.Msg { f.blow("command"); return nil }
}

func (f fuse) Update(tea.Msg) tea.Cmd { f.blow("update"); return nil }
func (f fuse) Rows() []string         { f.blow("rows"); return []string{""} }

func (f fuse) blow(where string) {
	if f.in == where {
		panic("blown in " + where)
	}
}

func TestAPanicIsToldBeforeItEndsTheProgram(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"command", "update", "rows"} {
		var told string
		app := tui.New(fuse{&card{desk: &deck{}}, in}, tui.Options{Fault: func(what any, stack []byte) { told = fmt.Sprint(what, "\n", string(stack)) }})
		ended := ending(func() {
			if in == "command" {
				run(app.Init())
			}
			app.Update(tea.WindowSizeMsg{Width: 40, Height: 12})
			app.View()
		})
		if ended != "blown in "+in || !strings.HasPrefix(told, ended) || !strings.Contains(told, "fuse.blow") {
			t.Errorf("in %s: ended by %q, told was\n%s", in, ended, told)
		}
	}
}

// ending is what do panics with.
func ending(do func()) (what string) {
	defer func() { what = fmt.Sprint(recover()) }()
	do()
	return ""
}

// run does what a command and those in its answer do.
func run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if all, ok := cmd().(tea.BatchMsg); ok {
		for _, c := range all {
			run(c)
		}
	}
}
