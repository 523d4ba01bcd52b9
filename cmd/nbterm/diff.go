package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"nbterm/engine/diff"
	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/render/term"
	"nbterm/tui"
	diffscreen "nbterm/tui/diff"
	"nbterm/tui/screen"
)

// diffFlags are the flags of `nbterm diff`.
type diffFlags struct {
	cat         catFlags
	tolerance   float64
	against     string
	json        bool
	stat        bool
	sourceOnly  bool
	exitCode    bool
	interactive bool
	beside      bool
	textconv    bool
}

func newDiffCmd(a *app) *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two notebooks or runs cell by cell",
		Long: "Compares two notebooks, or two runs of one: sources, outputs, parameters, metrics and\n" +
			"durations. Cells are found again by id, else by what they say, also where they were\n" +
			"moved. Images are compared by their pixels. A and B are any address, - for standard\n" +
			"input, or REV:PATH of the git repository here. What differs in every run is no\n" +
			"difference: execution counts, ids, times.\n\n" +
			"The exit status is 0 whether or not they differ; with --exit-code it is 1 when they do.",
		Example: "  nbterm diff HEAD:report.ipynb report.ipynb\n" +
			"  nbterm diff monday.ipynb tuesday.ipynb --tolerance 1e-9\n" +
			"  nbterm diff yesterday.ipynb today.ipynb --against runs/",
		Args: func(cmd *cobra.Command, args []string) error {
			if f.textconv {
				return exactArgs("a notebook")(cmd, args)
			}
			return exactArgs("a notebook", "the notebook to compare it with")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.textconv:
				return a.textconv(cmd.Context(), args[0])
			case math.IsNaN(f.tolerance) || f.tolerance < 0:
				return usagef("--tolerance is a number from 0 on")
			case args[0] == "-" && args[1] == "-":
				return usagef("only one of the two can be standard input")
			case f.interactive:
				return a.workbench(cmd.Context(), screen.Target{Kind: screen.Diff, Path: args[0], Other: args[1]}, "")
			}
			return a.diff(cmd.Context(), args[0], args[1], f)
		},
	}
	flags := cmd.Flags()
	flags.Float64Var(&f.tolerance, "tolerance", 0, "`NUMBER` by which numbers may differ, absolute or relative")
	flags.StringVar(&f.against, "against", "", "compare durations with the median of the runs in this `FOLDER`")
	flags.BoolVar(&f.sourceOnly, "source-only", false, "compare nothing that a kernel made")
	flags.BoolVar(&f.stat, "stat", false, "print only how many cells differ")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	flags.BoolVar(&f.exitCode, "exit-code", false, "exit with status 1 when they differ")
	flags.BoolVarP(&f.interactive, "interactive", "i", false, "show them on a screen")
	flags.BoolVarP(&f.beside, "side-by-side", "y", false, "A at the left, B at the right")
	flags.IntVar(&f.cat.width, "width", 0, "columns to fill (default: the terminal's, else 80)")
	flags.StringVar(&f.cat.color, "color", "auto", "auto, always or never")
	flags.BoolVar(&f.textconv, "textconv", false, "print one notebook as text for git")
	_ = flags.MarkHidden("textconv") // git calls it, see git-setup
	return cmd
}

func (a *app) diff(ctx context.Context, x, y string, f diffFlags) error {
	rc, err := a.catContext(f.cat)
	if err != nil {
		return err
	}
	o := diff.Options{Tolerance: f.tolerance, SourceOnly: f.sourceOnly}
	var docs [2]*notebook.Notebook
	for i, name := range []string{x, y} {
		if docs[i], err = a.readSide(ctx, name); err != nil {
			return err
		}
	}
	if f.against != "" {
		found, err := a.readRuns(ctx, []string{f.against}, false)
		if err != nil {
			return err
		}
		for _, r := range found {
			o.Against = append(o.Against, r.doc)
		}
	}
	r := diff.Compare(docs[0], docs[1], o)
	switch {
	case f.json:
		err = writeJSON(a.out, r)
	case f.stat:
		_, err = fmt.Fprintln(a.out, diffscreen.Stat(r))
	default:
		a.printDiff(x, y, r, rc, f.beside)
	}
	if err == nil && f.exitCode && r.Differs() {
		return exit(exitFailed, nil)
	}
	return err
}

