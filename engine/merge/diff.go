package merge

import (
	"strings"

	"nbterm/engine/notebook"
)

// Pair is a cell that differs between two notebooks; nil where it is not.
type Pair struct{ A, B *notebook.Cell }

// Diff lists, in order, the cells that a person would say differ. Outputs do not count.
func Diff(a, b *notebook.Notebook) []Pair {
	var pairs []Pair
	for _, t := range join(a.Cells(), a.Cells(), b.Cells()) {
		if t.mine == nil || t.theirs == nil || !sameByHand(t.mine, t.theirs) {
			pairs = append(pairs, Pair{t.mine, t.theirs})
		}
	}
	return pairs
}

// Line is a line of two texts put beside each other: in both, or only in one.
type Line struct {
	Text     string
	InA, InB bool
}

// Lines puts two texts beside each other.
func Lines(a, b string) []Line {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var all []Line
	i, j := 0, 0
	for _, p := range append(Common(x, y), [2]int{len(x), len(y)}) {
		for ; i < p[0]; i++ {
			all = append(all, Line{Text: x[i], InA: true})
		}
		for ; j < p[1]; j++ {
			all = append(all, Line{Text: y[j], InB: true})
		}
		if i < len(x) {
			all = append(all, Line{Text: x[i], InA: true, InB: true})
			i, j = i+1, j+1
		}
	}
	return all
}

// mostPairs bounds the table of Common; what is longer is first cut at the words
// that both have once.
const mostPairs = 1 << 20

// Common finds pairs of positions, both growing, at which two lists say the same:
// the most there are, save in long lists with little in common.
func Common(a, b []string) [][2]int {
	var head, middle, tail [][2]int
	i, n, k := 0, len(a), len(b)
	for i < n && i < k && a[i] == b[i] {
		head = append(head, [2]int{i, i})
		i++
	}
	for n > i && k > i && a[n-1] == b[k-1] {
		n, k = n-1, k-1
	}
	for at := n; at < len(a); at++ {
		tail = append(tail, [2]int{at, k + at - n})
	}
	switch x, y := a[i:n], b[i:k]; {
	case len(x) == 0 || len(y) == 0:
	case len(x)*len(y) <= mostPairs:
		middle = longest(len(x), len(y), func(p, q int) int { return count(x[p] == y[q]) })
	default:
		middle = anchored(x, y)
	}
	for _, p := range middle {
		head = append(head, [2]int{p[0] + i, p[1] + i})
	}
	return append(head, tail...)
}

// anchored is Common for long lists: between words that both have once.
func anchored(a, b []string) [][2]int {
	in := lone(b)
	var anchors [][2]int
	for i, w := range a {
		if j, ok := in[w]; ok && j >= 0 {
			anchors = append(anchors, [2]int{i, j})
		}
	}
	first := lone(a)
	kept := anchors[:0]
	for _, p := range anchors {
		if first[a[p[0]]] >= 0 {
			kept = append(kept, p)
		}
	}
	kept = growing(kept)
	if len(kept) == 0 {
		return nil
	}
	var all [][2]int
	i, j := 0, 0
	for _, p := range append(kept, [2]int{len(a), len(b)}) {
		for _, q := range Common(a[i:p[0]], b[j:p[1]]) {
			all = append(all, [2]int{q[0] + i, q[1] + j})
		}
		if p[0] < len(a) {
			all = append(all, p)
		}
		i, j = p[0]+1, p[1]+1
	}
	return all
}

// lone is where each word of a list is, -1 where it is more than once.
func lone(words []string) map[string]int {
	at := make(map[string]int, len(words))
	for i, w := range words {
		if _, twice := at[w]; twice {
			i = -1
		}
		at[w] = i
	}
	return at
}

// Best finds pairs of n and k positions, both growing, with the greatest sum of
// scores; a pair that scores 0 is none. It costs n times k.
func Best(n, k int, score func(i, j int) int) [][2]int { return longest(n, k, score) }
