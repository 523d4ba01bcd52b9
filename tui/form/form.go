// Package form is the screen that fills in the parameters of a notebook and has it
// run: here, in the background, or as a sweep. It knows fields and their texts; what a
// text means, whether it fits and how a run is begun is asked of its Deps.
package form

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"nbterm/render/term"
	"nbterm/tui/editor"
	"nbterm/tui/keymap"
	"nbterm/tui/kit"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
)

// Field is one parameter.
type Field struct {
	Name     string
	Type     string   // for people; may be ""
	Default  string   // as the field shows it
	Text     string   // what the field begins with: the value of the last time, or Default
	Help     string   // may be ""
	Choices  []string // all that is allowed; nil is anything
	Bool     bool     // its choices are two, shown as a box
	Required bool     // it is given even where it is the default
	Secret   bool     // Text is where the value is found: env:NAME or file:PATH
}

// Value is a field as it was filled in.
type Value struct {
	Name, Text string
	Secret     bool
}

// Where is a way to run.
type Where struct {
	Name string // one word: here, background, cluster
	Why  string // why it cannot be had; "" when it can
}

// Submission is a filled form.
type Submission struct {
	Values []Value // those that differ from the default, and the required ones
	All    []Value // every field, to be remembered
	Where  string
	Output string // a template
	Sweep  bool   // texts may name several values
}

// Outcome is what became of a submission.
type Outcome struct {
	Open *screen.Target // to be shown, such as the output notebook; nil is nothing
	Said string         // told in the form
}

// Deps are what the screen is given.
type Deps struct {
	Name   string // of the notebook
	Fields []Field
	Note   string // about the notebook, such as that it has no parameters; may be ""
	Wheres []Where
	Where  string // the one chosen at first
	Output string
	// Check says what is wrong, by the names of fields. It is asked after every key.
	Check func(values []Value, sweep bool) map[string]string
	// Path fills the output template in, for the values as they are.
	Path func(template string, values []Value) (string, error)
	// NoSweep and NoSchedule say why there is none, "" when there is.
	NoSweep, NoSchedule string
	// Run begins a run, off the program's goroutine.
	Run   func(context.Context, Submission) (Outcome, error)
	Keys  *keymap.Map
	Theme theme.Theme
}

// Screen is one form. It belongs to the program's goroutine.
type Screen struct {
	deps   Deps
	ctx    context.Context // ends with the screen
	cancel context.CancelFunc

	fields   []*field
	output   *field
	where    int // of deps.Wheres
	at       int // the focus: a field, then where, then the output
	top      int // first row shown
	sweep    bool
	faults   map[string]string
	pressed  bool // a run was asked for: faults of what is not filled in are shown too
	controls kit.Controls
	starting bool // a Run is under way
	size     tea.WindowSizeMsg
	notice   string
	loud     bool
}

// field is a Field while it is filled in.
type field struct {
	Field
	input *editor.Input // nil for a choice
	pick  int           // of Choices
}

// outputName is what the output's own faults go by; no parameter is called that.
const outputName = "output path"

// beganMsg is the end of a Run.
type beganMsg struct {
	outcome Outcome
	err     error
}

// New makes the screen, with the focus on the first field.
func New(d Deps) *Screen {
	s := &Screen{deps: d}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, f := range d.Fields {
		s.fields = append(s.fields, newField(f, d.Theme))
	}
	s.output = newField(Field{Name: outputName, Text: d.Output, Default: d.Output}, d.Theme)
	for i, w := range d.Wheres {
		if w.Name == d.Where && w.Why == "" {
			s.where = i
		}
	}
	s.controls = kit.Controls{Keys: d.Keys, Title: "Keys of the form", Actions: s.actions()}
	s.check()
	return s
}

// newField makes a field ready. A choice of the last time that is none any more gives
// way to the default.
func newField(f Field, t theme.Theme) *field {
	out := &field{Field: f}
	if len(f.Choices) > 0 && !f.Secret {
		out.set(f.Text)
		return out
	}
	out.input = editor.NewInput("", false, t.Palette)
	out.set(f.Text)
	return out
}

// set gives the field a text.
func (f *field) set(text string) {
	if f.input != nil {
		f.input.SetValue(text)
		return
	}
	for _, want := range []string{f.Default, text} {
		for i, c := range f.Choices {
			if c == want {
				f.pick = i
			}
		}
	}
}

func (f *field) text() string {
	if f.input != nil {
		return f.input.Value()
	}
	return f.Choices[f.pick]
}

// turn takes the next choice.
func (f *field) turn(by int) {
	if f.input == nil {
		n := len(f.Choices)
		f.pick = (f.pick + by + n) % n
	}
}

// focus is the field that has the focus, nil while it is on where to run.
func (s *Screen) focus() *field {
	switch {
	case s.at < len(s.fields):
		return s.fields[s.at]
	case s.at == len(s.fields):
		return nil
	}
	return s.output
}

