package browser

import (
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
	shelf
	coming  *shelf // what is listed anew, until all of it has come
	version int    // changes with what is on the shelf
	key     string // of the name, see natural
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

	best *node // of the rows the one that matches the filter best
	most int   // how well
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
	t.rows, t.best = t.rows[:0], nil
	for _, r := range t.roots {
		t.append(r)
	}
	if was != nil && (t.at >= len(t.rows) || t.rows[t.at] != was) {
		i := slices.Index(t.rows, was)
		if i < 0 && was.parent != nil { // it was listed anew and has changed
			i = slices.Index(t.rows, was.parent.byURL[was.URL])
		}
		if i >= 0 {
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
		kids, rest := n.kids, []*node(nil)
		if t.filter == "" && !n.ordered && (t.hidden || n.sum.hidden == 0) {
			kids, rest = n.kids[:n.sum.dirs], n.kids[n.sum.dirs:] // files need not be looked at
		}
		for _, k := range kids {
			if !t.hidden && strings.HasPrefix(k.Name, ".") {
				continue
			}
			if t.append(k) {
				any = true
			}
		}
		t.rows = append(t.rows, rest...)
	}
	if !any {
		t.rows = t.rows[:from]
	}
	return any
}

// matches says whether a node is to be shown.
func (t *tree) matches(n *node) bool {
	if t.filter == "" {
		return true
	}
	sc, ok := score(n.Name, t.filter)
	if ok && (t.best == nil || sc > t.most) {
		t.best, t.most = n, sc
	}
	return ok
}

// narrow makes the rows anew from those there are, of which a longer filter leaves some.
func (t *tree) narrow() {
	was := t.current()
	old := slices.Clone(t.rows)
	t.rows, t.best = t.rows[:0], nil
	for i, n := range old {
		t.rows = append(t.rows, n)
		leads := n.parent == nil || n.Dir && i+1 < len(old) && old[i+1].depth > n.depth
		if !t.matches(n) && !leads {
			t.rows = t.rows[:len(t.rows)-1]
		}
	}
	t.prune()
	if i := slices.Index(t.rows, was); i >= 0 {
		t.at = i
	}
	t.moveTo(t.at)
}

// prune takes folders out that neither match nor lead to what does any more.
func (t *tree) prune() {
	kept := len(t.rows)
	below := 0 // depth of the row behind
	for i := len(t.rows) - 1; i >= 0; i-- {
		n := t.rows[i]
		ok := n.parent == nil || !n.Dir || below > n.depth
		if !ok {
			_, ok = score(n.Name, t.filter)
		}
		if ok {
			kept--
			t.rows[kept] = n
			below = n.depth
		}
	}
	t.rows = append(t.rows[:0], t.rows[kept:]...)
}

func (t *tree) setFilter(f string) {
	if t.filter != "" && strings.HasPrefix(f, t.filter) {
		t.filter = f
		t.narrow()
	} else {
		t.filter = f
		t.refresh()
	}
	if f == "" || t.current() != nil && t.current().parent != nil && t.matches(t.current()) {
		return
	}
	if i := slices.Index(t.rows, t.best); i >= 0 {
		t.moveTo(i)
	}
}

// moveTo puts the cursor on a row and brings it onto the screen.
func (t *tree) moveTo(i int) {
	t.at = max(min(i, len(t.rows)-1), 0)
	h := max(t.height, 1)
	t.top = max(min(t.top, t.at, max(len(t.rows)-h, 0)), t.at-h+1, 0)
}

// take adds a page of entries to a folder. fresh begins anew: what was there stays in
// sight until the last page has come, so that neither the cursor nor an open folder is
// lost meanwhile.
func (t *tree) take(n *node, entries []Entry, fresh, last bool) {
	if fresh {
		n.coming = nil
		if len(n.kids) > 0 {
			n.coming = &shelf{}
		}
	}
	on := &n.shelf
	if n.coming != nil {
		on = n.coming
	}
	page, block := make([]*node, 0, len(entries)), make([]node, len(entries)) // side by side, for the cache
	for i, e := range entries {
		k := n.byURL[e.URL]
		switch {
		case on.byURL[e.URL] != nil:
			continue // it moved from one page to the next while they were asked for
		case k != nil && k.Dir && e.Dir:
			k.Entry = e
		case k == nil || k.Entry != e: // a file never changes: it may be sorted meanwhile
			k = &block[i]
			*k = node{Entry: e, parent: n, depth: n.depth + 1, key: natural(e.Name)}
		}
		page = append(page, k)
	}
	on.put(page, t.by(n))
	if last && n.coming != nil {
		n.shelf, n.coming = *n.coming, nil
		n.version++
	}
	n.version++
	n.listed = last
	t.refresh()
}

// by is how what is in a folder is sorted; nil is not at all.
func (t *tree) by(n *node) func(a, b *node) int {
	if n.ordered {
		return nil
	}
	return t.order.compare
}

// sortedNow is up to how many entries are sorted at once; more would hold up a key.
const sortedNow = 5000

// setOrder sorts all folders anew, and gives back those that are too large for that to
// be done while somebody waits.
func (t *tree) setOrder(o order) (large []*node) {
	t.order = o
	var all func([]*node)
	all = func(nodes []*node) {
		for _, n := range nodes {
			switch {
			case n.ordered:
			case len(n.kids) > sortedNow:
				large = append(large, n)
			default:
				slices.SortStableFunc(n.kids, o.compare)
			}
			if n.coming != nil {
				slices.SortStableFunc(n.coming.kids, o.compare)
			}
			if n.Dir {
				all(n.kids)
			}
		}
	}
	all(t.roots)
	t.refresh()
	return large
}

// find gives the node of an address, as far as it was listed.
func (t *tree) find(url string) *node {
	var in func([]*node) *node
	in = func(nodes []*node) *node {
		for _, n := range nodes {
			if !n.Dir {
				continue // it was looked for by its address
			}
			if n.URL == url {
				return n
			}
			if k := n.byURL[url]; k != nil {
				return k
			}
			if k := in(n.kids); k != nil {
				return k
			}
		}
		return nil
	}
	return in(t.roots)
}
