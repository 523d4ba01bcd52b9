package highlight

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// maxSource bounds, in bytes, what is given to chroma: its expressions backtrack.
const maxSource = 1 << 15

// Highlight finds the tokens of a whole source, one list per line as cut at "\n".
// Languages that are not ours take milliseconds the first time and about a
// microsecond a byte: not for the goroutine that draws. An unknown language has
// no tokens.
func Highlight(source, language string) [][]Token {
	lines := strings.Split(source, "\n")
	out := make([][]Token, len(lines))
	if lexer, ok := For(language); ok {
		var state State
		for i, line := range lines {
			out[i], state = lexer.Line(line, state)
		}
		return out
	}
	if language == "" || len(source) > maxSource {
		return out
	}
	lexer := lexers().lexer(canonical(language))
	if lexer == nil {
		return out
	}
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, source)
	if err != nil {
		return out
	}
	place(out, lines, tokens)
	return out
}

// place puts chroma's tokens, whose values make up the source, on their lines.
func place(out [][]Token, lines []string, tokens chroma.Iterator) {
	defer func() {
		_ = recover() // chroma panics on text that names a lexer it does not have; what is found so far is right
	}()
	line, col := 0, 0
	for t := tokens(); t != chroma.EOF; t = tokens() {
		class := classOf(t.Type)
		for rest := t.Value; ; {
			piece, after, more := strings.Cut(rest, "\n")
			end := col + len(piece)
			if line >= len(lines) || end > len(lines[line]) {
				return // chroma changed the text: what is found so far is right
			}
			out[line] = add(out[line], col, end, class)
			if col = end; !more {
				break
			}
			line, col, rest = line+1, 0, after
		}
	}
}

// canonical gives one name to the spellings of a language.
func canonical(language string) string {
	switch l := strings.ToLower(strings.TrimSpace(language)); l {
	case "python", "python3", "py", "py3", "ipython", "ipython3", "ipython2", "pycon", "gpython", "xpython", "sage":
		return "python"
	case "bash", "sh", "shell", "zsh", "ksh", "console", "shell-session", "shellsession":
		return "bash"
	case "ir":
		return "r"
	case "md", "gfm", "ipythongfm":
		return "markdown"
	default:
		return l
	}
}

// classOf maps chroma's types, which are grouped by thousands and hundreds.
func classOf(t chroma.TokenType) Class {
	switch {
	case t == chroma.Error:
		return Plain // half-typed code is no crime
	case t.InCategory(chroma.Keyword):
		if t == chroma.KeywordType {
			return Type
		}
		if t == chroma.KeywordConstant {
			return Number
		}
		return Keyword
	case t == chroma.NameFunction, t == chroma.NameFunctionMagic:
		return Function
	case t == chroma.NameClass, t == chroma.NameTag, t == chroma.NameException, t == chroma.NameNamespace:
		return Type
	case t == chroma.NameBuiltin, t == chroma.NameBuiltinPseudo:
		return Builtin
	case t == chroma.NameDecorator, t == chroma.NameAttribute:
		return Decorator
	case t == chroma.LiteralStringEscape, t == chroma.LiteralStringInterpol:
		return Escape
	case t.InSubCategory(chroma.LiteralString):
		return String
	case t.InSubCategory(chroma.LiteralNumber), t == chroma.LiteralDate:
		return Number
	case t.InCategory(chroma.Operator):
		return Operator
	case t.InCategory(chroma.Comment):
		return Comment
	}
	return Plain
}
