package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"nbterm/cmd/nbterm/config"
	"nbterm/render/term"
)

// finding is one line of doctor.
type finding struct {
	Area   string `json:"area"`   // "terminal", "kernels", ...
	Status string `json:"status"` // "ok", "warn" or "fail"
	Found  string `json:"found"`
	Try    string `json:"try,omitempty"` // what to do about it
}

func ok(area, format string, args ...any) finding {
	return finding{Area: area, Status: "ok", Found: fmt.Sprintf(format, args...)}
}

func warn(area, try, format string, args ...any) finding {
	return finding{Area: area, Status: "warn", Try: try, Found: fmt.Sprintf(format, args...)}
}

func fail(area, try, format string, args ...any) finding {
	return finding{Area: area, Status: "fail", Try: try, Found: fmt.Sprintf(format, args...)}
}

func newDoctorCmd(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what works here, what does not and what to try",
		Long: "Looks at the terminal, the kernels, Python, the folders and the configuration.\n" +
			"The exit status is 1 only when no kernel at all can start.",
		Example: "  nbterm doctor",
		Args:    maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings, runs := a.examine(cmd.Context())
			out := cmd.OutOrStdout()
			var err error
			if asJSON {
				err = writeJSON(out, map[string]any{"version": a.versionText(), "findings": findings})
			} else {
				err = a.printFindings(out, findings)
			}
			if err == nil && !runs {
				err = exit(exitFailed, errors.New("no kernel can start here; see what doctor says to try"))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// examine makes all findings; runs says whether any kernel can start.
func (a *app) examine(ctx context.Context) (findings []finding, runs bool) {
	c, err := a.loadConfig()
	t := a.kernelTable(ctx, c.Kernel.Default)
	findings = append(findings, a.examineTerminal(ctx)...)
	findings = append(findings, examineKernels(t, c.Kernel.Default)...)
	findings = append(findings, a.examinePython(ctx)...)
	findings = append(findings, a.examineFolders(c.Log)...)
	findings = append(findings, a.examineConfig(c, err)...)
	return findings, t.startable() > 0
}

func (a *app) printFindings(w io.Writer, findings []finding) error {
	var b strings.Builder
	fmt.Fprintf(&b, "nbterm %s (%s, %s/%s)\n", a.versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	area := ""
	for _, f := range findings {
		if f.Area != area {
			area = f.Area
			fmt.Fprintf(&b, "\n%s\n", area)
		}
		fmt.Fprintf(&b, "  %-5s %s\n", f.Status, term.Clean(f.Found))
		if f.Try != "" {
			fmt.Fprintf(&b, "        try: %s\n", term.Clean(f.Try))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func examineKernels(t kernelTable, preferred string) []finding {
	const area = "kernels"
	var out []finding
	for _, k := range t.Kernels {
		if !k.Starts {
			problem, try, _ := strings.Cut(k.Problem, "; ")
			out = append(out, warn(area, try, "%s cannot start: %s", k.Name, problem))
			continue
		}
		name := k.Name
		if k.DisplayName != "" && k.DisplayName != k.Name {
			name += ", " + k.DisplayName
		}
		out = append(out, ok(area, "%s", name))
	}
	for _, b := range t.Broken {
		out = append(out, warn(area, "repair or remove it", "%s", b))
	}
	switch {
	case t.startable() == 0:
		out = append(out, fail(area, "install Python 3.8 or newer; nothing else is needed", "no kernel can start"))
	case preferred != "" && !strings.EqualFold(preferred, t.Default):
		out = append(out, warn(area, "nbterm kernels lists the names there are", "kernel.default is %s, which cannot start; %s stands in", preferred, t.Default))
	}
	return out
}

func (a *app) examineFolders(log config.Log) []finding {
	const area = "folders"
	var out []finding
	if dir, err := a.runtimeDir(); err != nil {
		out = append(out, fail(area, "", "sockets: %v", err))
	} else if err := trySocket(dir); err != nil {
		out = append(out, fail(area, "set XDG_RUNTIME_DIR to a folder on a local disk", "sockets: %v", err))
	} else {
		out = append(out, ok(area, "sockets in %s, closed to others", a.tilde(dir)))
	}
	dir, err := a.stateDir()
	if err == nil {
		err = tryFile(dir)
	}
	if err != nil {
		return append(out, fail(area, "set XDG_STATE_HOME to a folder of yours", "state: %v", err))
	}
	const scarce = 100 << 20
	if free, err := freeSpace(dir); err == nil && free < scarce {
		out = append(out, warn(area, "make room on that disk", "state in %s, where only %d MB are free", a.tilde(dir), free>>20))
	} else {
		out = append(out, ok(area, "state in %s", a.tilde(dir)))
	}
	if file, err := a.logFile(log); err == nil && log.Level != "off" {
		out = append(out, ok(area, "log in %s, level %s", a.tilde(file), log.Level))
	}
	return out
}

// trySocket binds a socket in dir, as hosts and kernels will.
func trySocket(dir string) error {
	l, err := net.Listen("unix", filepath.Join(dir, fmt.Sprintf("doctor-%d.sock", os.Getpid())))
	if err != nil {
		return err
	}
	return l.Close()
}

// tryFile writes a file in dir and removes it.
func tryFile(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("x")
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

func freeSpace(dir string) (bytes uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

func (a *app) examineConfig(c config.Loaded, err error) []finding {
	const area = "configuration"
	var out []finding
	for _, f := range faultsOf(err) {
		out = append(out, fail(area, "", "%s", a.tilde(f.String())))
	}
	for _, f := range config.NearlyVariables(a.environ) {
		out = append(out, warn(area, "", "%s", f))
	}
	switch {
	case len(out) > 0:
	case c.File != "":
		out = append(out, ok(area, "%s", a.tilde(c.File)))
	case a.configPath() == "":
		out = append(out, warn(area, "set HOME or XDG_CONFIG_HOME", "no place to read it from: %v", errNoHome))
	default:
		out = append(out, ok(area, "%s is not there, so the defaults hold", a.tilde(a.configPath())))
	}
	return out
}
