package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"nbterm/engine/merge"
)

// Line is a line of two texts put beside each other.
type Line struct {
	Text     string
	InA, InB bool
	// Marks are the byte ranges, from and to, that are not in the line it took the place
	// of; nil for a line that took no place, or has little in common with it.
	Marks [][2]int
}

// Lines compares two texts. Behind lines that others took the place of stand those
// others.
func Lines(a, b string) []Line { return lines(a, b, nil) }

// lines is Lines where two lines in the same place may be alike without being equal;
// alike may be nil.
func lines(a, b string, alike func(x, y string) bool) []Line {
	h := hunks{alike: alike}
	switch {
	case a == "": // no text is no line, and not an empty one
		h.came = only(b, false)
	case b == "":
		h.gone = only(a, true)
	default:
		for _, l := range merge.Lines(a, b) {
			line := Line{Text: l.Text, InA: l.InA, InB: l.InB}
			switch {
			case l.InA && l.InB:
				h.flush()
				h.out = append(h.out, line)
			case l.InA:
				h.gone = append(h.gone, line)
			default:
				h.came = append(h.came, line)
			}
		}
	}
	h.flush()
	return h.out
}

func only(text string, inA bool) []Line {
	if text == "" {
		return nil
	}
	var all []Line
	for l := range strings.SplitSeq(text, "\n") {
		all = append(all, Line{Text: l, InA: inA, InB: !inA})
	}
	return all
}

// hunks collects what stands between two lines in common.
type hunks struct {
	alike           func(x, y string) bool
	out, gone, came []Line
}

// flush puts the lines that are gone before those that came, except that pairs that
// are alike are lines in common.
func (h *hunks) flush() {
	from := 0
	if h.alike != nil && len(h.gone) == len(h.came) {
		for i := range h.gone {
			if h.alike(h.gone[i].Text, h.came[i].Text) {
				h.put(h.gone[from:i], h.came[from:i])
				h.out = append(h.out, Line{Text: h.came[i].Text, InA: true, InB: true})
				from = i + 1
			}
		}
	}
	h.put(h.gone[from:], h.came[from:])
	h.gone, h.came = nil, nil
}

func (h *hunks) put(gone, came []Line) {
	for i := range min(len(gone), len(came)) {
		gone[i].Marks, came[i].Marks = marks(gone[i].Text, came[i].Text)
	}
	h.out = append(append(h.out, gone...), came...)
}

// mostWords bounds the words of a line that is looked into.
const mostWords = 400

// marks finds what differs between two lines, word by word. Lines that share less
// than a third of their words get none: all of them would be marked.
func marks(a, b string) (inA, inB [][2]int) {
	x, y := words(a), words(b)
	if len(x) > mostWords || len(y) > mostWords {
		return nil, nil
	}
	common, shared := merge.Common(x, y), 0
	for _, p := range common {
		if strings.TrimSpace(x[p[0]]) != "" {
			shared += len(x[p[0]])
		}
	}
	if 3*shared < max(len(a), len(b)) {
		return nil, nil
	}
	return besides(x, common, 0), besides(y, common, 1)
}

// besides are the ranges of a line that hold no word in common.
func besides(words []string, common [][2]int, side int) [][2]int {
	var out [][2]int
	at, next := 0, 0
	for i, w := range words {
		if next < len(common) && common[next][side] == i {
			next++
		} else if n := len(out); n > 0 && out[n-1][1] == at {
			out[n-1][1] += len(w)
		} else {
			out = append(out, [2]int{at, at + len(w)})
		}
		at += len(w)
	}
	return out
}

// words cuts a line into words, numbers with their point, runs of blanks, and all
// else character by character.
func words(s string) []string {
	var all []string
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		in := func(rune) bool { return false }
		switch {
		case unicode.IsDigit(r):
			in = func(r rune) bool { return unicode.IsDigit(r) || unicode.IsLetter(r) || r == '.' || r == '_' }
		case unicode.IsLetter(r), r == '_':
			in = func(r rune) bool { return unicode.IsDigit(r) || unicode.IsLetter(r) || r == '_' }
		case unicode.IsSpace(r):
			in = unicode.IsSpace
		}
		for n < len(s) {
			r, k := utf8.DecodeRuneInString(s[n:])
			if !in(r) {
				break
			}
			n += k
		}
		all = append(all, s[:n])
		s = s[n:]
	}
	return all
}
