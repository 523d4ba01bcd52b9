package tui_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nbterm/tui"
	"nbterm/tui/dialog"
	"nbterm/tui/screen"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

// card is a screen that shows what it was told and does what its keys say.
type card struct {
	name  string
	desk  *deck
	heard []string
	w, h  int
	dirty bool
}

// deck makes cards and remembers which were closed.
type deck struct {
	mu     sync.Mutex
	opened []string
	closed []string
	gate   chan struct{} // what "slow" waits for
}

type note string

func (c *card) Init() tea.Cmd { return func() tea.Msg { return note("init") } }

func (c *card) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		c.w, c.h = m.Width, m.Height
	case theme.Theme:
		c.heard = append(c.heard, "theme")
	case note:
		c.heard = append(c.heard, string(m))
	case screen.ShownMsg:
		c.heard = append(c.heard, fmt.Sprint("shown:", m.Alone))
	case screen.HiddenMsg:
		c.heard = append(c.heard, "hidden")
	case screen.AskedMsg:
		c.heard = append(c.heard, fmt.Sprint("asked:", m.Target.Cell))
	case tea.PasteMsg:
		c.heard = append(c.heard, m.Content)
	case screen.CloseMsg:
		return c.shut()
	case tea.KeyPressMsg:
		return c.press(m.String())
	}
	return nil
}

func tell(texts ...string) []tea.Cmd {
	var cmds []tea.Cmd
	for _, t := range texts {
		cmds = append(cmds, func() tea.Msg { return note(t) })
	}
	return cmds
}

func (c *card) press(key string) tea.Cmd {
	wait := func() tea.Msg { <-c.desk.gate; return note("late") }
	switch key {
	case "a", "b", "c":
		return screen.Open(screen.Target{Path: key, Cell: 7})
	case "e":
		return screen.Open(screen.Target{Path: "no such place"})
	case "s":
		return screen.Open(screen.Target{Path: "slow"})
	case "w":
		return tea.Sequence(append(tell("one"), tea.Batch(wait, tea.Sequence(tell("two", "three")...)))...)
	case "d":
		return tea.Sequence(func() tea.Msg { <-c.desk.gate; return nil }, dialog.Open(dialog.Choice{
			Title: "A question of " + c.name, Options: []dialog.Option{{Key: "y", Text: "yes", Do: func() tea.Cmd { return tell("yes")[0] }}},
		}))
	case "u":
		c.dirty = true
	case "Q":
		return screen.Quit
	case "q":
		return c.shut()
	default:
		c.heard = append(c.heard, "key:"+key)
	}
	return nil
}

func (c *card) shut() tea.Cmd {
	if !c.dirty {
		return screen.Done
	}
	return dialog.Open(dialog.Choice{Title: c.name + " is unsaved", Options: []dialog.Option{
		{Key: "d", Text: "discard", Do: func() tea.Cmd { return screen.Done }}, {Key: "esc", Text: "stay"},
	}})
}

func (c *card) Rows() []string {
	rows := make([]string, c.h)
	rows[0] = "card " + c.name
	for i, h := range c.heard {
		rows[min(i+1, c.h-1)] = h
	}
	return rows
}

func (c *card) Cursor() *tea.Cursor { return tea.NewCursor(0, 0) }
func (c *card) Title() string       { return c.name }

func (c *card) Close() error {
	c.desk.mu.Lock()
	defer c.desk.mu.Unlock()
	c.desk.closed = append(c.desk.closed, c.name)
	if c.name == "b" {
		return errors.New("b did not close well")
	}
	return nil
}

