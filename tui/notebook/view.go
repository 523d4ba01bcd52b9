package notebook

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/widget"
	"nbterm/render/term"
	"nbterm/tui/editor"
)

// The columns of a cell: " ✗ 5 │ text … info".
const (
	gutterWidth = 7 // mark and number in 4, space, bar, space
	gap         = 1 // empty rows after a cell
)

// view draws cells and remembers what it drew. It implements list.Items.
type view struct {
	doc *notebook.Notebook
	ses *session.Session
	brush
	now func() time.Time

	drawn map[uint64]*drawn
	fold  map[uint64]fold

	models widget.Models // of widgets, as of the last events or change
	held   *hold         // the control that has the focus; nil is none

	editing uint64         // key of the cell in ed, 0 is none
	ed      *editor.Editor // draws the input of that cell
	jobs    []job          // drawings to be done in the background
	prompt  *editor.Input  // the field of an input() that waits; nil is none

	selected [2]int // first and last selected cell
	current  int    // the cell the cursor is in
}

// fold says how much of a cell's outputs is shown.
type fold uint8

const (
	folded fold = iota // the ends of long outputs
	open               // everything
	hidden             // a line that says how much there is
)

// next is what one more press of the key shows, given how long the outputs are.
func (f fold) next(long bool) fold {
	switch {
	case f == folded && long:
		return open
	case f == hidden:
		return folded
	default:
		return hidden
	}
}

func (v *view) Len() int { return v.doc.Len() }

func (v *view) Height(i int) int {
	return v.inputHeight(i) + v.at(i).outputs.height() + v.promptHeight(i) + gap
}

func (v *view) inputHeight(i int) int {
	if v.isEdited(i) {
		return v.ed.Height(v.textWidth())
	}
	d := v.at(i)
	if d.src != nil {
		return d.src.Height(v.textWidth())
	}
	return d.in.Len()
}

func (v *view) isEdited(i int) bool { return v.ed != nil && v.doc.Cell(i).Key() == v.editing }

func (v *view) promptHeight(i int) int {
	if v.prompt != nil && v.ses.Kernel.Running == v.doc.Cell(i).Key() {
		return 1
	}
	return 0
}

func (v *view) Rows(i, from, to int) []string {
	inputs := v.inputHeight(i)
	d := v.at(i)
	rows := make([]string, 0, to-from)
	for r, text := range v.input(i, d, from, min(to, inputs)) {
		rows = append(rows, v.inputRow(i, from+r, text))
	}
	outs := d.outputs.height()
	for _, text := range d.outputs.rows(max(from-inputs, 0), min(to-inputs, outs)) {
		rows = append(rows, v.outputRow(text))
	}
	for r := max(from, inputs+outs); r < to; r++ {
		if r < inputs+outs+v.promptHeight(i) {
			rows = append(rows, v.outputRow(v.prompt.Row(v.textWidth())))
		} else {
			rows = append(rows, "")
		}
	}
	return rows
}

// input draws rows [from, to) of a cell's input.
func (v *view) input(i int, d *drawn, from, to int) []string {
	switch {
	case from >= to:
		return nil
	case v.isEdited(i):
		return v.ed.Rows(v.textWidth(), from, to)
	case d.src != nil:
		return d.src.Rows(v.textWidth(), from, to)
	}
	return d.in.Rows(from, to)
}

// inputRow puts the gutter before a row of source and the info after the first.
func (v *view) inputRow(i, r int, text string) string {
	c := v.doc.Cell(i)
	row := v.gutter(i, c, r == 0) + text
	if r != 0 {
		return row
	}
	info, loud := v.info(c)
	if info == "" {
		return row
	}
	used, need := ansi.StringWidth(row), ansi.StringWidth(info)
	room := v.width - 1 - used
	if room < need+2 {
		info = ansi.Truncate(info, max(room-2, 0), "…")
		if need = ansi.StringWidth(info); need < shortInfo {
			return row
		}
	}
	return row + strings.Repeat(" ", room-need) + loud(info)
}

// shortInfo is the least of an info that is worth showing.
const shortInfo = 12

// failed is true for a cell whose stored outputs end in an exception.
func failed(c *notebook.Cell) bool {
	if !c.HasOutputs() {
		return false
	}
	outs := c.Outputs()
	return len(outs) > 0 && outs[len(outs)-1].Kind() == notebook.Failure
}

