package editor

import (
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nbterm/render/term"
)

// Whatever is in a cell's source, what is drawn of it is within the grammar of
// render/term: nothing invisible, and none of the marks that stand for pictures.
func TestNothingOfTheSourceIsHidden(t *testing.T) {
	t.Parallel()
	m := newMetric(ansi.GraphemeWidth, 4, 80)
	for _, cluster := range []string{
		"\u034f", "a\u034f", "\u3164", "\uffa0", "\u115f", "y\u200d", "\u200d", "a\ufe0f", "\u202e", "\U0010eeee", "\U0010eeee\u0305\u030d\u0305",
		"\U000e0041", "\u00ad", "\ufeff", "\u2060", "\x1b", "\u009b", "e\u0301", "👩\u200d💻", "日", "\u0301",
	} {
		text, width := m.glyph(cluster)
		if err := term.Verify(text); err != nil {
			t.Errorf("%q is drawn as %q: %v", cluster, text, err)
		}
		if w := ansi.StringWidth(text); w != width {
			t.Errorf("%q is drawn as %q in %d cells, not %d", cluster, text, w, width)
		}
	}
	if text, _ := m.glyph("👩\u200d💻"); text != "👩\u200d💻" {
		t.Errorf("an honest joiner became %q", text)
	}
}
