package form_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"nbterm/tui"
	"nbterm/tui/form"
	"nbterm/tui/keymap"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// desk is what a form asks.
type desk struct {
	mu   sync.Mutex
	runs []form.Submission
	err  error
	note string
}

func (d *desk) submitted() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for _, s := range d.runs {
		all = append(all, fmt.Sprintf("%s %v %s %v", s.Where, s.Values, s.Output, s.Sweep))
	}
	return strings.Join(all, "; ")
}

func fields() []form.Field {
	return []form.Field{
		{Name: "region", Type: "Literal['eu', 'us', 'apac']", Default: "eu", Text: "eu", Choices: []string{"eu", "us", "apac"}, Help: "which region to audit"},
		{Name: "day", Type: "str", Required: true, Help: "the day to look at, as 2026-11-19"},
		{Name: "threshold", Type: "float", Default: "0.05", Text: "0.05", Help: "alert above this share"},
		{Name: "dry_run", Type: "bool", Default: "False", Text: "False", Bool: true, Choices: []string{"False", "True"}, Help: "write nothing"},
		{Name: "api_token", Type: "str", Text: "env:TOKEN", Secret: true, Required: true},
	}
}

func show(t *testing.T, d *desk, fs []form.Field, w, h int) *tuitest.Terminal {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(values []form.Value, sweep bool) map[string]string {
		faults := map[string]string{"day": "it has no default and was not given"}
		for _, v := range values {
			delete(faults, v.Name)
			if v.Name == "threshold" && strings.Trim(v.Text, "0123456789.") != "" && !sweep {
				faults[v.Name] = "'" + v.Text + "' is str, not float"
			}
		}
		if len(fs) == 0 {
			return nil
		}
		return faults
	}
	path := func(template string, values []form.Value) (string, error) {
		for _, v := range values {
			template = strings.ReplaceAll(template, "{"+v.Name+"}", v.Text)
		}
		if strings.Contains(template, "{") {
			return "", errors.New("missing parameter")
		}
		return template, nil
	}
	s := form.New(form.Deps{
		Name: "report.ipynb", Fields: fs, Note: d.note, Output: "~/runs/{region}.ipynb", Where: "here",
		Wheres: []form.Where{{Name: "here"}, {Name: "background"}, {Name: "cluster", Why: "none is set up"}},
		Check:  check, Path: path, NoSchedule: "there is no daemon", Keys: keys, Theme: theme.New(true),
		Run: func(_ context.Context, s form.Submission) (form.Outcome, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.runs = append(d.runs, s)
			if s.Where == "here" {
				return form.Outcome{Open: &screen.Target{Path: "the record"}}, d.err
			}
			return form.Outcome{Said: "It goes on in the background."}, d.err
		},
	})
	app := tui.New(s, tui.Options{Theme: "dark", Mouse: true, Open: func(_ context.Context, t screen.Target) (screen.Screen, error) {
		return nil, errors.New(t.Path + " is open")
	}})
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tuitest.Start(t, app, w, h)
}

func see(term *tuitest.Terminal, texts ...string) {
	term.WaitFor(fmt.Sprintf("%q", texts), func(s string) bool {
		for _, x := range texts {
			if !strings.Contains(s, x) {
				return false
			}
		}
		return true
	})
}

func TestTheFormLooksAsItShould(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			t.Parallel()
			term := show(t, &desk{}, fields(), size.w, size.h)
			term.Type("tab", "2026-11-19", "tab", "a lot", "tab", "space", "up")
			term.Golden(fmt.Sprintf("form-%dx%d", size.w, size.h))
		})
	}
}

func TestAFilledFormIsRunHereAndItsRecordOpened(t *testing.T) {
	t.Parallel()
	d := &desk{}
	term := show(t, d, fields(), 100, 24)
	term.Type("space", "down", "2026-11-19", "down", "down", "space", "enter")
	see(term, "the record is open")
	if want := "here [{region us false} {day 2026-11-19 false} {dry_run True false} {api_token env:TOKEN true}] ~/runs/{region}.ipynb false"; d.submitted() != want {
		t.Errorf("submitted was\n%s, want\n%s", d.submitted(), want)
	}
}

