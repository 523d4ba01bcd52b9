package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
)

// corpus are the files that engine/notebook is tested with.
func corpus(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../notebook/testdata/corpus/*.ipynb")
	if err != nil || len(names) == 0 {
		t.Fatalf("no notebooks in ../notebook/testdata/corpus: %v", err)
	}
	files := map[string][]byte{}
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := notebook.Parse(bytes.Clone(data)); err == nil {
			files[filepath.Base(n)] = data
		}
	}
	return files
}

// act does one random thing to a notebook and says so in words that occur nowhere else.
func act(r *rand.Rand, doc *notebook.Notebook, word string) {
	at := r.IntN(doc.Len() + 1)
	c := doc.Cell(at)
	switch op := r.IntN(8); {
	case op == 0 || c == nil:
		doc.Insert(at, notebook.NewCell(notebook.Code, word))
	case op == 1:
		doc.Delete(at, 1)
	case op == 2:
		doc.Move(at, r.IntN(doc.Len()))
	case op == 3:
		doc.Replace(at, c.WithMeta([]byte(`"`+word+`"`), "nbterm", word))
	case op == 4 && c.Kind() == notebook.Code:
		doc.Replace(at, c.WithOutputs([]*notebook.Output{notebook.NewStream("stdout", word)}).WithCount(7, true))
	default:
		doc.Replace(at, c.WithSource(c.Source()+"\n"+word))
	}
}

// says is all that a notebook says, without layout.
func says(doc *notebook.Notebook) string {
	var b strings.Builder
	for _, c := range doc.Cells() {
		meta, _ := c.Meta()
		n, ok := c.Count()
		fmt.Fprintf(&b, "%s %s %q %s %d %v %s\n", c.ID(), c.Kind(), c.Source(), strings.Trim(string(tight(meta)), "{}"), n, ok, c.Attachments())
		for _, o := range c.Outputs() {
			name, value, trace := o.Error()
			fmt.Fprintf(&b, "  %s %s %q %s %s %s %v\n", o.Kind(), o.StreamName(), o.Text(), tight(o.Bundle().JSON()), name, value, trace)
		}
	}
	meta, _ := doc.Meta()
	b.Write(tight(meta))
	return b.String()
}

func TestLawsOfMerging(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for name, data := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, uint64(len(data))))
			for range 8 {
				base := parse(t, data)
				changed := base.Clone()
				for i := range r.IntN(5) {
					act(r, changed, fmt.Sprintf("word%d", i))
				}
				if !related(base, changed) {
					continue // nothing tells that they are the same notebook
				}
				mine := changed.Clone()
				res, _ := merged(t, base, mine, base.Clone(), false, nil)
				if got, want := says(mine), says(changed); got != want || len(res.Conflicts) != 0 {
					t.Fatalf("merge(base, x, base) is\n%s\nnot x:\n%s", got, want)
				}
				theirs := again(t, changed)
				mine = base.Clone()
				merged(t, base, mine, theirs, false, nil)
				if !bytes.Equal(mine.Bytes(), theirs.Bytes()) {
					t.Fatalf("merge(base, base, y) is\n%s\nnot y:\n%s", mine.Bytes(), theirs.Bytes())
				}
				mine, theirs = changed.Clone(), again(t, changed)
				res, _ = merged(t, base, mine, theirs, false, nil)
				if !bytes.Equal(mine.Bytes(), theirs.Bytes()) || len(res.Conflicts) != 0 {
					t.Fatalf("merge(base, x, x) is\n%s\nnot x:\n%s", mine.Bytes(), theirs.Bytes())
				}
			}
		})
	}
}

// related tells whether two notebooks have a cell in common.
func related(a, b *notebook.Notebook) bool {
	return slices.ContainsFunc(a.Cells(), func(c *notebook.Cell) bool { return b.Index(c.Key()) >= 0 })
}

// TestRandomEditsOfDifferentCellsLoseNothing: mine has the even cells, theirs the odd.
func TestRandomEditsOfDifferentCellsLoseNothing(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	both(t, func(t *testing.T, minor int, restoring bool) {
		r := rand.New(rand.NewPCG(seed, uint64(minor)))
		for round := range 200 {
			var cells []string
			for i := range 2 + r.IntN(12) {
				cells = append(cells, fmt.Sprintf("cell %d\nline %d\n%d", i, i, i))
			}
			base, mine, theirs := sides(t, minor, restoring, cells...)
			var words []string
			for side, doc := range []*notebook.Notebook{mine, theirs} {
				for i := 0; i < doc.Len(); i++ {
					word := fmt.Sprintf("word%d.%d.%d", round, side, i)
					parity := -1
					if n := 0; true {
						if _, err := fmt.Sscanf(doc.Cell(i).Source(), "cell %d", &n); err == nil {
							parity = n % 2
						}
					}
					if parity != side {
						continue
					}
					switch r.IntN(4) {
					case 0:
						set(doc, i, doc.Cell(i).Source()+"\n"+word)
						words = append(words, word)
					case 1:
						doc.Insert(i+1, notebook.NewCell(notebook.Code, word))
						words = append(words, word)
						i++
					}
				}
			}
			untouched := rawCells(theirs)
			theirs = again(t, theirs)
			res, doc := merged(t, base, mine, theirs, restoring, nil)
			if len(res.Conflicts) != 0 {
				t.Fatalf("round %d: %d conflicts: %+v", round, len(res.Conflicts), res.Conflicts)
			}
			checkWords(t, doc, words)
			if len(doc.Cells()) < len(cells) {
				t.Fatalf("round %d: %d cells of %d", round, doc.Len(), len(cells))
			}
			for _, raw := range untouched {
				if src := raw[0]; slices.Contains(sources(doc), src) && !bytes.Contains(doc.Bytes(), []byte(raw[1])) {
					t.Fatalf("round %d: the cell %q has not its bytes %s", round, src, raw[1])
				}
			}
		}
	})
}

// rawCells are the sources and bytes of the cells as book wrote them.
func rawCells(doc *notebook.Notebook) (all [][2]string) {
	for i, line := range strings.Split(string(doc.Bytes()), ",\n\t") {
		if c := doc.Cell(i); c != nil && strings.Contains(line, `"metadata":{},  "source"`) {
			line = strings.TrimSuffix(line, "\n]}")
			if _, cell, ok := strings.Cut(line, "[\n"); ok {
				line = cell
			}
			all = append(all, [2]string{c.Source(), line})
		}
	}
	return all
}

func checkWords(t *testing.T, doc *notebook.Notebook, words []string) {
	t.Helper()
	all := strings.Join(sources(doc), "\n")
	for _, w := range words {
		if n := strings.Count(all+"\n", w+"\n"); n != 1 {
			t.Fatalf("%s is there %d times in\n%s", w, n, all)
		}
	}
}

// TestNothingIsLostWhateverBothDo: conflicts keep both sides; a word goes only where
// the side that wrote it deleted the cell later.
func TestNothingIsLostWhateverBothDo(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	both(t, func(t *testing.T, minor int, restoring bool) {
		r := rand.New(rand.NewPCG(seed, uint64(minor)))
		for round := range 300 {
			base, mine, theirs := sides(t, minor, restoring, "a", "b", "", "", "c\nd\ne", "f")
			for i := range 1 + r.IntN(8) {
				act(r, mine, fmt.Sprintf("mine%d.", i))
				act(r, theirs, fmt.Sprintf("theirs%d.", i))
			}
			theirs = again(t, theirs)
			wanted := strings.Fields(strings.Join(append(sources(mine), sources(theirs)...), "\n"))
			_, doc := merged(t, base, mine, theirs, restoring, nil)
			all := strings.Fields(strings.Join(sources(doc), "\n"))
			for _, w := range wanted {
				if strings.HasSuffix(w, ".") && !slices.Contains(all, w) {
					t.Fatalf("round %d: %s is lost; mine %q theirs %q merged %q", round, w, sources(mine), sources(theirs), all)
				}
			}
		}
	})
}

func BenchmarkMerge5000Cells(b *testing.B) {
	doc := notebook.New("python3", "Python 3", "python")
	for i := range 5000 {
		doc.Insert(i, notebook.NewCell(notebook.Code, fmt.Sprintf("x%d = %d\n", i, i)))
	}
	data := doc.Bytes()
	mine, err := notebook.Parse(data)
	if err != nil {
		b.Fatal(err)
	}
	base := mine.Clone()
	set(mine, 7, "mine")
	theirs, err := notebook.Parse(bytes.Replace(data, []byte(`"x99 = 99\n"`), []byte(`"theirs"`), 1))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if r := merge.Merge(base, mine, theirs); r.Taken != 1 || r.Kept != 1 {
			b.Fatalf("%d taken, %d kept", r.Taken, r.Kept)
		}
	}
}
