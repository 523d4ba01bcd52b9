package latex

// class is what an atom is for the spacing around it, as in The TeXbook, ch. 18.
type class uint8

const (
	ord class = iota
	op
	bin
	rel
	opening
	closing
	punct
	inner
)

type kind uint8

const (
	kindList    kind = iota
	kindSymbol       // text
	kindText         // text, blanks kept
	kindSpace        // so many blanks: size
	kindScripts      // kids[0] with sub and sup
	kindFrac         // kids[0] over kids[1]; text is "-" with a line; size 1 for \binom
	kindRoot         // of kids[0]; kids[1] is the index
	kindAccent       // a combining character, text, over kids[0]
	kindLine         // over ("over") or under ("under") kids[0]
	kindBrace        // likewise
	kindStack        // kids[0] with kids[1] above and kids[2] below, either may be nil
	kindFence        // left, right around kids, which \middle parts; middles lie between
	kindGrid         // rows
	kindBox          // a frame around kids[0]
	kindStrike       // kids[0], struck out
	kindTag          // (text) at the right
)

// node is one piece of a formula.
type node struct {
	kind     kind
	class    class
	text     string
	size     int
	limits   bool // scripts of an operator stand above and below it
	kids     []*node
	sub, sup *node
	left     string // delimiters; "" is none
	right    string
	middles  []string
	grid     *grid
}

// grid is a matrix or the lines of an aligned formula.
type grid struct {
	rows  [][]*node
	cols  string // l, c, r a column and | between; the last repeats
	gap   int    // cells between columns
	pairs bool   // no gap before every other column
	lines []bool // a rule above row i; one more than rows

}

func symbol(text string, c class) *node { return &node{kind: kindSymbol, text: text, class: c} }
