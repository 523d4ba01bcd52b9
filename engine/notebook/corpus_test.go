package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/mime"
	"nbterm/engine/mime/rawjson"
)

// file is one notebook of the corpus.
type file struct {
	name string
	data []byte
}

// corpus is testdata/corpus and what no text file can hold.
func corpus(t testing.TB) []file {
	t.Helper()
	paths, err := filepath.Glob("testdata/corpus/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	var files []file
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{filepath.Base(path), data})
	}
	files = append(files, oddFiles()...)
	if len(files) < 60 {
		t.Fatalf("only %d files in the corpus", len(files))
	}
	return files
}

// oddFiles are notebooks with bytes or sizes that are better made than stored.
func oddFiles() []file {
	const before, after = `{"cells": [{"cell_type": "code", "execution_count": null, "metadata": {`, `}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}`
	const rest = `}, "outputs": [], "source": ["x"]`
	deep := strings.Repeat(`[{"a":`, 50_000) + "0" + strings.Repeat("}]", 50_000)
	plain := before + rest + after
	var keys strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&keys, `"key%d":%d,`, i%7000, i)
	}
	files := []file{}
	add := func(name, text string) { files = append(files, file{name, []byte(text)}) }
	add("mark", "\xef\xbb\xbf"+plain)
	add("mark, lines", "\xef\xbb\xbf{\r\n  \"cells\": [\r\n    {\r\n      \"cell_type\": \"raw\",\r\n      \"metadata\": {},\r\n      \"source\": []\r\n    }\r\n  ],\r\n  \"metadata\": {},\r\n  \"nbformat\": 4,\r\n  \"nbformat_minor\": 5\r\n}\r\n")
	add("carriage returns only", strings.ReplaceAll("{\n \"cells\": [\n  {\n   \"cell_type\": \"raw\",\n   \"metadata\": {},\n   \"source\": [\n    \"a\"\n   ]\n  }\n ],\n \"metadata\": {},\n \"nbformat\": 4\n}\n", "\n", "\r"))
	add("bytes that are not UTF-8", before+"\"\xff\xfe\": \"\xc0\x80\""+`}, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["`+"\x80\x81\xf5"+`"]}], "source": ["a`+"\xe9"+`\n", "b"]`+after)
	add("half of a character", before+`}, "outputs": [], "source": ["`+"\xe2\x82"+`\n", "`+"\xac"+`"]`+after)
	add("deep metadata", before+`"deep": `+deep+rest+after)
	add("deep outputs", before+`}, "outputs": `+deep+`, "source": []`+after)
	add("deep output data", before+`}, "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"application/json": `+deep+`}}], "source": []`+after)
	add("deep unknown key", `{"zzz": `+deep+`, `+plain[1:])
	add("many keys, many twice", before+keys.String()+`"k": 1`+rest+after)
	add("a number of many digits", before+`"n": -`+strings.Repeat("1234567890", 10_000)+"."+strings.Repeat("0", 10_000)+"e+"+strings.Repeat("9", 1000)+rest+after)
	add("space without end", plain+strings.Repeat(" \n", 50_000))
	add("many cells", `{"cells": [`+strings.Repeat(`{"cell_type":"raw","metadata":{},"source":[]},`, 5000)+`{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`)
	add("delete character", before+"\"a\x7fb\": \"\x7f\""+rest+after)
	add("v3 with lone surrogates", `{"nbformat":3,"nbformat_minor":0,"metadata":{"a":"\ud800"},"worksheets":[{"cells":[{"cell_type":"markdown","metadata":{"b":"\udc00"},"source":["a"]}]}]}`)
	add("v3 with deep metadata", `{"nbformat":3,"nbformat_minor":0,"metadata":{"a":`+deep+`},"worksheets":[{"cells":[{"cell_type":"markdown","source":"x"}]}]}`)
	return files
}

// readAll asks a notebook for everything it can say.
func readAll(n *Notebook) {
	_, _ = n.Meta("kernelspec")
	_, _ = n.KernelName(), n.Language()
	for _, c := range n.Cells() {
		_, _, _, _ = c.ID(), c.Kind(), c.Source(), c.HasOutputs()
		_, _ = c.Count()
		_, _ = c.Meta()
		_ = c.Tags()
		_, _ = c.Attachment("a b.png")
		for _, o := range c.Outputs() {
			_, _, _, _ = o.Kind(), o.Text(), o.StreamName(), o.Metadata()
			_, _, _ = o.Error()
			for _, typ := range o.Bundle().Types() {
				_, _ = o.Bundle().Text(typ)
			}
		}
	}
}

func mustParse(t testing.TB, data []byte) *Notebook {
	t.Helper()
	n, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func forEach(t *testing.T, test func(t *testing.T, data []byte)) {
	for _, f := range corpus(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			test(t, f.data)
		})
	}
}

func TestOpenAndSaveGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, data []byte) {
		n := mustParse(t, bytes.Clone(data))
		readAll(n)
		if !bytes.Equal(n.Bytes(), data) {
			t.Error("the bytes differ")
		}
		if !n.Upgraded() && !bytes.Equal(n.join(), data) {
			t.Error("the parts put together differ")
		}
		if n.Version() != 0 {
			t.Error("reading is no change")
		}
	})
}

// edit is one way to change a cell, and the field whose span may then differ.
type edit struct {
	name  string
	field int // -1 for the whole cell
	make  func(c *Cell) *Cell
	check func(c *Cell) bool
}

func someEdits() []edit {
	const text = "new é\n\n😀\u2028 \"quoted\" \\ \x00 end"
	return []edit{
		{"source", sourceField,
			func(c *Cell) *Cell { return c.WithSource(text) },
			func(c *Cell) bool { return c.Source() == text }},
		{"no source", sourceField,
			func(c *Cell) *Cell { return c.WithSource("") },
			func(c *Cell) bool { return c.Source() == "" }},
		{"count", countField,
			func(c *Cell) *Cell { return c.WithCount(4711, true) },
			func(c *Cell) bool { n, ok := c.Count(); return !isCode(c) || ok && n == 4711 }},
		{"outputs", outputsField,
			func(c *Cell) *Cell { return c.WithOutputs(append(c.Outputs()[:0:0], someOutputs()...)) },
			func(c *Cell) bool { return !isCode(c) || len(c.Outputs()) == 4 }},
		{"metadata", metaField,
			func(c *Cell) *Cell { return c.WithMeta(json.RawMessage(`{"y": [1], "x": NaN}`), "nbterm", "deep") },
			func(c *Cell) bool { raw, _ := c.Meta("nbterm", "deep", "y"); return bytes.HasPrefix(raw, []byte("[")) }},
		{"kind", -1,
			func(c *Cell) *Cell { return c.WithKind(Markdown) },
			func(c *Cell) bool { return c.Kind() == Markdown && !c.HasOutputs() }},
	}
}

func isCode(c *Cell) bool { return c.Kind() != Markdown && c.Kind() != Raw }

func someOutputs() []*Output {
	return []*Output{
		NewStream("stdout", "a\nb").AppendText("c\n"),
		NewDisplay(mime.FromEntries(mime.TextEntry("text/plain", "é\n"), mime.Entry{Type: "application/json", Raw: json.RawMessage(`{"b":1,"a":[]}`)}), nil, "id"),
		NewResult(3, mime.FromEntries(mime.TextEntry("text/html", "<b>")), json.RawMessage(`{"k": {}}`)),
		NewError("E", "v", []string{"\x1b[31mtrace", "back"}),
	}
}

func TestEditOfOneCellTouchesOnlyItsSpan(t *testing.T) {
	t.Parallel()
	forEach(t, func(t *testing.T, data []byte) {
		for i := range min(12, mustParse(t, data).Len()) {
			for _, e := range someEdits() {
				testEdit(t, data, i, e)
			}
		}
	})
}

func testEdit(t *testing.T, data []byte, i int, e edit) {
	t.Helper()
	n := mustParse(t, data)
	if n.Upgraded() { // one edit writes all of it; the edits after that are what is looked at
		n.Insert(n.Len(), NewCell(Raw, ""))
		data = n.Bytes()
		n = mustParse(t, data)
	}
	old := n.Cell(i)
	from := 0
	if len(old.base.raw) > 0 {
		from = offsetIn(data, old.base.raw)
	}
	to := from + len(old.base.raw)
	if field := old.base.field(max(e.field, 0)); e.field >= 0 && field != nil {
		from = offsetIn(data, field)
		to = from + len(field)
	}
	change := n.Replace(i, e.make(old))
	got := bytes.Clone(n.Bytes())
	if !rawjson.Valid(bytes.TrimPrefix(got, bom)) {
		t.Fatalf("%s of cell %d: the file is no longer JSON:\n%.2000s", e.name, i, got)
	}
	if !bytes.HasPrefix(got, data[:from]) || !bytes.HasSuffix(got[from:], data[to:]) {
		t.Errorf("%s of cell %d: bytes outside of its span changed:\n%.2000s", e.name, i, got)
	}
	again := mustParse(t, got)
	if again.Len() != n.Len() || !e.check(again.Cell(i)) || !e.check(n.Cell(i)) {
		t.Errorf("%s of cell %d is not read back:\n%.2000s", e.name, i, got)
	}
	redo := n.Apply(change)
	if !bytes.Equal(n.Bytes(), data) || !bytes.Equal(n.join(), data) {
		t.Errorf("%s of cell %d: undo does not give the same bytes", e.name, i)
	}
	if n.Apply(redo); !bytes.Equal(n.Bytes(), got) {
		t.Errorf("%s of cell %d: redo does not give the same bytes", e.name, i)
	}
}

// offsetIn finds where part, a slice of data, starts in it.
func offsetIn(data, part []byte) int {
	return cap(data) - cap(part)
}
