package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
)

// firstWord is what the first frame is recognised by: one word, drawn in one piece.
const firstWord = "firstcellofall"

// BenchmarkFirstFrame is the time from the start of the process until the text of the
// first cell is on the terminal. Targets: 60 ms at 1,000 and at 5,000 cells with at
// most 40 MB, 100 ms at 20 MB.
func BenchmarkFirstFrame(b *testing.B) {
	k := newBench(b)
	for _, file := range []struct {
		name string
		data []byte
	}{
		{"10_cells", cells(10)}, {"1000_cells", cells(1000)}, {"5000_cells", cells(5000)}, {"20_MB", heavy(b)},
	} {
		path := k.write(file.name+".ipynb", file.data)
		b.Run(file.name, func(b *testing.B) {
			var took []time.Duration
			var resident float64
			for b.Loop() {
				c := k.open(path, "--kernel", "nbterm-python")
				c.await(firstWord, 0)
				took = append(took, time.Since(c.started))
				resident = max(resident, c.resident())
				c.await("idle", 0)
				c.close()
				k.endSessions()
			}
			report(b, took, "frame")
			b.ReportMetric(resident, "MB-resident")
		})
	}
}

// BenchmarkKeyEcho is the time from a key to its character on the terminal, in a cell
// of 500 lines. Target: 16 ms at the 99th percentile.
func BenchmarkKeyEcho(b *testing.B) {
	k := newBench(b)
	var src strings.Builder
	for i := range 500 {
		fmt.Fprintf(&src, "value_%d = compute(%d, 'text') + other[%d]  # a line\n", i, i, i)
	}
	doc := notebook.New("python3", "Python 3", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, firstWord+"\n"+src.String()))
	c := k.open(k.write("long.ipynb", doc.Bytes()), "--kernel", "nbterm-python")
	defer c.close()
	c.await("idle", c.await(firstWord, 0)-1)
	c.keys("\r")
	c.await("EDIT", 0)
	for range 5 {
		c.keys("\x1b[6~") // page down
	}
	c.keys("zz")
	c.await("z", c.written())
	var took []time.Duration
	random := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		for n := range 200 {
			// A person's keys keep no step with the frames: without a pause of any length
			// each would come right after a frame and wait for all of the next.
			time.Sleep(time.Duration(20+random.IntN(17000)) * time.Microsecond) //nolint:forbidigo // a person typing, nothing is waited for
			key := "wvyz"[n%4 : n%4+1]                                          // none of them ends an escape sequence
			at, begun := c.written(), time.Now()
			c.keys(key)
			c.await(key, at)
			took = append(took, time.Since(begun))
		}
	}
	report(b, took, "echo")
}

// BenchmarkScroll is what one line of scrolling writes to the terminal.
func BenchmarkScroll(b *testing.B) {
	k := newBench(b)
	c := k.open(k.write("1000.ipynb", cells(1000)), "--kernel", "nbterm-python")
	defer c.close()
	c.await("idle", c.await(firstWord, 0)-1)
	begun, lines := c.written(), 0
	for b.Loop() {
		for range 200 {
			at := c.written()
			c.keys("]")
			c.await("\x1b", at)
			lines++
		}
	}
	b.ReportMetric(float64(c.written()-begun)/float64(lines), "B/line")
	b.ReportMetric(0, "ns/op")
}

// cells is a notebook of n cells as people write them, a third of them markdown.
func cells(n int) []byte {
	doc := notebook.New("python3", "Python 3", "python")
	all := make([]*notebook.Cell, 0, n)
	all = append(all, notebook.NewCell(notebook.Code, firstWord))
	for i := 1; i < n; i++ {
		switch i % 3 {
		case 0:
			all = append(all, notebook.NewCell(notebook.Markdown, fmt.Sprintf("## Step %d\n\nSome *words* on `it`:\n\n- one\n- two", i)))
		default:
			out := notebook.NewStream("stdout", fmt.Sprintf("result %d\nanother line\n", i))
			src := fmt.Sprintf("x_%d = [n * %d for n in range(10)]\nprint('result', sum(x_%d))\nprint('another line')", i, i, i)
			all = append(all, notebook.NewCell(notebook.Code, src).WithOutputs([]*notebook.Output{out}).WithCount(i, true))
		}
	}
	doc.Insert(0, all...)
	return doc.Bytes()
}

// heavy is a notebook of 20 MB: 50 pictures, 50 tables and 50 logs.
func heavy(b *testing.B) []byte {
	b.Helper()
	doc := notebook.New("python3", "Python 3", "python")
	all := []*notebook.Cell{notebook.NewCell(notebook.Code, firstWord)}
	add := func(out *notebook.Output) {
		all = append(all, notebook.NewCell(notebook.Code, "show()").WithOutputs([]*notebook.Output{out}).WithCount(1, true))
	}
	picture := mime.TextEntry("image/png", noise(b))
	rows := strings.Repeat("<tr><td>1</td><td>some text</td><td>3.14159</td></tr>\n", 1900)
	log := strings.Repeat("2026-11-21 12:00:00 INFO module.name: a message of some length, number 12345\n", 1300)
	for range 50 {
		add(notebook.NewDisplay(mime.FromEntries(picture), nil, ""))
		add(notebook.NewDisplay(mime.FromEntries(mime.TextEntry("text/html", "<table>"+rows+"</table>")), nil, ""))
		add(notebook.NewStream("stdout", log))
	}
	doc.Insert(0, all...)
	return doc.Bytes()
}

// noise is a PNG of 150 kB in base64.
func noise(b *testing.B) string {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, 230, 220))
	for y := range 220 {
		for x := range 230 {
			img.SetRGBA(x, y, color.RGBA{uint8(random.Uint32()), uint8(random.Uint32()), uint8(random.Uint32()), 255})
		}
	}
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		b.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data.Bytes())
}
