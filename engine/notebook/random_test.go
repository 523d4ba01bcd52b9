package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"nbterm/engine/mime/rawjson"
)

// act does one random thing to a notebook and returns its inverse.
func act(r *rand.Rand, n *Notebook) Change {
	at := r.IntN(n.Len() + 1)
	c := n.Cell(at)
	texts := []string{"", "a", "x = 1\ny = 2\n", "é\u2028\r\n😀", "\"\\\t\x00"}
	text := texts[r.IntN(len(texts))]
	kinds := []Kind{Code, Markdown, Raw, "odd"}
	kind := kinds[r.IntN(len(kinds))]
	switch op := r.IntN(14); {
	case op == 0:
		return n.Insert(at, NewCell(kind, text))
	case op == 1:
		return n.Insert(at, NewCell(kind, text), NewCell(Code, "two").WithOutputs(someOutputs()))
	case op == 2:
		return n.Delete(at, 1+r.IntN(3))
	case op == 3:
		return n.Move(at, r.IntN(n.Len()+1))
	case op == 4:
		return n.Merge(at, 2+r.IntN(2))
	case op == 5:
		return n.SetMeta(json.RawMessage(fmt.Sprint(r.IntN(100))), []string{"a", "kernelspec", "z"}[r.IntN(3)], "k")
	case op == 6:
		return n.SetMeta(nil, "a")
	case c == nil:
		return Change{}
	case op == 7:
		return n.Insert(r.IntN(n.Len()+1), n.Copy(at))
	case op == 8:
		return n.Split(at, r.IntN(len(c.Source())+1))
	case op == 9:
		return n.Replace(at, c.WithKind(kind))
	case op == 10:
		return n.Replace(at, c.WithMeta(json.RawMessage(`{"b":1,"a":[1,2]}`), "tags", text))
	case op == 11:
		return n.Replace(at, c.WithOutputs(someOutputs()[r.IntN(4):]).WithCount(r.IntN(9), r.IntN(2) == 0))
	case op == 12:
		return n.Replace(at, c.WithMeta(nil, "tags"))
	}
	return n.Replace(at, c.WithSource(text))
}

func TestUndoOfAnySequenceGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	forEach(t, func(t *testing.T, data []byte) {
		if len(data) > 100_000 {
			t.Skip("large files are edited in the other tests")
		}
		r := rand.New(rand.NewPCG(seed, uint64(len(data))))
		for round := range 6 {
			testSequence(t, r, data, 1+2*round)
		}
	})
}

func testSequence(t *testing.T, r *rand.Rand, data []byte, length int) {
	t.Helper()
	n := mustParse(t, data)
	states, undo := [][]byte{n.Bytes()}, []Change{}
	for range length {
		undo = append(undo, act(r, n))
		states = append(states, bytes.Clone(n.Bytes()))
		checkReadsBack(t, n)
	}
	redo := make([]Change, length)
	for i := length - 1; i >= 0; i-- {
		redo[i] = n.Apply(undo[i])
		if !bytes.Equal(n.Bytes(), states[i]) {
			t.Fatalf("undo of step %d of %d gives\n%.3000s\nwant\n%.3000s", i, length, n.Bytes(), states[i])
		}
	}
	for i, c := range redo {
		n.Apply(c)
		if !bytes.Equal(n.Bytes(), states[i+1]) {
			t.Fatalf("redo of step %d of %d gives\n%.3000s\nwant\n%.3000s", i, length, n.Bytes(), states[i+1])
		}
	}
}

// checkReadsBack writes the notebook, reads it, and compares what both say.
func checkReadsBack(t *testing.T, n *Notebook) {
	t.Helper()
	text := n.Bytes()
	if !rawjson.Valid(bytes.TrimPrefix(text, bom)) {
		t.Fatalf("what is written is not JSON:\n%.3000s", text)
	}
	again := mustParse(t, text)
	if again.Len() != n.Len() {
		t.Fatalf("%d cells are read back of %d:\n%.3000s", again.Len(), n.Len(), text)
	}
	keys := map[uint64]bool{}
	for i, want := range n.Cells() {
		got := again.Cell(i)
		if got.Source() != want.Source() || got.Kind() != want.Kind() || got.ID() != want.ID() || len(got.Outputs()) != len(want.Outputs()) {
			t.Fatalf("cell %d (%s %q) is read back as %s %q:\n%.3000s", i, want.Kind(), want.Source(), got.Kind(), got.Source(), text)
		}
		a, aok := got.Count()
		if b, bok := want.Count(); a != b || aok != bok {
			t.Fatalf("cell %d: count %d is read back as %d", i, b, a)
		}
		if keys[want.Key()] || n.Index(want.Key()) != i {
			t.Fatalf("cell %d: its key names another cell too", i)
		}
		keys[want.Key()] = true
	}
}

// FuzzRoundTrip: whatever can be opened is saved as it was.
func FuzzRoundTrip(f *testing.F) {
	for _, one := range corpus(f) {
		if len(one.data) < 8000 {
			f.Add(one.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(bytes.Clone(data))
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		readAll(n)
		if !bytes.Equal(n.Bytes(), data) || !n.Upgraded() && !bytes.Equal(n.join(), data) {
			t.Fatalf("%q is saved as %q", data, n.Bytes())
		}
	})
}

// FuzzEdit: after any edits of any notebook the file reads back as edited, and
// undo gives the bytes there were.
func FuzzEdit(f *testing.F) {
	for i, one := range corpus(f) {
		if len(one.data) < 8000 {
			f.Add(one.data, uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if _, err := Parse(data); err == nil && len(data) < 100_000 {
			testSequence(t, rand.New(rand.NewPCG(seed, 1)), data, 4)
		}
	})
}
