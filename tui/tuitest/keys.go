package tuitest

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// named are the keys that are neither text nor control characters, as xterm sends
// them. Escape is sent as kitty does: a lone ESC byte would make the program wait for
// what may follow.
var named = map[string]string{
	"enter": "\r", "tab": "\t", "backspace": "\x7f", "space": " ", "esc": "\x1b[27u",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"home": "\x1b[H", "end": "\x1b[F", "insert": "\x1b[2~", "delete": "\x1b[3~",
	"pgup": "\x1b[5~", "pgdown": "\x1b[6~", "f1": "\x1bOP", "ctrl+space": "\x00", "shift+tab": "\x1b[Z",
}

// csiKeys are the final bytes or numbers of keys that take modifiers.
var csiKeys = map[string]string{
	"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F",
	"delete": "3~", "pgup": "5~", "pgdown": "6~",
}

// uniKeys are the code points of keys that only enhanced terminals modify.
var uniKeys = map[string]int{"enter": 13, "tab": 9, "space": 32, "backspace": 127, "esc": 27}

// Type types keys, named as Bubble Tea names them ("enter", "ctrl+r", "shift+up");
// what is no name of a key is typed as text. Write sends bytes as they are.
func (t *Terminal) Type(keys ...string) {
	t.t.Helper()
	for _, k := range keys {
		t.Write(sequence(k))
	}
}

// Write sends bytes as they are.
func (t *Terminal) Write(s string) { t.in.put([]byte(s)) }

// Paste pastes text, bracketed.
func (t *Terminal) Paste(text string) { t.Write("\x1b[200~" + text + "\x1b[201~") }

func sequence(key string) string {
	if s, ok := named[key]; ok {
		return s
	}
	mods, base := 0, key
	for name, bit := range map[string]int{"shift+": 1, "alt+": 2, "ctrl+": 4} {
		if strings.Contains(base, name) && len(base) > len(name) {
			mods |= bit
			base = strings.Replace(base, name, "", 1)
		}
	}
	switch {
	case mods == 0:
		return key
	case csiKeys[base] != "":
		number, final := "1", csiKeys[base]
		if n, found := strings.CutSuffix(final, "~"); found {
			number, final = n, "~"
		}
		return fmt.Sprintf("\x1b[%s;%d%s", number, mods+1, final)
	case uniKeys[base] != 0:
		return fmt.Sprintf("\x1b[%d;%du", uniKeys[base], mods+1)
	case len(base) != 1:
		return key // text that happens to hold "ctrl+"
	case mods == 2:
		return "\x1b" + base
	case mods == 4 && base >= "a" && base <= "z":
		return string(rune(base[0] - 'a' + 1))
	}
	return fmt.Sprintf("\x1b[%d;%du", base[0], mods+1)
}

// The buttons of a mouse.
const (
	Left      = ansi.MouseLeft
	WheelUp   = ansi.MouseWheelUp
	WheelDown = ansi.MouseWheelDown
)

// Click presses and releases the left button on column x of row y, from 0. It fails
// the test where the program has not asked for the mouse.
func (t *Terminal) Click(x, y int) {
	t.t.Helper()
	t.point(Left, x, y)
}

// Wheel turns the wheel by one notch, down or up.
func (t *Terminal) Wheel(b ansi.MouseButton, x, y int) {
	t.t.Helper()
	t.point(b, x, y)
}

func (t *Terminal) point(b ansi.MouseButton, x, y int) {
	t.t.Helper()
	t.wait("the program to ask for the mouse", func() bool { return t.mouse })
	code := ansi.EncodeMouseButton(b, false, false, false, false)
	t.Write(ansi.MouseSgr(code, x, y, false))
	if b == Left {
		t.Write(ansi.MouseSgr(code, x, y, true))
	}
}
