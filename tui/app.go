// Package tui is the workbench: the only tea.Model, a stack of screens with the
// dialogs over them, the theme, and the routing of messages to the screen they are
// for. Screens never import one another; what one needs from another travels as a
// message.
package tui

import (
	"context"
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/term"
	"nbterm/tui/caps"
	"nbterm/tui/dialog"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Options of an App.
type Options struct {
	Theme string // "auto", "dark", "light" or "plain"
	Mouse bool
	// Open makes the screen for a target. It runs off the program's goroutine and
	// honours its context, which ends when the screen is wanted no more; what it
	// returns lives on. Its errors are shown as they are. nil opens nothing.
	Open func(context.Context, screen.Target) (screen.Screen, error)
	// Key names what a target shows, however it is spelled; targets of one key are
	// on the stack once. "" is never the same. It runs off the program's goroutine.
	Key   func(screen.Target) string
	First screen.Target // what the first screen shows
	// Pictures may be left out.
	Pictures Pictures
	// Fault hears of a panic and its stack before it ends the program. It may run on
	// any goroutine. May be nil.
	Fault func(what any, stack []byte)
}

// App is the program's model.
type App struct {
	opt   Options
	stack []*layer // the last one is on top
	next  int      // id of the next layer
	theme theme.Theme
	size  tea.WindowSizeMsg

	quitting bool               // each screen is asked to close, from the top
	opening  *opening           // the one that is waited for; nil is none
	openings map[*opening]bool  // all that run, those given up included
	closings []*closing         // one for each Close that was begun
	ctx      context.Context    // ends with the App
	cancel   context.CancelFunc // of ctx
}

// layer is a screen of the stack with the dialogs over it.
type layer struct {
	id      int
	key     string
	screen  screen.Screen
	dialogs []dialog.Dialog // the last one has the keys
}

// New shows first.
func New(first screen.Screen, o Options) *App {
	a := &App{opt: o, theme: StartTheme(o.Theme), openings: map[*opening]bool{}}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.stack = []*layer{{screen: first, key: a.key(o.First)}}
	a.next = 1
	return a
}

func (a *App) key(t screen.Target) string {
	if a.opt.Key == nil {
		return ""
	}
	return a.opt.Key(t)
}

// StartTheme is the theme to draw the first frame in; with "auto" the terminal is
// asked for its background and answers later.
func StartTheme(name string) theme.Theme {
	switch name {
	case "light":
		return theme.New(false)
	case "plain":
		return theme.Plain()
	default:
		return theme.New(true)
	}
}

// Init implements tea.Model.
func (a *App) Init() tea.Cmd {
	first := a.top()
	cmd := a.tag(first.id, tea.Batch(first.screen.Init(), first.screen.Update(screen.ShownMsg{Alone: true})))
	if a.opt.Theme == "auto" {
		cmd = tea.Batch(tea.RequestBackgroundColor, cmd)
	}
	return tea.Batch(cmd, a.opt.Pictures.ask())
}

// top is the layer that is shown; the stack is empty only when the program ends.
func (a *App) top() *layer {
	if len(a.stack) == 0 {
		return nil
	}
	return a.stack[len(a.stack)-1]
}

// Update implements tea.Model. It never waits.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	defer a.fault()
	if len(a.stack) == 0 {
		return a, nil
	}
	return a, a.route(msg)
}

// route gives a message to those it is for.
func (a *App) route(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case answer:
		return a.answered(m)
	case openedMsg:
		return a.opened(m.opening)
	case slowMsg:
		m.opening.slow = true
		return nil
	case tea.WindowSizeMsg:
		a.size = m
		return tea.Batch(a.learn(m), a.tellAll(m))
	case caps.OverMsg:
		return a.learn(m)
	case tea.BackgroundColorMsg:
		if a.opt.Theme != "auto" {
			return nil
		}
		a.theme = theme.New(m.IsDark())
		return a.tellAll(a.theme)
	case tea.KeyPressMsg:
		return a.press(m)
	case tea.MouseMsg, tea.PasteMsg, tea.ClipboardMsg:
		if len(a.top().dialogs) > 0 {
			return nil // not for what lies under a dialog
		}
		a.quitting = false // whoever goes on working stays
		return a.tell(a.top(), m)
	}
	if ofTerminal(msg) {
		return tea.Batch(a.learn(msg), a.tellAll(msg))
	}
	return a.hear(a.top(), msg)
}

