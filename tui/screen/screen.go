// Package screen is what the workbench and its screens know of each other: the
// shape of a screen, and the messages by which one asks the program for another.
// Screens never import one another.
package screen

import (
	tea "charm.land/bubbletea/v2"

	"nbterm/engine/notebook"
)

// Screen fills the terminal, one line of chrome above and below included. Update
// and Rows never wait. What a screen's commands answer reaches that screen only,
// whichever is on top by then; keys, the mouse and pastes reach the top one.
type Screen interface {
	Init() tea.Cmd
	// Update takes a message; tea.WindowSizeMsg and theme.Theme come before the
	// first Rows and reach hidden screens too. Of the messages below ShownMsg,
	// HiddenMsg, AskedMsg and CloseMsg come from the program.
	Update(msg tea.Msg) tea.Cmd
	// Rows are as many as the terminal is high, none wider than it.
	Rows() []string
	Cursor() *tea.Cursor // nil hides it
	Title() string       // of the terminal's window
	// Close ends what the screen holds. It is called once, off the program's
	// goroutine, after the screen has left the stack: no other method is called by
	// then, nor after.
	Close() error
}

// Kind says which screen shows a target.
type Kind string

// What can be opened.
const (
	Auto     Kind = ""         // by what Path names: a folder, a notebook, a table
	Notebook Kind = "notebook" // Path is a notebook; ReadOnly only looks
	Browser  Kind = "browser"  // Path is a folder of any store, or "" for the roots
	Sessions Kind = "sessions" // the living kernel hosts
	Form     Kind = "form"     // the parameters of the notebook at Path
	Table    Kind = "table"    // the data explorer
	Diff     Kind = "diff"     // Path against Other
	Text     Kind = "text"     // a pager
	History  Kind = "history"  // what the notebook at Path was before
	Output   Kind = "output"   // Outputs of a cell, on the whole screen
)

// Target names what to open.
type Target struct {
	Kind     Kind
	Path     string // a path or a URL as the user would type it
	Other    string // the second one, where Kind takes two
	Title    string // of a Text
	Body     string // of a Text
	ReadOnly bool
	Cell     int // 1 for the first; 0 is where the reader was
	Outputs  []*notebook.Output
	// Follow has the selection of a notebook go with the cell that runs, until the
	// reader moves.
	Follow bool
}

// OpenMsg asks the program to open a target above the screen that asks. A target
// that is on the stack already comes to the top instead.
type OpenMsg struct{ Target Target }

// Open is the command for it.
func Open(t Target) tea.Cmd { return func() tea.Msg { return OpenMsg{t} } }

// DoneMsg takes the screen that sends it off the stack; with the last one the
// program ends. A screen that holds unsaved work asks first and sends it after.
type DoneMsg struct{}

// Done is the command for it.
func Done() tea.Msg { return DoneMsg{} }

// QuitMsg asks the program to end: it asks each screen in turn, from the top, to
// close.
type QuitMsg struct{}

// Quit is the command for it.
func Quit() tea.Msg { return QuitMsg{} }

// CloseMsg asks a screen to close, as the key for it does: it sends DoneMsg, at once
// or when a question about unsaved work is answered.
type CloseMsg struct{}

// ShownMsg tells a screen that it is on top, for the first time or again, so that it
// may look anew at what it shows.
type ShownMsg struct {
	Alone bool // there is no screen below: closing this one ends the program
}

// HiddenMsg tells a screen that another is on top now; nobody sees what it refreshes.
type HiddenMsg struct{}

// AskedMsg tells a screen that what it shows was asked for again, perhaps another
// place in it.
type AskedMsg struct{ Target Target }
