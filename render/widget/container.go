package widget

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/widget"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// mostLabel is how wide the descriptions of a column of controls may be.
const mostLabel = 24

// labels is the width of the descriptions of models that stand in one column.
func (p *painter) labels(ids []string, width int) int {
	label := 0
	for _, id := range ids {
		m := p.models[id]
		if m == nil || p.drawer(m.Kind) == nil {
			continue
		}
		switch m.Kind {
		case "Button", "ToggleButton", "Checkbox", "HTML", "HTMLMath", "Label":
			continue
		}
		label = max(label, ansi.StringWidth(description(m)))
	}
	return min(label, mostLabel, max(width/3, 1))
}

func (p *painter) vbox(m *widget.Model, at place) box {
	ids := m.Refs("children")
	inner := place{width: at.width, depth: at.depth + 1, label: p.labels(ids, at.width)}
	parts := make([]box, len(ids))
	for i, id := range ids {
		parts[i] = p.draw(id, inner)
	}
	return below(0, parts...)
}

// hbox puts its children beside each other; those that fill share what the others
// leave. What does not fit goes on below.
func (p *painter) hbox(m *widget.Model, at place) box {
	ids := m.Refs("children")
	inner := place{width: at.width, depth: at.depth + 1}
	parts := make([]box, len(ids))
	room, flexible := at.width, 0
	for i, id := range ids {
		if p.fills(id) {
			flexible++
			room--
			continue
		}
		parts[i] = p.draw(id, inner)
		if len(parts[i].lines) > 0 {
			room -= parts[i].width() + 1
		}
	}
	for i, id := range ids {
		if p.fills(id) {
			inner.width = max(room/flexible, 12)
			parts[i] = p.draw(id, inner)
		}
	}
	var rows []box
	for len(parts) > 0 {
		n, used := 0, 0
		for n < len(parts) {
			w := parts[n].width()
			if n > 0 && used+1+w > at.width {
				break
			}
			used, n = used+1+w, n+1
		}
		rows, parts = append(rows, beside(1, parts[:n]...)), parts[n:]
	}
	return below(0, rows...)
}

// fills is true for a progress bar that takes the room there is.
func (p *painter) fills(id string) bool {
	m := p.models[id]
	return m != nil && strings.HasSuffix(m.Kind, "Progress") && p.layout(m).fill
}

// grid puts as many children in a row as grid_template_columns tells, of equal width.
func (p *painter) grid(m *widget.Model, at place) box {
	columns := gridColumns(p.layout(m).grid)
	if columns < 2 {
		return p.vbox(m, at)
	}
	ids := m.Refs("children")
	width := max((at.width-columns+1)/columns, 1)
	var rows []box
	for len(ids) > 0 {
		n := min(columns, len(ids))
		parts := make([]box, n)
		for i, id := range ids[:n] {
			b := p.draw(id, place{width: width, depth: at.depth + 1})
			b.lines = b.cut(width)
			if len(b.lines) == 0 {
				b.lines = []string{""}
			}
			b.lines[0] = pad(b.lines[0], width)
			parts[i] = b
		}
		rows, ids = append(rows, beside(1, parts...)), ids[n:]
	}
	return below(0, rows...)
}

// gridColumns counts the columns of a CSS grid template such as "1fr 2fr" or
// "repeat(3, 33%)"; 0 where it cannot be told.
func gridColumns(template string) int {
	if rest, ok := strings.CutPrefix(strings.TrimSpace(template), "repeat("); ok {
		count, _, _ := strings.Cut(rest, ",")
		n, err := strconv.Atoi(strings.TrimSpace(count))
		if err != nil || n < 0 || n > 100 {
			return 0
		}
		return n
	}
	if strings.Contains(template, "(") {
		return 0
	}
	return min(len(strings.Fields(template)), 100)
}

// titles are those of a container's children, clean; a number where there is none.
func titles(m *widget.Model, n int) []string {
	all := m.Titles(n)
	for i := range all {
		if all[i] = strings.TrimSpace(term.Clean(all[i])); all[i] == "" {
			all[i] = strconv.Itoa(i + 1)
		}
	}
	return all
}

// tab draws the titles, a rule that is heavy below the one shown, and its child.
func (p *painter) tab(m *widget.Model, at place) box {
	ids, open := m.Refs("children"), m.Open()
	var head box
	names, rule := "", ""
	for i, title := range titles(m, len(ids)) {
		title = " " + cut(title, max(at.width-2, 1)) + " "
		w := ansi.StringWidth(title)
		if names != "" && ansi.StringWidth(names)+1+w > at.width {
			head.lines = append(head.lines, names, rule)
			names, rule = "", ""
		}
		if names != "" {
			names, rule = names+" ", rule+p.paint("─", p.ctx.Palette.Faint, 0)
		}
		press(&head, len(head.lines), ansi.StringWidth(names), title, m, i, -1, false)
		switch {
		case i == open && p.focus.Model == m.ID:
			names += p.held(title, true)
		case i == open:
			names += p.paint(title, nil, ink.Bold)
		default:
			names += p.muted(title)
		}
		if i == open {
			rule += p.paint(strings.Repeat("━", w), p.ctx.Palette.Accent, 0)
		} else {
			rule += p.paint(strings.Repeat("─", w), p.ctx.Palette.Faint, 0)
		}
	}
	head.lines = append(head.lines, names, rule)
	head.areas = append([]Area{{Rows: 1, Cols: 1, Model: m.ID, Item: -1, Stop: true}}, head.areas...)
	if open < 0 || open >= len(ids) {
		return head
	}
	return below(0, head, p.draw(ids[open], place{width: at.width, depth: at.depth + 1}))
}

func (p *painter) accordion(m *widget.Model, at place) box {
	ids, open := m.Refs("children"), m.Open()
	var parts []box
	for i, title := range titles(m, len(ids)) {
		mark := "▸ "
		if i == open {
			mark = "▾ "
		}
		line := mark + cut(title, max(at.width-2, 1))
		b := box{lines: []string{p.held(line, p.has(m, i))}}
		press(&b, 0, 0, line, m, i, -1, true)
		parts = append(parts, b)
		if i == open {
			parts = append(parts, below(2, p.draw(ids[i], place{width: max(at.width-2, 1), depth: at.depth + 1})))
		}
	}
	return below(0, parts...)
}

// stack draws the one child that is shown.
func (p *painter) stack(m *widget.Model, at place) box {
	ids, open := m.Refs("children"), m.Open()
	if open < 0 || open >= len(ids) {
		return box{}
	}
	return p.draw(ids[open], place{width: at.width, depth: at.depth + 1})
}
