package notebook

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, name string) *Notebook {
	t.Helper()
	for _, f := range corpus(t) {
		if f.name == name {
			return mustParse(t, f.data)
		}
	}
	t.Fatalf("%s is not in the corpus", name)
	return nil
}

func sourcesOf(n *Notebook) []string {
	var list []string
	for _, c := range n.Cells() {
		list = append(list, c.Source())
	}
	return list
}

func TestWhatANotebookSays(t *testing.T) {
	t.Parallel()
	n := read(t, "30-all-outputs.ipynb")
	if n.KernelName() != "python3" || n.Language() != "python" {
		t.Errorf("kernel %q, language %q", n.KernelName(), n.Language())
	}
	c := n.Cell(0)
	if !slices.Equal(c.Tags(), []string{"parameters", "x y"}) {
		t.Errorf("tags %q", c.Tags())
	}
	if count, ok := c.Count(); !ok || count != 12 || c.ID() != "outs" || !c.HasOutputs() {
		t.Errorf("count %d, id %q, outputs %v", count, c.ID(), c.HasOutputs())
	}
	outs := c.Outputs()
	if o := outs[0]; o.Kind() != Stream || o.StreamName() != "stderr" || o.Text() != "\x1b[31mred\x1b[0m\r50%\r\n" {
		t.Errorf("stream %q %q", o.StreamName(), o.Text())
	}
	if o := outs[1]; o.Kind() != Display || !strings.Contains(string(o.Metadata()), `"height": 10`) || o.DisplayID() != "" {
		t.Errorf("display %q", o.Metadata())
	}
	if png, err := outs[1].Bundle().Bytes("image/png"); err != nil || string(png[1:4]) != "PNG" {
		t.Errorf("picture %q, %v", png, err)
	}
	if n, ok := outs[2].Count(); outs[2].Kind() != Result || !ok || n != 12 {
		t.Errorf("result %d", n)
	}
	if name, value, tb := outs[3].Error(); outs[3].Kind() != Failure || name != "ValueError" || value != "bad" || len(tb) != 2 {
		t.Errorf("error %q %q %q", name, value, tb)
	}
	b, ok := read(t, "29-attachments.ipynb").Cell(0).Attachment("c.svg")
	if text, _ := b.Text("image/svg+xml"); !ok || text != "<svg>\n</svg>" {
		t.Errorf("attachment %q", text)
	}
}

func TestDuplicateKeysReadAsPythonReadsThem(t *testing.T) {
	t.Parallel()
	n := read(t, "14-duplicate-keys.ipynb")
	c := n.Cell(0)
	count, _ := c.Count()
	b, _ := c.Meta("b")
	if n.Len() != 1 || c.Kind() != Code || c.Source() != "second" || count != 2 || string(b) != "2" || n.KernelName() != "three" {
		t.Errorf("%d cells, %s %q %d %s, kernel %s", n.Len(), c.Kind(), c.Source(), count, b, n.KernelName())
	}
}

func TestOldFormatsStayUntilTheFirstChange(t *testing.T) {
	t.Parallel()
	n := read(t, "47-v3.ipynb")
	was := bytes.Clone(n.Bytes())
	undo := n.Replace(1, n.Cell(1).WithSource("x = 2"))
	if !bytes.Contains(n.Bytes(), []byte(`"nbformat": 4`)) || bytes.Contains(n.Bytes(), []byte("worksheets")) {
		t.Errorf("the first change does not upgrade:\n%s", n.Bytes())
	}
	n.Apply(undo)
	if !bytes.Equal(n.Bytes(), was) {
		t.Error("undo does not bring the old format back")
	}
	if again := read(t, "47-v3.ipynb"); again.Cell(1).ID() != n.Cell(1).ID() || again.Cell(1).ID() == "" {
		t.Error("the ids of an old notebook differ from one opening to the next")
	}
}

func TestNewCellsFollowTheFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"03-one-line-compact.ipynb":          `},{"cell_type":"code","execution_count":null,"metadata":{},"outputs":[],"source":["é\n","b"]}],"metadata"`,
		"04-one-line-spaced.ipynb":           `}, {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["é\n", "b"]}], "metadata"`,
		"05-indent-two-source-strings.ipynb": "    },\n    {\n      \"cell_type\": \"code\",\n      \"execution_count\": null,\n      \"metadata\": {},\n      \"outputs\": [],\n      \"source\": \"é\\nb\"\n    }\n  ],",
		"06-tabs.ipynb":                      "\t\t},\n\t\t{\n\t\t\t\"cell_type\": \"code\",\n\t\t\t\"execution_count\": null,\n\t\t\t\"metadata\": {},\n\t\t\t\"outputs\": [],\n\t\t\t\"source\": [\n\t\t\t\t\"é\\n\",\n\t\t\t\t\"b\"\n\t\t\t]\n\t\t}\n\t],",
		"07-crlf.ipynb":                      "    },\r\n    {\r\n      \"cell_type\": \"code\",\r\n",
		"10-cell-a-line.ipynb":               "},\n  {\"cell_type\": \"code\", \"execution_count\": null, \"metadata\": {}, \"outputs\": [], \"source\": [\"é\\n\", \"b\"]}\n ],",
		"20-ensure-ascii.ipynb":              "    \"\\u00e9\\n\",\n    \"b\"\n",
		"21-raw-unicode.ipynb":               "    \"é\\n\",\n    \"b\"\n",
		"37-python2-trailing-space.ipynb":    "  }, \n  {\n   \"cell_type\": \"code\",",
		"11-no-cells.ipynb":                  " \"cells\": [\n  {\n   \"cell_type\": \"code\",",
	} {
		n := read(t, name)
		n.Insert(n.Len(), NewCell(Code, "é\nb"))
		if !bytes.Contains(n.Bytes(), []byte(want)) {
			t.Errorf("%s: got\n%s\nwithout\n%s", name, n.Bytes(), want)
		}
	}
}

func TestLinesThatStayKeepTheirEscapes(t *testing.T) {
	t.Parallel()
	n := read(t, "16-lone-surrogates.ipynb")
	n.Replace(0, n.Cell(0).WithSource(n.Cell(0).Source()+"\nmore"))
	if want := `"source": ["a\n", "s = '\ud800'\n", "b\n", "more"]`; !bytes.Contains(n.Bytes(), []byte(want)) {
		t.Errorf("got\n%s\nwithout\n%s", n.Bytes(), want)
	}
	n = read(t, "22-escaped-slashes.ipynb")
	n.Replace(0, n.Cell(0).WithSource(strings.Replace(n.Cell(0).Source(), "b/c", "b/d", 1)))
	if want := `["<a href=\"http:\/\/x\/\">\n","b/d"]`; !bytes.Contains(n.Bytes(), []byte(want)) {
		t.Errorf("got\n%s\nwithout\n%s", n.Bytes(), want)
	}
}

func TestMetadataOfTheNotebook(t *testing.T) {
	t.Parallel()
	n := read(t, "13-cells-last.ipynb")
	was := bytes.Clone(n.Bytes())
	undo := n.SetMeta(json.RawMessage(`"ir"`), "kernelspec", "name")
	if n.KernelName() != "ir" || n.Len() != 1 || n.Cell(0).Source() != "x" {
		t.Errorf("kernel %q, %d cells", n.KernelName(), n.Len())
	}
	if want := "\"metadata\": {\n  \"kernelspec\": {\n   \"name\": \"ir\"\n  }\n },"; !bytes.Contains(n.Bytes(), []byte(want)) {
		t.Errorf("got\n%s", n.Bytes())
	}
	n.SetMeta(nil, "kernelspec")
	if !bytes.Equal(n.join(), was) {
		t.Errorf("set and deleted again:\n%s", n.Bytes())
	}
	if raw, ok := n.Meta(); !ok || string(raw) != "{}" {
		t.Errorf("metadata %s", raw)
	}
	if n.Apply(undo); n.KernelName() != "" || n.SetMeta(nil, "nothing", "there") != (Change{}) {
		t.Error("undo of metadata")
	}
}

func TestVersionGrowsWithEveryChange(t *testing.T) {
	t.Parallel()
	n := read(t, "01-plain-45.ipynb")
	last := n.Version()
	grew := func(what string) {
		t.Helper()
		if n.Version() <= last {
			t.Errorf("%s: version %d after %d", what, n.Version(), last)
		}
		last = n.Version()
	}
	c := n.Replace(0, n.Cell(0).WithSource("x"))
	grew("replace")
	n.Apply(c)
	grew("undo")
	n.Replace(0, n.Cell(0).WithSource(n.Cell(0).Source()))
	n.Apply(Change{})
	n.Insert(0)
	n.Delete(99, 1)
	n.Delete(0, 0)
	n.Move(0, 99)
	n.Replace(-1, NewCell(Code, ""))
	n.Split(99, 0)
	n.Merge(2, 2)
	if n.Version() != last {
		t.Error("what changes nothing makes a version")
	}
}
