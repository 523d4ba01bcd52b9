package editor

import (
	"slices"

	"nbterm/render/highlight"
)

const (
	// lexAhead is how many lines one drawing looks at to know the state in which
	// the first line drawn begins; the next drawing goes on from there.
	lexAhead = 4_000
	// lexLimit is the length from which a line is not coloured.
	lexLimit = 20_000
)

// lexing knows the state at the start of each line as far as it was needed, and
// after an edit looks only at the lines whose state may have changed.
type lexing struct {
	b      *Buffer
	lex    highlight.Lexer
	whole  *whole            // in place of lex for other languages; nil otherwise
	states []highlight.State // at the start of line i
	known  int               // states up to this one are right
	// The states from..was were right before edits above them: when the state
	// found for one of them is the same again, all up to was are.
	from, was int
}

func newLexing(b *Buffer, language string) *lexing {
	x := &lexing{b: b, states: []highlight.State{0}}
	lex, ok := highlight.For(language)
	if x.lex = lex; !ok && language != "" {
		x.whole = &whole{language: language}
	}
	return x
}

// changed forgets what an edit may have changed.
func (x *lexing) changed(c change) {
	if x.whole != nil {
		x.whole.changed(c)
		return
	}
	if c.at >= len(x.states)-1 {
		x.known = min(x.known, c.at)
		return
	}
	if x.known == x.was {
		x.from = 0 // all of them were right
	}
	x.known = min(x.known, c.at)
	if x.was < c.at+c.del {
		x.states = x.states[:c.at+1]
		x.from, x.was = x.known, x.known
		return
	}
	x.states = slices.Replace(x.states, c.at+1, c.at+c.del, make([]highlight.State, c.ins-1)...)
	grow := c.ins - c.del
	if x.from > c.at {
		x.from += grow
	}
	x.from = max(x.from, c.at+c.ins)
	x.was += grow
}

// line lexes line i, which begins in state s.
func (x *lexing) line(i int, s highlight.State) ([]highlight.Token, highlight.State) {
	if len(x.b.lines[i]) > lexLimit {
		return nil, s
	}
	if x.whole != nil {
		if i < len(x.whole.lines) {
			return x.whole.lines[i], 0
		}
		return nil, 0
	}
	return x.lex.Line(x.b.lines[i], s)
}

// at gives the state at the start of a line. When that is too far from what is
// known it is a guess, and a better one next time.
func (x *lexing) at(line int) highlight.State {
	if x.whole != nil {
		return 0
	}
	for budget := lexAhead; x.known < line; budget-- {
		if budget == 0 {
			return 0
		}
		_, next := x.line(x.known, x.states[x.known])
		x.known++
		switch {
		case x.known == len(x.states):
			x.states = append(x.states, next)
		case x.known >= x.from && x.known <= x.was && x.states[x.known] == next:
			x.known = x.was
		default:
			x.states[x.known] = next
		}
		if x.known >= x.was {
			x.from, x.was = x.known, x.known
			x.states = x.states[:x.known+1]
		}
	}
	return x.states[line]
}
