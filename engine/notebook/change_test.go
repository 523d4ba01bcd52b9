package notebook

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"
)

func TestIDsAreGivenOnInsert(t *testing.T) {
	t.Parallel()
	n := read(t, "01-plain-45.ipynb")
	fresh := NewCell(Code, "x")
	if fresh.ID() != "" {
		t.Errorf("a cell outside of a notebook has id %q", fresh.ID())
	}
	n.Insert(1, fresh, n.Cell(0), n.Copy(0))
	seen := map[string]bool{}
	for i, c := range n.Cells() {
		if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(c.ID()) || seen[c.ID()] {
			t.Errorf("cell %d has id %q", i, c.ID())
		}
		seen[c.ID()] = true
	}
	if n.Cell(0).ID() != "a1b2c3d4" || n.Cell(1).Key() != fresh.Key() {
		t.Error("a cell that was there got another id, or a new one another key")
	}
	if n.Cell(2).Key() == n.Cell(0).Key() {
		t.Error("one key names two cells")
	}
}

func TestIDsAreLeftAloneWhereTheFileHasThemWrong(t *testing.T) {
	t.Parallel()
	n := read(t, "25-duplicate-ids.ipynb")
	n.Insert(0, NewCell(Markdown, ""))
	if n.Cell(1).ID() != "same" || n.Cell(2).ID() != "same" {
		t.Error("ids that were there are rewritten")
	}
	undo := n.Delete(1, 1)
	if n.Apply(undo); n.Cell(1).ID() != "same" {
		t.Error("undo of a deletion gives another id")
	}
	early := read(t, "26-ids-before-45.ipynb")
	early.Insert(0, NewCell(Code, ""), early.Copy(0), n.Cell(0))
	for i := range 3 {
		if id := early.Cell(i).ID(); id != "" {
			t.Errorf("cell %d of a format without ids got %q", i, id)
		}
	}
	if early.Cell(3).ID() != "early" {
		t.Error("an id that was there is gone")
	}
}

func TestSplitKeepsOutputsWithTheSecondPart(t *testing.T) {
	t.Parallel()
	n := read(t, "30-all-outputs.ipynb")
	n.Replace(0, n.Cell(0).WithSource("a = 1\n\n\nb = é"))
	key := n.Cell(0).Key()
	undo := n.Split(0, 7)
	if got := sourcesOf(n); !slices.Equal(got, []string{"a = 1", "b = é"}) {
		t.Errorf("parts %q", got)
	}
	if n.Cell(0).Key() != key || n.Cell(0).ID() != "outs" || n.Cell(0).HasOutputs() || len(n.Cell(1).Outputs()) != 4 {
		t.Error("key and id belong to the first part, outputs to the second")
	}
	if _, ok := n.Cell(0).Count(); ok || !slices.Equal(n.Cell(1).Tags(), n.Cell(0).Tags()) {
		t.Error("the first part has a count, or other tags")
	}
	n.Apply(undo)
	n.Split(0, len("a = 1\n\n\nb = é")-1) // within é
	if got := sourcesOf(n); !slices.Equal(got, []string{"a = 1\n\n\nb = ", "é"}) {
		t.Errorf("a character is cut: %q", got)
	}
}

func TestMergeKeepsTheFirstCell(t *testing.T) {
	t.Parallel()
	n := read(t, "29-attachments.ipynb")
	n.Insert(0, NewCell(Markdown, "one"))
	key := n.Cell(0).Key()
	n.Merge(0, 2)
	if got := sourcesOf(n); !slices.Equal(got, []string{"one\n\n![x](attachment:a%20b.png)"}) {
		t.Errorf("sources %q", got)
	}
	if _, ok := n.Cell(0).Attachment("a b.png"); !ok || n.Cell(0).Key() != key {
		t.Error("an attachment or the key is lost")
	}
	n = read(t, "30-all-outputs.ipynb")
	n.Insert(1, NewCell(Code, "more"))
	if n.Merge(0, 2); n.Cell(0).HasOutputs() || n.Cell(0).ID() != "outs" {
		t.Error("outputs of code that no longer is there are kept")
	}
}

