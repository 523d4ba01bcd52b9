package keymap

import (
	"errors"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func defaults(t *testing.T) *Map {
	t.Helper()
	m, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheDefaultsHaveNoFault(t *testing.T) {
	t.Parallel()
	defaults(t)
	seen := map[string]bool{}
	for _, a := range Defaults() {
		if seen[a.ID] || a.ID == "" || a.Title == "" || a.Group == "" || len(a.Contexts) == 0 {
			t.Errorf("%+v is incomplete or there twice", a)
		}
		seen[a.ID] = true
		for _, k := range a.Keys {
			if parsed, err := Parse(k); err != nil || parsed != k {
				t.Errorf("%s: %q is looked up as %q, %v", a.ID, k, parsed, err)
			}
		}
	}
}

// Whatever a terminal cannot send has a twin that it can, in every context.
func TestEveryActionHasAKeyThatEveryTerminalSends(t *testing.T) {
	t.Parallel()
	m := defaults(t)
	for _, c := range Contexts() {
		for _, e := range m.Help(c, true) {
			var sure bool
			for _, k := range e.Keys {
				sure = sure || Sure(k) || strings.Trim(k, k[:1]) == ""
			}
			if len(e.Keys) > 0 && !sure {
				t.Errorf("%s in %s has only %q", e.ID, c, e.Keys)
			}
		}
	}
}

func TestKeysAreLookedUpByContext(t *testing.T) {
	t.Parallel()
	m := defaults(t)
	for _, c := range []struct {
		context Context
		key, id string
	}{
		{Command, "a", InsertAbove},
		{Command, "shift+enter", RunAdvance},
		{Command, "ctrl+r", RunAdvance},
		{Command, "s", Save},
		{Command, "j", Down},
		{Command, "space", PageDown},
		{Edit, "ctrl+r", RunAdvance},
		{Edit, "ctrl+s", Save},
		{Edit, "esc", EnterNormal},
		{Edit, "up", Up},
		{Edit, "tab", Complete},
		{Edit, "s", ""},
		{Edit, "space", ""},
		{Edit, "j", ""},
		{Prompt, "enter", PromptSubmit},
		{Prompt, "q", ""},
		{Prompt, "ctrl+q", Quit},
		{Dialog, "q", DialogCancel},
		{Dialog, "ctrl+s", ""},
		{Command, "f12", ""},
	} {
		id, pending, matched := m.Lookup(c.context, c.key, "")
		if id != c.id || matched != (c.id != "") || !pending.Empty() {
			t.Errorf("%s in %s: %q, %q, %v", c.key, c.context, id, pending, matched)
		}
	}
}

func TestASequenceWaitsForItsNextKey(t *testing.T) {
	t.Parallel()
	m := defaults(t)
	for keys, want := range map[string]string{
		"d d":         Delete,
		"i i":         Interrupt,
		"0 0":         Restart,
		"g g":         First,
		"d a":         InsertAbove, // cancelled, and the key means what it means alone
		"d i i":       Interrupt,   // cancelled, and the key begins another
		"d f12":       "",
		"d esc":       EnterNormal,
		"d d d":       "",
		"i d d":       Delete,
		"0 shift+tab": "",
	} {
		var id string
		var pending Pending
		for _, k := range strings.Fields(keys) {
			id, pending, _ = m.Lookup(Command, k, pending)
		}
		if id != want || !pending.Empty() && keys != "d d d" {
			t.Errorf("%s: %q, pending %q", keys, id, pending)
		}
	}
	if _, pending, matched := m.Lookup(Command, "d", ""); matched || pending.String() != "d" {
		t.Errorf("d: pending %q, matched %v", pending, matched)
	}
}

func TestUsersKeysReplaceTheUsualOnes(t *testing.T) {
	t.Parallel()
	m, err := New(map[string][]string{
		RunAdvance: {"F5", "Alt+Return"},
		RunInsert:  {},
		"text.undo": {
			"ctrl+shift+u",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"f5": RunAdvance, "alt+enter": RunAdvance, "ctrl+r": ""} {
		if id, _, _ := m.Lookup(Edit, key, ""); id != want {
			t.Errorf("%s: %q, want %q", key, id, want)
		}
	}
	if got := m.Keys(Command, RunInsert, true); len(got) != 0 {
		t.Errorf("run-insert still has %q", got)
	}
	keys := m.TextKeys()
	if keys["ctrl+shift+u"] != "text.undo" || keys["ctrl+z"] != "" {
		t.Errorf("the editor's keys: %q, %q", keys["ctrl+shift+u"], keys["ctrl+z"])
	}
}

func TestEveryFaultOfTheKeysIsReported(t *testing.T) {
	t.Parallel()
	m, err := New(map[string][]string{
		"cell.fly":   {"x"},
		Save:         {"ctrl+", "ctrl+s"},
		Quit:         {"d"},
		Complete:     {"c"},
		Inspect:      {"ctrl+k"},
		ClearAll:     {"a"},
		ToggleOutput: {"shift+1"},
	})
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%v", err)
	}
	want := []string{
		`keys.app.save names "ctrl+", which is no key`,
		`keys.cell.fly is no action`,
		`keys.edit.complete names "c", which types text where the action applies`,
		`keys.output.toggle names "shift+1": write the character that shift gives`,
		`keys.cell.delete and keys.app.quit clash: "d" begins a sequence of the other; give one of them other keys`,
		`keys.output.clear-all and keys.cell.insert-above clash: both have "a"; give one of them other keys`,
		`keys.edit.inspect and keys.text.kill-line clash: both have "ctrl+k"; give one of them other keys`,
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Error())
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("missing: %s", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d faults, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	if id, _, _ := m.Lookup(Command, "ctrl+s", ""); id != Save {
		t.Error("the sound keys beside a fault do not hold")
	}
}

func TestKeysAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"Ctrl+Shift+Minus": "ctrl+shift+-",
		"ctrl++":           "ctrl++",
		"shift+m":          "M",
		"M":                "M",
		"ctrl+S":           "ctrl+s",
		"shift+ctrl+left":  "ctrl+shift+left",
		"Escape":           "esc",
		"Return":           "enter",
		"cmd+k":            "super+k",
		"d  d":             "d d",
		" ":                "space",
		"F12":              "f12",
		"?":                "?",
		"é":                "é",
		"+":                "+",
		"option+Up":        "alt+up",
	} {
		if got, err := Parse(written); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", written, got, err, want)
		}
	}
	for _, written := range []string{"", "ctrl+", "hyperspace", "ctrl+ctrl+a", "foo+a", "ab", "shift+!", "f64", "\x1b", "\xff"} {
		if got, err := Parse(written); err == nil {
			t.Errorf("%q is read as %q", written, got)
		}
	}
}

// What bubbletea calls a key is what Parse makes of how people write it.
func TestKeysAreNamedAsBubbleteaNamesThem(t *testing.T) {
	t.Parallel()
	for written, k := range map[string]tea.KeyPressMsg{
		"shift+enter":    {Code: tea.KeyEnter, Mod: tea.ModShift},
		"ctrl+s":         {Code: 's', Mod: tea.ModCtrl},
		"shift+m":        {Code: 'm', ShiftedCode: 'M', Text: "M", Mod: tea.ModShift},
		"space":          {Code: tea.KeySpace, Text: " "},
		"escape":         {Code: tea.KeyEscape},
		"shift+tab":      {Code: tea.KeyTab, Mod: tea.ModShift},
		"ctrl+shift+-":   {Code: '-', ShiftedCode: '_', Mod: tea.ModCtrl | tea.ModShift},
		"shift+ctrl+k":   {Code: 'k', Mod: tea.ModCtrl | tea.ModShift},
		"alt+shift+down": {Code: tea.KeyDown, Mod: tea.ModAlt | tea.ModShift},
		"?":              {Code: '/', ShiftedCode: '?', Text: "?", Mod: tea.ModShift},
		"pagedown":       {Code: tea.KeyPgDown},
		"ctrl+space":     {Code: tea.KeySpace, Mod: tea.ModCtrl},
		"f1":             {Code: tea.KeyF1},
	} {
		if got, err := Parse(written); err != nil || got != k.String() {
			t.Errorf("%q: %q, %v; bubbletea says %q", written, got, err, k.String())
		}
	}
}

func TestKeysThatDoNotAlwaysArriveAreKnown(t *testing.T) {
	t.Parallel()
	for _, k := range []string{"a", "M", "?", "d d", "ctrl+r", "alt+r", "alt+enter", "esc", "f1", "shift+left", "ctrl+_", "alt+shift+k", "shift+tab"} {
		if !Sure(k) {
			t.Errorf("%s arrives", k)
		}
	}
	for _, k := range []string{
		"", "shift+enter", "ctrl+enter", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h", "ctrl+/", "ctrl+shift+-", "ctrl+shift+k",
		"ctrl+backspace", "super+a", "ctrl+1", "shift+space",
	} {
		if Sure(k) {
			t.Errorf("%s does not arrive everywhere", k)
		}
	}
}

func TestKeysAreShownPrettyOrPlain(t *testing.T) {
	t.Parallel()
	for key, want := range map[string][2]string{
		"shift+enter": {"shift+⏎", "shift+enter"},
		"d d":         {"dd", "dd"},
		"up":          {"↑", "up"},
		"ctrl++":      {"ctrl++", "ctrl++"},
		"+":           {"+", "+"},
		"ctrl+k up":   {"ctrl+k ↑", "ctrl+k up"},
	} {
		if got := [2]string{Pretty(key, false), Pretty(key, true)}; got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

func TestHelpListsAContextByGroups(t *testing.T) {
	t.Parallel()
	m := defaults(t)
	help := m.Help(Command, false)
	seen, last := map[string]bool{}, ""
	for _, e := range help {
		if e.Group != last && seen[e.Group] {
			t.Errorf("group %q comes twice", e.Group)
		}
		seen[e.Group], last = true, e.Group
		if e.ID == RunAdvance && !slices.Equal(e.Keys, []string{"shift+⏎", "ctrl+r"}) {
			t.Errorf("run-advance: %q", e.Keys)
		}
	}
	for _, e := range m.Help(Edit, true) {
		if e.ID == Save && !slices.Equal(e.Keys, []string{"ctrl+s"}) {
			t.Errorf("save in edit mode: %q", e.Keys)
		}
	}
}
