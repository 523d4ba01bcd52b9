package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	xterm "github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/render/ink"
)

// catFlags are the flags of `nbterm cat`.
type catFlags struct {
	width int
	color string
}

func newCatCmd(a *app) *cobra.Command {
	var f catFlags
	cmd := &cobra.Command{
		Use:   "cat NOTEBOOK",
		Short: "Print a notebook with its outputs",
		Long: "Prints a notebook as text: markdown, code and outputs. Colours are written to a\n" +
			"terminal only, and never when NO_COLOR is set. Fails with status 1, naming the\n" +
			"cell, when the notebook holds a cell that raised.",
		Example: "  nbterm cat report.ipynb | less -R\n  nbterm run report.ipynb - | nbterm cat -",
		Args:    exactArgs("a notebook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.readNotebook(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			a.warn(o.store)
			return a.cat(args[0], o, f)
		},
	}
	cmd.Flags().IntVar(&f.width, "width", 0, "columns to fill (default: the terminal's, else 80)")
	cmd.Flags().StringVar(&f.color, "color", "auto", "auto, always or never")
	return cmd
}

// catGutter is the room for the number of a cell.
const catGutter = 7

func (a *app) cat(name string, o opened, f catFlags) error {
	doc := o.doc
	rc, err := a.catContext(f)
	if err != nil {
		return err
	}
	rc.Width = max(rc.Width-catGutter, 20)
	rc.Files = beside(o.at)
	plain := rc.Caps.Colors == render.NoColor
	w := bufio.NewWriter(a.out)
	for i := range doc.Len() {
		printCell(w, doc, doc.Cell(i), rc, plain)
	}
	if err := w.Flush(); err != nil {
		return nil //nolint:nilerr // whoever read us has gone: head, less
	}
	return failedCell(name, doc)
}

// catContext is what the output can show.
func (a *app) catContext(f catFlags) (render.Context, error) {
	rc := render.Context{Width: f.width, Palette: ink.DarkPalette(), Tools: a.tools()}
	if rc.Width <= 0 {
		rc.Width = a.outWidth()
	}
	switch f.color {
	case "always":
		rc.Caps.Colors = render.TrueColor
	case "auto":
		if isTerminal(a.out) {
			rc.Caps.Colors = colorsOf(a.environ)
		}
	case "never":
	default:
		return rc, usagef("--color is auto, always or never, not %q", f.color)
	}
	rc.Caps.Hyperlinks = rc.Caps.Colors > render.ANSI16
	if rc.Caps.Colors == render.NoColor {
		rc.Palette = ink.PlainPalette()
	}
	return rc, nil
}

// outWidth is the width of the terminal, else $COLUMNS, else 80.
func (a *app) outWidth() int {
	if f, ok := a.out.(*os.File); ok {
		if w, _, err := xterm.GetSize(f.Fd()); err == nil && w > 0 {
			return w
		}
	}
	if w, err := strconv.Atoi(a.getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 80
}

func colorsOf(environ []string) render.Colors {
	switch colorprofile.Env(environ) {
	case colorprofile.TrueColor:
		return render.TrueColor
	case colorprofile.ANSI256:
		return render.ANSI256
	case colorprofile.ANSI:
		return render.ANSI16
	}
	return render.NoColor
}

func printCell(w io.Writer, doc *notebook.Notebook, c *notebook.Cell, rc render.Context, plain bool) {
	put := func(label string, rows []string) {
		for i, row := range rows {
			if i > 0 {
				label = ""
			}
			if plain {
				row = ansi.Strip(row)
			}
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%*s ", catGutter-1, label)+row, " "))
		}
	}
	switch c.Kind() {
	case notebook.Markdown:
		put("", render.MarkdownCell(c, rc).Lines)
	case notebook.Code:
		number := " "
		if n, ok := c.Count(); ok {
			number = strconv.Itoa(n)
		}
		put("["+number+"]", render.Code(c.Source(), doc.Language(), rc).Lines)
		if c.HasOutputs() {
			for _, o := range c.Outputs() {
				put("", render.Output(o, rc).Lines)
			}
		}
	default:
		put("raw", render.Code(c.Source(), "", rc).Lines)
	}
	fmt.Fprintln(w)
}

// failedCell is the error for the first cell of doc that holds an exception.
func failedCell(name string, doc *notebook.Notebook) error {
	for i := range doc.Len() {
		c := doc.Cell(i)
		if c.Kind() != notebook.Code || !c.HasOutputs() || hasTag(c, "raises-exception") {
			continue
		}
		for _, o := range c.Outputs() {
			if o.Kind() == notebook.Failure {
				ename, evalue, _ := o.Error()
				return exit(exitFailed, fmt.Errorf("%s: cell %d failed: %s: %s", name, i+1, ename, evalue))
			}
		}
	}
	return nil
}

func hasTag(c *notebook.Cell, tag string) bool {
	for _, t := range c.Tags() {
		if t == tag {
			return true
		}
	}
	return false
}
