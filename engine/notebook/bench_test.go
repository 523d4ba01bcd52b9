package notebook

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"
)

// madeNotebook is a file as Jupyter writes it: cells of ten lines with a text
// output each, and one image in every tenth so that the file has about size bytes.
func madeNotebook(cells, size int) []byte {
	var b bytes.Buffer
	image := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("nbterm picture "), max(1, size/(cells/10+1)/20)))
	b.WriteString("{\n \"cells\": [")
	for i := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n  {\n   \"cell_type\": \"code\",\n   \"execution_count\": %d,\n   \"id\": \"%08x\",\n   \"metadata\": {},\n   \"outputs\": [", i, i)
		if i%10 == 0 && size > 0 {
			fmt.Fprintf(&b, "\n    {\n     \"data\": {\n      \"image/png\": \"%s\",\n      \"text/plain\": [\n       \"<Figure size 640x480>\"\n      ]\n     },\n     \"metadata\": {},\n     \"output_type\": \"display_data\"\n    },", image)
		}
		b.WriteString("\n    {\n     \"name\": \"stdout\",\n     \"output_type\": \"stream\",\n     \"text\": [\n      \"a line of text\\n\",\n      \"and another\\n\"\n     ]\n    }\n   ],\n   \"source\": [")
		for j := range 10 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "\n    \"value_%d = compute(%d, \\\"name\\\")  # comment\\n\"", j, i)
		}
		b.WriteString("\n   ]\n  }")
	}
	b.WriteString("\n ],\n \"metadata\": {\n  \"kernelspec\": {\n   \"name\": \"python3\"\n  }\n },\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n")
	return b.Bytes()
}

var benchFiles = []struct {
	name        string
	cells, size int
}{{"1000cells", 1000, 0}, {"5000cells", 5000, 0}, {"20MB", 1000, 20 << 20}, {"100MB", 1000, 100 << 20}, {"20MBtext", 22000, 0}}

func BenchmarkParse(b *testing.B) {
	for _, f := range benchFiles {
		b.Run(f.name, func(b *testing.B) {
			data := madeNotebook(f.cells, f.size)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReadAll parses and then looks at all that a screen shows of every cell.
func BenchmarkReadAll(b *testing.B) {
	for _, f := range benchFiles[:3] {
		b.Run(f.name, func(b *testing.B) {
			data := madeNotebook(f.cells, f.size)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				n, err := Parse(data)
				if err != nil {
					b.Fatal(err)
				}
				for _, c := range n.Cells() {
					_, _ = c.Kind(), c.Source()
					for _, o := range c.Outputs() {
						_ = o.Text()
					}
				}
			}
		})
	}
}

// BenchmarkEditAndSave edits one cell of many and writes the file.
func BenchmarkEditAndSave(b *testing.B) {
	for _, f := range benchFiles[:3] {
		b.Run(f.name, func(b *testing.B) {
			n, err := Parse(madeNotebook(f.cells, f.size))
			if err != nil {
				b.Fatal(err)
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				n.Replace(500, n.Cell(500).WithSource(fmt.Sprintf("x = %d\n", i)))
				b.SetBytes(int64(len(n.Bytes())))
			}
		})
	}
}

// BenchmarkStream appends 100,000 lines one by one, in the way a kernel prints
// them, and looks at the text once in a thousand.
func BenchmarkStream(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := NewCell(Code, "for i in range(100000): print(i)")
		o := NewStream("stdout", "")
		for i := range 100_000 {
			o = o.AppendText("a line of the usual length, more or less\n")
			if i%1000 == 0 {
				c = c.WithOutputs([]*Output{o})
			}
		}
		if len(c.WithOutputs([]*Output{o}).Outputs()[0].Text()) == 0 {
			b.Fatal("lost")
		}
	}
}
