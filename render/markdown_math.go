package render

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxMath bounds, in bytes, how far the end of a formula is looked for.
const maxMath = 1 << 13

// kindMath and kindMathBlock are the node kinds of formulas.
var (
	kindMath      = ast.NewNodeKind("Math")
	kindMathBlock = ast.NewNodeKind("MathBlock")
)

// mathNode is a formula in running text.
type mathNode struct {
	ast.BaseInline
	tex     string // without its fences, but for environments
	display bool
}

// Kind implements ast.Node.
func (*mathNode) Kind() ast.NodeKind { return kindMath }

// Dump implements ast.Node.
func (n *mathNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// mathBlock is a formula on lines of its own; its lines hold the fences too.
type mathBlock struct{ ast.BaseBlock }

// Kind implements ast.Node.
func (*mathBlock) Kind() ast.NodeKind { return kindMathBlock }

// IsRaw implements ast.Node.
func (*mathBlock) IsRaw() bool { return true }

// Dump implements ast.Node.
func (n *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// fences are what formulas stand between. Jupyter wants the backslashes of \( and
// \[ doubled; people write them either way.
var fences = []struct {
	open, end string
	display   bool
}{
	{"$$", "$$", true}, {"$", "$", false},
	{`\\(`, `\\)`, false}, {`\\[`, `\\]`, true}, {`\(`, `\)`, false}, {`\[`, `\]`, true},
}

// formulaAt reads the formula that src starts with, up to a blank line at most:
// its whole size in bytes, and what is to be set. size is 0 when there is none.
func formulaAt(src []byte) (size int, tex string, display bool) {
	src = src[:min(len(src), maxMath)]
	if bytes.HasPrefix(src, []byte(`\begin{`)) {
		name, _, ok := bytes.Cut(src[len(`\begin{`):], []byte("}"))
		if !ok || len(name) > 20 || bytes.ContainsAny(name, "\n\\{$") {
			return 0, "", false
		}
		end := []byte(`\end{` + string(name) + "}")
		at := bytes.Index(src, end)
		if at < 0 || blankLine(src[:at]) {
			return 0, "", false
		}
		size = at + len(end)
		return size, string(src[:size]), true
	}
	for _, f := range fences {
		if !bytes.HasPrefix(src, []byte(f.open)) {
			continue
		}
		inner := src[len(f.open):]
		at := closing(inner, f.end)
		if at < 0 || len(bytes.TrimSpace(inner[:at])) == 0 {
			return 0, "", false
		}
		size = len(f.open) + at + len(f.end)
		if f.open == "$" && !dollars(inner[:at], src[size:]) {
			return 0, "", false
		}
		return size, string(inner[:at]), f.display
	}
	return 0, "", false
}

// unfenced takes the fences off a formula.
func unfenced(src string) string {
	src = strings.TrimSpace(src)
	if size, tex, _ := formulaAt([]byte(src)); size == len(src) && size > 0 {
		return tex
	}
	return src
}

// closing finds the fence that ends a formula, outside of braces and before any
// blank line; -1 when there is none.
func closing(s []byte, end string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		if depth == 0 && bytes.HasPrefix(s[i:], []byte(end)) {
			return i
		}
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth = max(depth-1, 0)
		case '\n':
			if line, _, _ := bytes.Cut(s[i+1:], []byte("\n")); len(bytes.TrimSpace(line)) == 0 {
				return -1
			}
		}
	}
	return -1
}

func blankLine(s []byte) bool {
	for line := range bytes.Lines(s) {
		if len(bytes.TrimSpace(line)) == 0 {
			return true
		}
	}
	return false
}

// dollars tells a formula from sums of money, by pandoc's rule: no blank inside
// the dollars, no digit after them. What has the marks of TeX in it may have blanks.
func dollars(inner, after []byte) bool {
	if len(after) > 0 && after[0] >= '0' && after[0] <= '9' {
		return false
	}
	trimmed := bytes.TrimSpace(inner)
	return len(trimmed) == len(inner) || len(trimmed) == 1 || bytes.ContainsAny(trimmed, `\^_{=`)
}

// mathParser keeps formulas in running text from being read as emphasis.
type mathParser struct{}

// Trigger implements parser.InlineParser.
func (mathParser) Trigger() []byte { return []byte{'$', '\\'} }

// Parse implements parser.InlineParser.
func (mathParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if line[0] == '\\' && (len(line) < 2 || strings.IndexByte(`([\b`, line[1]) < 0) {
		return nil
	}
	size, tex, display := formulaAt(line)
	if size > 0 {
		block.Advance(size)
		return &mathNode{tex: tex, display: display}
	}
	if bytes.IndexByte(line, '\n') < 0 {
		return nil
	}
	return overLines(block)
}

// overLines reads a formula that goes on below its first line.
func overLines(block text.Reader) ast.Node {
	l, pos := block.Position()
	var all []byte
	for len(all) < maxMath {
		line, _ := block.PeekLine()
		if line == nil {
			break
		}
		all = append(all, line...)
		block.AdvanceLine()
	}
	block.SetPosition(l, pos)
	size, tex, display := formulaAt(all)
	if size == 0 {
		return nil
	}
	for size > 0 {
		line, _ := block.PeekLine()
		if len(line) > size {
			block.Advance(size)
			break
		}
		size -= len(line)
		block.AdvanceLine()
	}
	return &mathNode{tex: tex, display: display}
}

// mathBlockParser reads formulas that have lines to themselves.
type mathBlockParser struct{}

// Trigger implements parser.BlockParser.
func (mathBlockParser) Trigger() []byte { return []byte{'$', '\\'} }

// blockEnd is what ends an open block.
var blockEnd = parser.NewContextKey()

// Open implements parser.BlockParser.
func (mathBlockParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	pos := pc.BlockOffset()
	if pos < 0 || pos >= len(line) {
		return nil, parser.NoChildren
	}
	body := line[pos:]
	if !bytes.HasPrefix(body, []byte("$$")) && !bytes.HasPrefix(body, []byte(`\begin{`)) &&
		!bytes.HasPrefix(body, []byte(`\[`)) && !bytes.HasPrefix(body, []byte(`\\[`)) {
		return nil, parser.NoChildren
	}
	rest := reader.Source()[segment.Start+pos-segment.Padding:]
	size, _, display := formulaAt(rest)
	if size == 0 || !display {
		return nil, parser.NoChildren
	}
	after, _, _ := bytes.Cut(rest[size:], []byte("\n"))
	if len(bytes.TrimSpace(after)) > 0 {
		return nil, parser.NoChildren
	}
	lines := bytes.Count(rest[:size], []byte("\n"))
	pc.Set(blockEnd, lines)
	n := &mathBlock{}
	n.Lines().Append(text.NewSegment(segment.Start+pos-segment.Padding, segment.Stop))
	reader.Advance(segment.Len() - 1)
	return n, parser.NoChildren
}

// Continue implements parser.BlockParser.
func (mathBlockParser) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	left, _ := pc.Get(blockEnd).(int)
	if left <= 0 {
		return parser.Close
	}
	pc.Set(blockEnd, left-1)
	_, segment := reader.PeekLine()
	n.Lines().Append(segment)
	reader.Advance(segment.Len() - 1)
	return parser.Continue | parser.NoChildren
}

// Close implements parser.BlockParser.
func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}

// CanInterruptParagraph implements parser.BlockParser.
func (mathBlockParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (mathBlockParser) CanAcceptIndentedLine() bool { return false }
