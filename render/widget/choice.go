package widget

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/widget"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// options are the labels to choose from, clean.
func options(m *widget.Model) []string {
	all := m.Options()
	for i := range all {
		all[i] = strings.TrimSpace(term.Clean(all[i]))
	}
	return all
}

// widest is the width of the widest of some texts.
func widest(texts []string) int {
	w := 0
	for _, t := range texts {
		w = max(w, ansi.StringWidth(t))
	}
	return w
}

// dropdown draws the choice, and below it the options while it is open.
func (p *painter) dropdown(m *widget.Model, at place) box {
	head := p.describe(m, at)
	all := options(m)
	indent := ansi.StringWidth(head)
	room := max(min(widest(all), at.width-indent-6), 1)
	chosen := m.Index()
	text := ""
	if chosen >= 0 {
		text = all[chosen]
	}
	face := "[ " + fit(text, room) + " ▾ ]"
	if m.Disabled() {
		face = p.muted(face)
	}
	b := box{lines: []string{head + p.held(face, p.has(m, 0))}}
	press(&b, 0, indent, face, m, 0, -1, true)
	if p.has(m, 0) && p.focus.Open {
		list := p.rows(m, all, chosen, 10, at.width-indent, func(i int) string {
			if i == chosen {
				return "▸ "
			}
			return "  "
		})
		return below(0, b, below(indent, list))
	}
	return b
}

// rows draws a window of the options about the one at the cursor.
func (p *painter) rows(m *widget.Model, all []string, at, most, width int, mark func(int) string) box {
	most = max(most, 1)
	first := min(max(at-most/2, 0), max(len(all)-most, 0))
	last := min(first+most, len(all))
	var b box
	for i := first; i < last; i++ {
		text := mark(i) + cut(all[i], max(width-4, 1))
		b.areas = append(b.areas, Area{Row: i - first, Cols: max(width, 1), Rows: 1, Model: m.ID, Item: i})
		b.lines = append(b.lines, p.held(text, i == at && p.has(m, 0)))
	}
	if len(all) > most {
		b.lines = append(b.lines, p.muted(fmt.Sprintf("  %d of %d", max(at, 0)+1, len(all))))
	}
	return b
}

// list draws Select and SelectMultiple.
func (p *painter) list(m *widget.Model, at place) box {
	head := p.describe(m, at)
	all, most := options(m), 5
	if rows, ok := m.Number("rows"); ok && rows >= 1 {
		most = int(min(rows, 20))
	}
	indent := ansi.StringWidth(head)
	cursor, mark := m.Index(), func(i int) string {
		if i == m.Index() {
			return "▸ "
		}
		return "  "
	}
	if m.Kind == "SelectMultiple" {
		chosen := m.Chosen()
		cursor = 0
		if p.has(m, 0) {
			cursor = p.focus.Item
		} else if len(chosen) > 0 {
			cursor = chosen[0]
		}
		mark = func(i int) string {
			if slices.Contains(chosen, i) {
				return "[x] "
			}
			return "[ ] "
		}
	}
	list := p.rows(m, all, cursor, most, min(at.width-indent, widest(all)+4), mark)
	list.areas = append([]Area{{Rows: max(len(list.lines), 1), Cols: 1, Model: m.ID, Item: -1, Stop: true}}, list.areas...)
	if len(list.lines) == 0 {
		list.lines = []string{p.muted("no options")}
	}
	return beside(0, box{lines: []string{head}}, list)
}

// radio draws one option a row, or all in a row.
func (p *painter) radio(m *widget.Model, at place) box {
	head := p.describe(m, at)
	indent := ansi.StringWidth(head)
	chosen := m.Index()
	var parts []box
	for i, text := range options(m) {
		mark := "( ) "
		if i == chosen {
			mark = "(•) "
		}
		line := mark + cut(text, max(at.width-indent-4, 1))
		b := box{lines: []string{p.held(line, p.has(m, 0) && (i == chosen || chosen < 0 && i == 0))}}
		press(&b, 0, 0, line, m, 0, i, false)
		parts = append(parts, b)
	}
	list := below(0, parts...)
	if row := beside(2, parts...); m.Text("orientation") == "horizontal" && row.width() <= at.width-indent {
		list = row
	}
	list.areas = append([]Area{{Rows: max(len(list.lines), 1), Cols: 1, Model: m.ID, Item: -1, Stop: true}}, list.areas...)
	if head == "" {
		return list
	}
	return beside(0, box{lines: []string{head}}, list)
}

// toggles draws ToggleButtons, in as many rows as they need.
func (p *painter) toggles(m *widget.Model, at place) box {
	head := p.describe(m, at)
	indent := ansi.StringWidth(head)
	chosen := m.Index()
	var list box
	line := ""
	for i, text := range options(m) {
		left := "[ "
		if i == chosen {
			left = "[•"
		}
		face := left + cut(text, max(at.width-indent-4, 1)) + " ]"
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(face) > at.width-indent {
			list.lines, line = append(list.lines, line), ""
		}
		if line != "" {
			line += " "
		}
		press(&list, len(list.lines), ansi.StringWidth(line), face, m, 0, i, false)
		switch {
		case p.has(m, 0) && (i == chosen || chosen < 0 && i == 0):
			face = p.held(face, true)
		case i == chosen:
			face = p.paint(face, p.tint(m.Text("button_style")), ink.Bold)
		case m.Disabled():
			face = p.muted(face)
		}
		line += face
	}
	list.lines = append(list.lines, line)
	list.areas = append([]Area{{Rows: len(list.lines), Cols: 1, Model: m.ID, Item: -1, Stop: true}}, list.areas...)
	if head == "" {
		return list
	}
	return beside(0, box{lines: []string{head}}, list)
}
