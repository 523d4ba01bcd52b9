package browser

import (
	"cmp"
	"slices"
	"strings"
)

// order is how the entries of a folder are sorted; folders always come first.
type order int

const (
	byName order = iota
	byTime       // newest first
	bySize       // largest first
	orders
)

func (o order) String() string { return [...]string{"name", "time", "size"}[o] }

// node is an entry in the tree.
type node struct {
	Entry
	label   string // of a root, which shows more than its name
	parent  *node  // nil of a root
	depth   int
	open    bool
	listed  bool   // all pages have come
	loading bool   // a page is on its way
	ordered bool   // the kids stay in the order they came in
	fault   string // why it could not be listed
	asked   int    // which listing is awaited: answers to earlier ones are late
	kids    []*node
}

// folder is the node itself where it is one, else the one it is in.
func (n *node) folder() *node {
	if n.Dir || n.parent == nil {
		return n
	}
	return n.parent
}

// tree is what folders hold, as far as they were opened, and what of it is shown.
type tree struct {
	roots  []*node
	order  order
	hidden bool   // names that begin with a dot are shown
	filter string // only names that match, and what leads to them
	marked map[string]bool

	rows   []*node // shown, from top to bottom
	at     int     // the cursor, of rows
	top    int     // first row on the screen
	height int
}

func newTree() *tree { return &tree{marked: map[string]bool{}} }

func (t *tree) addRoot(url, label string) *node {
	n := &node{Entry: Entry{Name: label, URL: url, Dir: true}, label: label}
	t.roots = append(t.roots, n)
	t.refresh()
	return n
}

// current is the node under the cursor; nil in an empty tree.
func (t *tree) current() *node {
	if t.at < len(t.rows) {
		return t.rows[t.at]
	}
	return nil
}

// refresh makes the rows anew and keeps the cursor on its node; where that is gone,
// on what took its place.
func (t *tree) refresh() {
	was := t.current()
	t.rows = t.rows[:0]
	for _, r := range t.roots {
		t.append(r)
	}
	if was != nil && (t.at >= len(t.rows) || t.rows[t.at] != was) {
		if i := slices.Index(t.rows, was); i >= 0 {
			t.top += i - t.at // it stays where it is on the screen
			t.at = i
		}
	}
	t.moveTo(t.at)
}

// append adds a node and what is open below it. It reports whether anything was.
func (t *tree) append(n *node) bool {
	from := len(t.rows)
	t.rows = append(t.rows, n)
	any := n.parent == nil || t.matches(n)
	if n.open {
		for _, k := range n.kids {
			if !t.hidden && strings.HasPrefix(k.Name, ".") {
				continue
			}
			if t.append(k) {
				any = true
			}
		}
	}
	if !any {
		t.rows = t.rows[:from]
	}
	return any
}

func (t *tree) matches(n *node) bool {
	if t.filter == "" {
		return true
	}
	_, ok := score(n.Name, t.filter)
	return ok
}

func (t *tree) setFilter(f string) {
	t.filter = f
	t.refresh()
	if f == "" || t.current() != nil && t.current().parent != nil && t.matches(t.current()) {
		return
	}
	best, most := -1, 0
	for i, n := range t.rows {
		if n.parent == nil {
			continue
		}
		if sc, ok := score(n.Name, f); ok && (best < 0 || sc > most) {
			best, most = i, sc
		}
	}
	if best >= 0 {
		t.moveTo(best)
	}
}

// moveTo puts the cursor on a row and brings it onto the screen.
func (t *tree) moveTo(i int) {
	t.at = max(min(i, len(t.rows)-1), 0)
	h := max(t.height, 1)
	t.top = max(min(t.top, t.at, max(len(t.rows)-h, 0)), t.at-h+1, 0)
}

// take adds a page of entries to a folder. fresh replaces what was there, and keeps
// of it the folders that are still there, so that they stay open.
func (t *tree) take(n *node, entries []Entry, fresh, last bool) {
	old := map[string]*node{}
	if fresh {
		for _, k := range n.kids {
			old[k.URL] = k
		}
		n.kids = nil
	}
	sorted := len(n.kids)
	for _, e := range entries {
		k := old[e.URL]
		if k == nil || k.Dir != e.Dir {
			k = &node{parent: n, depth: n.depth + 1}
		}
		k.Entry = e
		n.kids = append(n.kids, k)
	}
	// Pages come in the order of names as a rule: sorting a large folder anew for each
	// would cost more than the listing.
	if last || t.order != byName || sorted == 0 {
		t.sort(n)
	}
	n.listed = last
	t.refresh()
}

func (t *tree) sort(n *node) {
	if n.ordered {
		return
	}
	slices.SortStableFunc(n.kids, func(a, b *node) int {
		if a.Dir != b.Dir {
			if a.Dir {
				return -1
			}
			return 1
		}
		by := 0
		switch t.order {
		case byTime:
			by = b.Modified.Compare(a.Modified)
		case bySize:
			by = cmp.Compare(b.Size, a.Size)
		case byName, orders:
		}
		return cmp.Or(by, natural(a.Name, b.Name))
	})
}

func (t *tree) setOrder(o order) {
	t.order = o
	var all func([]*node)
	all = func(nodes []*node) {
		for _, n := range nodes {
			t.sort(n)
			all(n.kids)
		}
	}
	all(t.roots)
	t.refresh()
}

// find gives the node of an address, as far as it was listed.
func (t *tree) find(url string) *node {
	var in func([]*node) *node
	in = func(nodes []*node) *node {
		for _, n := range nodes {
			if n.URL == url {
				return n
			}
			if k := in(n.kids); k != nil {
				return k
			}
		}
		return nil
	}
	return in(t.roots)
}

// natural compares names as people count: run-2 before run-10, capitals apart only
// where nothing else tells two names apart.
func natural(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	for x != "" && y != "" {
		if digit(x[0]) && digit(y[0]) {
			var p, q string
			p, x = number(x)
			q, y = number(y)
			if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
				return c
			}
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// number splits leading digits off, without their zeros.
func number(s string) (digits, rest string) {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	return strings.TrimLeft(s[:i], "0"), s[i:]
}
