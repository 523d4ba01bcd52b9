package mathjax

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func engine(t testing.TB) *Engine {
	e := New(os.TempDir() + "/nbterm-test-mathjax")
	t.Cleanup(func() { _ = e.Close() })
	return e
}

const normal = `\frac{1}{\sqrt{2\pi\sigma^2}} e^{-\frac{(x-\mu)^2}{2\sigma^2}}`

func TestSetsFormulasAsPaths(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, tex := range []string{normal, `\begin{align} a &= b \\ &\le c \end{align}`, `\mathbb{R} \text{ für } \mathcal{L}`, `\ce{H2O}`, `\newcommand{\a}{x}\a`} {
		svg, err := e.SVG(tex, 7, "#ff0000")
		if err != nil {
			t.Errorf("%s: %v", tex, err)
			continue
		}
		s := string(svg)
		if !strings.HasPrefix(s, "<svg ") || strings.Contains(s, "currentColor") || !strings.Contains(s, "#ff0000") || strings.Contains(s, `ex" height`) {
			t.Errorf("%s: %.300s", tex, s)
		}
	}
}

func TestWhatCannotBeSetIsRefused(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, tex := range []string{`\frac{a}`, `\nosuch`, `{`, `\a`, `\def\a{\a\a}\a`, strings.Repeat("x", maxSource+1), `\require{html}\href{x}{y}`} {
		if _, err := e.SVG(tex, 7, "red"); !errors.Is(err, ErrFormula) {
			t.Errorf("%.30s: %v", tex, err)
		}
	}
	if _, err := e.SVG("x", 7, "red"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func BenchmarkFormula(b *testing.B) {
	e := engine(b)
	for b.Loop() {
		if _, err := e.SVG(normal, 7, "red"); err != nil {
			b.Fatal(err)
		}
	}
}
