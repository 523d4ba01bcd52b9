// Package output is the screen with one output of a cell: as large as the terminal
// allows, in any of the forms that its bundle holds, to be saved to a file. It changes
// no notebook.
package output

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/render/term"
	"nbterm/tui/caps"
	"nbterm/tui/images"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Deps are what a screen is given.
type Deps struct {
	Outputs []*notebook.Output // of one cell; at least one
	Title   string             // such as "report.ipynb cell 3"
	// Save writes a file whose name begins with base and ends with ext, under a name
	// that is free, and gives the path as a person knows it.
	Save   func(ctx context.Context, base, ext string, data []byte) (string, error)
	Base   string // of the names of saved files
	Images *images.Layer
	Tools  *render.Tools
	Keys   *keymap.Map
	Theme  theme.Theme
}

// Screen shows one output. It belongs to the program's goroutine.
type Screen struct {
	Deps
	controls kit.Controls
	ctx      context.Context
	cancel   context.CancelFunc
	size     tea.WindowSizeMsg
	caps     render.Caps

	at     int      // which output
	forms  []string // its types, richest first
	form   int      // which form
	zoom   int      // steps of half as much again; 0 fits
	top    int      // first row shown
	left   int      // first column shown
	cols   int      // columns of a table that are scrolled off
	drawn  *drawn   // nil before the first
	want   look     // what was asked for last
	notice string
	film   film
}

// look is all that a drawing depends on.
type look struct {
	out  *notebook.Output
	form string
	ctx  render.Context
}

// drawn is a drawing, with the pictures in it held.
type drawn struct {
	look     look
	rows     []string
	width    int
	hidden   int // columns of a table that did not fit
	pictures []*images.Picture
}

// drawnMsg brings a drawing.
type drawnMsg struct{ drawn *drawn }

// savedMsg is the end of saving.
type savedMsg struct {
	path string
	err  error
}

// New makes a screen that begins with the first output that shows more than text.
func New(d Deps) *Screen {
	s := &Screen{Deps: d, caps: caps.Terminal{}.Render()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.controls = kit.Controls{Keys: d.Keys, Context: keymap.Output, Title: "Keys of an output", Actions: s.actions()}
	for i, o := range d.Outputs {
		if k := o.Kind(); k != notebook.Stream && k != notebook.Failure {
			s.at = i
			break
		}
	}
	s.choose(s.at)
	return s
}

// Init implements screen.Screen.
func (s *Screen) Init() tea.Cmd { return nil }

// Close implements screen.Screen.
func (s *Screen) Close() error { s.cancel(); return nil }

// Title implements screen.Screen.
func (s *Screen) Title() string { return s.Deps.Title + " · nbterm" }

// Cursor implements screen.Screen.
func (s *Screen) Cursor() *tea.Cursor { return nil }

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = m
	case theme.Theme:
		s.Theme = m
	case caps.Terminal:
		s.caps = m.Render()
	case tea.KeyPressMsg:
		var why string
		if cmd, why, _ = s.controls.Press(m, s.Theme); why != "" {
			s.notice = why
		}
	case tea.MouseWheelMsg:
		s.wheel(m)
	case screen.CloseMsg:
		return screen.Done
	case drawnMsg:
		if m.drawn.look == s.want {
			s.drawn = m.drawn
		}
	case savedMsg:
		s.saved(m)
	case filmMsg:
		s.film.got(m)
		cmd = s.film.tick()
	case tickMsg:
		cmd = s.film.next(m)
	}
	return tea.Batch(cmd, s.draw())
}

func (s *Screen) wheel(m tea.MouseWheelMsg) {
	const step = 3
	switch m.Button {
	case tea.MouseWheelUp:
		s.scroll(-step)
	case tea.MouseWheelDown:
		s.scroll(step)
	}
}

func (s *Screen) saved(m savedMsg) {
	switch {
	case m.err == nil:
		s.notice = "saved to " + term.Clean(m.path)
	default:
		s.notice = term.Clean(m.err.Error())
	}
}

// choose shows an output in its richest form.
func (s *Screen) choose(i int) {
	s.at, s.form, s.zoom, s.top, s.left, s.cols, s.film = i, 0, 0, 0, 0, 0, film{}
	s.forms = nil
	switch o := s.Outputs[i]; o.Kind() {
	case notebook.Stream:
	case notebook.Failure:
		s.forms = []string{"", ownFrames}
	default:
		s.forms = render.Forms(o.Bundle())
	}
}

