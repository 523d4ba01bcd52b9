package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"nbterm/engine/kernel/bridge"
	"nbterm/engine/kernel/spec"
	"nbterm/render/term"
)

// specEnv is the machine as kernel discovery sees it.
func (a *app) specEnv() spec.Env {
	e := spec.Host()
	e.Environ = a.environ
	if home := a.getenv("HOME"); home != "" {
		e.Home = home
	}
	return e
}

// kernelSpecs lists every kernel in order of preference, the embedded ones last,
// and what is wrong with kernelspecs that cannot be read. A kernel that cannot
// start says so in Problem, as far as files tell.
func (a *app) kernelSpecs() ([]spec.Spec, []error) {
	env := a.specEnv()
	specs, errs := spec.Find(env)
	for _, s := range bridge.Specs() {
		switch s.Name {
		case bridge.PythonName:
			if s.Argv = []string{env.Python().Exe}; s.Argv[0] == "" {
				s.Problem = "there is no python3 on PATH; install Python 3.8 or newer"
			}
		case bridge.BashName:
			if s.Argv = []string{env.LookPath("bash")}; s.Argv[0] == "" {
				s.Problem = "there is no bash on PATH"
			}
		}
		specs = append(specs, s)
	}
	return specs, errs
}

// kernelRow is one kernel as `nbterm kernels` tells it.
type kernelRow struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	Language    string   `json:"language"`
	Source      string   `json:"source"`            // "user", "system", "embedded", ...
	Dir         string   `json:"dir,omitempty"`     // of the kernelspec
	Transport   string   `json:"transport"`         // "zmq", or "pipes" for an embedded one
	Argv        []string `json:"argv"`              // as in the kernelspec
	Starts      bool     `json:"starts"`            // it can be launched here
	Problem     string   `json:"problem,omitempty"` // why not, and what to try
}

type kernelTable struct {
	Kernels []kernelRow `json:"kernels"`
	Broken  []string    `json:"broken"`  // kernelspecs that cannot be read, a sentence each
	Default string      `json:"default"` // for a notebook that names none; "" when none starts
}

// kernelTable asks of every kernel whether it can start; for some that takes a
// moment, because their interpreter must be asked.
func (a *app) kernelTable(ctx context.Context, preferred string) kernelTable {
	specs, errs := a.kernelSpecs()
	t := kernelTable{Kernels: []kernelRow{}, Broken: []string{}}
	for i, s := range specs {
		row := kernelRow{
			Name: s.Name, DisplayName: s.DisplayName, Language: s.Language,
			Source: s.Source, Dir: s.Dir, Transport: "zmq", Argv: s.Argv, Starts: true,
		}
		if s.Embedded {
			row.Transport = "pipes"
		}
		if err := spec.CanLaunch(ctx, s, a.specEnv()); err != nil {
			row.Starts, row.Problem = false, problemOf(s, err)
			specs[i].Problem = row.Problem
		}
		t.Kernels = append(t.Kernels, row)
	}
	for _, err := range errs {
		t.Broken = append(t.Broken, err.Error())
	}
	if s, _, err := spec.Choose(specs, preferred, ""); err == nil {
		t.Default = s.Name
	}
	return t
}

// problemOf is the sentence of CanLaunch without the name, which stands beside it.
func problemOf(s spec.Spec, err error) string {
	return strings.TrimPrefix(err.Error(), fmt.Sprintf("kernel %q cannot start: ", s.Name))
}

func newKernelsCmd(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "kernels",
		Short: "List the kernels found, and whether they can start",
		Long: "Lists the kernelspecs that Jupyter would find, from the active environment, the\n" +
			"user and the system, and the two kernels built into nbterm. With --server it lists\n" +
			"what a Jupyter Server offers, and what runs there.",
		Example: "  nbterm kernels\n  nbterm kernels --json\n  nbterm kernels --server http://localhost:8888",
		Args:    maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.server.url != "" {
				return a.serverKernels(cmd.Context(), asJSON)
			}
			c, err := a.loadConfig()
			if err != nil {
				return err
			}
			t := a.kernelTable(cmd.Context(), c.Kernel.Default)
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), t)
			}
			return a.printKernels(cmd.OutOrStdout(), t)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printKernels(w io.Writer, t kernelTable) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tLANGUAGE\tRUNS\tFROM")
	for _, k := range t.Kernels {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", term.Clean(k.Name), term.Clean(k.Language), a.runs(k), a.from(k))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, k := range t.Kernels {
		if !k.Starts {
			fmt.Fprintf(w, "\n%s cannot start: %s\n", term.Clean(k.Name), term.Clean(k.Problem))
		}
	}
	for _, b := range t.Broken {
		fmt.Fprintf(w, "\n%s\n", term.Clean(b))
	}
	if t.Default == "" {
		_, err := fmt.Fprintln(w, "\nNo kernel can start here; nbterm doctor says what to try.")
		return err
	}
	_, err := fmt.Fprintf(w, "\nA notebook that names no kernel gets %s.\n", term.Clean(t.Default))
	return err
}

// runs is the program behind a kernel, or that it cannot start.
func (a *app) runs(k kernelRow) string {
	switch {
	case !k.Starts:
		return "cannot start"
	case len(k.Argv) == 0:
		return "built in"
	}
	return term.Clean(a.tilde(k.Argv[0]))
}

func (a *app) from(k kernelRow) string {
	if k.Dir == "" {
		return "nbterm itself"
	}
	return term.Clean(a.tilde(filepath.Clean(k.Dir)))
}

// startable counts the kernels that can start.
func (t kernelTable) startable() int {
	n := 0
	for _, k := range t.Kernels {
		if k.Starts {
			n++
		}
	}
	return n
}
