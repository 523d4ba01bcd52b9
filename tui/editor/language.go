package editor

import "strings"

// language is what editing needs to know of a programming language.
type language struct {
	comment string // starts a comment up to the end of the line; "" when there is none
	hash    bool   // '#' starts a comment
	unit    string // one level of indentation
	code    bool   // brackets indent what follows; prose only keeps its indentation
	colon   bool   // Python: a block starts after ':', and ends after return and its like
	quotes  string // quotes that close themselves
}

// languageOf knows a language by its Jupyter name, in any case; what it does not
// know is treated as code with '#' comments.
func languageOf(name string) language {
	l := language{comment: "#", hash: true, unit: "    ", code: true, quotes: `"'`}
	switch strings.ToLower(name) {
	case "python", "python3", "py", "ipython", "ipython3", "xpython", "gpython", "sage":
		l.colon = true
	case "javascript", "typescript", "js", "ts", "java", "c", "c++", "cpp", "c#", "csharp", "go", "rust",
		"scala", "kotlin", "swift", "php", "dart", "groovy":
		l.comment, l.hash = "//", false
	case "sql", "haskell", "lua", "ada":
		l.comment, l.hash = "--", false
	case "clojure", "scheme", "lisp", "racket":
		l.comment, l.hash, l.quotes = ";", false, `"`
	case "matlab", "octave", "latex", "tex", "erlang", "prolog":
		l.comment, l.hash, l.quotes = "%", false, `"`
	case "fortran":
		l.comment, l.hash = "!", false
	case "", "markdown", "text", "plain", "raw", "html":
		l = language{unit: "    "}
	}
	return l
}

// leading is the whitespace a line starts with.
func leading(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, " \t"))]
}

// shallower takes one level of indentation off.
func (l language) shallower(indent string) string {
	n := len(indent)
	if n == 0 || indent[n-1] == '\t' {
		return indent[:max(n-1, 0)]
	}
	spaces := n - len(strings.TrimRight(indent, " "))
	cut := spaces % len(l.unit)
	if cut == 0 {
		cut = len(l.unit)
	}
	return indent[:n-min(cut, spaces)]
}

// scan is what a look at one line found: brackets left open, those it closed that
// were opened above, and where its code ends (a comment or blanks follow).
type scan struct {
	open   []byte
	closed int
	end    int
}

// scanLimit bounds the look at a line.
const scanLimit = 10_000

// scan looks at the brackets of s outside of quotes and comments. Quotes that go
// over several lines are not known here; the cost of that is a wrong guess of
// indentation, never a wrong edit.
func (l language) scan(s string) scan {
	var r scan
	quote := byte(0)
	end := min(len(s), scanLimit)
	for i := 0; i < end; i++ {
		c := s[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.IndexByte(l.quotes, c) >= 0:
			quote = c
		case l.comment != "" && strings.HasPrefix(s[i:], l.comment):
			end = i
		case c == '(' || c == '[' || c == '{':
			r.open = append(r.open, c)
		case c == ')' || c == ']' || c == '}':
			if n := len(r.open); n > 0 {
				r.open = r.open[:n-1]
			} else {
				r.closed++
			}
		}
	}
	r.end = len(strings.TrimRight(s[:end], " \t"))
	return r
}

// indentation is the indentation of a line that follows head, the part of a line
// of b before a newline at p.
func (l language) indentation(b *Buffer, p Pos) string {
	head := b.lines[p.Line][:p.Col]
	indent := leading(head)
	if !l.code {
		return indent
	}
	s := l.scan(head)
	if len(s.open) > 0 {
		return indent + l.unit
	}
	code := head[:s.end]
	if s.closed > 0 {
		if open, ok := b.openerOf(p.Line, head); ok {
			indent = leading(b.lines[open.Line])
			code = b.lines[open.Line][:open.Col] + code
		}
	}
	switch {
	case l.colon && strings.HasSuffix(code, ":"):
		return indent + l.unit
	case l.colon && endsBlock(code):
		return l.shallower(indent)
	}
	return indent
}

// endsBlock reports whether a Python statement lets nothing follow it.
func endsBlock(code string) bool {
	word := strings.TrimLeft(code, " \t")
	if i := strings.IndexAny(word, " \t(;"); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "return", "pass", "break", "continue", "raise":
		return true
	}
	return false
}

// clauseOf gives the statements that a Python clause (else, except) goes on with.
func clauseOf(line string) (heads []string) {
	word := strings.TrimRight(line, ":")
	if i := strings.IndexAny(word, " (\t"); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "else":
		return []string{"if", "elif", "for", "while", "try", "except", "async"}
	case "elif":
		return []string{"if", "elif"}
	case "except":
		return []string{"try", "except"}
	case "finally":
		return []string{"try", "except", "else"}
	}
	return nil
}

// maxClause is how many lines a clause looks up for its statement.
const maxClause = 500

// clauseIndent gives the indentation of the statement that the clause on a line
// goes on with, when the line is such a clause and indented deeper.
func (l language) clauseIndent(b *Buffer, line int) (string, bool) {
	text := b.lines[line]
	mine := len(leading(text))
	heads := clauseOf(text[mine:])
	if !l.colon || heads == nil || mine == 0 || !strings.HasSuffix(text, ":") {
		return "", false
	}
	for i := line - 1; i >= max(line-maxClause, 0); i-- {
		above := b.lines[i]
		indent := leading(above)
		if len(indent) == len(above) || len(indent) > mine {
			continue
		}
		for _, h := range heads {
			if rest, ok := strings.CutPrefix(above[len(indent):], h); ok && (rest == "" || strings.IndexByte(" (:\t", rest[0]) >= 0) {
				return indent, len(indent) < mine
			}
		}
	}
	return "", false
}
