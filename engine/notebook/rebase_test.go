package notebook

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

func TestACloneGoesItsOwnWay(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, data []byte) {
		n := mustParse(t, data)
		c := n.Clone()
		r := rand.New(rand.NewPCG(1, 2))
		for range 5 {
			act(r, n)
		}
		if !bytes.Equal(c.Bytes(), data) {
			t.Error("an edit of the notebook shows in its clone")
		}
	})
}

// identities gives the cells of file the keys of n's, as far as there are any.
func identities(n, file *Notebook) []*Cell {
	cells := file.Cells()
	for i := range min(n.Len(), len(cells)) {
		cells[i] = cells[i].As(n.Cell(i))
	}
	return cells
}

func TestRebaseOnAnotherFileGivesItsBytes(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, data []byte) {
		n := New("python3", "Python 3", "python")
		n.Insert(0, NewCell(Code, "one"), NewCell(Markdown, "two"))
		before := bytes.Clone(n.Bytes())
		key := n.Cell(0).Key()
		file := mustParse(t, data)
		back := n.Rebase(file, identities(n, file))
		if !bytes.Equal(n.Bytes(), data) {
			t.Fatalf("the bytes are\n%.2000s\nwant\n%.2000s", n.Bytes(), data)
		}
		if n.Len() > 0 && n.Cell(0).Key() != key {
			t.Error("the first cell has lost its identity")
		}
		readAll(n)
		again := n.Apply(back)
		if !bytes.Equal(n.Bytes(), before) {
			t.Errorf("the way back gives\n%.2000s", n.Bytes())
		}
		if n.Apply(again); !bytes.Equal(n.Bytes(), data) {
			t.Errorf("and forth again\n%.2000s", n.Bytes())
		}
	})
}

func TestRebaseFitsCellsFromElsewhereIn(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	forEach(t, func(t *testing.T, data []byte) {
		if len(data) > 100_000 {
			t.Skip("large")
		}
		r := rand.New(rand.NewPCG(seed, uint64(len(data))))
		n := mustParse(t, data)
		for range 4 {
			act(r, n)
		}
		file := mustParse(t, data)
		cells := identities(n, file)
		if len(cells) > 0 {
			cells = append(cells[:0], cells[r.IntN(len(cells)):]...)
		}
		for _, c := range n.Cells() {
			known := false
			for _, d := range cells {
				known = known || d.Key() == c.Key()
			}
			if !known {
				cells = append(cells, c)
			}
		}
		r.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		n.Rebase(file, cells)
		checkReadsBack(t, n)
	})
}

func TestWhatCameSinceOutlivesTheWayBack(t *testing.T) {
	t.Parallel()
	n := New("", "", "")
	n.Insert(0, NewCell(Code, "mine"))
	file := New("", "", "")
	file.Insert(0, NewCell(Code, "theirs"))
	back := n.Rebase(file, []*Cell{file.Cell(0).As(n.Cell(0))})
	n.Replace(0, n.Cell(0).WithOutputs([]*Output{NewStream("stdout", "later")}))
	n.Apply(back)
	if c := n.Cell(0); c.Source() != "mine" || len(c.Outputs()) != 1 {
		t.Errorf("the cell is %q with %d outputs", c.Source(), len(c.Outputs()))
	}
}

func TestOutputsAreTheSameHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	here := New("", "", "")
	here.Insert(0, NewCell(Code, "x").WithOutputs(someOutputs()).WithCount(3, true))
	there := mustParse(t, bytes.Clone(here.Bytes()))
	if !SameOutputs(here.Cell(0), there.Cell(0)) {
		t.Error("what was saved is not what was there")
	}
	as := there.Cell(0).As(here.Cell(0))
	if as.Outputs()[0] != here.Cell(0).Outputs()[0] || as.Key() != here.Cell(0).Key() {
		t.Error("the outputs known are not handed on")
	}
	if SameOutputs(here.Cell(0), there.Cell(0).WithCount(4, true)) || SameOutputs(here.Cell(0), there.Cell(0).WithOutputs(someOutputs()[1:])) {
		t.Error("other outputs are the same")
	}
}