// stops is how many places the focus has.
func (s *Screen) stops() int { return len(s.fields) + 2 }

// values are all fields; given are those that are to be told to the run.
func (s *Screen) values() (all, given []Value) {
	for _, f := range s.fields {
		v := Value{f.Name, f.text(), f.Secret}
		all = append(all, v)
		if v.Text != f.Default || f.Required && v.Text != "" {
			given = append(given, v)
		}
	}
	return all, given
}

// check finds what is wrong now.
func (s *Screen) check() {
	_, given := s.values()
	s.faults = s.deps.Check(given, s.sweep)
	if s.faults == nil {
		s.faults = map[string]string{}
	}
	if s.output.text() == "" {
		s.faults[outputName] = "the record of the run needs a place"
	} else if _, err := s.deps.Path(s.output.text(), s.plain()); err != nil && !s.sweep {
		s.faults[outputName] = term.Clean(err.Error())
	}
}

// plain are the values that a path may hold: all but secrets.
func (s *Screen) plain() []Value {
	all, _ := s.values()
	var open []Value
	for _, v := range all {
		if !v.Secret {
			open = append(open, v)
		}
	}
	return open
}

// fault is what to show of a field. What is merely not filled in yet is no fault
// before a run was asked for.
func (s *Screen) fault(f *field) string {
	if f.text() == "" && f.Required && !s.pressed {
		return ""
	}
	return s.faults[f.Name]
}

// Init implements screen.Screen.
func (s *Screen) Init() tea.Cmd { return nil }

// Close implements screen.Screen.
func (s *Screen) Close() error { s.cancel(); return nil }

// Title implements screen.Screen.
func (s *Screen) Title() string { return "run " + term.Clean(s.deps.Name) + " · nbterm" }

// Update implements screen.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = m
	case theme.Theme:
		s.deps.Theme = m
		for _, f := range append([]*field{s.output}, s.fields...) {
			if f.input != nil {
				f.input.SetPalette(m.Palette)
			}
		}
	case screen.CloseMsg:
		return screen.Done
	case tea.KeyPressMsg:
		return s.press(m)
	case tea.PasteMsg:
		if f := s.focus(); f != nil && f.input != nil {
			f.input.Update(m)
			s.check()
		}
	case tea.MouseClickMsg:
		s.click(m)
	case beganMsg:
		return s.began(m)
	}
	return nil
}

// press gives a key to the actions first: those of a text field leave all keys that
// type to it.
func (s *Screen) press(k tea.KeyPressMsg) tea.Cmd {
	f := s.focus()
	s.controls.Context = keymap.Form
	if f != nil && f.input != nil {
		s.controls.Context = keymap.Field
	}
	if !s.starting {
		s.say("", false)
	}
	cmd, why, known := s.controls.Press(k, s.deps.Theme)
	switch {
	case why != "":
		s.say("Not now: "+why+".", false)
	case !known && f != nil && f.input != nil:
		f.input.Update(k)
	}
	s.check()
	return cmd
}

func (s *Screen) say(text string, loud bool) { s.notice, s.loud = text, loud }

func (s *Screen) click(m tea.MouseClickMsg) {
	if i := s.stopAt(m.Y); i >= 0 && m.Button == tea.MouseLeft {
		if same := i == s.at; same && s.focus() != nil {
			s.focus().turn(1)
		}
		s.at = i
		s.check()
	}
}

// run begins a run, unless something is wrong: then the focus goes there.
func (s *Screen) run() tea.Cmd {
	s.pressed = true
	s.check()
	for i := range s.stops() {
		s0 := s.at
		s.at = i
		if f := s.focus(); f != nil && s.faults[f.Name] != "" {
			s.say("Not run: "+s.label(f)+": "+s.faults[f.Name]+".", true)
			return nil
		}
		s.at = s0
	}
	for name, why := range s.faults {
		s.say("Not run: "+term.Clean(name)+": "+why+".", true)
		return nil
	}
	all, given := s.values()
	sub := Submission{Values: given, All: all, Where: s.deps.Wheres[s.where].Name, Output: s.output.text(), Sweep: s.sweep}
	s.starting = true
	s.say("Starting the run …", false)
	ctx, run := s.ctx, s.deps.Run
	return func() tea.Msg {
		outcome, err := run(ctx, sub)
		return beganMsg{outcome, err}
	}
}

func (s *Screen) began(m beganMsg) tea.Cmd {
	s.starting = false
	if m.err != nil {
		s.say("Not run: "+term.Clean(m.err.Error()), true)
		return nil
	}
	s.say(term.Clean(m.outcome.Said), false)
	if m.outcome.Open != nil {
		return screen.Open(*m.outcome.Open)
	}
	return nil
}
