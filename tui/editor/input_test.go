package editor

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func typeInto(in *Input, text string) {
	for _, r := range text {
		in.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func TestAnInputShowsWhatIsAboutTheCursor(t *testing.T) {
	t.Parallel()
	in := NewInput("name: ", false, &noColors)
	typeInto(in, "Ada")
	if row := ansi.Strip(in.Row(40)); row != "name: Ada" || in.CursorCol(40) != 9 {
		t.Errorf("%q, cursor %d", row, in.CursorCol(40))
	}
	typeInto(in, strings.Repeat("x", 50)+"end")
	for _, width := range []int{1, 2, 5, 12, 40} {
		row := ansi.Strip(in.Row(width))
		if w := ansi.StringWidth(row); w > width {
			t.Errorf("%d cells at %d: %q", w, width, row)
		}
		if col := in.CursorCol(width); col >= width || width > 20 && !strings.HasSuffix(row[:col], "end") {
			t.Errorf("cursor %d at %d in %q", col, width, row)
		}
	}
	in.Update(keyPress("home"))
	if row := ansi.Strip(in.Row(20)); !strings.HasPrefix(row, "name: Adaxxx") {
		t.Errorf("at the start: %q", row)
	}
}

func TestAMaskedInputShowsAndCopiesNothing(t *testing.T) {
	t.Parallel()
	shared := &Registers{}
	in := NewInput("Password: ", true, &noColors)
	in.SetRegisters(shared)
	typeInto(in, "pä漢s")
	if row := ansi.Strip(in.Row(40)); row != "Password: ••••" || in.CursorCol(40) != 14 {
		t.Errorf("%q, cursor %d", row, in.CursorCol(40))
	}
	for _, k := range []string{"ctrl+a", "ctrl+c", "ctrl+x"} {
		if _, cmd := in.Update(keyPress(k)); cmd != nil {
			t.Errorf("%s gives a command", k)
		}
	}
	in.Update(keyPress("end"))
	in.Update(keyPress("ctrl+w"))
	if shared.Clip() != "" || shared.killed(0) != "" || in.Value() != "" {
		t.Errorf("clip %q, kill %q, value %q", shared.Clip(), shared.killed(0), in.Value())
	}
}

func TestAnInputStaysOneLine(t *testing.T) {
	t.Parallel()
	in := NewInput("", false, &noColors)
	in.Update(tea.PasteMsg{Content: "a\r\nb\x1b\n"})
	for _, k := range []string{"enter", "ctrl+j", "up", "down", "tab", "alt+up", "ctrl+/"} {
		if handled, _ := in.Update(keyPress(k)); handled {
			t.Errorf("%s is handled", k)
		}
	}
	if in.Value() != "a b" {
		t.Errorf("%q", in.Value())
	}
	in.SetValue("x\ny")
	if in.Value() != "x y" || in.CursorCol(20) != 3 {
		t.Errorf("%q, cursor %d", in.Value(), in.CursorCol(20))
	}
}
