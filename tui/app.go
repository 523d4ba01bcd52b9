// Package tui is the workbench: the only tea.Model, the stack of dialogs, the
// theme, and the routing of messages to the screen they are for. Screens never
// import one another; what one needs from another travels as a message.
package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/dialog"
	"nbterm/tui/notebook"
	"nbterm/tui/theme"
)

// Options of an App.
type Options struct {
	Theme string // "auto", "dark", "light" or "plain"
	Mouse bool
}

// App is the program's model.
type App struct {
	opt     Options
	screen  *notebook.Screen
	dialogs []dialog.Dialog
	theme   theme.Theme
	size    struct{ w, h int }
}

// New shows screen.
func New(screen *notebook.Screen, o Options) *App {
	return &App{opt: o, screen: screen, theme: StartTheme(o.Theme)}
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
	if a.opt.Theme == "auto" {
		return tea.Batch(tea.RequestBackgroundColor, a.screen.Init())
	}
	return a.screen.Init()
}

// Update implements tea.Model. It never waits.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		a.size.w, a.size.h = m.Width, m.Height
	case tea.BackgroundColorMsg:
		if a.opt.Theme == "auto" {
			a.theme = theme.New(m.IsDark())
			return a, a.screen.Update(a.theme)
		}
		return a, nil
	case dialog.OpenMsg:
		a.dialogs = append(a.dialogs, m.Dialog)
		return a, nil
	case notebook.QuitMsg:
		return a, tea.Quit
	case tea.KeyPressMsg:
		if n := len(a.dialogs); n > 0 {
			top := a.dialogs[n-1]
			cmd, done := top.Press(m.String())
			if done {
				a.dialogs = a.dialogs[:n-1]
			}
			return a, cmd
		}
	case tea.MouseMsg, tea.PasteMsg:
		if len(a.dialogs) > 0 {
			return a, nil // not for what lies under a dialog
		}
	}
	return a, a.screen.Update(msg)
}

// View implements tea.Model.
func (a *App) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	v.WindowTitle = a.screen.Title()
	if a.opt.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if a.size.w == 0 || a.size.h == 0 {
		return v
	}
	rows := a.screen.Rows()
	for i, r := range rows {
		if ansi.StringWidth(r) > a.size.w {
			rows[i] = ansi.Truncate(r, a.size.w, "")
		}
	}
	if n := len(a.dialogs); n > 0 {
		over := a.dialogs[n-1].Rows(a.theme, a.size.w, a.size.h)
		copy(rows[max((len(rows)-len(over))/3, 0):], over)
	} else {
		v.Cursor = a.screen.Cursor()
	}
	v.SetContent(strings.Join(rows, "\n"))
	return v
}

// Close ends what the screens hold, kernels above all.
func (a *App) Close() error { return a.screen.Close() }
