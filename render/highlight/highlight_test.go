package highlight

import (
	"os"
	"strings"
	"testing"
)

var names = map[Class]string{
	Keyword: "k", Name: "n", Builtin: "b", Function: "f", Type: "t", String: "s", Escape: "e", Number: "0",
	Comment: "c", Operator: "o", Decorator: "d", Magic: "m", Invalid: "x",
}

// show writes tokens into the text: ⟦k def⟧.
func show(text string, tokens []Token) string {
	var b strings.Builder
	at := 0
	for _, t := range tokens {
		b.WriteString(text[at:t.Start] + "⟦" + names[t.Class] + " " + text[t.Start:t.End] + "⟧")
		at = t.End
	}
	return b.String() + text[at:]
}

func TestPythonTokens(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"def", "def f(x: int) -> str:", "⟦k def⟧ ⟦f f⟧(x: ⟦b int⟧) ⟦o ->⟧ ⟦b str⟧:"},
		{"class", "class A(B): pass", "⟦k class⟧ ⟦t A⟧(B): ⟦k pass⟧"},
		{"decorator", "@app.get('/x')", "⟦d @app.get⟧(⟦s '/x'⟧)"},
		{"matmul", "a @ b", "a ⟦o @⟧ b"},
		{"attribute is no builtin", "df.max()", "df.max()"},
		{"constants", "x = None", "x ⟦o =⟧ ⟦0 None⟧"},
		{"numbers", "1_000 0xFf 1e-3 .5 3j 0x1e-3", "⟦0 1_000⟧ ⟦0 0xFf⟧ ⟦0 1e-3⟧ ⟦0 .5⟧ ⟦0 3j⟧ ⟦0 0x1e⟧⟦o -⟧⟦0 3⟧"},
		{"comment", "a # b 'c'", "a ⟦c # b 'c'⟧"},
		{"escape", `'a\n'`, `⟦s 'a⟧⟦e \n⟧⟦s '⟧`},
		{"raw", `r'a\n\' b'`, `⟦s r'a\n\' b'⟧`},
		{"f-string", `f"{x!r:>10} {{y}} z"`, `⟦s f"⟧⟦e {⟧x⟦o !⟧r:⟦o >⟧⟦0 10⟧⟦e }⟧⟦s  ⟧⟦e {{⟧⟦s y⟧⟦e }}⟧⟦s  z"⟧`},
		{"f-string nested", `f'{d["a"]} b'`, `⟦s f'⟧⟦e {⟧d[⟦s "a"⟧]⟦e }⟧⟦s  b'⟧`},
		{"f-string same quotes", `f"{d["a"]} b"`, `⟦s f"⟧⟦e {⟧d[⟦s "a"⟧]⟦e }⟧⟦s  b"⟧`},
		{"f-string left open", `f"{x" + y`, `⟦s f"⟧⟦e {⟧x⟦s "⟧ ⟦o +⟧ y`},
		{"triple", "'''a\nb''' + c\nd", "⟦s '''a⟧\n⟦s b'''⟧ ⟦o +⟧ c\nd"},
		{"triple f over lines", "f'''{\n x\n}y'''\nz", "⟦s f'''⟧⟦e {⟧\n x\n⟦e }⟧⟦s y'''⟧\nz"},
		{"unended string stops", "'abc\ndef g():", "⟦s 'abc⟧\n⟦k def⟧ ⟦f g⟧():"},
		{"backslash in string", "'abc\\\ndef' + x", "⟦s 'abc⟧⟦e \\⟧\n⟦s def'⟧ ⟦o +⟧ x"},
		{"soft keywords", "match x:\nmatch = 1\ntype X = int\ntype(x)", "⟦k match⟧ x:\nmatch ⟦o =⟧ ⟦0 1⟧\n⟦k type⟧ X ⟦o =⟧ ⟦b int⟧\n⟦b type⟧(x)"},
		{"line magic", "%matplotlib inline", "⟦m %matplotlib⟧ inline"},
		{"time", "%time sum(x)", "⟦m %time⟧ ⟦b sum⟧(x)"},
		{"modulo in brackets", "f(a\n % b)", "f(a\n ⟦o %⟧ b)"},
		{"shell", "!ls -l $HOME", "⟦m !⟧ls -l ⟦n $HOME⟧"},
		{"assigned shell", "x = !ls", "x ⟦o =⟧ ⟦m !⟧ls"},
		{"help", "np.sum?", "⟦m np.sum?⟧"},
		{"not help", "x = a if b else '?'", "x ⟦o =⟧ a ⟦k if⟧ b ⟦k else⟧ ⟦s '?'⟧"},
		{"cell magic bash", "%%bash\nfor x in a; do echo \"$x\"; done", "⟦m %%bash⟧\n⟦k for⟧ x ⟦k in⟧ a⟦o ;⟧ ⟦k do⟧ ⟦b echo⟧ ⟦s \"⟧⟦n $x⟧⟦s \"⟧⟦o ;⟧ ⟦k done⟧"},
		{"cell magic other", "%%html\n<b>def</b>", "⟦m %%html⟧\n<b>def</b>"},
		{"cell magic timeit", "%%timeit x = 1\nx + 1", "⟦m %%timeit⟧ x ⟦o =⟧ ⟦0 1⟧\nx ⟦o +⟧ ⟦0 1⟧"},
		{"percents later are no cell magic", "a\n%%x", "a\n⟦o %%⟧x"},
		{"unicode names", "größe = 'ü'", "größe ⟦o =⟧ ⟦s 'ü'⟧"},
		{"continued line is no magic", "x = y \\\n% z", "x ⟦o =⟧ y \\\n⟦o %⟧ z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := render(tt.in, "python"); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func render(source, language string) string {
	lines := strings.Split(source, "\n")
	for i, tokens := range Highlight(source, language) {
		lines[i] = show(lines[i], tokens)
	}
	return strings.Join(lines, "\n")
}

