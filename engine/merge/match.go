package merge

import (
	"slices"
	"strings"

	"nbterm/engine/notebook"
)

// match says for each cell of a which cell of b it is, -1 for none. Where the two
// come from the same notebook of this process that is known by their keys. Else ids
// say it as far as both sides have them, each once. What is left is aligned: first
// the longest common run of equal cells, then equal cells wherever they are, then
// what lies between the same two neighbours.
func match(a, b []*notebook.Cell) []int {
	m := matching{a: a, b: b, to: whole(len(a)), from: whole(len(b))}
	if m.byKey() {
		return m.to
	}
	m.byID()
	m.align()
	m.moved()
	m.between()
	return m.to
}

type matching struct {
	a, b     []*notebook.Cell
	to, from []int
	loose    bool // cells with different ids may be one, if they are alike
}

func (m *matching) set(i, j int) { m.to[i], m.from[j] = j, i }

// byKey matches by identity; false when there is none in common.
func (m *matching) byKey() (any bool) {
	at := make(map[uint64]int, len(m.b))
	for j, c := range m.b {
		at[c.Key()] = j
	}
	for i, c := range m.a {
		if j, ok := at[c.Key()]; ok {
			m.set(i, j)
			any = true
		}
	}
	return any
}

// byID matches ids that are there once on each side.
func (m *matching) byID() {
	at := once(m.b, m.from, (*notebook.Cell).ID)
	for id, i := range once(m.a, m.to, (*notebook.Cell).ID) {
		if j, ok := at[id]; ok && id != "" {
			m.set(i, j)
		}
	}
}

// once finds the names that only one of the cells not yet matched has.
func once(cells []*notebook.Cell, matched []int, name func(*notebook.Cell) string) map[string]int {
	at, twice := map[string]int{}, map[string]bool{}
	for i, c := range cells {
		if matched[i] >= 0 {
			continue
		}
		n := name(c)
		if _, ok := at[n]; ok {
			twice[n] = true
		}
		at[n] = i
	}
	for n := range twice {
		delete(at, n)
	}
	return at
}

// text is all of what a cell says, as one string.
func text(c *notebook.Cell) string { return string(c.Kind()) + "\n" + c.Source() }

// rest are the positions not yet matched.
func rest(matched []int) []int {
	var left []int
	for i, at := range matched {
		if at < 0 {
			left = append(left, i)
		}
	}
	return left
}

// mostWork bounds the table of the alignment; beyond it only cells that are unique
// are found again.
const mostWork = 4 << 20

