package render

import (
	"regexp"
	"strings"
	"testing"

	"charm.land/glamour/v2"
	"github.com/charmbracelet/x/ansi"
)

// Glamour, the design's choice for markdown, is the peer that our drawing is held
// to: whatever word it shows of a document, we show too. See decision 0005 on why
// it is not linked in.
func TestEveryWordThatGlamourShowsIsShown(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`[\p{L}\p{N}]{2,}`)
	// What is drawn otherwise on purpose: formulas, addresses, and a paragraph in an item, which glamour joins to the next.
	skip := regexp.MustCompile(`(?s)\$\$.*?\$\$|\$[^$\n]+\$|\\\\\(.*?\\\\\)|\\begin.*?\\end\{\w+\}|!\[[^\]]*\]\([^)]*\)|<[^>\n]*>|\([^)\n]*\)|(?m:^1\. item$)`)
	for _, name := range []string{"report.md", "../../docs/keys.md", "../../README.md", "../../docs/architecture.md"} {
		src := skip.ReplaceAllString(read(t, name), "")
		r, err := glamour.NewTermRenderer(glamour.WithStandardStyle("notty"), glamour.WithWordWrap(0))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := r.Render(src)
		if err != nil {
			t.Fatal(err)
		}
		ours := ansi.Strip(strings.Join(Markdown(src, Context{Width: 400, Palette: PlainPalette()}).Lines, "\n"))
		shown := map[string]int{}
		for _, w := range words.FindAllString(ours, -1) {
			shown[w]++
		}
		for _, w := range words.FindAllString(ansi.Strip(theirs), -1) {
			if shown[w]--; shown[w] < 0 {
				t.Errorf("%s: glamour shows %q, we do not or not as often", name, w)
			}
		}
	}
}
