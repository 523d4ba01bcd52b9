package latex

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"nbterm/render/internal/golden"
)

// formulas are from papers and notebooks, and what goes wrong easily.
func formulas() map[string]string {
	return map[string]string{
		"normal":      `\frac{1}{\sqrt{2\pi\sigma^2}} e^{-\frac{(x-\mu)^2}{2\sigma^2}}`,
		"sum":         `\sum_{i=1}^n x_i = \int_0^\infty e^{-x^2}\,dx`,
		"matrix":      `\begin{pmatrix}a & b \\ c & d\end{pmatrix}^T \begin{bmatrix} 1 \\ 2 \\ 3\end{bmatrix}`,
		"cases":       `f(x) = \begin{cases} x^2 & \text{if } x > 0 \\ 0 & \text{else, } \\ -x & x<-1\end{cases}`,
		"align":       `\begin{align} a_1 &= b_1 + c & d &= e\\ x &= \frac{a}{b} - 1 \\ &\le 7 \tag{2}\end{align}`,
		"limit":       `\lim_{n\to\infty} \left(1 + \frac{1}{n}\right)^n = e`,
		"least":       `\hat{\beta} = (X^\top X)^{-1} X^\top y`,
		"braces":      `\overline{AB} + \underbrace{a+b+c}_{n} + \overbrace{x\cdots x}^{k} + \vec{v} \in \mathbb{R}^n, \mathcal{L}`,
		"roots":       `\sqrt[3]{x+1} \ne \sqrt{\frac{a}{b}} \ne \sqrt2`,
		"binomial":    `\binom{n}{k} = \frac{n!}{k!(n-k)!}`,
		"scripts":     `x_{max}^{2n} + a_{ij}^{q} + {}^{14}_6C + x'' + x'^2`,
		"maxwell":     `\nabla \times \mathbf{E} = -\frac{\partial \mathbf{B}}{\partial t}`,
		"array":       `\left[\begin{array}{c|cc} a & b & c \\ \hline 1 & 22 & 3\end{array}\right]`,
		"bar":         `\left.\frac{dy}{dx}\right|_{x=0} \quad P\left(A \middle| B\right)`,
		"macros":      `\newcommand{\R}{\mathbb{R}} \newcommand{\n}[1]{\lVert #1 \rVert} \n{x+y} \le \n x + \n y, f:\R\to\R`,
		"signs":       `-x + y - (-z) = -1, \pm 2`,
		"functions":   `2\sin x \cos\theta \log_2 n \operatorname*{argmin}_{\theta} \mathcal{L}(\theta)`,
		"old":         `{n \over k} + {n \choose k} \bf x`,
		"stack":       `A \xrightarrow{f} B \overset{!}{=} C \underset{x}{\max} \stackrel{def}{=} D`,
		"boxed":       `\boxed{E = mc^2} \cancel{x} \not= y`,
		"comment":     "a % no\n b",
		"integrals":   `\oint_C \iint_D f\,dA = \sum_{\substack{i<n\\j<m}} 1`,
		"nested":      `\frac{1}{1+\frac{1}{1+\frac{1}{x}}}`,
		"long":        `a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 = b_1 + b_2 + b_3 + b_4 + b_5 + b_6 + b_7 + b_8 + b_9`,
		"accents":     `\bar{x} \tilde{y} \dot q \ddot q \widehat{abc} \overrightarrow{AB}`,
		"sizes":       `\bigl( \frac ab \bigr) \Big| x \rangle \langle y`,
		"set":         `\{ x \mid x \in \mathbb{Z}, x \equiv 0 \pmod 2 \}`,
		"expectation": `\mathbb{E}_{x \sim p(x)}[f(x)] \approx \frac1N \sum_{i=1}^N f(x_i)`,
	}
}

func TestFormulasLookAsTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, source := range formulas() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line, ok := Inline(source)
			rows, ok2 := Display(source, 50)
			if !ok || !ok2 {
				t.Fatalf("inline %v display %v", ok, ok2)
			}
			golden.Lines(t, name, append([]string{source, line}, strings.Split(rows, "\n")...))
		})
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`\frac{a}`, `{a`, `a}`, `\unknown x`, `\left( a`, `\begin{matrix} a`, `\begin{what} a \end{what}`, `^`, `a^`, `\begin{matrix}a\end{array}`,
		`\def\a{\a\a}\a`, strings.Repeat("{", 100) + strings.Repeat("}", 100), strings.Repeat("x", maxSource+1), "", `\newcommand{\x}[99]{a}`, `\sqrt[3`,
	} {
		if rows, ok := Display(source, 60); ok {
			t.Errorf("%.40q was set as %q", source, rows)
		}
		if line, ok := Inline(source); ok {
			t.Errorf("%.40q was set as %q", source, line)
		}
	}
	if _, ok := Display(`\frac{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}{b}`, 20); ok {
		t.Error("a formula that does not fit was set")
	}
}

func TestBombsStaySmall(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"fractions": strings.Repeat(`\frac{1}{`, 40) + "x" + strings.Repeat("}", 40),
		"macros":    `\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c\c\c}\d\d\d`,
		"scripts":   strings.Repeat("x^", 2000) + "x",
		"cells":     `\begin{matrix}` + strings.Repeat("&", 7000) + `\end{matrix}`,
		"rows":      `\begin{matrix}` + strings.Repeat(`\\`, 3500) + `\end{matrix}`,
		"roots":     strings.Repeat(`\sqrt{`, 45) + "x" + strings.Repeat("}", 45),
		"wide":      `\frac{` + strings.Repeat("a+", 3000) + "b}{c}",
		"tall":      strings.Repeat(`\frac{x}{\begin{matrix}a\\b\\c\\d\end{matrix}}`, 150),
		"calls":     `\def\a#1{#1}` + strings.Repeat(`\a{`, 2000) + strings.Repeat("}", 2000),
		"fences":    strings.Repeat(`\left(`, 45) + `\frac12` + strings.Repeat(`\right)`, 45),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			Display(source, 1000)
			Inline(source)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzFormulas(f *testing.F) {
	for _, s := range formulas() {
		f.Add(s, 40)
	}
	f.Fuzz(func(t *testing.T, source string, width int) {
		width = 1 + max(width, -(width+1))%120
		rows, ok := Display(source, width)
		if !ok {
			return
		}
		for row := range strings.Lines(rows) {
			if w := text(strings.TrimSuffix(row, "\n")).width; w > width {
				t.Fatalf("row %q has %d cells, not %d", row, w, width)
			}
		}
		if !utf8.ValidString(rows) && utf8.ValidString(source) {
			t.Fatalf("%q is no UTF-8", rows)
		}
	})
}

func BenchmarkDisplay(b *testing.B) {
	for b.Loop() {
		Display(`\frac{1}{\sqrt{2\pi\sigma^2}} e^{-\frac{(x-\mu)^2}{2\sigma^2}} + \sum_{i=1}^n \begin{pmatrix}a & b \\ c & d\end{pmatrix}`, 80)
	}
}
