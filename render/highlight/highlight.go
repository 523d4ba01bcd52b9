// Package highlight finds the parts of source code that deserve a colour.
//
// Lexers work line by line: the state after a line is a small value that can be
// compared, so an editor lexes again from an edited line only until a state
// repeats. Python with IPython's additions, shell and markdown are our own; other languages
// go through chroma, a whole source at a time, which is for the background.
package highlight

import "nbterm/render/ink"

// Class is what a token is.
type Class uint8

// The classes; Plain text has no token.
const (
	Plain Class = iota
	Keyword
	Name
	Builtin
	Function // the name in a definition
	Type     // the name of a class, or a type
	String
	Escape // an escape or a replacement field's braces within a string
	Number
	Comment
	Operator
	Decorator
	Magic // % and ! lines, ? help
	Invalid
)

// Token is bytes Start (included) to End (not included) of a line. Tokens are in
// order and do not overlap; what lies between them is plain.
type Token struct {
	Start, End int
	Class      Class
}

// State is what a lexer must know about the lines above. Zero is the start of a
// source.
type State uint64

// Lexer splits one line, given without its line break, and says in which state
// the next one starts. It never fails: what it does not understand is plain.
type Lexer interface {
	Line(text string, state State) (tokens []Token, next State)
}

// For gives the lexer of a language by kernel or fence name, case ignored. The
// second result is false where none is ours; the lexer then finds nothing and
// Highlight is the way.
func For(language string) (Lexer, bool) {
	switch canonical(language) {
	case "python":
		return python{}, true
	case "bash":
		return shell{}, true
	case "markdown":
		return prose{}, true
	}
	return nothing{}, false
}

type nothing struct{}

func (nothing) Line(string, State) ([]Token, State) { return nil, 0 }

// Style is how a class is drawn, for a terminal of any number of colours: bring
// it within them before writing.
func Style(c Class, p *ink.Palette) ink.Style {
	switch c {
	case Keyword:
		return ink.Style{Fg: ink.Of(p.Keyword)}
	case Name:
		return ink.Style{Fg: ink.Of(p.Name)}
	case Builtin, Type:
		return ink.Style{Fg: ink.Of(p.Type)}
	case Function:
		return ink.Style{Fg: ink.Of(p.Function)}
	case String:
		return ink.Style{Fg: ink.Of(p.String)}
	case Escape, Operator:
		return ink.Style{Fg: ink.Of(p.Operator)}
	case Number:
		return ink.Style{Fg: ink.Of(p.Number)}
	case Comment:
		return ink.Style{Fg: ink.Of(p.Comment), Attr: ink.Italic}
	case Decorator, Magic:
		return ink.Style{Fg: ink.Of(p.Magic)}
	case Invalid:
		return ink.Style{Fg: ink.Of(p.Failed)}
	}
	return ink.Style{}
}
