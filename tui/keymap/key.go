package keymap

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// modifiers in the order bubbletea writes them.
var modifiers = []string{"ctrl", "alt", "shift", "meta", "hyper", "super"}

// named keys, and other spellings people use for them.
func keyName(s string) (string, bool) {
	switch s {
	case "return", "cr":
		return "enter", true
	case "escape":
		return "esc", true
	case "del":
		return "delete", true
	case "ins":
		return "insert", true
	case "bs":
		return "backspace", true
	case "pageup":
		return "pgup", true
	case "pagedown":
		return "pgdown", true
	case "spacebar":
		return "space", true
	case "plus":
		return "+", true
	case "minus":
		return "-", true
	case "enter", "esc", "tab", "space", "backspace", "delete", "insert", "up", "down", "left", "right",
		"home", "end", "pgup", "pgdown", "begin", "menu", "pause", "printscreen":
		return s, true
	}
	var n int
	if c, err := fmt.Sscanf(s, "f%d", &n); c == 1 && err == nil && 1 <= n && n <= 63 && s == fmt.Sprintf("f%d", n) {
		return s, true
	}
	return "", false
}

// Parse brings a key or a sequence as a person writes it into the form that is
// looked up: "Ctrl+Shift+Minus" becomes "ctrl+shift+-", "shift+m" becomes "M",
// "d  d" becomes "d d". The error is one clause about what is wrong.
func Parse(s string) (string, error) {
	if s == " " {
		return "space", nil
	}
	parts := strings.Fields(s)
	if len(parts) == 0 {
		return "", fmt.Errorf("names no key")
	}
	for i, p := range parts {
		k, err := parseKey(p)
		if err != nil {
			return "", err
		}
		parts[i] = k
	}
	return strings.Join(parts, " "), nil
}

func parseKey(s string) (string, error) {
	bad := fmt.Errorf("names %q, which is no key", s)
	rest, mods := s, map[string]bool{}
	for {
		head, tail, ok := strings.Cut(rest, "+")
		if !ok || head == "" || tail == "" {
			break
		}
		m := modifier(head)
		if m == "" || mods[m] {
			return "", bad
		}
		mods[m] = true
		rest = tail
	}
	key, ok := keyName(strings.ToLower(rest))
	if !ok {
		r, n := utf8.DecodeRuneInString(rest)
		if n != len(rest) || !unicode.IsPrint(r) || r == utf8.RuneError {
			return "", bad
		}
		key = rest
		switch {
		case len(mods) == 1 && mods["shift"] && unicode.IsLetter(r):
			return strings.ToUpper(key), nil
		case len(mods) == 1 && mods["shift"]:
			return "", fmt.Errorf("names %q: write the character that shift gives", s)
		case len(mods) > 0:
			key = strings.ToLower(key)
		}
	}
	var out strings.Builder
	for _, m := range modifiers {
		if mods[m] {
			out.WriteString(m + "+")
		}
	}
	return out.String() + key, nil
}

func modifier(s string) string {
	s = strings.ToLower(s)
	switch s {
	case "control", "c":
		return "ctrl"
	case "option", "opt", "a":
		return "alt"
	case "s":
		return "shift"
	case "cmd", "command", "win":
		return "super"
	}
	if slices.Contains(modifiers, s) {
		return s
	}
	return ""
}

// Pretty is a key or sequence as help shows it: "shift+⏎"; plain leaves out what
// is not ASCII. The keys of a sequence that are one character stand together: "dd".
func Pretty(keys string, plain bool) string {
	parts := strings.Fields(keys)
	short := true
	for i, p := range parts {
		parts[i] = prettyKey(p, plain)
		short = short && utf8.RuneCountInString(p) == 1
	}
	if short && len(parts) > 1 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts, " ")
}

func prettyKey(k string, plain bool) string {
	if plain {
		return k
	}
	head, name := "", k
	if i := strings.LastIndexByte(k, '+'); i > 0 && i < len(k)-1 {
		head, name = k[:i+1], k[i+1:]
	}
	switch name {
	case "enter":
		name = "⏎"
	case "tab":
		name = "⇥"
	case "backspace":
		name = "⌫"
	case "up":
		name = "↑"
	case "down":
		name = "↓"
	case "left":
		name = "←"
	case "right":
		name = "→"
	}
	return head + name
}

// Sure reports whether terminals send this key as itself without being asked for
// more than xterm sends: tmux, screen, the Linux console's kin and those in between.
func Sure(keys string) bool {
	for _, k := range strings.Fields(keys) {
		if !sureKey(k) {
			return false
		}
	}
	return keys != ""
}

func sureKey(k string) bool {
	if utf8.RuneCountInString(k) == 1 || !strings.Contains(k, "+") || k == "shift+tab" || k == "alt+enter" {
		return true
	}
	mods, name := "", k
	if i := strings.LastIndexByte(k, '+'); i < len(k)-1 {
		mods, name = k[:i], k[i+1:]
	}
	switch name {
	case "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "insert", "delete":
		return true // with any modifiers: CSI 1 ; m A and its like
	case "space":
		return mods == "ctrl"
	}
	letter := len(name) == 1 && 'a' <= name[0] && name[0] <= 'z'
	switch mods {
	case "ctrl":
		// Not h, i, j, m, [: they are backspace, tab, newline, enter and escape.
		return letter && !strings.Contains("hijm", name) || name == "_" || name == "]" || name == "^" || name == "\\"
	case "alt", "alt+shift":
		return letter
	}
	return false
}
