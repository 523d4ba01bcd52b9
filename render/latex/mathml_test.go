package latex_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"nbterm/render/latex"
)

func TestFormulasAsMathML(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`x^2 + y_1`:                          `<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><msub><mi>y</mi><mn>1</mn></msub>`,
		`\frac{a}{b}`:                        `<mfrac><mi>a</mi><mi>b</mi></mfrac>`,
		`\sqrt[3]{x}`:                        `<mroot><mi>x</mi><mn>3</mn></mroot>`,
		`a < b`:                              `<mo>&lt;</mo>`,
		`\begin{pmatrix}1&2\\3\end{pmatrix}`: `<mtr><mtd style="text-align:center"><mn>1</mn></mtd><mtd style="text-align:center"><mn>2</mn></mtd></mtr>`,
		`\text{<b>}`:                         `<mtext>&lt;b&gt;</mtext>`,
	} {
		got, ok := latex.MathML(source, true)
		if !ok || !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(got, "<mrow>", ""), "</mrow>", ""), want) || !strings.HasPrefix(got, `<math display="block">`) {
			t.Errorf("%s: %s", source, got)
		}
	}
	if _, ok := latex.MathML(`\nosuchcommand{x}`, false); ok {
		t.Error("an unknown command is taken for known")
	}
}

// well checks that markup is well formed and of MathML only.
func well(t *testing.T, source, markup string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(markup))
	d.Entity = map[string]string{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v in %s", source, err, markup)
		}
		if e, ok := tok.(xml.StartElement); ok && !strings.HasPrefix(e.Name.Local, "m") {
			t.Fatalf("%q makes <%s>", source, e.Name.Local)
		}
	}
}

func FuzzMathML(f *testing.F) {
	for _, s := range []string{`\sum_{i=1}^n \frac{x_i}{2}`, `\left( \begin{matrix} a & b \\ c \end{matrix} \right]`, `\hat{x}\underbrace{ab}_{c}`, `\text{<script>}`, `\binom{n}{k}\boxed{x}\cancel{y}\tag{1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if strings.ContainsFunc(source, func(r rune) bool { return r < ' ' || r == 0xfffd || r >= 0xfffe }) {
			return // XML, unlike HTML, has no such characters
		}
		if markup, ok := latex.MathML(source, true); ok {
			well(t, source, markup)
		}
	})
}
