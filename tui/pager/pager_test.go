package pager_test

import (
	"fmt"
	"strings"
	"testing"

	"nbterm/tui"
	"nbterm/tui/keymap"
	"nbterm/tui/pager"
	"nbterm/tui/theme"
	"nbterm/tui/tuitest"
)

func show(t *testing.T, body string, w, h int) *tuitest.Terminal {
	t.Helper()
	keys, err := keymap.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	app := tui.New(pager.New(pager.Deps{Title: "a \x1blog", Body: body, Keys: keys, Theme: theme.New(true)}), tui.Options{Theme: "dark", Mouse: true})
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tuitest.Start(t, app, w, h)
}

func see(term *tuitest.Terminal, texts ...string) {
	term.WaitFor(fmt.Sprintf("%q", texts), func(s string) bool {
		for _, x := range texts {
			if !strings.Contains(s, x) {
				return false
			}
		}
		return true
	})
}

// numbered is n lines, every tenth of which says so in Greek.
func numbered(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "line %d", i)
		if i%10 == 0 {
			fmt.Fprintf(&b, " Δέκα")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTheTextLooksAsItShould(t *testing.T) {
	t.Parallel()
	body := numbered(30) + "\x1b[31mred\x1b[0m and \x1b]52;c;aGk=\x07 harmless\n" + strings.Repeat("long ", 60) + "end\n" + numbered(60)
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			t.Parallel()
			term := show(t, body, size.w, size.h)
			term.Type("/", "LONG")
			see(term, "not found")
			term.Type("ctrl+u", "long")
			see(term, "1 of 1 line")
			term.Type("enter")
			term.Golden(fmt.Sprintf("pager-%dx%d", size.w, size.h))
		})
	}
}

func TestItScrollsByRowsPagesAndToTheEnds(t *testing.T) {
	t.Parallel()
	term := show(t, numbered(1234), 60, 14)
	see(term, "1–10 of 1\u2009234 lines")
	for _, c := range []struct{ key, place string }{
		{"j", "2–11"}, {"k", "1–10"}, {"space", "10–19"}, {"pgup", "1–10"}, {"G", "1\u2009225–1\u2009234"}, {"j", "1\u2009225–1\u2009234"}, {"g", "1–10"},
	} {
		term.Type(c.key)
		see(term, c.place+" of")
	}
	term.Wheel(tuitest.WheelDown, 3, 3)
	see(term, "4–13 of")
}

func TestSearchGoesFromHitToHitAndRound(t *testing.T) {
	t.Parallel()
	term := show(t, numbered(100), 60, 14)
	see(term, "line 1\n")
	term.Type("/", "δέκα")
	see(term, "1 of 10 lines", "line 10 Δέκα")
	if x, y := term.Find("Δέκα"); term.Cell(x, y).Style.Attrs == term.Cell(1, y).Style.Attrs {
		t.Error("the hit looks like the rest")
	}
	term.Type("enter", "n", "n")
	see(term, "3 of 10 lines", "line 30 Δέκα")
	term.Type("N", "N", "N")
	see(term, "10 of 10 lines", "The search went round.", "line 100 Δέκα")
	term.Type("n")
	see(term, "1 of 10 lines", "line 10 Δέκα")
	term.Type("/", "Δ")
	see(term, "of 10 lines")
	term.Type("enter", "esc")
	term.WaitFor("the search to be forgotten", func(s string) bool { return !strings.Contains(s, "of 10 lines") })
	term.Type("n")
	see(term, "Not now: nothing is looked for.")
	term.Type("esc")
	term.WaitEnd()
}

func TestLongLinesAreWrappedOrCutAndMoveSideways(t *testing.T) {
	t.Parallel()
	term := show(t, strings.Repeat("0123456789", 20)+"END\nnext", 60, 14)
	see(term, "END", "next")
	term.Type("right")
	see(term, "Not now: long lines are wrapped.")
	term.Type("w")
	term.WaitFor("the cut line", func(s string) bool { return !strings.Contains(s, "END") && strings.Contains(s, "next") })
	for range 6 {
		term.Type("right")
	}
	see(term, "END")
	term.Type("w")
	see(term, "0123", "END", "next")
}

func TestAHugeLogIsReadable(t *testing.T) {
	t.Parallel()
	term := show(t, numbered(200_000), 80, 24)
	see(term, "of 200\u2009000 lines")
	term.Type("G")
	see(term, "line 200000 Δέκα")
	term.Type("/", "line 123457")
	see(term, "1 of 1 line", "line 123457")
}
