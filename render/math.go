package render

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxMath bounds, in bytes, how far the closing dollar is looked for.
const maxMath = 1000

// math keeps $…$ and $$…$$ from being read as emphasis, by pandoc's rule: no blank
// inside the dollars, no digit after them.
type math struct{}

// Trigger implements parser.InlineParser.
func (math) Trigger() []byte { return []byte{'$'} }

// Parse implements parser.InlineParser.
func (math) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	fence := []byte("$")
	if bytes.HasPrefix(line, []byte("$$")) {
		fence = []byte("$$")
	}
	inner := line[len(fence):]
	inner = inner[:min(len(inner), maxMath)]
	end := bytes.Index(inner, fence)
	if end <= 0 {
		return nil
	}
	after := inner[end+len(fence):]
	if len(fence) == 1 && (inner[0] == ' ' || inner[end-1] == ' ' || len(after) > 0 && after[0] >= '0' && after[0] <= '9') {
		return nil
	}
	size := end + 2*len(fence)
	span := ast.NewCodeSpan()
	span.AppendChild(span, ast.NewRawTextSegment(text.NewSegment(segment.Start, segment.Start+size)))
	block.Advance(size)
	return span
}