// answered takes what a command of a screen told. That of a screen which has closed
// is dropped.
func (a *App) answered(m answer) tea.Cmd {
	for _, l := range a.stack {
		if l.id == m.to {
			return a.hear(l, m.msg)
		}
	}
	return nil
}

// hear takes a message of l's own: what it asks of the program, or what is for it.
func (a *App) hear(l *layer, msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case dialog.OpenMsg:
		l.dialogs = append(l.dialogs, m.Dialog)
		return nil
	case screen.OpenMsg:
		return a.open(l.id, m.Target)
	case screen.DoneMsg:
		return a.done(l)
	case screen.QuitMsg:
		a.quitting = true
		a.giveUp()
		return a.tell(a.top(), screen.CloseMsg{})
	}
	return a.tell(l, msg)
}

// press gives a key to the dialog or the screen on top. While something opens that
// takes its time, esc gives it up.
func (a *App) press(k tea.KeyPressMsg) tea.Cmd {
	l := a.top()
	if n := len(l.dialogs); n > 0 {
		cmd, done := l.dialogs[n-1].Press(k.String())
		if done {
			l.dialogs = l.dialogs[:n-1]
		}
		return a.tag(l.id, cmd)
	}
	a.quitting = false
	if a.opening != nil && a.opening.slow && k.String() == "esc" {
		a.giveUp()
		return nil
	}
	return a.tell(l, k)
}

// tell gives a message to one screen.
func (a *App) tell(l *layer, msg tea.Msg) tea.Cmd { return a.tag(l.id, l.screen.Update(msg)) }

func (a *App) tellAll(msg tea.Msg) tea.Cmd {
	cmds := make([]tea.Cmd, 0, len(a.stack))
	for _, l := range a.stack {
		cmds = append(cmds, a.tell(l, msg))
	}
	return tea.Batch(cmds...)
}

// View implements tea.Model.
func (a *App) View() tea.View {
	defer a.fault()
	v := tea.NewView("")
	v.AltScreen = true
	l := a.top()
	if l == nil {
		return v
	}
	v.WindowTitle = term.Clean(l.screen.Title())
	if a.opt.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	w, h := a.size.Width, a.size.Height
	if w == 0 || h == 0 {
		return v
	}
	rows := l.screen.Rows()
	for i, r := range rows {
		if ansi.StringWidth(r) > w {
			rows[i] = ansi.Truncate(r, w, "")
		}
	}
	if a.opening != nil && a.opening.slow && len(rows) > 0 {
		rows[len(rows)-1] = a.opening.row(a.theme, w)
	}
	if n := len(l.dialogs); n > 0 {
		over := l.dialogs[n-1].Rows(a.theme, w, h)
		copy(rows[max((len(rows)-len(over))/3, 0):], over)
	} else {
		v.Cursor = l.screen.Cursor()
	}
	v.SetContent(strings.Join(a.opt.Pictures.compose(rows, w), "\n"))
	return v
}

// Close ends what the screens hold, kernels above all, and waits for what was
// begun. It is for the end of the program and may be called again.
func (a *App) Close() error {
	a.cancel()
	for o := range a.openings {
		<-o.done
		delete(a.openings, o)
		if o.screen != nil {
			a.end(o.screen)
		}
	}
	for len(a.stack) > 0 {
		a.pop(a.top())
	}
	var err error
	for _, c := range a.closings {
		<-c.done
		err = errors.Join(err, c.err)
	}
	return err
}