func TestShellTokens(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"if [ -f x ]; then": "⟦k if⟧ [ -f x ]⟦o ;⟧ ⟦k then⟧",
		"echo 'a\nb' c":     "⟦b echo⟧ ⟦s 'a⟧\n⟦s b'⟧ c",
		"a#b # c":           "a#b ⟦c # c⟧",
		`echo "${x}y\n"`:    `⟦b echo⟧ ⟦s "⟧⟦n ${x}⟧⟦s y⟧⟦e \n⟧⟦s "⟧`,
	} {
		if got := render(in, "bash"); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

func TestMarkdownTokens(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"# Title *x*":               "⟦f # Title *x*⟧",
		"#hash is no heading":       "#hash is no heading",
		"- [x] done `a` **b** _c_":  "⟦k - [x]⟧ done ⟦s `a`⟧ ⟦t **b**⟧ ⟦t _c_⟧",
		"> 1. see [x](https://y)":   "⟦k >⟧ ⟦k 1.⟧ see ⟦f [x]⟧⟦c (https://y)⟧",
		"snake_case_name 2 * 3 * 4": "snake_case_name 2 * 3 * 4",
		"a $x_1$ b $5":              "a ⟦0 $x_1$⟧ b $5",
		"```py\n# no\n~~~\n```\nx":  "⟦m ```py⟧\n⟦s # no⟧\n⟦s ~~~⟧\n⟦m ```⟧\nx",
		"<b>x</b> a < b":            "⟦d <b>⟧x⟦d </b>⟧ a < b",
		"a \\* b\n---":              "a ⟦e \\*⟧ b\n⟦c ---⟧",
	} {
		if got := render(in, "markdown"); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

func TestOtherLanguagesGoThroughChroma(t *testing.T) {
	t.Parallel()
	for language, source := range map[string]string{
		"r": "f <- function(x) {\n  x + 1 # c\n}", "julia": "function f(x)\n  x^2\nend", "sql": "SELECT a\nFROM t -- c",
		"json": "{\"a\": [1, true]}", "javascript": "const a = 1\n// x", "go": "func f() {}\n", "html": "<b>x</b><script>let a = 1</script>", "docker": "FROM x\nRUN ls -l", "c++": "int main() { return 0; }",
	} {
		found := 0
		for _, tokens := range Highlight(source, language) {
			found += len(tokens)
		}
		if found < 2 {
			t.Errorf("%s: %d tokens in %q", language, found, source)
		}
	}
	if got := Highlight("x\ny", "no-such-language"); len(got) != 2 || got[0] != nil {
		t.Errorf("unknown language: %v", got)
	}
}

func FuzzTokensAreInOrderWithinTheLine(f *testing.F) {
	for _, s := range []string{"def f():\n '''x", `f"{a['b']!r:{w}}" 'c\`, "%%bash\necho '$x", "x = !ls ${"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, language := range []string{"python", "bash", "markdown"} {
			lines := strings.Split(source, "\n")
			for i, tokens := range Highlight(source, language) {
				at := 0
				for _, token := range tokens {
					if token.Start < at || token.End <= token.Start || token.End > len(lines[i]) {
						t.Fatalf("%s %q: tokens %v", language, lines[i], tokens)
					}
					at = token.End
				}
			}
		}
	})
}

func BenchmarkPython500Lines(b *testing.B) {
	src, err := os.ReadFile("testdata/sample.py")
	if err != nil {
		b.Fatal(err)
	}
	source := strings.Repeat(string(src), 500/strings.Count(string(src), "\n"))
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		Highlight(source, "python")
	}
}
