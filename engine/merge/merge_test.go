package merge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"nbterm/engine/merge"
	"nbterm/engine/notebook"
)

// book is a notebook of code cells; minor is of nbformat 4, ids begin with 5.
func book(t *testing.T, minor int, sources ...string) *notebook.Notebook {
	t.Helper()
	var cells []string
	for i, src := range sources {
		id := ""
		if minor >= 5 {
			id = fmt.Sprintf(`"id": "c%d", `, i)
		}
		text, err := json.Marshal(src)
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, fmt.Sprintf(`{%s"cell_type":"code","metadata":{},  "source": %s,"outputs":[],"execution_count":null}`, id, text))
	}
	return parse(t, fmt.Appendf(nil, "{\"nbformat\":4,\t\"nbformat_minor\":%d, \"metadata\":{}, \"cells\":[\n%s\n]}", minor, strings.Join(cells, ",\n\t")))
}

func parse(t *testing.T, data []byte) *notebook.Notebook {
	t.Helper()
	doc, err := notebook.Parse(bytes.Clone(data))
	if err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	return doc
}

// again is the notebook as another program reads it.
func again(t *testing.T, doc *notebook.Notebook) *notebook.Notebook {
	t.Helper()
	return parse(t, doc.Bytes())
}

func sources(doc *notebook.Notebook) []string {
	var all []string
	for _, c := range doc.Cells() {
		all = append(all, c.Source())
	}
	return all
}

func set(doc *notebook.Notebook, i int, src string) {
	doc.Replace(i, doc.Cell(i).WithSource(src))
}

// merged applies a merge to mine, or to theirs when restoring is true.
func merged(t *testing.T, base, mine, theirs *notebook.Notebook, restoring bool, choices map[uint64]merge.Choice) (merge.Result, *notebook.Notebook) {
	t.Helper()
	r := merge.Merge(base, mine, theirs)
	doc := mine
	if restoring {
		doc = theirs
	}
	r.Apply(doc, choices)
	again(t, doc)
	return r, doc
}

func want(t *testing.T, doc *notebook.Notebook, cells ...string) {
	t.Helper()
	if got := sources(doc); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", cells) {
		t.Errorf("the cells are %q, want %q", got, cells)
	}
}

// both runs a test for a live document that has keys in common with base, and for
// one read from a recovery file; with ids and without.
func both(t *testing.T, test func(t *testing.T, minor int, restoring bool)) {
	t.Helper()
	for _, minor := range []int{4, 5} {
		for _, restoring := range []bool{false, true} {
			t.Run(fmt.Sprintf("4.%d restoring %v", minor, restoring), func(t *testing.T) {
				t.Parallel()
				test(t, minor, restoring)
			})
		}
	}
}

// sides gives base and two notebooks that came from it.
func sides(t *testing.T, minor int, restoring bool, cells ...string) (base, mine, theirs *notebook.Notebook) {
	t.Helper()
	mine = book(t, minor, cells...)
	base, theirs = mine.Clone(), book(t, minor, cells...)
	if restoring {
		base = book(t, minor, cells...)
	}
	return base, mine, theirs
}

func TestEditsOfDifferentCellsMerge(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, minor int, restoring bool) {
		base, mine, theirs := sides(t, minor, restoring, "a", "b", "c", "d", "e")
		set(mine, 0, "a mine")
		mine.Insert(2, notebook.NewCell(notebook.Code, "new mine"))
		set(theirs, 2, "c theirs")
		theirs.Delete(3, 1)
		theirs.Insert(4, notebook.NewCell(notebook.Code, "new theirs"))
		theirs = again(t, theirs)
		r, doc := merged(t, base, mine, theirs, restoring, nil)
		taken := 3
		if minor == 4 { // without ids a text that is all new is another cell
			taken = 4
		}
		if len(r.Conflicts) != 0 || r.Taken != taken || r.Kept != 2 {
			t.Errorf("%d conflicts, %d taken, %d kept", len(r.Conflicts), r.Taken, r.Kept)
		}
		want(t, doc, "a mine", "b", "new mine", "c theirs", "e", "new theirs")
	})
}

