package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	xterm "github.com/charmbracelet/x/term"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/run"
	"nbterm/engine/scrap"
	"nbterm/engine/session"
	"nbterm/engine/sweep"
	"nbterm/render/term"
)

// sweepBoard shows how a sweep goes: on a terminal a table that is drawn anew ten times
// a second, elsewhere a line for each run that has ended.
type sweepBoard struct {
	w     io.Writer // nil says nothing
	live  bool
	now   func() time.Time
	begun time.Time
	title string
	size  func() (columns, rows int)
	stop  chan struct{}
	done  sync.WaitGroup

	mu    sync.Mutex // guards what follows, and w
	runs  []sweepRun
	drawn int // lines of the table on the terminal
	over  int // of which
	bad   int // failed and
	cut   int // were stopped
}

// sweepRun is a run as the board shows it.
type sweepRun struct {
	label   string // its parameters
	phase   byte   // w waiting, r running, d done, f failed, s stopped from outside
	cells   int    // to be run
	ran     int
	started time.Time
	took    time.Duration
	note    string // metrics, or why it failed
}

func (a *app) newSweepBoard(s *sweeper) *sweepBoard {
	b := &sweepBoard{now: a.now, begun: a.now(), title: term.Clean(s.in), stop: make(chan struct{})}
	for _, set := range s.sets {
		b.runs = append(b.runs, sweepRun{label: labelOf(set), phase: 'w'})
	}
	if s.f.own.quiet {
		return b
	}
	b.w = a.err
	b.live = isTerminal(a.err) && !s.f.logOutput && (s.f.progress == nil || *s.f.progress)
	if !b.live {
		return b
	}
	b.size = func() (int, int) {
		if f, ok := a.err.(*os.File); ok {
			if w, h, err := xterm.GetSize(f.Fd()); err == nil && w > 0 && h > 0 {
				return w, h
			}
		}
		return 80, 24
	}
	b.done.Go(b.paint)
	return b
}

// labelOf names the parameters of a run on one line.
func labelOf(set *params.Set) string {
	var parts []string
	for _, name := range set.Names() {
		v, _ := set.Get(name)
		parts = append(parts, name+"="+params.Str(v))
	}
	return term.Clean(strings.Join(parts, " "))
}

// paint draws until close.
func (b *sweepBoard) paint() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		b.mu.Lock()
		b.draw()
		b.mu.Unlock()
		select {
		case <-tick.C:
		case <-b.stop:
			return
		}
	}
}

// close takes the table off the terminal and waits for whoever draws it.
func (b *sweepBoard) close() {
	close(b.stop)
	b.done.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
}

func (b *sweepBoard) erase() {
	if b.drawn > 0 {
		fmt.Fprintf(b.w, "\r\x1b[%dA\x1b[J", b.drawn)
		b.drawn = 0
	}
}

func (b *sweepBoard) began(i int, doc *notebook.Notebook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &b.runs[i]
	r.phase, r.started = 'r', b.now()
	for _, c := range doc.Cells() {
		if c.Kind() == notebook.Code && !session.Blank(c.Source()) {
			r.cells++
		}
	}
}

func (b *sweepBoard) cell(i int, c session.Cell) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := &b.runs[i]; c.Phase == session.Resting && !c.Started.IsZero() {
		r.ran = min(r.ran+1, r.cells)
	}
}

func (b *sweepBoard) ended(i int, res sweep.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &b.runs[i]
	fresh := r.phase == 'r'
	r.phase, r.took, r.note = 'd', res.Took, metricsOf(res.Scraps)
	b.over++
	switch {
	case res.Status == string(run.Aborted):
		r.phase = 's'
		b.cut++
	case res.Why != "":
		r.phase, r.note = 'f', term.Clean(res.Why)
		b.bad++
	}
	if b.w == nil || b.live {
		return
	}
	what := fmt.Sprintf("%s in %s", res.Status, short(res.Took))
	switch {
	case res.Why != "":
		what = res.Status
	case !fresh:
		what = "there already"
	}
	fmt.Fprintln(b.w, strings.TrimRight(fmt.Sprintf("[%d/%d] run %d: %s: %s: %s %s", b.over, len(b.runs), i+1, r.label, what, term.Clean(res.Output), bracketed(r.note)), " "))
}

func bracketed(note string) string {
	if note == "" {
		return ""
	}
	return "(" + note + ")"
}

// metricsOf names the single values among scraps, as many as fit a line.
func metricsOf(scraps []scrap.Scrap) string {
	var parts []string
	for _, s := range scraps {
		switch s.Value.(type) {
		case bool, int64, float64, string:
			if s.Encoder != scrap.Display {
				parts = append(parts, term.Clean(s.Name)+"="+ansi.Truncate(term.Clean(scrap.Show(s.Value)), 20, "…"))
			}
		}
	}
	return strings.Join(parts[:min(len(parts), 4)], " ")
}

