package main

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/colorprofile"
	xterm "github.com/charmbracelet/x/term"
)

// The smallest terminal where every screen is whole.
const (
	leastCols = 40
	leastRows = 12
)

func (a *app) examineTerminal(ctx context.Context) []finding {
	const area = "terminal"
	var out []finding
	name := a.getenv("TERM")
	switch name {
	case "", "dumb":
		out = append(out, fail(area, "set TERM to what your terminal is, such as xterm-256color; run and cat work as they are",
			"TERM is %q, so the workbench cannot draw", name))
	default:
		out = append(out, ok(area, "%s, %s", name, colours(colorprofile.Env(a.environ))))
	}
	if f, isFile := a.out.(xterm.File); !isTerminal(a.out) || !isFile {
		out = append(out, warn(area, "run nbterm doctor without a pipe to have the screen looked at", "the output is no terminal"))
	} else if cols, rows, err := xterm.GetSize(f.Fd()); err == nil && (cols < leastCols || rows < leastRows) {
		out = append(out, warn(area, "make the window larger", "%d columns and %d rows are fewer than %d and %d", cols, rows, leastCols, leastRows))
	} else if err == nil {
		out = append(out, ok(area, "%d columns, %d rows", cols, rows))
	}
	if locale := a.locale(); locale != "" && !strings.Contains(strings.ToLower(strings.ReplaceAll(locale, "-", "")), "utf8") {
		out = append(out, warn(area, "export LC_ALL=C.UTF-8", "the locale is %s, so characters beyond ASCII may be garbled", locale))
	}
	if a.getenv("TMUX") != "" {
		out = append(out, a.examineTmux(ctx)...)
	}
	return out
}

func colours(p colorprofile.Profile) string {
	switch p {
	case colorprofile.TrueColor:
		return "24-bit colour"
	case colorprofile.ANSI256:
		return "256 colours"
	case colorprofile.ANSI:
		return "16 colours"
	}
	return "no colour"
}

// locale is what decides the character set, "" where nothing says so.
func (a *app) locale() string {
	for _, key := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := a.getenv(key); v != "" {
			return v
		}
	}
	return ""
}

// examineTmux asks tmux for the two options that decide what reaches us.
func (a *app) examineTmux(ctx context.Context) []finding {
	const area = "terminal"
	version, err := a.ask(ctx, "tmux", "-V")
	if err != nil {
		return []finding{warn(area, "", "inside tmux, which does not answer: %v", err)}
	}
	out := []finding{ok(area, "inside %s", version)}
	if keys, err := a.ask(ctx, "tmux", "show-options", "-sqv", "extended-keys"); err == nil && keys != "on" && keys != "always" {
		out = append(out, warn(area, "tmux set -s extended-keys on; or run cells with Ctrl-R",
			"tmux has extended-keys off, so Shift-Enter arrives as Enter"))
	}
	if pass, err := a.ask(ctx, "tmux", "show-options", "-Aqv", "allow-passthrough"); err == nil && pass != "on" && pass != "all" {
		out = append(out, warn(area, "tmux set -g allow-passthrough on (tmux 3.3 or newer)",
			"tmux has allow-passthrough off, so pictures are drawn as blocks"))
	}
	return out
}

// pythonQuestion prints the version and which of the usual modules are there.
const pythonQuestion = `import importlib.util as u, platform
print(platform.python_version(), *[m for m in ("ipykernel", "matplotlib", "pandas") if u.find_spec(m)])`

func (a *app) examinePython(ctx context.Context) []finding {
	const area = "python"
	exe := a.specEnv().Python().Exe
	if exe == "" {
		return []finding{warn(area, "install Python 3.8 or newer (on Debian: apt install python3)", "there is no python3 on PATH")}
	}
	answer, err := a.ask(ctx, exe, "-c", pythonQuestion)
	words := strings.Fields(answer)
	if err != nil || len(words) == 0 {
		return []finding{fail(area, "run it by hand to see why", "%s does not answer: %v", exe, err)}
	}
	version, modules := words[0], words[1:]
	if olderThan38(version) {
		return []finding{fail(area, "put Python 3.8 or newer first on PATH", "%s is Python %s", a.tilde(exe), version)}
	}
	with := strings.Join(modules, ", ")
	if with == "" {
		with = "none of ipykernel, matplotlib, pandas"
	}
	out := []finding{ok(area, "%s is Python %s, with %s", a.tilde(exe), version, with)}
	if !slices.Contains(modules, "ipykernel") {
		out = append(out, ok(area, "no ipykernel there: nbterm's own Python kernel runs the cells"))
	}
	return out
}

func olderThan38(version string) bool {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return true
	}
	return parts[0] < "3" || parts[0] == "3" && len(parts[1]) == 1 && parts[1] < "8"
}

// ask runs a program for at most a few seconds and returns its first line.
func (a *app) ask(ctx context.Context, name string, args ...string) (string, error) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if path := a.specEnv().LookPath(name); path != "" {
		name = path
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = a.environ
	cmd.Dir = "/" // python -c would import what lies in the current folder
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line, err
}
