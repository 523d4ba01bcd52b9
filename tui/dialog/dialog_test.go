package dialog_test

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/dialog"
	"nbterm/tui/theme"
)

type chosen string

func choice() dialog.Choice {
	pick := func(s string) func() tea.Cmd {
		return func() tea.Cmd { return func() tea.Msg { return chosen(s) } }
	}
	return dialog.Choice{
		Title: "A title that is longer than a narrow screen is wide", Body: "And a body.",
		Options: []dialog.Option{{Key: "s", Text: "save", Do: pick("saved")}, {Key: "d", Text: "discard", Do: pick("discarded")}, {Key: "esc", Text: "stay"}},
	}
}

func TestOnlyTheKeysOfAChoiceEndIt(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]struct {
		msg  any
		done bool
	}{
		"s": {chosen("saved"), true}, "d": {chosen("discarded"), true},
		"esc": {nil, true}, "ctrl+c": {nil, true}, "q": {nil, true},
		"S": {nil, false}, "enter": {nil, false}, "x": {nil, false}, "space": {nil, false},
	} {
		cmd, done := choice().Press(key)
		var msg any
		if cmd != nil {
			msg = cmd()
		}
		if msg != want.msg || done != want.done {
			t.Errorf("%s: %v, %v; want %v, %v", key, msg, done, want.msg, want.done)
		}
	}
}

func TestDialogsFitAnyScreen(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("line %d %s", i, strings.Repeat("漢", 30)))
	}
	for _, size := range []struct{ w, h int }{{80, 24}, {40, 12}, {20, 5}, {5, 3}, {1, 1}, {300, 100}} {
		for name, d := range map[string]dialog.Dialog{"choice": choice(), "text": &dialog.Text{Title: "A title", Lines: lines}} {
			rows := d.Rows(theme.New(true), size.w, size.h)
			if len(rows) > size.h {
				t.Errorf("%s at %dx%d has %d rows", name, size.w, size.h, len(rows))
			}
			for _, r := range rows {
				if w := ansi.StringWidth(r); size.w >= 5 && w > size.w {
					t.Errorf("%s at %dx%d: %q is %d wide", name, size.w, size.h, ansi.Strip(r), w)
				}
			}
		}
	}
}

func TestATextScrollsWithinItsEnds(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("line %02d", i))
	}
	d := &dialog.Text{Title: "Title", Lines: lines}
	shown := func() string { return ansi.Strip(strings.Join(d.Rows(theme.New(true), 40, 15), "\n")) }
	has := func(after, first, last string) {
		t.Helper()
		if s := shown(); !strings.Contains(s, first) || !strings.Contains(s, last) {
			t.Errorf("after %s it shows\n%s\nwant %s to %s", after, s, first, last)
		}
	}
	has("opening", "line 00", "line 09")
	for _, step := range []struct{ key, first, last string }{
		{"j", "line 01", "line 10"}, {"up", "line 00", "line 09"}, {"k", "line 00", "line 09"},
		{"pgdown", "line 10", "line 19"}, {"G", "line 40", "line 49"}, {"space", "line 40", "line 49"},
		{"pgup", "line 30", "line 39"}, {"home", "line 00", "line 09"},
	} {
		if _, done := d.Press(step.key); done {
			t.Fatalf("%s closes it", step.key)
		}
		has(step.key, step.first, step.last)
	}
	for _, key := range []string{"esc", "q", "?", "enter", "ctrl+c"} {
		if _, done := d.Press(key); !done {
			t.Errorf("%s does not close it", key)
		}
	}
}
