package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/render/term"
	"nbterm/tui/dialog"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// opening is a target on its way to a screen.
type opening struct {
	from   int // the layer that asked
	target screen.Target
	cancel context.CancelFunc
	slow   bool // it takes long enough to be told

	done chan struct{} // closed when all below is set
	key  string
	same int // the layer that shows it already; -1 is none
	// What Open returned.
	screen screen.Screen
	err    error
}

// openedMsg is the end of an opening; slowMsg says that it takes its time.
type (
	openedMsg struct{ opening *opening }
	slowMsg   struct{ opening *opening }
)

// patience is how long an opening goes unmentioned: a row that comes and goes within
// a blink disturbs.
const patience = 150 * time.Millisecond

// open begins to open a target for the layer from. Another that is under way is
// given up.
func (a *App) open(from int, t screen.Target) tea.Cmd {
	if a.opt.Open == nil {
		return nil
	}
	a.giveUp()
	ctx, cancel := context.WithCancel(a.ctx)
	o := &opening{from: from, target: t, cancel: cancel, done: make(chan struct{}), same: -1}
	a.opening, a.openings[o] = o, true
	shown := map[string]int{}
	for _, l := range a.stack {
		shown[l.key] = l.id
	}
	closings := slices.Clone(a.closings)
	go func() {
		defer close(o.done)
		// What is being closed may be what is opened, and is better found at rest.
		for _, c := range closings {
			select {
			case <-c.done:
			case <-ctx.Done():
			}
		}
		o.key = a.key(t)
		if id, found := shown[o.key]; found && o.key != "" {
			o.same = id
			return
		}
		o.screen, o.err = a.opt.Open(ctx, t)
	}()
	return tea.Batch(
		func() tea.Msg { <-o.done; return openedMsg{o} },
		tea.Tick(patience, func(time.Time) tea.Msg { return slowMsg{o} }),
	)
}

// giveUp waits no longer for what is being opened.
func (a *App) giveUp() {
	if a.opening != nil {
		a.opening.cancel()
		a.opening = nil
	}
}

// opened puts what was opened on top, or says why it was not.
func (a *App) opened(o *opening) tea.Cmd {
	wanted := a.opening == o
	if wanted {
		a.opening = nil
	}
	o.cancel()
	delete(a.openings, o)
	switch {
	case !wanted:
		if o.screen != nil {
			a.end(o.screen)
		}
		return nil
	case o.same >= 0:
		return a.raise(o)
	case o.err != nil:
		l := a.top()
		l.dialogs = append(l.dialogs, dialog.Choice{
			Title:   "Not opened: " + term.Clean(o.err.Error()),
			Options: []dialog.Option{{Key: "esc", Text: "close"}, {Key: "enter", Text: "close"}},
		})
		return nil
	case o.screen == nil:
		return nil
	}
	return a.push(o)
}

// push shows a new screen. It is told of its place before it is drawn.
func (a *App) push(o *opening) tea.Cmd {
	hide := a.tell(a.top(), screen.HiddenMsg{})
	l := &layer{id: a.next, key: o.key, screen: o.screen}
	a.next++
	a.stack = append(a.stack, l)
	cmds := []tea.Cmd{hide, a.tell(l, a.theme), a.tell(l, a.opt.Pictures.terminal())}
	if a.size.Width > 0 {
		cmds = append(cmds, a.tell(l, a.size))
	}
	cmds = append(cmds, a.tag(l.id, l.screen.Init()), a.tell(l, screen.ShownMsg{}))
	return tea.Batch(cmds...)
}

// raise brings the layer that shows a target to the top, or opens the target after
// all where that layer has gone meanwhile.
func (a *App) raise(o *opening) tea.Cmd {
	i := slices.IndexFunc(a.stack, func(l *layer) bool { return l.id == o.same })
	if i < 0 {
		return a.open(o.from, o.target)
	}
	l := a.stack[i]
	asked := screen.AskedMsg{Target: o.target}
	if l == a.top() {
		return a.tell(l, asked)
	}
	hide := a.tell(a.top(), screen.HiddenMsg{})
	a.stack = append(slices.Delete(a.stack, i, i+1), l)
	return tea.Batch(hide, a.tell(l, screen.ShownMsg{}), a.tell(l, asked))
}

// done takes a screen off the stack. The one below is shown, or asked to close too
// when all are to.
func (a *App) done(l *layer) tea.Cmd {
	wasTop := l == a.top()
	a.pop(l)
	switch {
	case len(a.stack) == 0:
		return tea.Quit
	case !wasTop && len(a.stack) > 1:
		return nil
	}
	shown := a.tell(a.top(), screen.ShownMsg{Alone: len(a.stack) == 1})
	if a.quitting {
		return tea.Batch(shown, a.tell(a.top(), screen.CloseMsg{}))
	}
	return shown
}

// pop takes a layer off the stack and ends its screen in the background.
func (a *App) pop(l *layer) {
	a.stack = slices.DeleteFunc(a.stack, func(other *layer) bool { return other == l })
	a.end(l.screen)
}

// closing is a screen's Close under way.
type closing struct {
	done chan struct{} // closed when err is set
	err  error
}

// end closes a screen that has left the stack, in the background.
func (a *App) end(s screen.Screen) {
	c := &closing{done: make(chan struct{})}
	a.closings = append(a.closings, c)
	go func() {
		defer close(c.done)
		c.err = s.Close()
	}()
}

// row says what is being opened.
func (o *opening) row(t theme.Theme, w int) string {
	name := string(o.target.Kind)
	for _, s := range []string{o.target.Title, o.target.Path} {
		if s != "" {
			name = term.Clean(s)
		}
	}
	return t.Muted(ansi.Truncate(fmt.Sprintf(" opening %s … · esc gives up", name), w, "…"))
}
