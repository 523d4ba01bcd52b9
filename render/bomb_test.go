package render

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"nbterm/engine/mime"
)

// Inputs made to cost much more than their length. The bound is generous, for slow
// machines: what is quadratic takes minutes.
func TestBombsStaySmall(t *testing.T) {
	t.Parallel()
	md := func(s string) func() Block { return func() Block { return Markdown(s, testContext(80)) } }
	web := func(s string) func() Block {
		return func() Block { return Output(bundle(mime.TextEntry("text/html", s)), testContext(80)) }
	}
	tests := map[string]func() Block{
		"quotes":    md(strings.Repeat("> ", 5000) + "x"),
		"lists":     md(strings.Repeat("- ", 5000) + "x"),
		"indents":   md(nestedList(400)),
		"brackets":  md(strings.Repeat("[", 50_000)),
		"links":     md(strings.Repeat("[a](", 20_000)),
		"images":    md(strings.Repeat("![", 20_000) + strings.Repeat("](x)", 20_000)),
		"emphasis":  md(strings.Repeat("*a _b ", 20_000)),
		"strong":    md(strings.Repeat("**", 5000) + "x" + strings.Repeat("**", 5000)),
		"ticks":     md(strings.Repeat("`a``b", 10_000)),
		"angles":    md(strings.Repeat("<!--<a", 20_000)),
		"dollars":   md(strings.Repeat("$a", 20_000)),
		"cells":     md("|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + "\n" + strings.Repeat("|a", 5000)),
		"long line": md(strings.Repeat("word ", 100_000)),
		"one word":  md(strings.Repeat("x", 500_000)),
		"entities":  md(strings.Repeat("&amp;", 50_000)),
		"divs":      web(strings.Repeat("<div>", 200_000) + "x"),
		"bold":      web(strings.Repeat("<b>", 200_000) + "x"),
		"tables":    web(strings.Repeat("<table><tr><td>", 100_000) + "x"),
		"spans":     web("<table>" + strings.Repeat("<tr><td colspan=1000000 rowspan=1000000>x", 5000)),
		"items":     web(strings.Repeat("<ul><li>x", 20_000)),
		"anchors":   web(strings.Repeat("<a href=http://x>", 100_000)),
		"marks":     web("e" + strings.Repeat("\u0301", 500_000)),
		"stream":    func() Block { return Stream("stdout", strings.Repeat("a\u0301\t\b\b", 100_000), testContext(80)) },
		"tabs":      func() Block { return Stream("stdout", strings.Repeat("é\t", 100_000), testContext(80)) },
		"up and down": func() Block {
			return Stream("stdout", strings.Repeat("x\n", 5000)+strings.Repeat("\x1b[999Ay\x1b[999B", 5000), testContext(80))
		},
		"colours": func() Block { return Stream("stdout", strings.Repeat("\x1b[31mx\x1b[32m", 200_000), testContext(80)) },
		"deep json": func() Block {
			return Output(bundle(mime.Entry{Type: "application/json", Raw: json.RawMessage(strings.Repeat("[", 9000) + strings.Repeat("]", 9000))}), testContext(80))
		},
		"deeper json": func() Block {
			return Output(bundle(mime.Entry{Type: "application/json", Raw: json.RawMessage(strings.Repeat("[", 500_000))}), testContext(80))
		},
		"source":       func() Block { return Code(strings.Repeat("f\"{", 80_000), "python", testContext(80)) },
		"other source": func() Block { return Code(strings.Repeat("/*\"'((", 5_000), "javascript", testContext(80)) },
	}
	for name, draw := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			check(t, name, draw(), 80)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			} else if testing.Verbose() {
				t.Log(took)
			}
		})
	}
}

func nestedList(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat("  ", i) + "- item\n")
	}
	return b.String()
}
