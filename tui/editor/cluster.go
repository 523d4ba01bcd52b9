package editor

import (
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

const (
	// maxCluster cuts a grapheme cluster that has no end in sight (a million
	// combining marks on one letter), so that a step costs a bounded time.
	maxCluster = 64
	// lookBack is how far a step to the left goes to find a certain boundary.
	lookBack = 1024
)

// nextCluster gives the end of the cluster that starts at byte i of s, i < len(s).
// A byte that is not UTF-8 is a cluster of its own.
func nextCluster(s string, i int) int {
	if s[i] < utf8.RuneSelf && (i+1 == len(s) || s[i+1] < utf8.RuneSelf) || s[i] == ' ' { // a blank is one even before a mark
		return i + 1
	}
	switch r, n := utf8.DecodeRuneInString(s[i:]); {
	case r == utf8.RuneError && n == 1:
		return i + 1
	case simple(r) > 0:
		if i+n == len(s) {
			return len(s)
		}
		if next, _ := utf8.DecodeRuneInString(s[i+n:]); simple(next) > 0 || ' ' <= next && next < 0x7f {
			return i + n
		}
	}
	end := min(i+maxCluster, len(s))
	for end < len(s) && end > i+maxCluster-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	cluster, _ := ansi.FirstGraphemeCluster(s[i:end], ansi.GraphemeWidth)
	return i + validPrefix(cluster)
}

// simple is the cells that a rune takes which is a cluster of its own when another
// such rune or an ASCII character follows: 2 for Han, Kana and Hangul syllables, 1
// for letters of the Latin, Greek and Cyrillic blocks, 0 for all others. It spares
// most text of the world the tables.
func simple(r rune) int {
	switch {
	case 0xc0 <= r && r <= 0x24f, 0x391 <= r && r <= 0x481, 0x48a <= r && r <= 0x52f:
		return 1
	case 0x4e00 <= r && r <= 0x9fff, 0x3041 <= r && r <= 0x3096, 0x30a1 <= r && r <= 0x30fa, 0xac00 <= r && r <= 0xd7a3:
		return 2
	}
	return 0
}

// validPrefix is how much of a cluster comes before its first byte that is not
// UTF-8; at least its first rune.
func validPrefix(cluster string) int {
	if utf8.ValidString(cluster) {
		return len(cluster)
	}
	for i, r := range cluster {
		if r == utf8.RuneError && i > 0 {
			if _, n := utf8.DecodeRuneInString(cluster[i:]); n == 1 {
				return i
			}
		}
	}
	return len(cluster)
}

// prevCluster gives the start of the cluster that ends at byte i of s, i > 0.
func prevCluster(s string, i int) int {
	if s[i-1] < utf8.RuneSelf && (i == 1 || s[i-2] < utf8.RuneSelf) {
		return i - 1
	}
	at := boundaryBefore(s, i-1)
	for {
		next := nextCluster(s, at)
		if next >= i {
			return at
		}
		at = next
	}
}

// boundaryBefore gives a boundary at or before byte i, certain unless lookBack
// bytes hold none that is, when it is merely the start of a rune.
func boundaryBefore(s string, i int) int {
	low := max(i-lookBack, 0)
	for at := i; at > low; at-- {
		if at < len(s) && s[at] < utf8.RuneSelf && s[at-1] < utf8.RuneSelf {
			return at
		}
	}
	for low > 0 && low < i && !utf8.RuneStart(s[low]) {
		low++
	}
	return low
}

// snap gives the first boundary at or after byte i of s; i beyond the end is the end.
func snap(s string, i int) int {
	if i <= 0 {
		return 0
	}
	if i >= len(s) {
		return len(s)
	}
	if s[i] < utf8.RuneSelf && s[i-1] < utf8.RuneSelf {
		return i
	}
	at := boundaryBefore(s, i)
	for at < i {
		at = nextCluster(s, at)
	}
	return at
}

// class sorts clusters for word motions.
type class uint8

const (
	spaceClass class = iota
	wordClass
	signClass
)

// classOf is the class of the cluster that starts at byte i of s.
func classOf(s string, i int) class {
	r, _ := utf8.DecodeRuneInString(s[i:])
	switch {
	case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		return wordClass
	case unicode.IsSpace(r):
		return spaceClass
	}
	return signClass
}