func TestUndoOfASourceKeepsOutputsThatCameLater(t *testing.T) {
	t.Parallel()
	n := read(t, "01-plain-45.ipynb")
	was := n.Cell(1)
	undo := n.Replace(1, was.WithSource("print('bye')").WithMeta(json.RawMessage(`1`), "a"))
	n.Replace(1, n.Cell(1).WithOutputs([]*Output{NewStream("stdout", "bye\n")}).WithCount(2, true))
	n.Insert(0, NewCell(Code, "elsewhere"))
	redo := n.Apply(undo)
	c := n.Cell(2)
	count, _ := c.Count()
	if _, ok := c.Meta("a"); c.Source() != "print('hello')" || ok || count != 2 || c.Outputs()[0].Text() != "bye\n" {
		t.Errorf("%q, %d, %q", c.Source(), count, c.Outputs()[0].Text())
	}
	if n.Apply(redo); n.Cell(2).Source() != "print('bye')" {
		t.Errorf("redo gives %q", n.Cell(2).Source())
	}
	n.Delete(2, 1)
	if n.Apply(undo) != (Change{}) {
		t.Error("undo of an edit found a cell that is gone")
	}
}

func TestCellsKeepTheirKey(t *testing.T) {
	t.Parallel()
	n := read(t, "01-plain-45.ipynb")
	key := n.Cell(0).Key()
	n.Replace(0, n.Cell(0).WithSource("x").WithKind(Code).WithCount(1, true))
	undo := n.Move(0, 2)
	if n.Index(key) != 2 || n.Cell(2).Source() != "x" {
		t.Errorf("moved to %d", n.Index(key))
	}
	n.Apply(undo)
	undo = n.Delete(0, 1)
	if n.Index(key) != -1 {
		t.Error("a deleted cell is found")
	}
	if n.Apply(undo); n.Index(key) != 0 {
		t.Error("a cell that is back has another key")
	}
	if c := n.Copy(0); c.Key() == key || c.ID() != "" || n.Copy(99) != nil {
		t.Error("a copy has the key or id of what it copies")
	}
}

func TestEditsThatChangeNothingGiveTheSameCell(t *testing.T) {
	t.Parallel()
	for _, c := range read(t, "30-all-outputs.ipynb").Cells() {
		n, ok := c.Count()
		for what, same := range map[string]*Cell{
			"source": c.WithSource(c.Source()), "kind": c.WithKind(c.Kind()), "count": c.WithCount(n, ok),
			"outputs": c.WithOutputs(c.Outputs()), "metadata": c.WithMeta(nil, "not", "there"),
		} {
			if same != c {
				t.Errorf("%s: another cell", what)
			}
		}
		if back := c.WithSource("x").WithSource(c.Source()); back.edits != nil {
			t.Error("a source typed back is still an edit")
		}
	}
}

func TestMetadataEditsOfACell(t *testing.T) {
	t.Parallel()
	c := NewCell(Code, "").WithMeta(json.RawMessage(`{"b": 1}`), "a").WithMeta(json.RawMessage(`2`), "a", "c").WithMeta(nil, "a", "b")
	if raw, ok := c.Meta("a", "c"); !ok || string(raw) != "2" {
		t.Errorf("got %s", raw)
	}
	if _, ok := c.Meta("a", "b"); ok {
		t.Error("a deleted key is there")
	}
	for range 100 {
		c = c.WithMeta(json.RawMessage(`3`), "a", "c").WithMeta(json.RawMessage(`[]`), "tags")
	}
	if len(c.edits.meta) > 4 {
		t.Errorf("%d edits are kept", len(c.edits.meta))
	}
	if c = c.WithMeta(nil); len(c.Tags()) != 0 {
		t.Error("metadata was to go")
	}
}