// ownFrames is the form of an error whose frames in libraries are left out.
const ownFrames = "without the frames of libraries"

// formName is the type that is shown, "" for what has none.
func (s *Screen) formName() string {
	if s.form < len(s.forms) {
		return s.forms[s.form]
	}
	return ""
}

// draw has what is wanted drawn in the background, unless it is there or under way.
func (s *Screen) draw() tea.Cmd {
	if s.size.Width == 0 {
		return nil
	}
	l := look{s.Outputs[s.at], s.formName(), s.context()}
	if l == s.want {
		return nil
	}
	s.want = l
	layer := s.Images
	return func() tea.Msg { return drawnMsg{l.draw(layer)} }
}

// context is the room there is: the screen, larger where it is zoomed into.
func (s *Screen) context() render.Context {
	w, h := s.size.Width-2, kit.BodyHeight(s.size.Height, true)
	for range s.zoom {
		w, h = w*3/2, h*3/2
	}
	return render.Context{
		Width: max(w, 1), MaxRows: max(h, 1), Grow: true, Caps: s.caps, Palette: s.Theme.Palette, Tools: s.Tools,
		Left: s.cols, MaxLine: render.MaxLine,
	}
}

// draw draws; it runs on any goroutine.
func (l look) draw(layer *images.Layer) *drawn {
	var b render.Block
	switch l.form {
	case "":
		b = render.Output(l.out, l.ctx)
	case ownFrames:
		name, value, traceback := l.out.Error()
		b = render.Failure(name, value, render.Folded(traceback), l.ctx)
	default:
		var ok bool
		if b, ok = render.Form(l.form, l.out.Bundle(), l.ctx); !ok {
			text, _ := l.out.Bundle().Text(l.form)
			b = render.Block{Lines: term.Lines(text, term.Options{Width: l.ctx.Width, Colors: l.ctx.Caps.Colors})}
		}
	}
	d := &drawn{look: l, hidden: b.Hidden}
	d.rows, d.pictures = layer.Mark(b)
	for _, r := range d.rows {
		d.width = max(d.width, ansi.StringWidth(r))
	}
	return d
}

// Rows implements screen.Screen.
func (s *Screen) Rows() []string {
	w, h := s.size.Width, s.size.Height
	f := kit.Frame{
		Title:  s.Theme.Strong(s.Deps.Title),
		Right:  s.Theme.Muted(s.describe()),
		Body:   s.body(kit.BodyHeight(h, s.notice != "")),
		Notice: s.notice,
		Mode:   "OUTPUT",
		Hints: s.controls.Hints(keymap.Help, "help", keymap.OutputForm, "other forms", keymap.OutputSave, "save",
			keymap.OutputIn, "larger", keymap.OutputNext, "next output", keymap.ListBack, "back"),
	}
	if len(s.Outputs) > 1 {
		f.Place = fmt.Sprintf("%d/%d", s.at+1, len(s.Outputs))
	}
	return f.Rows(s.Theme, w, h)
}

// describe names the form that is shown.
func (s *Screen) describe() string {
	name := s.formName()
	switch name {
	case "":
		return kindOf(s.Outputs[s.at])
	case ownFrames:
		return "error, " + ownFrames
	}
	if len(s.forms) > 1 {
		return fmt.Sprintf("%s · form %d of %d", term.Clean(name), s.form+1, len(s.forms))
	}
	return term.Clean(name)
}

func kindOf(o *notebook.Output) string {
	if o.Kind() == notebook.Stream {
		return term.Clean(o.StreamName())
	}
	return "error"
}

func (s *Screen) body(height int) []string {
	rows, d := make([]string, 0, height), s.drawn
	if frame := s.film.frame(); frame != nil {
		d = frame
	}
	if d == nil {
		return []string{" " + s.Theme.Faint("drawing …")}
	}
	s.top = min(s.top, max(len(d.rows)-height, 0))
	s.left = min(s.left, max(d.width-(s.size.Width-2), 0))
	for _, r := range d.rows[s.top:min(len(d.rows), s.top+height)] {
		rows = append(rows, " "+ansi.Cut(r, s.left, s.left+s.size.Width-2))
	}
	return rows
}

// saveTime bounds a save to a disk that does not answer.
const saveTime = 30 * time.Second
