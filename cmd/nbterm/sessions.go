package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"nbterm/engine/host/registry"
	"nbterm/engine/host/roster"
	"nbterm/render/term"
	screen "nbterm/tui/notebook"
	tuiscreen "nbterm/tui/screen"
)

// sessionRow is one session, as `sessions --json` prints it.
type sessionRow struct {
	ID       string      `json:"id"`
	Notebook string      `json:"notebook"`
	Spare    bool        `json:"spare"` // it waits for a notebook
	Kernel   string      `json:"kernel"`
	Server   string      `json:"server,omitempty"` // the Jupyter Server that has the kernel
	Machine  string      `json:"machine"`
	PID      int         `json:"pid"`
	State    string      `json:"state"`          // starting, idle, busy, restarting, dead, unreachable; elsewhere
	Away     string      `json:"away,omitempty"` // why that server cannot be reached now
	Running  *runningNow `json:"running,omitempty"`
	Queued   int         `json:"queued"`
	Clients  int         `json:"clients"`
	Started  time.Time   `json:"started"`
	RSS      int64       `json:"rss"` // resident bytes of the kernel and all it started; 0 where unknown
	CPU      float64     `json:"cpu"` // percent of one processor
}

// runningNow is the cell that runs.
type runningNow struct {
	Cell int    `json:"cell"` // its place in the notebook, from 1
	Line string `json:"line"` // first line of its source
}

