package term

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/vt"
)

// What a program shows with returns, tabs, moves and erasing ends as on a real
// terminal that is large enough.
func TestEndsAsAnEmulatorDoes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 7))
		var b strings.Builder
		for range 60 {
			b.WriteString(operation(random))
		}
		text := b.String()
		want := emulated(text)
		got := Lines(text, options(200))
		for i := range got {
			got[i] = strings.TrimRight(plainOf(got[i]), " ")
		}
		if g, w := strings.TrimRight(strings.Join(got, "\n"), "\n"), strings.TrimRight(want, "\n"); g != w {
			t.Fatalf("seed %d: %q\n got %q\nwant %q", seed, text, g, w)
		}
	}
}

// operation is one thing that a program prints. Moves down are left out: they stop
// at the last line here and at the screen's edge there.
func operation(r *rand.Rand) string {
	n := 1 + r.IntN(9)
	switch r.IntN(14) {
	case 0, 1:
		return "\r"
	case 2, 3:
		return "\n"
	case 4:
		return strings.Repeat("\b", n)
	case 5:
		return "\t"
	case 6:
		return fmt.Sprintf("\x1b[%dA", 1+r.IntN(3))
	case 7:
		return fmt.Sprintf("\x1b[%dC", n)
	case 8:
		return fmt.Sprintf("\x1b[%dD", n)
	case 9:
		return fmt.Sprintf("\x1b[%dG", n)
	case 10:
		return fmt.Sprintf("\x1b[%dK", r.IntN(3))
	case 11:
		return "\x1b[3" + fmt.Sprint(r.IntN(8)) + "m"
	case 12:
		return "日本é"[:[]int{3, 6, 8}[r.IntN(3)]]
	}
	return "abcdefghi"[:n]
}

// emulated gives the screen of an emulator, without blanks at the ends.
func emulated(text string) string {
	e := vt.NewEmulator(200, 100)
	_, _ = e.WriteString("\x1b[20h" + text)
	var lines []string
	for y := range 100 {
		var b strings.Builder
		next := 0
		for x := range 200 {
			if c := e.CellAt(x, y); c != nil && c.Width > 0 {
				b.WriteString(strings.Repeat(" ", x-next)) // a half that lost its other half is blank
				b.WriteString(c.Content)
				next = x + c.Width
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return strings.Join(lines, "\n")
}

func plainOf(row string) string {
	var b strings.Builder
	for row != "" {
		if row[0] == '\x1b' {
			_, row = readLook(look{}, row)
			continue
		}
		b.WriteByte(row[0])
		row = row[1:]
	}
	return b.String()
}
