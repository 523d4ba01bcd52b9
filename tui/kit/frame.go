// Package kit is what all screens look and act alike by: the line of chrome above and
// below, the words for durations and sizes, and actions that keys, the palette and
// help know alike. It knows no screen.
package kit

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/tui/theme"
)

// Frame is a whole screen: title, rule, body, what there is to say, rule, footer.
// Where it is less than Low rows high the rules are left out.
type Frame struct {
	Title  string   // painted; gives way to Right
	Right  string   // painted, at the right of the title
	Body   []string // painted; as many rows as BodyHeight says, or fewer
	Notice string   // one line, plain; "" is none
	Loud   bool     // the notice is about something that failed
	Field  string   // painted: a field to type into, in the place of the notice
	Mode   string   // a word at the left of the footer, such as "VIEW"; may be ""
	Place  string   // after it, such as "3/24"; may be ""
	Hints  []string // keys that matter now, "⏎ open": the most useful first
	State  string   // painted, at the right of the footer
}

// Low is the height below which a screen does without rules.
const Low = 8

// BodyHeight is how many rows the body of a screen has that is h rows high.
func BodyHeight(h int, notice bool) int {
	rows := h - 2
	if h >= Low {
		rows -= 2
	}
	if notice {
		rows--
	}
	return max(rows, 0)
}

// BodyTop is the row of the screen with the first row of the body.
func BodyTop(h int) int {
	if h >= Low {
		return 2
	}
	return 1
}

// FieldRow is the row of the screen with the notice or the field.
func FieldRow(h int) int {
	if h >= Low {
		return h - 3
	}
	return h - 2
}

// Rows draws the screen in w columns and exactly h rows.
func (f Frame) Rows(t theme.Theme, w, h int) []string {
	rule := t.Faint(strings.Repeat("─", w))
	rows := append(make([]string, 0, h+2), Sides(" "+f.Title, f.Right+" ", w))
	if h >= Low {
		rows = append(rows, rule)
	}
	height := BodyHeight(h, f.Notice != "" || f.Field != "")
	for i := range height {
		row := ""
		if i < len(f.Body) {
			row = f.Body[i]
		}
		rows = append(rows, row)
	}
	if f.Field != "" {
		rows = append(rows, f.Field)
	} else if f.Notice != "" {
		say := t.Muted
		if f.Loud {
			say = t.Failed
		}
		rows = append(rows, " "+say(ansi.Truncate(f.Notice, max(w-2, 0), "…")))
	}
	if h >= Low {
		rows = append(rows, rule)
	}
	rows = append(rows, f.footer(t, w))
	return rows[:min(h, len(rows))]
}

func (f Frame) footer(t theme.Theme, w int) string {
	left := " "
	if f.Mode != "" {
		left += t.Mode(f.Mode) + " "
	}
	if f.Place != "" {
		left += t.Muted(" " + f.Place + "   ")
	}
	right := f.State + " "
	room := w - ansi.StringWidth(left) - ansi.StringWidth(right) - 2
	return Sides(left+t.Muted(Fitting(f.Hints, room)), right, w)
}

// Fitting joins as many hints as there is room for. They come in the order of their
// use to somebody new; the first is shown last, where the eye ends.
func Fitting(hints []string, room int) string {
	text := ""
	for n := 1; n <= len(hints); n++ {
		longer := strings.Join(append(append([]string(nil), hints[1:n]...), hints[0]), " · ")
		if ansi.StringWidth(longer) > room && n > 1 {
			break
		}
		text = longer
	}
	return text
}

// Sides puts left and right on one row; the left gives way.
func Sides(left, right string, w int) string {
	room := w - ansi.StringWidth(right)
	if room < 0 {
		return ansi.Truncate(right, w, "…")
	}
	if ansi.StringWidth(left) > room-1 {
		left = ansi.Truncate(left, max(room-1, 0), "…")
	}
	return left + strings.Repeat(" ", max(room-ansi.StringWidth(left), 0)) + right
}

// Pad fills s with blanks to w columns; what is wider is cut with "…".
func Pad(s string, w int) string {
	if ansi.StringWidth(s) > w {
		s = ansi.Truncate(s, max(w, 0), "…")
	}
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}

// PadLeft is Pad with the blanks before, for numbers.
func PadLeft(s string, w int) string {
	if ansi.StringWidth(s) > w {
		s = ansi.Truncate(s, max(w, 0), "…")
	}
	return strings.Repeat(" ", max(w-ansi.StringWidth(s), 0)) + s
}

// Middle cuts the middle out of plain text that is wider than w columns: of a path the
// end says most, and the beginning something.
func Middle(s string, w int) string {
	width := ansi.StringWidth(s)
	if width <= w {
		return s
	}
	if w < 5 {
		return ansi.Truncate(s, max(w, 0), "…")
	}
	head := (w - 1) / 3
	return ansi.Truncate(s, head, "") + "…" + ansi.TruncateLeft(s, width-(w-1-head), "")
}
