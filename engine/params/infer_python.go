package params

import (
	"strings"
	"unicode"
)

// inferPython finds the assignments of names at the top level of a cell:
// `name: type = value  # help`, also over several lines, chained or behind a
// semicolon. Annotations without a value count; magics, blocks, tuples and changes in
// place do not.
func inferPython(src string) []Parameter {
	var ps []Parameter
	block := -1 // indentation of the line that opened a block, while in it
	for _, st := range statements(src) {
		column := st.tokens[0].column
		if block >= 0 && column > block {
			continue
		}
		block = -1
		last := st.tokens[len(st.tokens)-1]
		if last.kind == tokOp && last.text == ":" && !st.more {
			block = column
			continue
		}
		for _, p := range st.parameters(src) {
			ps = put(ps, p)
		}
	}
	return ps
}

// statement is the tokens of one, without comments, and the last comment behind it.
type statement struct {
	tokens  []token
	comment string
	more    bool // a semicolon follows
}

func statements(src string) []statement {
	var out []statement
	var st statement
	end := func(more bool) {
		if len(st.tokens) > 0 {
			st.more = more
			out = append(out, st)
		}
		st = statement{}
	}
	depth := 0
	for _, t := range pythonTokens(src) {
		switch {
		case t.kind == tokNewline:
			end(false)
			depth = 0
		case t.kind == tokComment:
			if depth <= 0 && len(st.tokens) > 0 {
				st.comment = t.text
			}
		case t.kind == tokOp && t.text == ";" && depth == 0:
			end(true)
		default:
			if t.kind == tokOp && strings.Contains("([{", t.text) {
				depth++
			} else if t.kind == tokOp && strings.Contains(")]}", t.text) {
				depth--
			}
			st.tokens = append(st.tokens, t)
		}
	}
	return out
}

// parameters are the names that the statement gives a value.
func (st statement) parameters(src string) []Parameter {
	ts := st.tokens
	if ts[0].kind != tokName || keyword(ts[0].text) || len(ts) < 2 {
		return nil
	}
	colon, equals := -1, []int(nil)
	depth := 0
	for i, t := range ts {
		if t.kind != tokOp {
			continue
		}
		switch {
		case strings.Contains("([{", t.text):
			depth++
		case strings.Contains(")]}", t.text):
			depth--
		case depth == 0 && t.text == ":" && colon < 0 && len(equals) == 0:
			colon = i
		case depth == 0 && t.text == "=":
			equals = append(equals, i)
		}
	}
	p := Parameter{}
	p.Type, p.Help = typeComment(st.comment)
	p.Declared = p.Type != ""
	switch {
	case colon == 1 && len(equals) <= 1:
		end := len(ts)
		if len(equals) == 1 {
			end = equals[0]
		}
		if end <= colon+1 {
			return nil
		}
		p.Type, p.Declared = bareType(st.text(src, colon+1, end)), true
	case colon >= 0 || len(equals) == 0:
		return nil
	}
	if n := len(equals); n > 0 {
		if equals[n-1]+1 == len(ts) {
			return nil
		}
		p.Default = st.text(src, equals[n-1]+1, len(ts))
		p.Value, p.Known = Literal(src[ts[equals[n-1]+1].start:ts[len(ts)-1].end])
	}
	return st.named(p, equals, colon > 0)
}

// named makes p for each target: one name before each equals sign.
func (st statement) named(p Parameter, equals []int, annotated bool) []Parameter {
	if len(equals) <= 1 {
		if len(equals) == 1 && !annotated && equals[0] != 1 {
			return nil // x.y = 1, x[0] = 1, x, y = 1, 2
		}
		p.Name = st.tokens[0].text
		p.complete()
		return []Parameter{p}
	}
	var out []Parameter
	from := 0
	for _, at := range equals {
		if at != from+1 || st.tokens[from].kind != tokName {
			return nil
		}
		q := p
		q.Name = st.tokens[from].text
		q.complete()
		out = append(out, q)
		from = at + 1
	}
	return out
}

// text is the source of some tokens on one line: lines are trimmed and joined, as
// papermill shows them, and comments cut out; the inside of a string is kept.
func (st statement) text(src string, from, to int) string {
	var b strings.Builder
	ts := st.tokens
	for i := from; i < to; i++ {
		if i > from {
			gap := src[ts[i-1].end:ts[i].start]
			if !strings.Contains(gap, "\n") {
				b.WriteString(gap)
			}
		}
		b.WriteString(ts[i].text)
	}
	return strings.TrimSpace(b.String())
}

// typeComment reads `# type: T help`, or else `# help`.
func typeComment(comment string) (typ, help string) {
	text := strings.TrimSpace(strings.TrimLeft(comment, "#"))
	rest, ok := strings.CutPrefix(text, "type:")
	if !ok {
		return "", text
	}
	rest = strings.TrimSpace(rest)
	depth := 0
	for i, r := range rest {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth <= 0 && unicode.IsSpace(r):
			return rest[:i], strings.TrimSpace(rest[i:])
		}
	}
	return rest, ""
}

// bareType takes the quotes off a type that is written as text.
func bareType(text string) string {
	if v, ok := Literal(text); ok {
		if s, ok := v.(string); ok {
			return strings.TrimSpace(s)
		}
	}
	return text
}

// keyword tells whether a statement that begins with the word is no assignment.
func keyword(word string) bool {
	switch word {
	case "if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "return",
		"import", "from", "lambda", "assert", "del", "pass", "raise", "global", "nonlocal", "async", "await",
		"yield", "break", "continue", "not", "None", "True", "False", "and", "or", "in", "is":
		return true
	}
	return false
}
