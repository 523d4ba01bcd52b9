package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nbterm/engine/kernel/spec"
)

// SpareKey names what a spare must have in common with what it stands in for: the
// kernel's command, its folder and the environment, but for what differs from one
// terminal to the next and means nothing to a kernel.
func SpareKey(s spec.Spec, dir string, environ []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%q\x00%v\x00%s\x00", s.Name, s.Argv, s.Env, dir)
	sorted := slices.Clone(environ)
	slices.Sort(sorted)
	for _, kv := range sorted {
		if name, _, _ := strings.Cut(kv, "="); !ofTerminal(name) {
			fmt.Fprintf(h, "%s\x00", kv)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// ofTerminal is true for variables that say from where somebody looks.
func ofTerminal(name string) bool {
	switch name {
	case "TERM", "COLORTERM", "COLUMNS", "LINES", "PWD", "OLDPWD", "SHLVL", "_", "STY", "WINDOW", "WINDOWID",
		"DISPLAY", "XAUTHORITY", "LS_COLORS", "TERM_PROGRAM", "TERM_PROGRAM_VERSION":
		return true
	}
	return strings.HasPrefix(name, "TMUX") || strings.HasPrefix(name, "SSH_") || strings.HasPrefix(name, "XDG_SESSION_")
}

// Claim takes a living spare of the kind e.Spare and makes it the host of e, under
// the spare's id. Of several that ask for one spare, one gets it.
func (d Dirs) Claim(e Entry) (Host, bool) {
	all, err := d.List()
	if err != nil {
		return Host{}, false
	}
	for _, h := range all {
		if !h.Alive || h.Spare == "" || h.Spare != e.Spare {
			continue
		}
		mine, err := os.OpenFile(filepath.Join(h.Folder(), "claimed"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			continue // somebody else was faster
		}
		_ = mine.Close() // only its name counts
		taken := e
		taken.ID, taken.Spare, taken.Spec, taken.Machine = h.ID, "", h.Spec, d.Machine
		if writeJSON(filepath.Join(h.Folder(), "entry.json"), taken) != nil {
			continue
		}
		return Host{Entry: taken, Alive: true, Warm: true, dirs: d}, true
	}
	return Host{}, false
}

// Spares counts the living spares nobody has claimed, of a kind and of all kinds.
func (d Dirs) Spares(kind string) (ofKind, all int) {
	hosts, err := d.List()
	if err != nil {
		return 0, 0
	}
	for _, h := range hosts {
		_, claimed := os.Stat(filepath.Join(h.Folder(), "claimed"))
		if !h.Alive || h.Spare == "" || !errors.Is(claimed, os.ErrNotExist) {
			continue
		}
		all++
		if h.Spare == kind {
			ofKind++
		}
	}
	return ofKind, all
}
