package params

import (
	"regexp"
	"strings"
)

// grammar is how a language other than Python writes an assignment on one line. Its
// groups are name, type (which may be missing) and the rest of the line.
type grammar struct {
	assign  *regexp.Regexp
	comment string // what begins a comment
	escape  byte   // before a character in a string; 0 is a quote that is doubled
	end     string // cut off the value
	words   map[string]Value
}

var simpleGrammars = map[string]grammar{
	"R": {regexp.MustCompile(`^([A-Za-z.][\w.]*)()\s*(?:<<?-|=)([^=].*)$`), "#", '\\', "",
		map[string]Value{"TRUE": true, "T": true, "FALSE": false, "F": false, "NULL": nil, "NA": nil}},
	"Julia": {regexp.MustCompile(`^(?:const\s+)?([\pL_][\pL\pN_!]*)\s*(?:::\s*([\w.{}, ]+?))?\s*=([^=].*)$`), "#", '\\', ";",
		map[string]Value{"true": true, "false": false, "nothing": nil, "missing": nil}},
	"Bash": {regexp.MustCompile(`^(?:export\s+|declare\s+(?:-\w+\s+)*|readonly\s+|local\s+)?([A-Za-z_]\w*)()=(.*)$`), "#", '\\', ";", nil},
	"Scala": {regexp.MustCompile(`^(?:val|var)\s+(\w+)\s*(?::\s*([^=]+?))?\s*=([^=].*)$`), "//", '\\', ";",
		map[string]Value{"true": true, "false": false, "None": nil, "null": nil}},
	"C#": {regexp.MustCompile(`^(?:const\s+)?(?:var|([\w<>\[\],.?]+))\s+(\w+)\s*=([^=].*)$`), "//", '\\', ";",
		map[string]Value{"true": true, "false": false, "null": nil}},
	"F#": {regexp.MustCompile(`^let\s+(?:mutable\s+)?(\w+)\s*(?::\s*([^=]+?))?\s*=([^=].*)$`), "//", '\\', "",
		map[string]Value{"true": true, "false": false, "None": nil}},
	"PowerShell": {regexp.MustCompile(`^(?:\[([\w.\[\]]+)\]\s*)?\$(\w+)\s*=([^=].*)$`), "#", '`', ";",
		map[string]Value{"$true": true, "$false": false, "$null": nil}},
	"MATLAB": {regexp.MustCompile(`^([A-Za-z]\w*)()\s*=([^=].*)$`), "%", 0, ";",
		map[string]Value{"true": true, "false": false}},
}

// inferSimple finds assignments of one line that are not indented. A comment behind
// one is its help, and may begin with `type: T`, as in Python.
func inferSimple(src, name string) []Parameter {
	g, ok := simpleGrammars[name]
	if !ok {
		return nil
	}
	typeFirst := name == "C#" || name == "PowerShell"
	var ps []Parameter
	for line := range strings.SplitSeq(src, "\n") {
		code, comment := g.cutComment(strings.TrimRight(line, " \t\r"))
		m := g.assign.FindStringSubmatch(strings.TrimRight(code, " \t"))
		if m == nil {
			continue
		}
		var p Parameter
		p.Name, p.Type = m[1], strings.TrimSpace(m[2])
		if typeFirst {
			p.Name, p.Type = m[2], m[1]
		}
		noted, help := typeComment(comment)
		if p.Help = help; p.Type == "" {
			p.Type = noted
		}
		p.Declared = p.Type != ""
		p.Default = strings.TrimSpace(m[3])
		if g.end != "" {
			p.Default = strings.TrimSpace(strings.TrimSuffix(p.Default, g.end))
		}
		if name == "Bash" {
			p.Value, p.Known = shellWord(p.Default)
		} else {
			p.Value, p.Known = g.value(p.Default)
		}
		p.finish()
		ps = put(ps, p)
	}
	return ps
}

// finish is complete for the languages whose types are not Python's: what they declare
// is shown and not checked.
func (p *Parameter) finish() {
	if p.Known && p.Value != nil && !p.Declared {
		p.Type = typeName(p.Value)
	}
}

// cutComment parts a line from the comment behind it. Quotes hide its sign, and so
// does a word before it in a shell.
func (g grammar) cutComment(line string) (code, comment string) {
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && g.escape != 0 && c == g.escape && !(quote == '\'' && g.words == nil):
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' && (g.escape != '\\' || g.comment == "#"):
			quote = c
		case strings.HasPrefix(line[i:], g.comment) && (g.words != nil || i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return line[:i], line[i+len(g.comment):]
		}
	}
	return line, ""
}

// value reads a single word, number or string.
func (g grammar) value(text string) (Value, bool) {
	word := text
	if g.escape == '`' { // PowerShell does not mind the case
		word = strings.ToLower(text)
	}
	if v, ok := g.words[word]; ok {
		return v, true
	}
	return g.scalar(text)
}

func (g grammar) scalar(text string) (Value, bool) {
	if len(text) >= 2 && (text[0] == '"' || text[0] == '\'') {
		return g.text(text)
	}
	number := text
	if g.comment == "#" || g.end == ";" { // 5L in R, Scala and C#
		number = strings.TrimSuffix(text, "L")
	}
	if number == "" || !isDigit(number[len(number)-1]) && number[len(number)-1] != '.' {
		return nil, false
	}
	if v, ok := Literal(number); ok && isNumber(v) {
		return v, true
	}
	return nil, false
}

// text reads a string that takes up all of its text.
func (g grammar) text(lit string) (Value, bool) {
	quote := lit[:1]
	body, ok := strings.CutSuffix(lit[1:], quote)
	if !ok {
		return nil, false
	}
	if g.escape != '\\' {
		body = strings.ReplaceAll(body, quote+quote, "\x00")
		if strings.Contains(body, quote) {
			return nil, false
		}
		return strings.ReplaceAll(body, "\x00", quote), true
	}
	if s, ok := Literal(lit); ok {
		return s, true
	}
	return nil, false
}

// shellWord reads a word that holds no expansion. To a shell all values are text.
func shellWord(text string) (Value, bool) {
	if strings.ContainsAny(text, "$`(") && !strings.HasPrefix(text, "'") {
		return nil, false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'', '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return nil, false
			}
			part := text[i+1 : i+1+end]
			if c == '"' && strings.ContainsAny(part, "$`\\") {
				return nil, false
			}
			b.WriteString(part)
			i += end + 1
		case '\\':
			if i++; i < len(text) {
				b.WriteByte(text[i])
			}
		case ' ', '\t', '$', '`', '(', ')', ';', '&', '|', '<', '>':
			return nil, false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}
