package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"nbterm/engine/params"
	"nbterm/engine/scrap"
	"nbterm/render/term"
)

// metricsFlags are the flags of `nbterm metrics`.
type metricsFlags struct {
	recursive bool
	csv, json bool
	sort      []string
	best      string
	worst     string
	columns   []string
}

func newMetricsCmd(a *app) *cobra.Command {
	var f metricsFlags
	cmd := &cobra.Command{
		Use:   "metrics RUN...",
		Short: "Put the metrics of runs into one table",
		Long: "Reads what runs recorded, one row for each: the values that scrapbook's or nbterm's\n" +
			"glue() wrote, papermill's older records, parameters, status and duration. RUN is a\n" +
			"notebook, a folder of them, or a pattern such as 'runs/2026-*.ipynb', at any address.\n" +
			"Of several values of one name the last counts. No Python is needed.",
		Example: "  nbterm metrics runs/ --sort -auc\n  nbterm metrics 'sweep/*.ipynb' --best auc --json\n  nbterm metrics runs/ --csv --columns run,lr,auc",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name a folder, a pattern or notebooks: nbterm metrics runs/")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.metrics(cmd.Context(), args, f) },
	}
	flags := cmd.Flags()
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "look into the folders of folders, too")
	flags.BoolVar(&f.csv, "csv", false, "print CSV")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.StringSliceVar(&f.sort, "sort", nil, "order by these `COLUMNS`; -NAME has the greatest first")
	flags.StringVar(&f.best, "best", "", "print only the run with the greatest value of this `COLUMN`")
	flags.StringVar(&f.worst, "worst", "", "print only the run with the smallest value of this `COLUMN`")
	flags.StringSliceVar(&f.columns, "columns", nil, "print only these `COLUMNS`, in this order")
	cmd.MarkFlagsMutuallyExclusive("csv", "json")
	cmd.MarkFlagsMutuallyExclusive("best", "worst")
	return cmd
}

func (a *app) metrics(ctx context.Context, args []string, f metricsFlags) error {
	found, err := a.readRuns(ctx, args, f.recursive)
	if err != nil {
		return err
	}
	names, runs := make([]string, len(found)), make([]scrap.Run, len(found))
	for i, r := range found {
		names[i], runs[i] = r.name, scrap.Of(r.doc)
	}
	t := scrap.NewTable(names, runs)
	if err := t.Sort(f.sort...); err != nil {
		return columnFault(err, t)
	}
	if of := f.best + f.worst; of != "" {
		if err := t.Best(of, f.worst != ""); err != nil {
			return columnFault(err, t)
		}
		if len(t.Rows) == 0 {
			return exit(exitFailed, fmt.Errorf("no run has a number for %s", of))
		}
	}
	columns := f.columns
	for _, c := range columns {
		if !t.Has(c) {
			return columnFault(fmt.Errorf("print %s: %w", c, scrap.ErrColumn), t)
		}
	}
	if columns == nil {
		columns = usualColumns(t)
	}
	switch {
	case f.json:
		return writeJSON(a.out, metricsJSON(t))
	case f.csv:
		return metricsCSV(a.out, t, columns)
	}
	return a.printMetrics(t, columns)
}

func columnFault(err error, t *scrap.Table) error {
	if errors.Is(err, scrap.ErrColumn) {
		return usagef("%w; there are %s", err, strings.Join(append([]string{"run", "status", "started", "duration"}, append(append([]string(nil), t.Parameters...), t.Metrics...)...), ", "))
	}
	return err
}

// usualColumns are all but those in which no run says anything.
func usualColumns(t *scrap.Table) []string {
	columns := []string{"run"}
	for _, c := range []string{"status", "started", "duration"} {
		for i := range t.Rows {
			if _, ok := t.Value(i, c); ok {
				columns = append(columns, c)
				break
			}
		}
	}
	columns = append(columns, t.Parameters...)
	for _, m := range t.Metrics {
		twice := false
		for _, p := range t.Parameters {
			twice = twice || p == m
		}
		if !twice {
			columns = append(columns, m)
		}
	}
	return columns
}

func metricsCSV(w io.Writer, t *scrap.Table, columns []string) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // told by Error
	for i := range t.Rows {
		row := make([]string, len(columns))
		for n, c := range columns {
			if v, ok := t.Value(i, c); ok {
				row[n] = scrap.Show(v)
			}
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// metricsRow is one run as `nbterm metrics --json` prints it.
type metricsRow struct {
	Run        string                     `json:"run"`
	Status     string                     `json:"status,omitempty"`
	Started    *time.Time                 `json:"started,omitempty"`
	Duration   *float64                   `json:"duration,omitempty"` // seconds
	Parameters map[string]json.RawMessage `json:"parameters"`
	Metrics    map[string]json.RawMessage `json:"metrics"`
}

func metricsJSON(t *scrap.Table) []metricsRow {
	rows := make([]metricsRow, len(t.Rows))
	for i := range t.Rows {
		r := &t.Rows[i]
		row := metricsRow{Run: r.Name, Status: r.Status, Parameters: map[string]json.RawMessage{}, Metrics: map[string]json.RawMessage{}}
		if !r.Started.IsZero() {
			row.Started = &r.Started
		}
		if r.Took > 0 {
			s := r.Took.Seconds()
			row.Duration = &s
		}
		for _, p := range t.Parameters {
			if v, ok := t.Parameter(i, p); ok {
				row.Parameters[p] = scrap.AsJSON(v)
			}
		}
		for _, m := range t.Metrics {
			if v, ok := t.Metric(i, m); ok {
				row.Metrics[m] = scrap.AsJSON(v)
			}
		}
		rows[i] = row
	}
	return rows
}

// widestValue bounds a column of the table, in columns of the terminal.
const widestValue = 40

func (a *app) printMetrics(t *scrap.Table, columns []string) error {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = strings.ToUpper(term.Clean(c))
	}
	fmt.Fprintln(w, strings.Join(heads, "\t"))
	for i := range t.Rows {
		cells := make([]string, len(columns))
		for n, c := range columns {
			if v, ok := t.Value(i, c); ok {
				cells[n] = a.metricText(&t.Rows[i], c, v)
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t")) // all cells: a row with fewer would part the columns
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for row := range strings.Lines(table.String()) {
		fmt.Fprintln(a.out, strings.TrimRight(row, " \n"))
	}
	return nil
}

func (a *app) metricText(r *scrap.Row, column string, v params.Value) string {
	switch column {
	case "run":
		return term.Clean(a.tilde(r.Name))
	case "duration":
		return r.Took.Round(10 * time.Millisecond).String()
	case "started":
		return r.Started.Local().Format("2006-01-02 15:04:05")
	}
	return ansi.Truncate(term.Clean(scrap.Brief(v)), widestValue, "…")
}
