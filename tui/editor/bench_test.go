package editor

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nbterm/render/ink"
)

// source is n lines of Python.
func source(n int) string {
	var b strings.Builder
	for i := range n {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "def f%d(x, y=%d):\n", i, i)
		case 1:
			b.WriteString("    \"\"\"Gives what was asked for, in seconds.\"\"\"\n")
		case 2:
			fmt.Fprintf(&b, "    total = sum(v * %d for v in x if v is not None)  # a comment of some length\n", i)
		case 3:
			b.WriteString("    return {\"total\": total, 'name': f\"{y:>10}\", \"more\": [1, 2.5, 0x1f]}\n")
		default:
			b.WriteString("\n")
		}
	}
	return b.String()
}

// key presses a key and draws the screen about the cursor, as a program does.
func key(e *Editor, k tea.KeyPressMsg) {
	const width, height = 100, 50
	e.Update(k)
	row, _ := e.Cursor(width)
	top := max(row-height/2, 0)
	e.Height(width)
	e.Rows(width, top, top+height)
}

func benchmarkTyping(b *testing.B, text string, at int) {
	e := New(text, "python", ink.DarkPalette())
	e.SetCursorOffset(at)
	for range 10 {
		key(e, tea.KeyPressMsg{Code: tea.KeyRight})
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		switch {
		case i%60 == 59:
			key(e, tea.KeyPressMsg{Code: tea.KeyEnter})
		case i%2 == 0:
			key(e, tea.KeyPressMsg{Code: 'x', Text: "x"})
		default:
			key(e, tea.KeyPressMsg{Code: tea.KeyBackspace})
		}
	}
}

func BenchmarkKeyIn500Lines(b *testing.B) {
	text := source(500)
	benchmarkTyping(b, text, len(text)/2)
}

func BenchmarkKeyIn100000LinesAtTheTop(b *testing.B) {
	benchmarkTyping(b, source(100_000), 10)
}

func BenchmarkKeyIn100000LinesAtTheEnd(b *testing.B) {
	text := source(100_000)
	benchmarkTyping(b, text, len(text)-100)
}

func BenchmarkKeyInALineOf10MB(b *testing.B) {
	text := strings.Repeat("x = some(words, and_more) ", 10<<20/26)
	benchmarkTyping(b, text, len(text)/2)
}

func BenchmarkKeyInALineOf10MBWithoutBlanks(b *testing.B) {
	benchmarkTyping(b, strings.Repeat("x", 10<<20), 5<<20)
}

func BenchmarkKeyInALineOf10MBOfHan(b *testing.B) {
	benchmarkTyping(b, strings.Repeat("漢字かな", 10<<20/12), 10<<20/24*12)
}

func BenchmarkOpenAndDrawACell(b *testing.B) {
	text := source(8)
	b.ReportAllocs()
	for range b.N {
		e := New(text, "python", ink.DarkPalette())
		e.Rows(100, 0, e.Height(100))
	}
}

func BenchmarkOpenAndDraw100000Lines(b *testing.B) {
	text := source(100_000)
	b.ReportAllocs()
	for range b.N {
		e := New(text, "python", ink.DarkPalette())
		e.Height(100)
		e.Rows(100, 0, 50)
	}
}

func BenchmarkOpenAndDrawALineOf10MB(b *testing.B) {
	for name, text := range map[string]string{
		"ASCII": strings.Repeat("x = some(words, and_more) ", 10<<20/26),
		"Han":   strings.Repeat("漢字かな", 10<<20/12),
		"marks": "a" + strings.Repeat("\u0301", 1_000_000),
		"emoji": strings.Repeat("👩‍👩‍👧", 10<<20/18),
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				e := New(text, "python", ink.DarkPalette())
				e.Height(100)
				e.Rows(100, 0, 50)
			}
		})
	}
}

func BenchmarkKeyAfterAMillionMarks(b *testing.B) {
	benchmarkTyping(b, "a"+strings.Repeat("\u0301", 1_000_000), 1_000_001)
}
