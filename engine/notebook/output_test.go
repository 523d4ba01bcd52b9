package notebook

import (
	"strings"
	"sync"
	"testing"

	"nbterm/engine/mime"
)

func TestStreamVersionsKeepTheirText(t *testing.T) {
	t.Parallel()
	o := NewStream("stdout", "a")
	b := o.AppendText("b")
	c := b.AppendText("c")
	other := b.AppendText("x") // a second branch from an older version
	if o.Text() != "a" || b.Text() != "ab" || c.Text() != "abc" || other.Text() != "abx" || c.AppendText("d").Text() != "abcd" {
		t.Errorf("%q %q %q %q", o.Text(), b.Text(), c.Text(), other.Text())
	}
	if b.AppendText("") != b {
		t.Error("nothing appended makes a version")
	}
	if d := NewDisplay(mime.Bundle{}, nil, "id"); d.AppendText("x") != d || d.DisplayID() != "id" {
		t.Error("a display is no stream")
	}
}

func TestStreamOfAFileGoesOn(t *testing.T) {
	t.Parallel()
	n := read(t, "01-plain-45.ipynb")
	c := n.Cell(1)
	n.Replace(1, c.WithOutputs([]*Output{c.Outputs()[0].AppendText("again\n")}))
	if got := mustParse(t, n.Bytes()).Cell(1).Outputs()[0]; got.Text() != "hello\nagain\n" || got.StreamName() != "stdout" {
		t.Errorf("got %q", got.Text())
	}
}

func TestStreamsAreReadWhileTheyGrow(t *testing.T) {
	t.Parallel()
	const line = "0123456789\n"
	versions := make(chan *Output, 16)
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for o := range versions {
				if text := o.Text(); strings.Repeat(line, len(text)/len(line)) != text {
					t.Error("a version changed")
				}
			}
		})
	}
	o := NewStream("stdout", "")
	for i := range 3000 {
		o = o.AppendText(line)
		if i%50 == 0 {
			versions <- o
		}
	}
	close(versions)
	readers.Wait()
}

func TestCellsAreReadFromManyGoroutines(t *testing.T) {
	t.Parallel()
	n := read(t, "30-all-outputs.ipynb")
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for _, c := range n.Cells()[:1] {
				if c.Source() != "do()" || len(c.Outputs()) != 4 || c.Outputs()[0].Text() == "" || len(c.Tags()) != 2 {
					t.Error("read wrong")
				}
			}
		})
	}
	readers.Wait()
}

func TestOutputsOfOtherKindsTravelThrough(t *testing.T) {
	t.Parallel()
	n := read(t, "28-unknown-keys.ipynb")
	c := n.Cell(0)
	if o := c.Outputs()[1]; o.Kind() != "telepathy" || o.Text() != "" {
		t.Errorf("kind %q", o.Kind())
	}
	n.Replace(0, c.WithOutputs(append(c.Outputs()[:2:2], NewStream("stdout", "x"))))
	for _, want := range []string{`"thought": "?"`, `"extra": [1]`, `"zzz": "last"`} {
		if !strings.Contains(string(n.Bytes()), want) {
			t.Errorf("%s is gone:\n%s", want, n.Bytes())
		}
	}
}
