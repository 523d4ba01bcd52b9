package kit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/kit"
	"nbterm/tui/theme"
)

func TestAFrameIsAsHighAndWideAsTheScreen(t *testing.T) {
	t.Parallel()
	f := kit.Frame{
		Title: "a title that is long enough", Right: "right", Body: []string{"one", "two"}, Notice: "a notice that is rather long", Mode: "VIEW", Place: "1/2",
		Hints: []string{"? help", "⏎ open", "q close"}, State: "saved",
	}
	for h := range 30 {
		for w := 1; w < 90; w++ {
			rows := f.Rows(theme.New(true), w, h)
			if len(rows) != h {
				t.Fatalf("%dx%d: %d rows", w, h, len(rows))
			}
			for _, r := range rows {
				if n := ansi.StringWidth(r); n > w && r != "one" && r != "two" {
					t.Fatalf("%dx%d: %q is %d wide", w, h, r, n)
				}
			}
		}
	}
	if rows := f.Rows(theme.Plain(), 80, 24); rows[kit.BodyTop(24)] != "one" || !strings.Contains(rows[kit.FieldRow(24)], "a notice") {
		t.Errorf("body and notice are elsewhere:\n%s", strings.Join(rows, "\n"))
	}
}

func TestHintsAreShownAsLongAsThereIsRoom(t *testing.T) {
	t.Parallel()
	hints := []string{"? help", "⏎ open", "q close"}
	for room, want := range map[int]string{100: "⏎ open · q close · ? help", 16: "⏎ open · ? help", 3: "? help", 0: "? help"} {
		if got := kit.Fitting(hints, room); got != want {
			t.Errorf("in %d columns %q, want %q", room, got, want)
		}
	}
}

func TestTheMiddleOfAPathGivesWay(t *testing.T) {
	t.Parallel()
	for w, want := range map[int]string{30: "~/a/folder/report.ipynb", 15: "~/a/…port.ipynb", 4: "~/a…", 1: "…", 0: ""} {
		if got := kit.Middle("~/a/folder/report.ipynb", w); got != want {
			t.Errorf("in %d columns %q, want %q", w, got, want)
		}
	}
}

func TestNumbersRoundToWhatMatters(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 84_400: "84 kB", 999_400: "999 kB", 999_600: "1.0 MB", 1_234_000_000: "1.2 GB", 52_000_000_000: "52 GB"} {
		if got := kit.Bytes(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0.0 s", 840 * time.Millisecond: "0.8 s", 12 * time.Second: "12 s", 252 * time.Second: "4 m 12 s", 125 * time.Minute: "2 h 5 m", 76 * time.Hour: "3 d 4 h"} {
		if got := kit.Duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{-time.Second: "0 s", 4 * time.Second: "4 s", 12 * time.Minute: "12 m", 26 * time.Hour: "26 h", 50 * time.Hour: "2 d"} {
		if got := kit.Age(d); got != want {
			t.Errorf("the age %v is %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 cells", 1: "1 cell", 1204: "1\u2009204 cells", -1234567: "-1\u2009234\u2009567 cells"} {
		if got := kit.Plural(n, "cell"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