func (v *view) outputRow(text string) string {
	if text == "" {
		return ""
	}
	return strings.Repeat(" ", gutterWidth) + text
}

func (v *view) isSelected(i int) bool { return i >= v.selected[0] && i <= v.selected[1] }

// gutter says everything about a cell: its mark, its number, whether it is selected.
func (v *view) gutter(i int, c *notebook.Cell, first bool) string {
	bar := v.theme.Faint("│")
	switch {
	case v.isEdited(i):
		bar = v.theme.Running("┃")
	case v.isSelected(i):
		bar = v.theme.Accent("┃")
	case c.Kind() != notebook.Code:
		bar = " "
	}
	label := "    "
	if first && c.Kind() == notebook.Code {
		label = v.label(c)
	} else if first && c.Kind() == notebook.Raw {
		label = v.theme.Muted(" raw")
	}
	return label + " " + bar + " "
}

// label is the mark and the execution count, four columns wide.
func (v *view) label(c *notebook.Cell) string {
	known := v.ses.Cell(c.Key())
	switch known.Phase {
	case session.Running:
		return "   " + v.theme.Running("*")
	case session.Waiting:
		return "   " + v.theme.Running("…")
	}
	mark, paint := " ", v.theme.Muted
	switch {
	case known.Outcome == host.None && failed(c), known.Outcome == host.Error || known.Outcome == host.Died || known.Outcome == host.TimedOut || known.Outcome == host.Aborted && !known.Started.IsZero():
		mark, paint = "✗", v.theme.Failed
	case v.ses.Edited(c):
		mark, paint = "~", v.theme.Stale
	}
	n, ok := c.Count()
	number := ""
	if ok {
		number = fmt.Sprint(n)
	}
	if len(number) <= 2 {
		return " " + paint(mark) + paint(fmt.Sprintf("%2s", number))
	}
	if len(number) == 3 {
		return paint(mark + number)
	}
	return paint(number[max(0, len(number)-4):])
}

// info is the note at the right of a cell's first row and how to paint it.
func (v *view) info(c *notebook.Cell) (string, func(string) string) {
	if c.Kind() != notebook.Code {
		return "", nil
	}
	known := v.ses.Cell(c.Key())
	switch {
	case known.Phase == session.Running:
		return "running " + Duration(v.now().Sub(known.Started)), v.theme.Running
	case known.Phase == session.Waiting:
		return "queued", v.theme.Muted
	case v.ses.Edited(c):
		return "edited since it ran", v.theme.Stale
	case known.Outcome == host.Aborted && known.Started.IsZero():
		return known.Reason, v.theme.Muted // it never ran
	case known.Outcome == host.Died, known.Reason != "" && known.Outcome != host.Ok:
		return known.Reason, v.theme.Failed
	case known.Outcome != host.None:
		return Duration(known.Took), v.theme.Muted
	}
	for _, tag := range c.Tags() {
		if tag == "parameters" {
			return "parameters", v.theme.Muted
		}
	}
	return "", nil
}

func (v *view) foldOf(c *notebook.Cell) fold {
	if f, ok := v.fold[c.Key()]; ok {
		return f
	}
	for _, path := range [][]string{{"jupyter", "outputs_hidden"}, {"collapsed"}} {
		if raw, ok := c.Meta(path...); ok && string(raw) == "true" {
			return hidden
		}
	}
	return folded
}

// at gives the drawn cell i, drawing it if what is remembered is of another version.
func (v *view) at(i int) *drawn {
	c := v.doc.Cell(i)
	d, f := v.drawn[c.Key()], v.foldOf(c)
	w := v.widgetsOf(c.Key())
	if d.isOf(c, f, v.brush, w) {
		return d
	}
	next, jobs := v.draw(c, f, w, d)
	v.jobs = append(v.jobs, jobs...)
	v.drawn[c.Key()] = next
	return next
}

// forget drops what was drawn of cells that are gone.
func (v *view) forget() {
	for key := range v.drawn {
		if v.doc.Index(key) < 0 {
			delete(v.drawn, key)
		}
	}
}

// Duration rounds to what matters: "0.8 s", "12 s", "4 m 12 s", "2 h 5 m".
func Duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d m %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d m", int(d.Hours()), int(d.Minutes())%60)
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands separates groups of three with a thin space.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

func clean(s string) string { return term.Clean(s) }
