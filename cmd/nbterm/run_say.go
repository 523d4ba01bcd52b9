package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/wire"
)

// runSay is what a run tells while it goes: lines of papermill's log, what cells print,
// how far it is. It belongs to the goroutine of the run.
type runSay struct {
	w       io.Writer
	level   int // index in runLevels from which on it tells
	output  bool
	out     io.WriteCloser // what cells print; nil is nowhere
	err     io.WriteCloser
	bar     bool
	doc     *notebook.Notebook
	begun   time.Time
	now     func() time.Time
	open    bool // the line of the bar is not ended
	running int  // 1 for the first cell
	columns int
	watch   func(i int, c session.Cell) // hears of cells besides; may be nil
}

func (a *app) newRunSay(f runFlags, out string) (*runSay, error) {
	s := &runSay{w: a.err, output: f.logOutput, now: a.now, begun: a.now()}
	level := f.level
	if out == "-" && level == "INFO" || f.own.quiet {
		level = "ERROR"
	}
	s.level = slices.Index(runLevels(), level)
	switch {
	case f.progress != nil:
		s.bar = *f.progress && isTerminal(a.err)
	default:
		s.bar = !f.own.quiet && !f.logOutput && isTerminal(a.err)
	}
	s.columns, _ = strconv.Atoi(a.getenv("COLUMNS"))
	if s.columns <= 0 {
		s.columns = 80
	}
	var err error
	if s.out, err = create(a.expand(f.stdoutFile), "--stdout-file"); err == nil {
		s.err, err = create(a.expand(f.stderrFile), "--stderr-file")
	}
	return s, err
}

// create opens a file for what cells print; no name is no file.
func create(name, flag string) (io.WriteCloser, error) {
	if name == "" {
		return nil, nil
	}
	if name == "-" {
		return os.Stdout, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, usagef("%s: %w", flag, err)
	}
	return file, nil
}

// tell writes one message of papermill's log.
func (s *runSay) tell(level, text string) {
	if slices.Index(runLevels(), level) < s.level {
		return
	}
	s.clear()
	fmt.Fprintln(s.w, cleanLines(uncoloured(strings.TrimSuffix(text, "\n"))))
}

// message logs what a cell says.
func (s *runSay) message(_ int, m *wire.Message) {
	switch m.Type() {
	case wire.TypeStream:
		var v wire.Stream
		if m.Decode(&v) != nil {
			return
		}
		s.stream(v)
	case wire.TypeDisplayData, wire.TypeExecuteResult:
		if !s.output {
			return
		}
		var v struct {
			Data map[string]any `json:"data"`
		}
		if m.Decode(&v) != nil {
			return
		}
		if text, ok := v.Data["text/plain"].(string); ok {
			s.tell("INFO", text)
		}
	}
}

func (s *runSay) stream(v wire.Stream) {
	level, file := "INFO", s.out
	if v.Name == "stderr" {
		level, file = "WARNING", s.err
	}
	if s.output {
		s.tell(level, v.Text)
	}
	if file != nil {
		_, _ = io.WriteString(file, v.Text) // the notebook has it all the same
	}
}

// cell hears of a cell that starts or ends.
func (s *runSay) cell(i int, c session.Cell) {
	if s.watch != nil {
		s.watch(i, c)
	}
	if s.output {
		switch {
		case c.Phase == session.Running && s.running != i+1:
			s.running = i + 1
			s.tell("INFO", "Executing Cell "+filled(i+1, 40))
		case c.Phase == session.Resting && s.running == i+1 && !c.Started.IsZero():
			s.running = 0
			s.tell("INFO", "Ending Cell "+filled(i+1, 43))
		}
	}
	if s.bar && c.Phase == session.Running {
		s.draw(i)
	}
}

// filled is a number and dashes up to a width.
func filled(n, width int) string {
	text := strconv.Itoa(n)
	return text + strings.Repeat("-", max(0, width-len(text)))
}

// draw is one line that says how far the run is.
func (s *runSay) draw(i int) {
	total := s.doc.Len()
	took := s.now().Sub(s.begun).Round(time.Second)
	left := "?"
	if i > 0 {
		left = (took * time.Duration(total-i) / time.Duration(i)).Round(time.Second).String()
	}
	text := fmt.Sprintf(" %d/%d [%v, %s left]", i, total, took, left)
	width := max(0, min(40, s.columns-len(text)-20))
	done := width * i / max(1, total)
	fmt.Fprintf(s.w, "\r\x1b[KExecuting: %3d%% %s%s%s", 100*i/max(1, total), strings.Repeat("█", done), strings.Repeat("░", width-done), text)
	s.open = true
}

// clear ends the line of the bar.
func (s *runSay) clear() {
	if s.open {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.open = false
	}
}

// close ends what was opened.
func (s *runSay) close() {
	s.clear()
	for _, f := range []io.WriteCloser{s.out, s.err} {
		if f != nil && f != os.Stdout {
			_ = f.Close() // written without a buffer of ours
		}
	}
}

// uncoloured is a text without the sequences that colour it and move about.
func uncoloured(text string) string {
	return regexp.MustCompile(`\x1b\[[0-9;:?]*[A-Za-z]`).ReplaceAllString(text, "")
}

// traceback is where a cell failed, for a log: without colours.
func traceback(count int, lines []string) string {
	place := "None"
	if count > 0 {
		place = strconv.Itoa(count)
	}
	out := []string{strings.Repeat("-", 75), `Exception encountered at "In [` + place + `]":`}
	for _, block := range lines {
		for line := range strings.SplitSeq(uncoloured(block), "\n") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