func TestOneCellChangedByBothIsAConflict(t *testing.T) {
	t.Parallel()
	for choice, cells := range map[merge.Choice][]string{
		merge.Both: {"a", "b mine", "b theirs", "c"}, merge.Mine: {"a", "b mine", "c"}, merge.Theirs: {"a", "b theirs", "c"},
	} {
		both(t, func(t *testing.T, minor int, restoring bool) {
			base, mine, theirs := sides(t, minor, restoring, "a", "b", "c")
			set(mine, 1, "b mine")
			set(theirs, 1, "b theirs")
			r := merge.Merge(base, mine, theirs)
			if len(r.Conflicts) != 1 {
				t.Fatalf("%d conflicts", len(r.Conflicts))
			}
			c := r.Conflicts[0]
			if c.Base.Source() != "b" || c.Mine.Source() != "b mine" || c.Theirs.Source() != "b theirs" {
				t.Errorf("the conflict is between %q and %q over %q", c.Mine.Source(), c.Theirs.Source(), c.Base.Source())
			}
			_, doc := merged(t, base, mine, theirs, restoring, map[uint64]merge.Choice{c.Key: choice})
			want(t, doc, cells...)
		})
	}
}

func TestTheSameEditOnBothSidesIsNone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, minor int, restoring bool) {
		base, mine, theirs := sides(t, minor, restoring, "a", "b")
		set(mine, 1, "b!")
		set(theirs, 1, "b!")
		r, doc := merged(t, base, mine, theirs, restoring, nil)
		if len(r.Conflicts)+r.Taken+r.Kept != 0 {
			t.Errorf("%d conflicts, %d taken, %d kept", len(r.Conflicts), r.Taken, r.Kept)
		}
		want(t, doc, "a", "b!")
	})
}

func TestDeletingWhatTheOtherEditedAsks(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, minor int, restoring bool) {
		for _, mineDeletes := range []bool{true, false} {
			for choice, kept := range map[merge.Choice]bool{merge.Both: true, merge.Mine: !mineDeletes, merge.Theirs: mineDeletes} {
				base, mine, theirs := sides(t, minor, restoring, "a = 1", "b\nb = 2\nb", "c = 3")
				del, edit := mine, theirs
				if !mineDeletes {
					del, edit = theirs, mine
				}
				del.Delete(1, 1)
				set(edit, 1, "b\nb = 22\nb")
				r := merge.Merge(base, mine, theirs)
				if len(r.Conflicts) != 1 {
					t.Fatalf("%d conflicts", len(r.Conflicts))
				}
				_, doc := merged(t, base, mine, theirs, restoring, map[uint64]merge.Choice{r.Conflicts[0].Key: choice})
				if kept {
					want(t, doc, "a = 1", "b\nb = 22\nb", "c = 3")
				} else {
					want(t, doc, "a = 1", "c = 3")
				}
			}
		}
	})
}

func TestMovesAreKept(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, minor int, restoring bool) {
		base, mine, theirs := sides(t, minor, restoring, "a", "b", "c", "d")
		mine.Move(0, 3)
		set(theirs, 0, "a theirs")
		theirs.Insert(4, notebook.NewCell(notebook.Code, "e"))
		if minor == 4 {
			set(theirs, 0, "a") // without ids a cell that moved and changed is two
		}
		r, doc := merged(t, base, mine, theirs, restoring, nil)
		if len(r.Conflicts) != 0 {
			t.Errorf("%d conflicts", len(r.Conflicts))
		}
		if minor == 4 {
			want(t, doc, "b", "c", "d", "e", "a")
		} else {
			want(t, doc, "b", "c", "d", "e", "a theirs")
		}
	})
}

func TestOutputsGoWithTheSideThatRan(t *testing.T) {
	t.Parallel()
	ran := func(doc *notebook.Notebook, i int, text string) {
		doc.Replace(i, doc.Cell(i).WithOutputs([]*notebook.Output{notebook.NewStream("stdout", text)}).WithCount(1, true))
	}
	both(t, func(t *testing.T, minor int, restoring bool) {
		base, mine, theirs := sides(t, minor, restoring, "a", "b", "c", "d", "e")
		ran(mine, 0, "mine")
		ran(theirs, 1, "theirs")
		ran(mine, 2, "mine")
		ran(theirs, 2, "theirs")
		ran(mine, 3, "mine")
		set(theirs, 3, "d new")
		ran(theirs, 3, "theirs")
		ran(mine, 4, "same")
		ran(theirs, 4, "same")
		theirs = again(t, theirs)
		r, doc := merged(t, base, mine, theirs, restoring, nil)
		var got []string
		for _, c := range doc.Cells() {
			got = append(got, c.Outputs()[0].Text())
		}
		if fmt.Sprint(got) != "[mine theirs mine theirs same]" || len(r.Conflicts) != 0 {
			t.Errorf("the outputs are %v, %d conflicts", got, len(r.Conflicts))
		}
	})
}

