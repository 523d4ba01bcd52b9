package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/pflag"

	"nbterm/engine/check"
	"nbterm/engine/params"
	"nbterm/engine/run"
	"nbterm/render/term"
	"nbterm/storage/local"
)

// checkFlags are those of `nbterm run --check`.
type checkFlags struct {
	on        bool
	input     string
	junit     string
	rules     string
	tolerance float64
	lax       bool
}

func (f *checkFlags) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&f.on, "check", false, "compare outputs with those stored in IN, see docs/diff.md")
	flags.StringVar(&f.input, "input", "", "check this `RUN`: IN gets it as parameter input_path")
	flags.StringVar(&f.junit, "junit", "", "write the checks to `FILE` as JUnit's XML")
	flags.StringVar(&f.rules, "sanitize-with", "", "replace by nbval's rules in `FILE` before comparing")
	flags.Float64Var(&f.tolerance, "tolerance", 0, "`NUMBER` by which numbers may differ in a check")
	flags.BoolVar(&f.lax, "lax", false, "compare only cells tagged nbval-check-output")
}

// inputPath is the parameter by which a notebook finds the run that it tests.
const inputPath = "input_path"

func (f *checkFlags) fault() error {
	switch {
	case f.on && !(f.tolerance >= 0):
		return usagef("--tolerance is a number from 0 on")
	case f.on:
		return nil
	case f.input != "" || f.junit != "" || f.rules != "" || f.lax || f.tolerance != 0:
		return usagef("--input, --junit, --sanitize-with, --tolerance and --lax go with --check")
	}
	return nil
}

// check runs a notebook as a test. Without --input what it puts out is compared with
// what is stored in it; with it, it is good when all cells ran. The fresh notebook is
// written only where OUT is named.
func (a *app) check(ctx context.Context, args []string, f runFlags) error {
	if len(args) < 1 || len(args) > 2 {
		return usagef("nbterm run --check takes the notebook to check, and where to write it with its new outputs")
	}
	in, out := args[0], "-"
	if len(args) == 2 {
		out = args[1]
	}
	o, err := a.checkOptions(f.own.check)
	if err != nil {
		return err
	}
	if f.own.check.input != "" {
		if err := a.giveInput(ctx, &f); err != nil {
			return err
		}
	}
	f.own.allowErrors = true // each cell is a check of its own
	w, err := a.newWork(ctx, in, out, f)
	if err != nil {
		return err
	}
	if w.own {
		return usagef("--check compares with what is stored in %s, and does not write over it", in)
	}
	stored := w.doc.Clone()
	check.Prepare(w.doc)
	say, err := a.newRunSay(f, w.out)
	if err != nil {
		return err
	}
	defer say.close()
	w.announce(say)
	began := a.now()
	d, err := a.do(ctx, w, say)
	if err != nil {
		return err
	}
	say.clear()
	if ctx.Err() != nil || d.err != nil {
		return a.notChecked(ctx, d)
	}
	fresh := w.doc.Clone()
	run.RemoveMarkers(fresh) // cells count as in the notebook that is checked
	r := check.Compare(w.in, stored, fresh, o)
	r.Took = d.rec.Took()
	a.tellCheck(r, f.own.quiet)
	if err := a.writeJUnit(ctx, r, f.own.check.junit, began); err != nil {
		return errors.Join(err, d.saved.err)
	}
	return judge(w.in, d, r)
}

// judge gives a check its exit status.
func judge(in string, d done, r *check.Report) error {
	if err := d.saved.err; err != nil {
		return exit(exitStorage, err)
	}
	switch d.rec.Status {
	case run.Died, run.OOM, run.Stopped:
		return exit(exitDied, fmt.Errorf("%s: cell %d: %s", in, d.rec.Failed+1, d.rec.Reason))
	default:
	}
	if !r.Good() {
		return exit(exitFailed, nil)
	}
	return nil
}

// notChecked is why there is nothing to compare.
func (a *app) notChecked(ctx context.Context, d done) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted%s", d.saved)
	case d.saved.err != nil:
		return exit(exitStorage, errors.Join(d.err, d.saved.err))
	}
	return exit(exitKernel, d.err)
}

func (a *app) checkOptions(f checkFlags) (check.Options, error) {
	o := check.Options{Tolerance: f.tolerance, Lax: f.lax, RunOnly: f.input != ""}
	if f.rules == "" {
		return o, nil
	}
	file, err := os.Open(a.expand(f.rules))
	if err != nil {
		return o, usagef("--sanitize-with: %w", err)
	}
	defer file.Close() // it was only read
	if o.Rules, err = check.Rules(file); err != nil {
		return o, usagef("--sanitize-with %s: %w", f.rules, err)
	}
	return o, nil
}

// giveInput hands the run that is checked to the notebook that checks it. What is not
// there is told before a kernel starts.
func (a *app) giveInput(ctx context.Context, f *runFlags) error {
	at, err := a.place(ctx, f.own.check.input)
	if err != nil {
		return err
	}
	if _, err := at.store.Stat(ctx, at.name); err != nil {
		return exit(exitStorage, fmt.Errorf("check %s: %w", f.own.check.input, err))
	}
	f.params.Raw = append(f.params.Raw, params.Pair{Name: inputPath, Text: at.url})
	return nil
}

// tellCheck prints what failed, and how much did not.
func (a *app) tellCheck(r *check.Report, quiet bool) {
	for _, c := range r.Cases {
		switch c.Result {
		case check.Passed, check.Skipped:
			continue
		}
		fmt.Fprintf(a.out, "✗ %s\n    %s\n", term.Clean(c.Name), term.Clean(c.Message))
		if c.Detail == "" {
			continue
		}
		for line := range strings.SplitSeq(ansi.Strip(c.Detail), "\n") {
			fmt.Fprintln(a.out, strings.TrimRight("    "+cleanText(line), " "))
		}
	}
	if quiet {
		return
	}
	told := []string{fmt.Sprintf("%d passed", r.Count(check.Passed))}
	for _, k := range []check.Result{check.Failed, check.Missing, check.Skipped} {
		if n := r.Count(k); n > 0 {
			told = append(told, fmt.Sprintf("%d %s", n, k))
		}
	}
	fmt.Fprintf(a.out, "%s: %s in %s\n", term.Clean(r.Name), strings.Join(told, ", "), r.Took.Round(10*time.Millisecond))
}

func (a *app) writeJUnit(ctx context.Context, r *check.Report, file string, began time.Time) error {
	if file == "" {
		return nil
	}
	var text strings.Builder
	if err := r.JUnit(&text, began); err != nil {
		return err
	}
	store, name, err := local.Open(a.expand(file))
	if err == nil {
		_, info, readErr := store.Read(ctx, name)
		if readErr == nil {
			_, err = store.Write(ctx, name, []byte(text.String()), info.Revision)
		} else {
			_, err = store.Write(ctx, name, []byte(text.String()), "")
		}
	}
	if err != nil {
		return exit(exitStorage, fmt.Errorf("write %s: %w", file, err))
	}
	return nil
}