func TestWhatDoesNotFitIsNotRun(t *testing.T) {
	t.Parallel()
	d := &desk{}
	term := show(t, d, fields(), 100, 24)
	term.Type("enter")
	see(term, "Not run: day: it has no default and was not given.")
	term.Type("x", "down", "x")
	see(term, "✗ '0.05x' is str, not float")
	term.Type("enter")
	see(term, "Not run: threshold: '0.05x' is str, not float.")
	term.Type("alt+d", "up", "up", "up")
	see(term, "the record: ~/runs/eu.ipynb")
	term.Type("{", "nix}")
	see(term, "output: missing parameter")
	term.Type("enter")
	see(term, "Not run: output: missing parameter.")
	if got := d.submitted(); got != "" {
		t.Errorf("submitted was %s", got)
	}
}

func TestARunInTheBackgroundIsToldAndAFailureToo(t *testing.T) {
	t.Parallel()
	d := &desk{}
	term := show(t, d, fields(), 100, 24)
	term.Type("tab", "today", "up", "up", "up", "right", "right", "left")
	see(term, "(•) background", "( ) cluster: none is set up")
	term.Type("enter")
	see(term, "It goes on in the background.")
	d.mu.Lock()
	d.err = errors.New("there is no\x1b[2J room")
	d.mu.Unlock()
	term.Type("enter")
	see(term, "Not run: there is no^[[2J room")
}

func TestASweepTakesTextInEveryField(t *testing.T) {
	t.Parallel()
	d := &desk{}
	term := show(t, d, fields(), 100, 24)
	term.Type("w")
	see(term, "SWEEP", "a,b,c or 1..5")
	term.Type(",us", "tab", "today", "enter")
	see(term, "the record is open")
	if got := d.submitted(); !strings.Contains(got, "{region eu,us false}") || !strings.HasSuffix(got, "true") {
		t.Errorf("submitted was %s", got)
	}
	term.Type("esc", "alt+w")
	see(term, "RUN", "eu", "▾")
}

func TestWhatTheFormCannotDoSaysWhy(t *testing.T) {
	t.Parallel()
	term := show(t, &desk{}, fields(), 100, 24)
	term.Type("S")
	see(term, "Not now: there is no daemon.")
	term.Type("tab", "S")
	see(term, "[ S ")
	term.Type("alt+s")
	see(term, "Not now: there is no daemon.")
	term.Type("alt+m")
	see(term, "secret · env:VAR file:PATH")
	term.Type("ctrl+p")
	see(term, "there is no daemon", "sweep: several values a field")
	term.Type("esc", "f1")
	see(term, "Keys of the form")
	term.Type("esc")
	term.WaitFor("the form", func(s string) bool { return !strings.Contains(s, "Keys of the form") })
	term.Type("esc")
	term.WaitEnd()
}

func TestANotebookWithoutParametersCanBeRun(t *testing.T) {
	t.Parallel()
	d := &desk{note: "there is nothing to fill in"}
	term := show(t, d, nil, 80, 24)
	see(term, "there is nothing to fill in")
	term.Type("down", "alt+d")
	for range 30 {
		term.Type("backspace")
	}
	see(term, "the record of the run needs a place")
	term.Type("out.ipynb", "enter")
	see(term, "the record is open")
	if got := d.submitted(); got != "here [] out.ipynb false" {
		t.Errorf("submitted was %s", got)
	}
}

func TestAClickFocusesAndTurnsChoices(t *testing.T) {
	t.Parallel()
	term := show(t, &desk{}, fields(), 100, 24)
	x, y := term.Find("dry_run")
	term.Click(x, y)
	term.Click(x, y)
	see(term, "[x]")
}