func (a *app) printDiff(x, y string, r *diff.Report, rc render.Context, beside bool) {
	l := diffscreen.Look{Context: rc, Outputs: true, Beside: beside}
	rows := l.Text(r)
	if len(rows) == 0 {
		return
	}
	w := bufio.NewWriter(a.out)
	fmt.Fprintf(w, "%s → %s   %s\n\n", term.Clean(x), term.Clean(y), diffscreen.Stat(r))
	for _, row := range rows {
		if rc.Caps.Colors == render.NoColor {
			row = ansi.Strip(row)
		}
		fmt.Fprintln(w, row)
	}
	_ = w.Flush() // whoever read us has gone: head, less
}

// openDiff is the screen that compares the two notebooks of t.
func (w *workbench) openDiff(ctx context.Context, t screen.Target) (screen.Screen, error) {
	a, err := w.app.readSide(ctx, t.Path)
	if err != nil {
		return nil, err
	}
	b, err := w.app.readSide(ctx, t.Other)
	if err != nil {
		return nil, err
	}
	return diffscreen.New(diffscreen.Deps{
		Report: diff.Compare(a, b, diff.Options{}), A: t.Path, B: t.Other, Keys: w.keys, Theme: tui.StartTheme(w.config.Theme),
	}), nil
}

// readSide reads a notebook of any address, or REV:PATH of a git repository. git gives
// the name of the null device for a file that is not there: an empty notebook.
func (a *app) readSide(ctx context.Context, name string) (*notebook.Notebook, error) {
	if name == os.DevNull {
		return notebook.New("", "", ""), nil
	}
	if rev, path, ok := strings.Cut(name, ":"); ok && rev != "" && path != "" && !isURL(name) && !strings.HasPrefix(rev, "-") {
		if _, err := os.Lstat(a.expand(name)); errors.Is(err, fs.ErrNotExist) {
			return a.readRevision(ctx, name)
		}
	}
	o, err := a.readNotebook(ctx, name)
	return o.doc, err
}

// readRevision reads REV:PATH as `git show` does: PATH begins at the repository's
// root, ./PATH here.
func (a *app) readRevision(ctx context.Context, name string) (*notebook.Notebook, error) {
	data, err := a.git(ctx, "cat-file", "blob", name)
	if err != nil {
		return nil, exit(exitStorage, fmt.Errorf("open %s: there is no such file, nor such a revision: %w", name, err))
	}
	doc, err := notebook.Parse([]byte(data))
	if err != nil {
		return nil, exit(exitStorage, fmt.Errorf("open %s: %w", name, err))
	}
	return doc, nil
}

// textconv prints a notebook as the text that git compares. What is no notebook is
// printed as it is: a diff of a broken file is better than none.
func (a *app) textconv(ctx context.Context, name string) error {
	data, err := a.readBytes(ctx, name)
	if err != nil {
		return err
	}
	if doc, err := notebook.Parse(data); err == nil {
		data = []byte(cleanText(diff.Plain(doc)))
	}
	_, err = a.out.Write(data)
	return err
}

// cleanText makes text that others wrote fit for a terminal, line by line: git hands it
// on as it is. Tabs stay.
func cleanText(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, ended := strings.CutSuffix(line, "\n")
		for i, part := range strings.Split(ansi.Strip(line), "\t") {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(term.Clean(part))
		}
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func (a *app) readBytes(ctx context.Context, name string) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(a.in)
		if err != nil {
			return nil, exit(exitStorage, fmt.Errorf("read standard input: %w", err))
		}
		return data, nil
	}
	at, err := a.place(ctx, name)
	if err != nil {
		return nil, err
	}
	data, _, err := at.store.Read(ctx, at.name)
	if err != nil {
		return nil, exit(exitStorage, fmt.Errorf("read %s: %w", name, err))
	}
	return data, nil
}
