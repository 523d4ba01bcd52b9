package diff

import (
	"fmt"
	"strings"

	delta "nbterm/engine/diff"
	"nbterm/render/term"
)

// Text draws a whole report for people to read, without a screen: what is said of the
// runs, then each cell that differs or took longer.
func (l Look) Text(r *delta.Report) []string {
	rows := l.Summary(r)
	inner := l
	inner.Width = max(l.Width-2, 10)
	for i := range r.Cells {
		c := &r.Cells[i]
		if !c.Differs() && c.Took.Ratio() == 0 {
			continue
		}
		if len(rows) > 0 {
			rows = append(rows, "")
		}
		rows = append(rows, l.Heading(c))
		for _, row := range inner.Body(c) {
			rows = append(rows, strings.TrimRight("  "+row, " "))
		}
	}
	return rows
}

// Summary draws what is said of the runs: metadata, parameters, metrics, how they
// ended and how long they took. Metrics that are the same are told too.
func (l Look) Summary(r *delta.Report) []string {
	var rows []string
	group := func(name string, values []delta.Value, all bool) {
		width := 0
		for _, v := range values {
			if v.Differs || all {
				width = max(width, len([]rune(term.Clean(v.Name))))
			}
		}
		for _, v := range values {
			if v.Differs || all {
				rows = append(rows, l.muted(fmt.Sprintf("%-11s", name))+l.Value(v, width))
				name = ""
			}
		}
	}
	group("metadata", r.Meta, false)
	group("parameters", r.Parameters, false)
	group("metrics", r.Metrics, true)
	if r.Status.Differs {
		v := r.Status
		v.Name = ""
		rows = append(rows, l.muted("status     ")+strings.TrimLeft(l.Value(v, 0), " "))
	}
	if t := l.Times(r.Took); t != "" {
		row := l.muted("duration   ") + t
		if r.Runs > 0 {
			row += l.muted(fmt.Sprintf(" against the median of %s", plural(r.Runs, "run")))
		}
		rows = append(rows, row)
	}
	return rows
}

// Stat counts what happened to cells, in a line.
func Stat(r *delta.Report) string {
	var changed, added, removed, moved, slower int
	for i := range r.Cells {
		c := &r.Cells[i]
		switch c.Kind {
		case delta.Changed:
			changed++
		case delta.Added:
			added++
		case delta.Removed:
			removed++
		}
		if c.Moved {
			moved++
		}
		if c.Took.Ratio() > 1 {
			slower++
		}
	}
	var told []string
	for _, n := range []struct {
		n    int
		what string
	}{{changed, "changed"}, {added, "added"}, {removed, "removed"}, {moved, "moved"}, {slower, "slower"}} {
		if n.n > 0 {
			told = append(told, fmt.Sprintf("%d %s", n.n, n.what))
		}
	}
	if len(told) == 0 {
		told = append(told, "the same")
	}
	return plural(len(r.Cells), "cell") + ": " + strings.Join(told, ", ")
}
