package render

import (
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
)

// clipped is a context in which lines are drawn to 40 bytes, wide enough for the mark.
func clipped() Context {
	ctx := testContext(200)
	ctx.MaxLine = 40
	return ctx
}

func TestALineThatIsTooLongIsCutWithAMark(t *testing.T) {
	t.Parallel()
	const mark = " … the rest of this line is not drawn: it is longer than 40 B"
	whole := strings.Repeat("x", 40)
	for name, c := range map[string]struct{ text, want string }{
		"as long as may be":       {whole + "\nnext\n", whole + "|next"},
		"one more":                {whole + "y\nnext\n", whole + mark + "|next"},
		"without an end":          {"first\n" + whole + whole, "first|" + whole + mark},
		"between characters":      {strings.Repeat("é", 19) + "x日本\n", strings.Repeat("é", 19) + "x" + mark},
		"a bar of progress":       {strings.Repeat("\r 99 % of it", 1000) + "\n", " 99 % of it"},
		"in a sequence":           {strings.Repeat("x", 38) + "\x1b[31;1mred\x1b[m\nnext\n", strings.Repeat("x", 38) + mark + "|next"},
		"in a string without end": {strings.Repeat("x", 30) + "\x1bPq" + whole + "\nnext\n", strings.Repeat("x", 30) + mark + "|next"},
	} {
		block := Stream("stdout", c.text, clipped())
		check(t, name, block, 200)
		if got := ansi.Strip(strings.Join(block.Lines, "|")); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		p := NewPrinter("stdout", clipped())
		for i := range c.text {
			p.Update(c.text[:i])
		}
		p.Update(c.text)
		if got := p.Rows(0, p.Len()); !reflect.DeepEqual(got, block.Lines) {
			t.Errorf("%s in pieces: %q, want %q", name, got, block.Lines)
		}
	}
	plain := Output(bundle(mime.TextEntry("text/plain", whole+whole)), clipped())
	if got := strings.Join(plain.Lines, "|"); got != whole+mark {
		t.Errorf("a result: %q", got)
	}
}
