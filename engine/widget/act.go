package widget

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Act is something a user does to a control.
type Act uint8

// The acts. Which of them mean something depends on the control.
const (
	Less  Act = iota // one step down: the option before, a smaller value
	More             // one step up
	Fewer            // ten steps down
	Lots             // ten steps up
	Least            // the first option, the smallest value
	Most             // the last option, the largest value
	Press            // click, toggle, take
)

// Do is what an act does to a model. Part is which part of it: the end of a range, the
// child of an Accordion, the button of a Play (PlayButton...), the option of a
// SelectMultiple, of RadioButtons and the like. It is false where nothing changes.
func (m *Model) Do(a Act, part int) (Change, bool) {
	if m.Disabled() {
		return Change{}, false
	}
	switch m.Kind {
	case "Button":
		return Change{Model: m.ID, Event: "click"}, a == Press
	case "Checkbox", "ToggleButton":
		return m.set("value", !m.Bool("value")), a == Press
	case "Dropdown", "Select", "RadioButtons", "ToggleButtons":
		return m.walk(a)
	case "SelectMultiple":
		if a == Press {
			return m.toggle(part)
		}
		return Change{}, false
	case "Tab", "Accordion", "Stack":
		return m.turn(a, part)
	case "Play":
		return m.play(a, part)
	case "DatePicker", "Time", "TimePicker", "Datetime", "NaiveDatetime":
		switch a {
		case Less:
			return m.stepMoment(-1)
		case More:
			return m.stepMoment(1)
		}
		return Change{}, false
	}
	if m.IsSlider() || m.IsNumber() {
		return m.slide(a, part)
	}
	return Change{}, false
}

// IsSlider is true for controls with a track.
func (m *Model) IsSlider() bool { return strings.HasSuffix(m.Kind, "Slider") }

// IsNumber is true for fields that hold a number.
func (m *Model) IsNumber() bool {
	switch m.Kind {
	case "IntText", "FloatText", "BoundedIntText", "BoundedFloatText":
		return true
	}
	return false
}

// slide moves a value by steps or to an end of its span.
func (m *Model) slide(a Act, part int) (Change, bool) {
	ends := m.Ends()
	if part < 0 || part >= len(ends) {
		return Change{}, false
	}
	span, bounded := m.Bounds()
	at, step := ends[part], span.Step
	switch a {
	case Less:
		return m.move(part, tidy(at-step))
	case More:
		return m.move(part, tidy(at+step))
	case Fewer:
		return m.move(part, tidy(at-10*step))
	case Lots:
		return m.move(part, tidy(at+10*step))
	case Least:
		if bounded {
			return m.move(part, span.Min)
		}
	case Most:
		if bounded {
			return m.move(part, span.Max)
		}
	}
	return Change{}, false
}

// Slide moves the nearest end of a slider to a share of its track, 0 to 1.
func (m *Model) Slide(share float64) (Change, bool) {
	span, bounded := m.Bounds()
	if !bounded || m.Disabled() || !m.IsSlider() {
		return Change{}, false
	}
	to := span.Min + math.Min(math.Max(share, 0), 1)*(span.Max-span.Min)
	part, ends := 0, m.Ends()
	if len(ends) == 2 && math.Abs(ends[1]-to) < math.Abs(ends[0]-to) {
		part = 1
	}
	return m.move(part, to)
}

// walk moves the choice of one option.
func (m *Model) walk(a Act) (Change, bool) {
	at, n := m.Index(), len(m.Options())
	switch a {
	case Less:
		return m.choose(max(at-1, 0))
	case More:
		return m.choose(min(at+1, n-1))
	case Fewer:
		return m.choose(max(at-10, 0))
	case Lots:
		return m.choose(min(at+10, n-1))
	case Least:
		return m.choose(0)
	case Most:
		return m.choose(n - 1)
	}
	return Change{}, false
}

// Choose takes the option with this number.
func (m *Model) Choose(i int) (Change, bool) {
	if m.Disabled() {
		return Change{}, false
	}
	if m.Kind == "SelectMultiple" {
		return m.toggle(i)
	}
	if m.Kind == "Combobox" {
		if options := m.Options(); i >= 0 && i < len(options) {
			return m.set("value", options[i]), true
		}
		return Change{}, false
	}
	return m.choose(i)
}

