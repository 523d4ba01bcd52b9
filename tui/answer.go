package tui

import (
	"reflect"
	"runtime/debug"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// answer is what a command told, with the layer whose command it was.
type answer struct {
	to  int
	msg tea.Msg
}

// tag has what cmd tells come back to one layer.
func (a *App) tag(id int, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer a.fault()
		return a.tagged(id, cmd())
	}
}

// fault has a panic written down on its way: what Bubble Tea prints of it is lost with
// the screen it was printed on.
func (a *App) fault() {
	p := recover()
	if p == nil {
		return
	}
	if a.opt.Fault != nil {
		a.opt.Fault(p, debug.Stack())
	}
	panic(p)
}

// tagged is the message with its address. Several commands in one message are tagged
// each; what Bubble Tea does itself (clear the screen, set the clipboard, end) stays
// as it is, for it knows its own types only.
func (a *App) tagged(id int, msg tea.Msg) tea.Msg {
	switch m := msg.(type) {
	case nil:
		return nil
	case answer:
		return m
	}
	v := reflect.ValueOf(msg)
	switch {
	case v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]():
		// A tea.BatchMsg, or what tea.Sequence makes, whose type has no name for us.
		all := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			cmd, _ := v.Index(i).Interface().(tea.Cmd)
			all.Index(i).Set(reflect.ValueOf(a.tag(id, cmd)))
		}
		return all.Interface()
	case ofTerminal(msg):
		return msg
	}
	return answer{id, msg}
}

// ofTerminal is true for messages of Bubble Tea's own: news of the terminal, which
// concern every screen, and requests that it fulfils itself.
func ofTerminal(msg tea.Msg) bool {
	pkg := reflect.TypeOf(msg).PkgPath()
	return strings.HasPrefix(pkg, "charm.land/bubbletea/") || strings.HasPrefix(pkg, "github.com/charmbracelet/ultraviolet")
}