func TestOutputsAreNoEdits(t *testing.T) {
	t.Parallel()
	doc := book(t, 5, "a", "b")
	base := doc.Clone()
	doc.Replace(0, doc.Cell(0).WithOutputs([]*notebook.Output{notebook.NewStream("stdout", "x")}).WithCount(1, true))
	if merge.Edited(base, doc) {
		t.Error("outputs count as edits")
	}
	for name, edit := range map[string]func(*notebook.Notebook){
		"source":   func(n *notebook.Notebook) { set(n, 1, "c") },
		"kind":     func(n *notebook.Notebook) { n.Replace(1, n.Cell(1).WithKind(notebook.Markdown)) },
		"metadata": func(n *notebook.Notebook) { n.Replace(1, n.Cell(1).WithMeta([]byte(`["x"]`), "tags")) },
		"move":     func(n *notebook.Notebook) { n.Move(0, 1) },
		"insert":   func(n *notebook.Notebook) { n.Insert(0, notebook.NewCell(notebook.Code, "")) },
		"delete":   func(n *notebook.Notebook) { n.Delete(0, 1) },
		"notebook": func(n *notebook.Notebook) { n.SetMeta([]byte("1"), "x") },
	} {
		n := doc.Clone()
		if edit(n); !merge.Edited(base, n) {
			t.Errorf("%s is no edit", name)
		}
	}
}

func TestMetadataMergesByKey(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, minor int, restoring bool) {
		base, mine, theirs := sides(t, minor, restoring, "a")
		meta := func(doc *notebook.Notebook, tags, key string) {
			doc.Replace(0, doc.Cell(0).WithMeta([]byte(tags), "tags").WithMeta([]byte("1"), "jupyter", key))
			doc.SetMeta([]byte("2"), "deep", key)
		}
		meta(mine, `["x","mine"]`, "m")
		meta(theirs, `["theirs"]`, "t")
		r, doc := merged(t, base, mine, theirs, restoring, nil)
		c := doc.Cell(0)
		jupyter, _ := c.Meta("jupyter")
		deep, _ := doc.Meta("deep")
		if len(r.Conflicts) != 0 || fmt.Sprint(c.Tags()) != "[theirs x mine]" ||
			!notebook.SameJSON(jupyter, []byte(`{"m": 1, "t": 1}`)) || !notebook.SameJSON(deep, []byte(`{"m": 2, "t": 2}`)) {
			t.Errorf("tags %v, jupyter %s, deep %s, %d conflicts", c.Tags(), jupyter, deep, len(r.Conflicts))
		}
	})
}

func tight(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

func TestCellsWithoutIDsAreFoundByWhatTheyAre(t *testing.T) {
	t.Parallel()
	base, mine, theirs := sides(t, 4, true, "import x", "def f():\n  a\n  b\n  c", "f()", "", "", "end")
	set(mine, 1, "def f():\n  a\n  b\n  c\n  d")
	theirs.Insert(1, notebook.NewCell(notebook.Code, "totally new"))
	theirs.Insert(0, notebook.NewCell(notebook.Code, "first"))
	set(theirs, 4, "f(1)")
	theirs.Delete(5, 1)
	r, doc := merged(t, base, mine, theirs, true, nil)
	want(t, doc, "first", "import x", "totally new", "def f():\n  a\n  b\n  c\n  d", "f(1)", "", "end")
	if len(r.Conflicts) != 0 {
		t.Errorf("%d conflicts", len(r.Conflicts))
	}
}

func TestTheLiveDocumentKeepsItsCells(t *testing.T) {
	t.Parallel()
	base, mine, theirs := sides(t, 5, false, "a", "b")
	key := mine.Cell(1).Key()
	set(theirs, 1, "b theirs")
	next := merge.Merge(base, mine, theirs).Apply(mine, nil)
	if mine.Cell(1).Key() != key || next.Cell(1).Key() != key {
		t.Error("the cell has another identity")
	}
	if !bytes.Equal(mine.Bytes(), theirs.Bytes()) || !bytes.Equal(next.Bytes(), theirs.Bytes()) {
		t.Errorf("the bytes are\n%s\nwant\n%s", mine.Bytes(), theirs.Bytes())
	}
	base, mine, theirs = sides(t, 5, true, "a", "b")
	set(mine, 0, "a mine")
	key, other := theirs.Cell(0).Key(), theirs.Cell(1).Key()
	merge.Merge(base, mine, theirs).Apply(theirs, nil)
	if theirs.Cell(0).Key() != key || theirs.Cell(1).Key() != other {
		t.Error("the cells of the open document have another identity")
	}
}