// align matches the longest common subsequence of what is left.
func (m *matching) align() {
	a, b := rest(m.to), rest(m.from)
	equal := func(i, j int) bool { return sameText(m.a[i], m.b[j]) }
	for len(a) > 0 && len(b) > 0 && equal(a[0], b[0]) {
		m.set(a[0], b[0])
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && equal(a[len(a)-1], b[len(b)-1]) {
		m.set(a[len(a)-1], b[len(b)-1])
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a)*len(b) > mostWork {
		return
	}
	for _, p := range longest(len(a), len(b), func(i, j int) int { return count(equal(a[i], b[j])) }) {
		m.set(a[p[0]], b[p[1]])
	}
}

// longest finds the pairs (i, j), both growing, with the greatest sum of scores;
// a pair that scores 0 is none.
func longest(n, k int, score func(i, j int) int) [][2]int {
	w := k + 1
	best := make([]int32, (n+1)*w)
	for i := n - 1; i >= 0; i-- {
		for j := k - 1; j >= 0; j-- {
			top := max(best[(i+1)*w+j], best[i*w+j+1])
			if s := score(i, j); s > 0 {
				top = max(top, best[(i+1)*w+j+1]+int32(s))
			}
			best[i*w+j] = top
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < n && j < k; {
		switch best[i*w+j] {
		case best[(i+1)*w+j]:
			i++
		case best[i*w+j+1]:
			j++
		default:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		}
	}
	return pairs
}

// moved matches equal cells that are there once on each side, wherever they are.
func (m *matching) moved() {
	at := once(m.b, m.from, text)
	for t, i := range once(m.a, m.to, text) {
		if j, ok := at[t]; ok && strings.TrimSpace(m.a[i].Source()) != "" {
			m.set(i, j)
		}
	}
}

// between matches what lies between the same neighbours, in order: all of it where
// both sides have the same number there, else what is alike.
func (m *matching) between() {
	for i := 0; i < len(m.a); i++ {
		if m.to[i] >= 0 {
			continue
		}
		end := i
		for end < len(m.a) && m.to[end] < 0 {
			end++
		}
		from, to := 0, len(m.b)
		if i > 0 {
			from = m.to[i-1] + 1
		}
		if end < len(m.a) {
			to = m.to[end]
		}
		m.pairRun(i, end, from, to)
		i = end
	}
}

// pairRun matches a[i:end] with what is left of b[from:to].
func (m *matching) pairRun(i, end, from, to int) {
	var b []int
	for j := from; j < to; j++ {
		if m.from[j] >= 0 {
			return // the neighbours are no longer side by side
		}
		b = append(b, j)
	}
	n := end - i
	if n == len(b) && (!m.loose || m.unnamed(i, end, b)) {
		for k, j := range b {
			if m.free(i+k, j) {
				m.set(i+k, j)
			}
		}
		return
	}
	if n*len(b) > mostWork/1000 { // likeness is dear
		return
	}
	for _, p := range longest(n, len(b), func(x, y int) int { return m.likeness(i+x, b[y]) }) {
		m.set(i+p[0], b[p[1]])
	}
}

// free tells whether two cells may be one: two ids that differ say no.
func (m *matching) free(i, j int) bool {
	return m.loose || m.a[i].ID() == "" || m.b[j].ID() == ""
}

// likeness is the share of lines in common in percent, 0 below a third.
func (m *matching) likeness(i, j int) int {
	if !m.free(i, j) {
		return 0
	}
	a, b := strings.Split(m.a[i].Source(), "\n"), strings.Split(m.b[j].Source(), "\n")
	lines := map[string]int{}
	for _, l := range a {
		lines[l]++
	}
	common := 0
	for _, l := range b {
		if lines[l] > 0 {
			lines[l]--
			common++
		}
	}
	if share := 200 * common / (len(a) + len(b)); share >= 33 {
		return share
	}
	if m.loose && m.a[i].Kind() == m.b[j].Kind() {
		return wordLikeness(m.a[i].Source(), m.b[j].Source())
	}
	return 0
}

// reunite makes one of two cells that say the same, of which mine has only the one and
// theirs only the other, and at least one was made of a cell of base: without ids it
// is known only where it happened what was moved and changed, or which of two equal
// cells was deleted.
func reunite(all []trio, mine, theirs []*notebook.Cell, inMine, inTheirs []int) {
	lone := map[string][]int{}
	for j, i := range inMine {
		if i < 0 || all[i].theirs == nil {
			lone[text(mine[j])] = append(lone[text(mine[j])], j)
		}
	}
	for k, old := range inTheirs {
		if old >= 0 && all[old].mine != nil {
			continue
		}
		like := lone[text(theirs[k])]
		n := slices.IndexFunc(like, func(j int) bool {
			return (old >= 0 || inMine[j] >= 0) && (mine[j].ID() == "" || theirs[k].ID() == "")
		})
		if n < 0 {
			continue
		}
		j := like[n]
		lone[text(theirs[k])] = slices.Delete(like, n, n+1)
		if i := inMine[j]; i < 0 {
			all[old].mine, inMine[j] = mine[j], old
		} else {
			if old >= 0 {
				all[old].theirs = nil
			}
			all[i].theirs, inTheirs[k] = theirs[k], i
		}
	}
}

// matchNew finds, among the cells that base has not, those that both sides have: by
// id, or equal ones without two ids behind the same cell of base. It gives for each
// such cell of mine that of theirs, -1 for none.
func matchNew(mine, theirs []*notebook.Cell, inMine, inTheirs []int) map[int]int {
	type place struct {
		after int
		text  string
	}
	ids, places := map[string]int{}, map[place][]int{}
	after := -1
	for k, at := range inTheirs {
		if at >= 0 {
			after = at
			continue
		}
		if id := theirs[k].ID(); id != "" {
			ids[id] = k
		}
		p := place{after, text(theirs[k])}
		places[p] = append(places[p], k)
	}
	found, taken := map[int]int{}, map[int]bool{}
	after = -1
	for j, at := range inMine {
		if at >= 0 {
			after = at
			continue
		}
		found[j] = -1
		p := place{after, text(mine[j])}
		k, ok := ids[mine[j].ID()]
		if !ok {
			for _, c := range places[p] {
				if !taken[c] && (mine[j].ID() == "" || theirs[c].ID() == "") {
					k, ok = c, true
					break
				}
			}
		}
		if ok && !taken[k] {
			found[j], taken[k] = k, true
		}
	}
	return found
}
