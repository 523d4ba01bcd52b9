package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/render/term"
)

func newParamsCmd(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "params NOTEBOOK",
		Short: "List the parameters of a notebook",
		Long: "Lists what the cell tagged \"parameters\" sets: the names that nbterm run -p takes,\n" +
			"with type, default and the comment behind each. A name without a default must be\n" +
			"given. Nothing is run.",
		Example: "  nbterm params report.ipynb\n  nbterm params report.ipynb --json | jq '.parameters[].name'",
		Args:    exactArgs("a notebook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.readNotebook(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			t, err := paramTableOf(o.doc)
			if err != nil {
				return fmt.Errorf("list the parameters of %s: %w", args[0], err)
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), t)
			}
			if len(t.Parameters) == 0 {
				fmt.Fprintf(a.err, "%s: %s\n", term.Clean(args[0]), t.nothing())
				return nil
			}
			return a.printParams(cmd.OutOrStdout(), t)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// paramTable is the parameters of a notebook as `nbterm params` tells them.
type paramTable struct {
	Tagged     bool       `json:"tagged"` // there is a cell tagged "parameters"
	Parameters []paramRow `json:"parameters"`
}

type paramRow struct {
	Name     string            `json:"name"`
	Type     string            `json:"type,omitempty"`    // declared, else that of the default
	Declared bool              `json:"declared"`          // the type stands in the cell
	Default  string            `json:"default,omitempty"` // as it stands in the cell
	Value    json.RawMessage   `json:"value,omitempty"`   // the default, where it is a literal
	Required bool              `json:"required"`          // must be given
	Help     string            `json:"help,omitempty"`
	Choices  []json.RawMessage `json:"choices,omitempty"` // all that may be given
	choices  []string
}

func paramTableOf(doc *notebook.Notebook) (paramTable, error) {
	t := paramTable{Tagged: params.Find(doc, params.Tag) >= 0, Parameters: []paramRow{}}
	ps, err := params.Infer(doc)
	if err != nil {
		return t, err
	}
	for _, p := range ps {
		row := paramRow{Name: p.Name, Type: p.Type, Declared: p.Declared, Default: p.Default, Required: p.Required, Help: p.Help}
		if p.Known {
			row.Value = params.StrictJSON(p.Value)
		}
		for _, c := range p.Choices {
			row.Choices = append(row.Choices, params.StrictJSON(c))
			row.choices = append(row.choices, params.Str(c))
		}
		t.Parameters = append(t.Parameters, row)
	}
	return t, nil
}

func (t paramTable) nothing() string {
	if t.Tagged {
		return "the cell tagged \"parameters\" sets nothing that can be read"
	}
	return "no cell is tagged \"parameters\""
}

// printParams leaves out columns that hold nothing.
func (a *app) printParams(w io.Writer, t paramTable) error {
	rows := [][]string{{"NAME", "TYPE", "DEFAULT", "CHOICES", "HELP"}}
	for _, p := range t.Parameters {
		value := p.Default
		if p.Required {
			value = "(required)"
		}
		rows = append(rows, []string{p.Name, p.Type, value, strings.Join(p.choices, ", "), p.Help})
	}
	used := [5]bool{true}
	for _, row := range rows[1:] {
		for i, text := range row {
			used[i] = used[i] || text != ""
		}
	}
	var cells [][]string
	for _, row := range rows {
		var line []string
		for i, text := range row {
			if used[i] {
				line = append(line, ansi.Truncate(term.Clean(text), paramWidth, "…"))
			}
		}
		cells = append(cells, line)
	}
	_, err := io.WriteString(w, strings.Join(aligned(cells), "\n")+"\n")
	return err
}

// aligned puts the cells of rows under each other, two columns apart. Wide characters
// count as such, which text/tabwriter does not know.
func aligned(rows [][]string) []string {
	var width []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], ansi.StringWidth(text))
		}
	}
	lines := make([]string, len(rows))
	for at, row := range rows {
		var b strings.Builder
		for i, text := range row {
			b.WriteString(text + strings.Repeat(" ", width[i]-ansi.StringWidth(text)+2))
		}
		lines[at] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// paramWidth is the most columns of one entry; --json has all of it.
const paramWidth = 60