// turn shows another child of a container; pressing the one an Accordion shows closes it.
func (m *Model) turn(a Act, part int) (Change, bool) {
	n, at := len(m.Refs("children")), m.Open()
	to := at
	switch {
	case a == Less:
		to = at - 1
	case a == More:
		to = at + 1
	case a == Least:
		to = 0
	case a == Most:
		to = n - 1
	case a == Press && m.Kind == "Accordion" && part == at:
		return m.set("selected_index", nil), true
	case a == Press:
		to = part
	}
	if to < 0 || to >= n || to == at || a != Press && m.Kind == "Accordion" {
		return Change{}, false
	}
	return m.set("selected_index", to), true
}

// Open is the child that a container shows, -1 for none.
func (m *Model) Open() int {
	v, ok := m.Number("selected_index")
	if !ok {
		if m.Kind == "Tab" && !m.Has("selected_index") {
			return 0
		}
		return -1
	}
	return int(v)
}

// The buttons of a Play.
const (
	PlayButton = iota
	StopButton
	RepeatButton
)

// play is what the buttons of a Play do.
func (m *Model) play(a Act, part int) (Change, bool) {
	switch {
	case a == Less || a == More:
		return m.slide(a, 0)
	case a != Press:
		return Change{}, false
	case part == StopButton:
		low, _ := m.Number("min")
		return Change{Model: m.ID, State: map[string]any{m.playing(): false, "value": low}}, true
	case part == RepeatButton:
		return m.set(m.repeat(), !m.Bool(m.repeat())), true
	}
	return m.set(m.playing(), !m.Bool(m.playing())), true
}

// playing and repeat are the names of two attributes that had a bar in front before
// ipywidgets 8.
func (m *Model) playing() string {
	if m.Has("_playing") {
		return "_playing"
	}
	return "playing"
}

func (m *Model) repeat() string {
	if m.Has("_repeat") {
		return "_repeat"
	}
	return "repeat"
}

// Playing is true for a Play that runs.
func (m *Model) Playing() bool { return m.Kind == "Play" && m.Bool(m.playing()) }

// Repeating is true for a Play that begins again at its end.
func (m *Model) Repeating() bool { return m.Bool(m.repeat()) }

// Tick is the next step of a Play that runs.
func (m *Model) Tick() (Change, bool) {
	if !m.Playing() {
		return Change{}, false
	}
	if c, ok := m.slide(More, 0); ok {
		return c, true
	}
	if low, _ := m.Number("min"); m.Repeating() {
		return m.set("value", low), true
	}
	return m.set(m.playing(), false), true
}

// ErrNoField is the answer to text for what takes none.
var ErrNoField = errors.New("this control takes no text")

// Field is the text that a control with a field holds, as it is typed.
func (m *Model) Field() (text string, ok bool) {
	switch {
	case m.IsNumber():
		v, _ := m.Number("value")
		if whole, _ := numeric(m.Kind); whole {
			return strconv.FormatFloat(v, 'f', 0, 64), true
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case layout(m.Kind) != "":
		return m.momentText(), true
	}
	switch m.Kind {
	case "Text", "Textarea", "Password", "Combobox", "ColorPicker":
		return m.Text("value"), true
	}
	return "", false
}

// Instantly is true for fields that tell every key rather than the whole when it is done.
func (m *Model) Instantly() bool {
	switch m.Kind {
	case "Text", "Textarea", "Password", "Combobox":
		return m.Bool("continuous_update")
	}
	return false
}

// Type is the change that text typed into a field makes.
func (m *Model) Type(text string) (Change, error) {
	if _, ok := m.Field(); !ok || m.Disabled() {
		return Change{}, ErrNoField
	}
	switch {
	case m.IsNumber():
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if whole, _ := numeric(m.Kind); err != nil || math.IsNaN(v) || math.IsInf(v, 0) || whole && v != math.Trunc(v) {
			return Change{}, fmt.Errorf("%q is no %s", text, map[bool]string{true: "whole number", false: "number"}[whole])
		}
		if span, bounded := m.Bounds(); bounded {
			v = math.Min(math.Max(v, span.Min), span.Max)
		}
		if whole, _ := numeric(m.Kind); whole {
			return m.set("value", int64(v)), nil
		}
		return m.set("value", v), nil
	case layout(m.Kind) != "":
		return m.parseMoment(strings.TrimSpace(text))
	case m.Kind == "Combobox" && m.Bool("ensure_options"):
		for _, option := range m.Options() {
			if option == text {
				return m.set("value", text), nil
			}
		}
		return Change{}, fmt.Errorf("%q is none of the options", text)
	}
	return m.set("value", text), nil
}

// Submits is true for fields that tell of enter beside their text.
func (m *Model) Submits() bool {
	return m.Kind == "Text" || m.Kind == "Password" || m.Kind == "Combobox"
}

// Submit is that event.
func (m *Model) Submit() Change { return Change{Model: m.ID, Event: "submit"} }
