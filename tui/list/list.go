// Package list is a virtual list of items of any height. Only what is on the
// screen is asked for. The position is an anchor (item, row) at the top edge, so
// nothing that grows or shrinks below moves what is being read, and no heights
// above need to be known.
package list

// Items is what a list shows. Heights are rows at the width in force.
type Items interface {
	Len() int
	Height(i int) int              // at least 1; asked only for items on or next to the screen
	Rows(i, from, to int) []string // rows [from, to) of item i
}

// Pos is a row of an item.
type Pos struct{ Item, Row int }

// List is a window of Height rows on Items.
type List struct {
	items  Items
	height int
	top    Pos
}

// New shows items from the first row on.
func New(items Items) *List { return &List{items: items} }

// SetHeight sets the number of rows shown.
func (l *List) SetHeight(rows int) { l.height = max(rows, 0) }

// Height is the number of rows shown.
func (l *List) Height() int { return l.height }

// Top is the anchor: what the first row shows.
func (l *List) Top() Pos { return l.top }

// SetTop moves the anchor; a position that does not exist is brought to the
// nearest that does.
func (l *List) SetTop(p Pos) {
	l.top = p
	l.clamp()
}

func (l *List) clamp() {
	n := l.items.Len()
	switch {
	case n == 0 || l.top.Item < 0:
		l.top = Pos{}
	case l.top.Item >= n:
		l.top = Pos{n - 1, 0}
	default:
		l.top.Row = min(max(l.top.Row, 0), l.items.Height(l.top.Item)-1)
	}
}

// Rows draws: exactly Height rows, empty ones after the end.
func (l *List) Rows() []string {
	l.clamp()
	rows := make([]string, 0, l.height)
	row := l.top.Row
	for i := l.top.Item; i < l.items.Len() && len(rows) < l.height; i++ {
		to := min(l.items.Height(i), row+l.height-len(rows))
		rows = append(rows, l.items.Rows(i, row, to)...)
		row = 0
	}
	for len(rows) < l.height {
		rows = append(rows, "")
	}
	return rows
}

// At says what row y of the screen shows; false for the empty rows after the end.
func (l *List) At(y int) (Pos, bool) {
	p := l.top
	p.Row += y
	for p.Item < l.items.Len() {
		h := l.items.Height(p.Item)
		if p.Row < h {
			return p, true
		}
		p = Pos{p.Item + 1, p.Row - h}
	}
	return Pos{}, false
}

// Y is the screen row that shows p, and whether it is on the screen. For a
// position off the screen it is some row outside [0, Height).
func (l *List) Y(p Pos) (int, bool) {
	if p.Item < l.top.Item {
		return -1, false
	}
	y := -l.top.Row
	for i := l.top.Item; i < p.Item; i++ {
		y += l.items.Height(i)
		if y >= l.height {
			return l.height, false
		}
	}
	y += p.Row
	return y, y >= 0 && y < l.height
}

// Scroll moves the window down by rows, up if negative. It stops where the last
// row of the last item is at the top edge of the last screen.
func (l *List) Scroll(rows int) {
	if rows > 0 {
		l.top = l.step(l.top, rows)
		if end := l.end(); after(l.top, end) {
			l.top = end
		}
		return
	}
	l.top = l.step(l.top, rows)
}

// end is the lowest anchor that still fills the screen.
func (l *List) end() Pos {
	n := l.items.Len()
	if n == 0 {
		return Pos{}
	}
	return l.step(Pos{n - 1, l.items.Height(n-1) - 1}, 1-l.height)
}

// step walks rows from p, and stops at the ends.
func (l *List) step(p Pos, rows int) Pos {
	n := l.items.Len()
	if n == 0 {
		return Pos{}
	}
	p.Row += rows
	for p.Row < 0 && p.Item > 0 {
		p.Item--
		p.Row += l.items.Height(p.Item)
	}
	for p.Row >= l.items.Height(p.Item) && p.Item < n-1 {
		p.Row -= l.items.Height(p.Item)
		p.Item++
	}
	p.Row = min(max(p.Row, 0), l.items.Height(p.Item)-1)
	return p
}

func after(a, b Pos) bool { return a.Item > b.Item || a.Item == b.Item && a.Row > b.Row }

// Reveal scrolls as little as needed to show rows [from, to) of an item; where
// they do not all fit, the first ones.
func (l *List) Reveal(item, from, to int) {
	if l.height == 0 || item >= l.items.Len() {
		return
	}
	to = max(min(to, from+l.height), from+1)
	first, last := Pos{item, from}, Pos{item, to - 1}
	if after(l.top, first) {
		l.top = first
		return
	}
	if _, ok := l.Y(last); !ok {
		l.top = l.step(last, 1-l.height)
	}
}
