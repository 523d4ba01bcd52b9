package notebook

import (
	"fmt"

	"nbterm/engine/notebook"
	"nbterm/render"
	"nbterm/tui/images"
	"nbterm/tui/theme"
)

// piece is an output as rows. Streams make theirs when asked, so that a million
// lines cost what is on the screen.
type piece interface {
	Len() int
	Rows(from, to int) []string
}

// rows is a piece that was drawn whole.
type rows []string

func (r rows) Len() int                   { return len(r) }
func (r rows) Rows(from, to int) []string { return r[from:to] }

// illustrated is a piece with pictures in it, which stay on the terminal as long as
// it is held.
type illustrated struct {
	rows
	pictures []*images.Picture
}

// placed marks where the pictures of a block belong.
func placed(b render.Block, layer *images.Layer) piece {
	lines, pictures := layer.Mark(b)
	if pictures == nil {
		return rows(lines)
	}
	return illustrated{lines, pictures}
}

// shown is an output with what it was drawn as.
type shown struct {
	out   *notebook.Output
	piece piece
	view  string // the id of the widget that it is a view of, or ""
}

// outputs are the outputs of one cell, drawn; folded to their ends when long.
type outputs struct {
	shown []shown
	fold  fold
	over  int    // rows from which they are folded; 0 is never
	total int    // rows of all pieces
	note  string // stands for what is folded away, or for everything when hidden
}

// Long outputs are folded to their first and last rows: of each twelfth of what
// would still be shown whole, five and three.
func (o *outputs) ends() (head, tail int) { return max(o.over*5/12, 1), max(o.over*3/12, 1) }

func (o *outputs) measure(t theme.Theme) {
	head, tail := o.ends()
	o.total = 0
	for _, s := range o.shown {
		o.total += s.piece.Len()
	}
	switch {
	case o.fold == hidden:
		o.note = t.Muted(fmt.Sprintf("… %s hidden · o shows", plural(o.total, "row")))
	case o.short():
		o.note = t.Muted(fmt.Sprintf("… %s rows · o unfolds · O reads", thousands(o.total-head-tail)))
	}
}

// short is true when only the ends are shown.
func (o *outputs) short() bool { return o.fold == folded && o.long() }

func (o *outputs) long() bool { return o.over > 0 && o.total > o.over }

func (o *outputs) height() int {
	switch {
	case len(o.shown) == 0:
		return 0
	case o.fold == hidden:
		return 1
	case o.short():
		head, tail := o.ends()
		return head + 1 + tail
	}
	return o.total
}

// rows gives rows [from, to) of what is shown.
func (o *outputs) rows(from, to int) []string {
	switch {
	case from >= to:
		return nil
	case o.fold == hidden:
		return []string{o.note}
	case !o.short():
		return o.slice(from, to)
	}
	head, tail := o.ends()
	all := o.slice(from, min(to, head))
	if from <= head && head < to {
		all = append(all, o.note)
	}
	skip := o.total - head - 1 - tail // rows of the whole before row 0 of the tail, less those shown
	return append(all, o.slice(max(from, head+1)+skip, to+skip)...)
}

// slice gives rows [from, to) of all pieces together.
func (o *outputs) slice(from, to int) []string {
	var all []string
	for _, s := range o.shown {
		n := s.piece.Len()
		if a, b := max(from, 0), min(to, n); a < b {
			all = append(all, s.piece.Rows(a, b)...)
		}
		from, to = from-n, to-n
		if to <= 0 {
			break
		}
	}
	return all
}

// live is a stream that may grow; drawing more of it costs what was added.
type live struct {
	*render.Printer
	name string
}

// grow plays a later version of the stream. It is false when out is another.
func (l *live) grow(out *notebook.Output) bool {
	if out.Kind() != notebook.Stream || out.StreamName() != l.name {
		return false
	}
	l.Update(out.Text())
	return true
}
