package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/run"
	"nbterm/engine/scrap"
	"nbterm/engine/session"
	"nbterm/engine/sweep"
)

// boardOf is a board of n runs on a terminal of that size, which nobody paints.
func boardOf(n, columns, rows int, now *time.Time) (*sweepBoard, *strings.Builder) {
	out := &strings.Builder{}
	b := &sweepBoard{
		w: out, live: true, title: "train.ipynb", now: func() time.Time { return *now }, begun: *now,
		size: func() (int, int) { return columns, rows }, stop: make(chan struct{}),
	}
	for i := range n {
		s := &params.Set{}
		s.Put("lr", 0.1)
		s.Put("seed", int64(i+1))
		b.runs = append(b.runs, sweepRun{label: labelOf(s), phase: 'w'})
	}
	return b, out
}

func TestTheTableOfASweepFitsItsTerminal(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {40, 12}, {200, 50}, {20, 3}} {
		now := time.Date(2026, 3, 5, 7, 0, 0, 0, time.UTC)
		b, out := boardOf(300, size[0], size[1], &now)
		doc := with3Cells(t)
		for i := range 60 {
			b.began(i, doc)
			b.cell(i, session.Cell{Phase: session.Resting, Started: now, Outcome: host.Ok})
		}
		now = now.Add(3 * time.Second)
		for i := range 50 {
			res := sweep.Result{Output: "x", Status: "completed", Took: 2 * time.Second, Scraps: []scrap.Scrap{{Name: "loss", Encoder: scrap.JSON, Value: 0.5}}}
			if i == 7 {
				res.Status, res.Why = "failed", "cell 2: ValueError: it is\x1b[31m "+strings.Repeat("long ", 50)
			}
			b.ended(i, res)
		}
		b.draw()
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n\x1b[J"), "\n")
		if len(lines) >= size[1]+1 || b.drawn != len(lines) {
			t.Errorf("%v: %d lines, %d counted", size, len(lines), b.drawn)
		}
		for _, line := range lines {
			if w := ansi.StringWidth(line); w >= size[0] {
				t.Errorf("%v: a line of %d columns: %q", size, w, line)
			}
		}
		if text := out.String(); strings.Contains(text, "\x1b[31m") || !strings.Contains(text, "50 of 300 over, 1 failed, 10 running"[:min(36, size[0]-2)]) {
			t.Errorf("%v: %q", size, text)
		}
		if text := out.String(); size[1] >= 12 && !strings.Contains(text, "1/3") {
			t.Errorf("%v: a running run shows no progress\n%s", size, text)
		}
	}
}

func TestARunningAndAFailedRunAreShownBeforeOthers(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b, _ := boardOf(100, 80, 24, &now)
	for i := range 90 {
		b.runs[i].phase = 'd'
	}
	b.runs[3].phase, b.runs[95].phase = 'f', 'r'
	if got := fmt.Sprint(b.chosen(4)); got != "[3 88 89 95]" {
		t.Errorf("shown are %s", got)
	}
}

func TestWhyARunDidNotComplete(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]done{
		"":                            {rec: run.Record{Status: run.Completed}},
		"cell 3: NameError: x":        {rec: run.Record{Status: run.Failed, Failed: 2, Name: "NameError", Value: "x"}},
		"cell 1: killed":              {rec: run.Record{Status: run.Died, Failed: 0, Reason: "killed"}},
		"it took too long":            {rec: run.Record{Status: run.TimedOut, Failed: -1, Reason: "it took too long"}},
		"it is " + string(run.Failed): {rec: run.Record{Status: run.Failed, Failed: -1}},
		"full":                        {rec: run.Record{Status: run.Completed}, saved: saved{err: errors.New("full")}},
		"the kernel did not start":    {rec: run.Record{Status: run.Running}, err: run.ErrStart},
	} {
		if got := reasonOf(d); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func with3Cells(t *testing.T) *notebook.Notebook {
	t.Helper()
	doc, err := notebook.Parse(trivial(3))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
