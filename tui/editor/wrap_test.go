package editor

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// rowsOf wraps text at a width and gives the bytes of each row.
func rowsOf(text string, width int) []string {
	m := newMetric(ansi.WcWidth, defaultTab, width)
	var rows []string
	at := 0
	for _, start := range append(m.wrap(text), int32(len(text))) {
		rows = append(rows, text[at:start])
		at = int(start)
	}
	return rows
}

func TestLinesWrapAfterBlanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		width      int
		want       []string
	}{
		{"what fits is one row", "abc", 4, []string{"abc"}},
		{"the last cell is the cursor's", "abcd", 4, []string{"abc", "d"}},
		{"after the last blank", "one two three", 9, []string{"one two ", "three"}},
		{"a blank hangs over", "four five", 5, []string{"four ", "five"}},
		{"a word longer than a row breaks", "a bcdefghijklm", 7, []string{"a bcde", "fghijk", "lm"}},
		{"indentation alone is no row", "    abcdefghijklmnopq", 15, []string{"    abcdefghij", "klmnopq"}},
		{"wide characters are not halved", "漢字漢", 6, []string{"漢字", "漢"}},
		{"a cluster is not halved", "ab👩‍👩‍👧c", 9, []string{"ab👩‍👩‍👧", "c"}},
		{"too narrow for a wide character", "漢字", 2, []string{"漢", "字"}},
		{"controls take the room of what is shown", "a\u200bb", 8, []string{"a\u200b", "b"}},
		{"an empty line is a row", "", 5, []string{""}},
	} {
		if got := rowsOf(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A long line is laid out again only about the edit. Its rows must still be rows:
// whole, none too wide, and of some length.
func TestEditsInALongLineKeepItsRowsSound(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"words":     strings.Repeat("some words, more (of them) ", 3000),
		"no blanks": strings.Repeat("abcdefghij", 5000),
		"wide":      strings.Repeat("漢字かな交じり文 e\u0301", 3000),
		"mixed":     strings.Repeat("x\t👩‍👩‍👧 \u200b漢字", 4000),
	} {
		r := rand.New(rand.NewPCG(7, 7))
		b := NewBuffer(text)
		v := newView(b, "", &noColors)
		v.fit(40)
		for i := range 400 {
			p := b.valid(Pos{0, r.IntN(len(b.Line(0)))})
			scrap := scraps[r.IntN(len(scraps))]
			if strings.Contains(scrap, "\n") {
				continue
			}
			to := b.valid(Pos{0, p.Col + r.IntN(2)*r.IntN(200)})
			b.Replace(Span{p, to}, scrap)
			if i%10 == 0 {
				checkRows(t, name, v)
			}
		}
		for b.Undo() {
		}
		checkRows(t, name, v)
		if b.Value() != text {
			t.Fatalf("%s: not undone", name)
		}
	}
}

func checkRows(t *testing.T, name string, v *view) {
	t.Helper()
	l := &v.layout
	s := l.b.Line(0)
	if l.total != len(l.lines[0])+1 {
		t.Fatalf("%s: %d rows in total, the line has %d", name, l.total, len(l.lines[0])+1)
	}
	for part := range l.total {
		start, end := l.bounds(0, part)
		if start >= end || end > len(s) || snap(s, start) != start {
			t.Fatalf("%s: row %d is %d to %d of %d", name, part, start, end, len(s))
		}
		if w := l.m.columns(s, start, end); w > l.m.width {
			t.Fatalf("%s: row %d is %d wide: %q", name, part, w, s[start:end])
		}
	}
	if fresh := len(l.m.wrap(s)); l.total > fresh+fresh/4+20 {
		t.Fatalf("%s: %d rows where %d would do", name, l.total, fresh)
	}
}
