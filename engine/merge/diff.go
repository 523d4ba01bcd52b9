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

// mostLines bounds the table of Lines; longer texts are shown one after the other.
const mostLines = 1 << 21

// Lines puts two texts beside each other.
func Lines(a, b string) []Line {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var pairs [][2]int
	if len(x)*len(y) <= mostLines {
		pairs = longest(len(x), len(y), func(i, j int) int { return count(x[i] == y[j]) })
	}
	pairs = append(pairs, [2]int{len(x), len(y)})
	var all []Line
	i, j := 0, 0
	for _, p := range pairs {
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