// short is a duration as a person reads it.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// draw puts the table over the one before. What does not fit is left out: running and
// failed runs come first.
func (b *sweepBoard) draw() {
	columns, rows := b.size()
	running := 0
	for _, r := range b.runs {
		if r.phase == 'r' {
			running++
		}
	}
	head := fmt.Sprintf("%d of %d over, %d failed, %d running, %s  %s", b.over, len(b.runs), b.bad, running, b.now().Sub(b.begun).Round(time.Second), b.title)
	lines := []string{head}
	var cells [][]string
	for _, i := range b.chosen(max(rows-2, 1)) {
		cells = append(cells, b.row(i, columns))
	}
	lines = append(lines, aligned(cells)...)
	var out strings.Builder
	if b.drawn > 0 {
		fmt.Fprintf(&out, "\r\x1b[%dA", b.drawn)
	}
	for _, line := range lines {
		out.WriteString(ansi.Truncate(line, columns-1, "…") + "\x1b[K\n")
	}
	out.WriteString("\x1b[J")
	b.drawn = len(lines)
	_, _ = io.WriteString(b.w, out.String()) // nobody is left to tell
}

// chosen are the runs to show, in order.
func (b *sweepBoard) chosen(room int) []int {
	show := make([]bool, len(b.runs))
	left := room
	pick := func(phase byte, newest bool) {
		for k := range b.runs {
			i := k
			if newest {
				i = len(b.runs) - 1 - k
			}
			if left > 0 && b.runs[i].phase == phase {
				show[i], left = true, left-1
			}
		}
	}
	pick('r', false)
	pick('f', true)
	pick('s', true)
	pick('d', true)
	pick('w', false)
	var out []int
	for i, yes := range show {
		if yes {
			out = append(out, i)
		}
	}
	return out
}

// row shows one run. The mark and the words say the same; where there is no room for
// the words, the head of the table has them. Of the parameters the last are shown: they
// change fastest.
func (b *sweepBoard) row(i, columns int) []string {
	r := b.runs[i]
	width, narrow := 10, columns < 60
	if narrow {
		width = 4
	}
	label := r.label
	if cut := ansi.StringWidth(label) - max(columns/3, 12); cut > 0 {
		label = ansi.TruncateLeft(label, cut+1, "…")
	}
	row := []string{fmt.Sprintf("%*d", len(fmt.Sprint(len(b.runs))), i+1), label}
	ended := func(mark, word string) []string {
		if !narrow {
			mark += " " + word
		}
		return append(row, mark, "", short(r.took), r.note)
	}
	switch r.phase {
	case 'r':
		full := 0
		if r.cells > 0 {
			full = width * r.ran / r.cells
		}
		bar := strings.Repeat("█", full) + strings.Repeat("░", width-full)
		return append(row, bar, fmt.Sprintf("%d/%d", r.ran, r.cells), short(b.now().Sub(r.started)))
	case 'f':
		return ended("✗", "failed")
	case 'd':
		return ended("✓", "done")
	case 's':
		return ended("■", "stopped")
	}
	if narrow {
		return append(row, "·")
	}
	return append(row, "waiting")
}

// final prints what stays on a terminal: all runs, or of many those that failed. Lines
// of a board that is not live have told it.
func (b *sweepBoard) final() {
	if b.w == nil || !b.live {
		return
	}
	const most = 40
	columns, _ := b.size()
	var cells [][]string
	for i, r := range b.runs {
		if len(b.runs) <= most || r.phase == 'f' || r.phase == 's' {
			cells = append(cells, b.row(i, columns))
		}
	}
	for _, line := range aligned(cells) {
		fmt.Fprintln(b.w, ansi.Truncate(line, columns-1, "…"))
	}
	fmt.Fprintf(b.w, "%d of %d runs completed, %d failed, in %s\n", b.over-b.bad-b.cut, len(b.runs), b.bad, b.now().Sub(b.begun).Round(10*time.Millisecond))
}

// log is where run i logs to: each line says whose it is.
func (b *sweepBoard) log(i int) io.Writer {
	if b.w == nil || b.live {
		return io.Discard
	}
	return &prefixed{board: b, prefix: fmt.Sprintf("[run %d] ", i+1)}
}

// prefixed writes whole lines behind a prefix. It belongs to one goroutine; the board
// keeps its lines apart from others'.
type prefixed struct {
	board  *sweepBoard
	prefix string
	kept   string // of a line that has no end yet
}

func (p *prefixed) Write(data []byte) (int, error) {
	p.kept += string(data)
	for {
		line, rest, ok := strings.Cut(p.kept, "\n")
		if !ok {
			return len(data), nil
		}
		p.kept = rest
		p.board.mu.Lock()
		fmt.Fprintln(p.board.w, p.prefix+line)
		p.board.mu.Unlock()
	}
}
