package merge

import (
	"slices"
	"strings"
	"unicode"

	"nbterm/engine/notebook"
)

// Place is a cell of two notebooks put beside each other: its position in each, from
// 0, and -1 where it is not.
type Place struct {
	A, B  int
	Moved bool // in both, but not between the same neighbours
}

// Align puts the cells of two notebooks beside each other, in the order of b with
// what only a has where it was. Unlike a merge, which must not mix up two people's
// cells, it takes cells whose ids differ for one when their texts are alike: a tool
// that writes new ids has not written a new notebook.
func Align(a, b []*notebook.Cell) []Place {
	m := matching{a: a, b: b, to: whole(len(a)), from: whole(len(b)), loose: true}
	if !m.byKey() {
		m.byID()
		m.align()
		m.moved()
		m.between()
	}
	var stay [][2]int // pairs, in the order of a
	for i, j := range m.to {
		if j >= 0 {
			stay = append(stay, [2]int{i, j})
		}
	}
	stay = growing(stay)
	out := make([]Place, 0, len(a)+len(b))
	i, j := 0, 0
	for _, p := range append(stay, [2]int{len(a), len(b)}) {
		for ; i < p[0]; i++ {
			if m.to[i] < 0 {
				out = append(out, Place{A: i, B: -1})
			}
		}
		for ; j < p[1]; j++ {
			out = append(out, Place{A: m.from[j], B: j, Moved: m.from[j] >= 0})
		}
		if i < len(a) && j < len(b) {
			out = append(out, Place{A: i, B: j})
			i, j = i+1, j+1
		}
	}
	return out
}

// growing keeps of pairs, ordered by their first number, the most whose second
// numbers grow too.
func growing(pairs [][2]int) [][2]int {
	var ends []int // by length, the pair that ends the run with the least second number
	before := make([]int, len(pairs))
	for n, p := range pairs {
		at, _ := slices.BinarySearchFunc(ends, p[1], func(end, second int) int { return pairs[end][1] - second })
		before[n] = -1
		if at > 0 {
			before[n] = ends[at-1]
		}
		if at == len(ends) {
			ends = append(ends, n)
		} else {
			ends[at] = n
		}
	}
	out := make([][2]int, len(ends))
	if len(ends) == 0 {
		return nil
	}
	for n, k := ends[len(ends)-1], len(ends)-1; n >= 0; n, k = before[n], k-1 {
		out[k] = pairs[n]
	}
	return out
}

// unnamed tells that no two cells of a[i:end] and of b are told apart by ids.
func (m *matching) unnamed(i, end int, b []int) bool {
	for k := i; k < end; k++ {
		if m.a[k].ID() != "" && m.b[b[k-i]].ID() != "" {
			return false
		}
	}
	return true
}

// wordLikeness is the share of words in common in percent, 0 below a half.
func wordLikeness(a, b string) int {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	}
	x, y := split(a), split(b)
	words := map[string]int{}
	for _, w := range x {
		words[w]++
	}
	common := 0
	for _, w := range y {
		if words[w] > 0 {
			words[w]--
			common++
		}
	}
	if len(x)+len(y) == 0 {
		return 0
	}
	if share := 200 * common / (len(x) + len(y)); share >= 50 {
		return share
	}
	return 0
}