func newSessionsCmd(a *app) *cobra.Command {
	var asJSON, onScreen bool
	cmd := &cobra.Command{
		Use:     "sessions",
		Short:   "List the kernels that are running",
		Example: "  nbterm sessions\n  nbterm sessions --json\n  nbterm sessions --screen",
		Args:    maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if onScreen && asJSON {
				return usagef("--json prints and --screen does not: choose one")
			}
			if onScreen {
				return a.workbench(cmd.Context(), tuiscreen.Target{Kind: tuiscreen.Sessions}, "")
			}
			defer a.startQuietLog()()
			a.sweepAll(cmd.Context())
			rows, err := a.sessions(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(a.out, rows)
			}
			return a.printSessions(rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&onScreen, "screen", false, "open the workbench on them")
	return cmd
}

// roster is what knows of every session of this user.
func (a *app) roster() (*roster.Roster, error) {
	dirs, err := a.hostDirs()
	if err != nil {
		return nil, err
	}
	return roster.New(dirs), nil
}

// sessions asks every living host how it is.
func (a *app) sessions(ctx context.Context) ([]sessionRow, error) {
	r, err := a.roster()
	if err != nil {
		return nil, err
	}
	all, err := r.List(ctx)
	if err != nil {
		return nil, exit(exitKernel, err)
	}
	rows := []sessionRow{}
	for _, s := range all {
		row := sessionRow{
			ID: s.ID, Notebook: s.Notebook, Spare: s.Spare, Kernel: s.Kernel, Server: s.Server, Machine: s.Machine,
			PID: s.PID, State: s.State, Away: s.Away, Queued: s.Queued, Clients: s.Clients, Started: s.Started,
			RSS: s.Memory, CPU: math.Round(10*s.CPU) / 10,
		}
		if s.Cell != nil {
			row.Running = &runningNow{s.Cell.Index + 1, s.Cell.Line}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (a *app) printSessions(rows []sessionRow) error {
	if len(rows) == 0 {
		fmt.Fprintln(a.out, "No kernel is running.")
		return nil
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNOTEBOOK\tKERNEL\tSTATE\tQUEUED\tCLIENTS\tAGE\tMEMORY\tCPU\tRUNNING")
	for _, r := range rows {
		name := a.tilde(r.Notebook)
		if r.Spare {
			name = "(ready for the next)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", r.ID, term.Clean(name), term.Clean(r.Kernel),
			r.state(), r.Queued, r.Clients, screen.Duration(a.now().Sub(r.Started)), r.cost())
	}
	return w.Flush()
}

// state is the word for people.
func (r sessionRow) state() string {
	switch {
	case r.State == roster.Elsewhere:
		return "on " + term.Clean(r.Machine)
	case r.Away != "":
		return r.State + ", link lost"
	}
	return r.State
}

// cost is memory, processor and what they are spent on.
func (r sessionRow) cost() string {
	memory, cpu, cell := "-", "-", ""
	if r.PID != 0 {
		memory, cpu = fmt.Sprintf("%d MB", r.RSS>>20), fmt.Sprintf("%.0f %%", r.CPU)
	}
	if r.Running != nil {
		cell = fmt.Sprintf("cell %d: %s", r.Running.Cell, ansi.Truncate(term.Clean(r.Running.Line), 40, "…"))
	}
	return strings.TrimRight(memory+"\t"+cpu+"\t"+cell, "\t")
}

func newKillCmd(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:     "kill ID…",
		Short:   "End kernels, with what they said saved",
		Example: "  nbterm kill 3f2a\n  nbterm kill --all",
		RunE: func(cmd *cobra.Command, ids []string) error {
			if all == (len(ids) > 0) {
				return usagef("name the sessions to end, or --all; nbterm sessions lists them")
			}
			defer a.startQuietLog()()
			return a.kill(cmd.Context(), ids, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "end every session")
	return cmd
}

func (a *app) kill(ctx context.Context, ids []string, all bool) error {
	dirs, err := a.hostDirs()
	if err != nil {
		return err
	}
	var hosts []registry.Host
	if all {
		if hosts, err = dirs.List(); err != nil {
			return exit(exitKernel, err)
		}
	}
	for _, id := range ids {
		h, err := dirs.Get(id)
		if err != nil {
			return exit(exitKernel, err)
		}
		hosts = append(hosts, h)
	}
	for _, h := range hosts {
		wrote, err := a.end(ctx, h)
		if wrote != "" {
			fmt.Fprintf(a.err, "outputs saved in %s\n", term.Clean(a.tilde(wrote)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endTime is how long a host may take to end: its kernel's politeness and some.
const endTime = 30 * time.Second

// askEnd tells a living host to end. One that cannot be reached is ending already,
// or has not come up yet: it is waited for and asked again.
func (a *app) askEnd(ctx context.Context, h registry.Host) error {
	for {
		c, err := a.dial(ctx, h, false)
		if err == nil {
			err = c.Shutdown()
			_ = c.Close() // the host closes its end too
		}
		if err == nil || !h.IsAlive() {
			return nil
		}
		wait, cancel := context.WithTimeout(ctx, time.Second)
		waitErr := h.Wait(wait)
		cancel()
		if waitErr == nil {
			return nil
		}
		if a.now().Sub(h.Started) > endTime {
			return err
		}
	}
}

// end is endHost, and the log hears of it.
func (a *app) end(ctx context.Context, h registry.Host) (wrote string, err error) {
	wrote, err = a.endHost(ctx, h)
	a.logger().Info("session killed", "host", h.ID, "path", h.Notebook, "lived", h.Alive, "wrote", wrote, "ok", err == nil)
	return wrote, err
}

// endHost ends a host, saves what it told and nobody saved, and removes it. wrote is the
// notebook that was written for that, "" where there was nothing to save.
func (a *app) endHost(ctx context.Context, h registry.Host) (wrote string, err error) {
	if h.Alive {
		if err := a.askEnd(ctx, h); err != nil {
			return "", err
		}
		wait, cancel := context.WithTimeout(ctx, endTime)
		defer cancel()
		if err := h.Wait(wait); err != nil {
			return "", exit(exitKernel, err)
		}
	}
	if _, err := os.Stat(h.Folder()); errors.Is(err, os.ErrNotExist) {
		return "", nil // it ended by itself and left nothing
	}
	if wrote, err = a.settle(ctx, h); err != nil {
		return "", err
	}
	if err := a.endRemote(ctx, h); err != nil {
		return wrote, err
	}
	return wrote, h.Remove()
}

func newSettleCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "settle ID",
		Short:  "Bring a notebook's file up to date with its session",
		Hidden: true, // sessions call it themselves
		Args:   exactArgs("a session"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dirs, err := a.hostDirs()
			if err != nil {
				return err
			}
			h, err := dirs.Get(args[0])
			if err != nil {
				return exit(exitKernel, err)
			}
			defer a.startQuietLog()()
			wrote, err := a.settle(cmd.Context(), h)
			if err == nil && wrote != "" {
				fmt.Fprintf(a.err, "outputs saved in %s\n", term.Clean(filepath.Base(wrote)))
			}
			a.sweepAll(cmd.Context()) // nobody waits for us: a good time
			return err
		},
	}
}

func newAttachCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "attach ID|OUT",
		Short:   "Open the notebook of a running kernel, or a failed run where it failed",
		Example: "  nbterm attach 3f2a\n  nbterm attach out/report.ipynb",
		Args:    exactArgs("a session, or the notebook that a run wrote"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dirs, err := a.hostDirs()
			if err != nil {
				return err
			}
			h, err := dirs.Get(args[0])
			if err != nil {
				run, found, _ := a.runOf(cmd.Context(), args[0]) // else it is told that there is no such session
				if found && run.Alive {
					h, err = run, nil
				}
			}
			switch {
			case err != nil:
				return exit(exitKernel, err)
			case h.Notebook == "":
				return exit(exitKernel, errors.New("that session has no notebook"))
			}
			return a.workbench(cmd.Context(), tuiscreen.Target{Kind: tuiscreen.Notebook, Path: h.Notebook, Cell: a.failedCell(cmd.Context(), h)}, "")
		},
	}
}