func (d *deck) open(ctx context.Context, t screen.Target) (screen.Screen, error) {
	switch t.Path {
	case "no such place":
		return nil, errors.New("there is no such\x1b[2J place")
	case "slow":
		select {
		case <-d.gate:
		case <-ctx.Done(): // it comes all the same, too late
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, t.Path)
	return &card{name: t.Path, desk: d}, nil
}

// play shows card "first" in a terminal; the App must close with the error want.
func play(t *testing.T) (*tuitest.Terminal, *deck, *tui.App) {
	t.Helper()
	d := &deck{gate: make(chan struct{})}
	app := tui.New(&card{name: "first", desk: d}, tui.Options{
		Theme: "dark", Open: d.open, First: screen.Target{Path: "first"}, Key: func(t screen.Target) string { return t.Path },
	})
	t.Cleanup(func() { _ = app.Close() })
	return tuitest.Start(t, app, 60, 12), d, app
}

// sees waits until the screen begins with rows.
func sees(term *tuitest.Terminal, rows ...string) {
	term.WaitFor(fmt.Sprintf("%q", rows), func(s string) bool { return strings.HasPrefix(s, strings.Join(rows, "\n")+"\n") })
}

func TestAScreenIsOpenedAboveAndLeftAgain(t *testing.T) {
	t.Parallel()
	term, d, app := play(t)
	sees(term, "card first", "shown:true", "init")
	term.Type("a")
	sees(term, "card a", "theme", "shown:false", "init", "")
	if term.Title() != "a" {
		t.Errorf("the title is %q", term.Title())
	}
	term.Type("x")
	sees(term, "card a", "theme", "shown:false", "init", "key:x", "")
	term.Type("q")
	sees(term, "card first", "shown:true", "init", "hidden", "shown:true", "")
	term.Type("q")
	term.WaitEnd()
	if err := app.Close(); err != nil {
		t.Error(err)
	}
	if want := []string{"a", "first"}; !slices.Equal(slices.Sorted(slices.Values(d.closed)), want) {
		t.Errorf("closed were %q, want %q", d.closed, want)
	}
}

func TestWhatACommandTellsReachesItsScreenAlsoWhenHidden(t *testing.T) {
	t.Parallel()
	term, d, _ := play(t)
	term.Type("w")
	sees(term, "card first", "shown:true", "init", "one", "two", "three", "")
	term.Type("a")
	sees(term, "card a")
	close(d.gate)
	term.Type("q")
	term.WaitFor("the late answer below", func(s string) bool { return strings.Contains(s, "late") && strings.HasPrefix(s, "card first") })
}

func TestADialogWaitsForTheScreenThatOpenedIt(t *testing.T) {
	t.Parallel()
	term, d, _ := play(t)
	term.Type("d", "a")
	sees(term, "card a", "theme", "shown:false", "init", "")
	close(d.gate)
	term.Type("x")
	sees(term, "card a", "theme", "shown:false", "init", "key:x", "")
	term.Type("q")
	term.WaitFor("the question", func(s string) bool { return strings.Contains(s, "A question of first") })
	term.Type("y")
	term.WaitFor("its answer", func(s string) bool { return strings.Contains(s, "yes") && !strings.Contains(s, "question") })
}

func TestATargetIsOnTheStackOnce(t *testing.T) {
	t.Parallel()
	term, d, _ := play(t)
	term.Type("a")
	sees(term, "card a")
	term.Type("b")
	sees(term, "card b")
	term.Type("a")
	sees(term, "card a", "theme", "shown:false", "init", "hidden", "shown:false", "asked:7", "")
	term.Type("a")
	sees(term, "card a", "theme", "shown:false", "init", "hidden", "shown:false", "asked:7", "asked:7", "")
	term.Type("q")
	sees(term, "card b")
	term.Type("q")
	sees(term, "card first")
	d.mu.Lock()
	defer d.mu.Unlock()
	if want := []string{"a", "b"}; !slices.Equal(d.opened, want) {
		t.Errorf("opened were %q, want %q", d.opened, want)
	}
}

func TestWhatCannotBeOpenedIsToldInASentence(t *testing.T) {
	t.Parallel()
	term, _, _ := play(t)
	term.Type("e")
	term.WaitFor("the reason", func(s string) bool { return strings.Contains(s, "Not opened: there is no such") })
	term.Type("esc", "x")
	term.WaitFor("work to go on", func(s string) bool { return strings.Contains(s, "key:x") && !strings.Contains(s, "Not opened") })
}

func TestASlowOpeningIsToldAndCanBeGivenUp(t *testing.T) {
	t.Parallel()
	term, d, app := play(t)
	term.Type("s")
	see(term, "opening slow … · esc gives up")
	term.Type("x", "esc", "y")
	term.WaitFor("work to go on", func(s string) bool {
		return strings.Contains(s, "key:x\nkey:y") && !strings.Contains(s, "opening")
	})
	term.Type("q")
	term.WaitEnd()
	if err := app.Close(); err != nil {
		t.Error(err)
	}
	if want := []string{"first", "slow"}; !slices.Equal(slices.Sorted(slices.Values(d.closed)), want) {
		t.Errorf("closed were %q, want %q", d.closed, want)
	}
}

func TestQuittingAsksEachScreenInTurn(t *testing.T) {
	t.Parallel()
	term, d, app := play(t)
	term.Type("u", "a")
	sees(term, "card a")
	term.Type("u", "b")
	sees(term, "card b")
	term.Type("Q")
	see(term, "a is unsaved")
	term.Type("esc", "x")
	term.WaitFor("the end of the question", func(s string) bool { return strings.Contains(s, "key:x") && !strings.Contains(s, "unsaved") })
	term.Type("Q")
	see(term, "a is unsaved")
	term.Type("d")
	see(term, "first is unsaved")
	term.Type("d")
	term.WaitEnd()
	if err := app.Close(); err == nil || err.Error() != "b did not close well" {
		t.Errorf("close: %v", err)
	}
	if len(d.closed) != 3 {
		t.Errorf("closed were %q", d.closed)
	}
}

func TestWhoGoesOnWorkingIsNotAskedToClose(t *testing.T) {
	t.Parallel()
	term, _, _ := play(t)
	term.Type("a")
	sees(term, "card a")
	term.Type("u", "Q")
	see(term, "a is unsaved")
	term.Type("esc", "x")
	term.WaitFor("the end of the question", func(s string) bool { return strings.Contains(s, "key:x") && !strings.Contains(s, "unsaved") })
	term.Type("q")
	see(term, "a is unsaved")
	term.Type("d")
	sees(term, "card first")
	term.Type("y")
	see(term, "key:y")
}

func TestAPasteReachesTheTopScreenOnlyAndASizeAll(t *testing.T) {
	t.Parallel()
	term, _, _ := play(t)
	term.Type("a")
	sees(term, "card a")
	term.Paste("pasted")
	see(term, "pasted")
	term.Resize(40, 9)
	term.Type("q")
	sees(term, "card first", "shown:true", "init", "hidden", "shown:true", "")
	if n := len(term.Rows()); n != 9 {
		t.Errorf("%d rows", n)
	}
}

func TestClosingTheProgramWaitsForWhatIsBeingOpened(t *testing.T) {
	t.Parallel()
	d := &deck{gate: make(chan struct{})}
	app := tui.New(&card{name: "first", desk: d}, tui.Options{Theme: "dark", Open: d.open})
	term := tuitest.Start(t, app, 60, 12)
	term.Type("s")
	see(term, "opening slow")
	term.Send(tea.QuitMsg{})
	term.WaitEnd()
	ended := make(chan error)
	go func() { ended <- app.Close() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(tuitest.Patience):
		t.Fatal("close does not return")
	}
	if want := []string{"first", "slow"}; !slices.Equal(slices.Sorted(slices.Values(d.closed)), want) {
		t.Errorf("closed were %q, want %q", d.closed, want)
	}
}
