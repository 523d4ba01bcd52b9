package page_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/render/page"
)

func display(types ...string) *notebook.Output {
	var entries []mime.Entry
	for i := 0; i < len(types); i += 2 {
		entries = append(entries, mime.TextEntry(types[i], types[i+1]))
	}
	return notebook.NewDisplay(mime.FromEntries(entries...), nil, "")
}

func book(source string, outs ...*notebook.Output) *notebook.Notebook {
	doc := notebook.New("python3", "Python 3", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, source).WithOutputs(outs).WithCount(3, true))
	return doc
}

func prose(text string) *notebook.Notebook {
	doc := notebook.New("python3", "Python 3", "python")
	doc.Insert(0, notebook.NewCell(notebook.Markdown, text))
	return doc
}

// body is the page without its head.
func body(doc *notebook.Notebook, o page.Options) string {
	_, after, _ := strings.Cut(string(page.Notebook(doc, o)), "<main")
	return after
}

func TestCellsAndTheirOutputsAreDrawn(t *testing.T) {
	t.Parallel()
	got := body(book("for i in range(3): # <b>\n    print(i)",
		notebook.NewStream("stdout", "a\rb \x1b[31mred\x1b[0m <i>\n"),
		display("text/html", `<table class="dataframe"><tr><th>x</th><td style="color:red;position:fixed">1</td></tr></table>`, "text/plain", "plain form"),
		notebook.NewError("ValueError", "no <x>", []string{"\x1b[1mTraceback\x1b[0m"})), page.Options{Title: "t"})
	for _, want := range []string{
		`<span class="k">for</span>`, `&lt;b&gt;`, `>3</a>`, `b <span style="color:var(--c1)">red</span> &lt;i&gt;`,
		`<table><tbody><tr><th>x</th><td style="color:red;">1</td></tr></tbody></table>`, `<b>ValueError</b>: no &lt;x&gt;`, `<span style="font-weight:600">Traceback</span>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "plain form") {
		t.Error("the plain form is shown beside the rich one")
	}
}

func TestMarkdownIsReadAsJupyterReadsIt(t *testing.T) {
	t.Parallel()
	got := body(prose("# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\nx $a_1 < b_2$ and $$\\sum_i x_i$$ and $\\nosuch$ and `$no$` costs $5 or $6\n\n<b onclick=alert(1)>bold</b>[^1]\n\n[^1]: note"), page.Options{})
	for _, want := range []string{"<h1>T</h1>", "<td>1</td>", `type="checkbox"`, `<msub><mi>a</mi><mn>1</mn></msub><mo>&lt;</mo>`, `<math display="block">`, `<code class="math">\nosuch</code>`, "<code>$no$</code>", "costs $5 or $6", "<b>bold</b>", "note"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
}

// attacks are ways to run a script, to load from elsewhere or to leave the frame.
var attacks = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">x</a>`, `<a href=" &#106;avascript:alert(1)">x</a>`, `<svg onload=alert(1)>`,
	`<svg><script>alert(1)</script></svg>`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, `<iframe src="http://evil.example"></iframe>`,
	`<img src="http://evil.example/pixel.png">`, `<img src="//evil.example/pixel.png">`, `<style>@import url(http://evil.example/x.css)</style>`, `<div style="background:url(http://evil.example/)">x</div>`,
	`<form action="http://evil.example"><button>go</button></form>`, `<base href="http://evil.example/">`, `<meta http-equiv="refresh" content="0;url=http://evil.example">`,
	`<link rel=stylesheet href="http://evil.example">`, `<object data="http://evil.example"></object>`, `<video src="http://evil.example"></video>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<textarea></textarea><img src=x onerror=alert(1)>`, `<p style="position:fixed;top:0">over</p>`, `<img src="data:text/html;base64,PHNjcmlwdD4=">`, `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`<input type=text autofocus onfocus=alert(1)>`, `<details open ontoggle=alert(1)>x</details>`, `<table background="http://evil.example/x.png"><td>x</td></table>`, `<xmp><script>alert(1)</script></xmp>`,
	"<a href=\"java\tscript:alert(1)\">x</a>", `<style>#a{background:url(http://evil.example)}</style><b id=a>x</b>`, `<a href="vbscript:x">x</a>`, `<div id=a class="sticky">x</div>`, `![$a " onerror=alert(1) x$](x.png "$b$")`,
}

// safe checks what a browser would make of a page.
func safe(t *testing.T, got []byte, attack string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(got)))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "iframe", "object", "embed", "base", "link", "form", "svg", "mglyph", "video", "audio", "textarea":
				t.Errorf("%q makes <%s>", attack, n.Data)
			}
			for _, a := range n.Attr {
				v := strings.ToLower(strings.TrimSpace(a.Val))
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "http-equiv", a.Key == "background":
					t.Errorf("%q makes %s=%q", attack, a.Key, a.Val)
				case a.Key == "style" && (strings.Contains(v, "url") || strings.Contains(v, "position")):
					t.Errorf("%q makes style %q", attack, a.Val)
				case a.Key == "src" && !strings.HasPrefix(v, "data:image/") && !strings.HasPrefix(v, "/files/"), a.Key == "href" && regexp.MustCompile(`^[a-z\s]*(script|data):`).MatchString(v):
					t.Errorf("%q makes %s=%q", attack, a.Key, a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
}

func TestNothingOfANotebookRunsOrLoads(t *testing.T) {
	t.Parallel()
	o := page.Options{Title: "<script>t</script>", File: func(rel string) string { return "/files/" + rel }, Link: func(rel string) string { return "/view/" + rel }}
	for _, a := range attacks {
		safe(t, page.Notebook(prose(a), o), a)
		safe(t, page.Notebook(book(a, display("text/html", a), display("text/markdown", a), notebook.NewStream("stdout", a), notebook.NewError(a, a, []string{a})), o), a)
	}
}

func TestImagesOfOtherServersAreNamedAndNotLoaded(t *testing.T) {
	t.Parallel()
	got := body(prose("![logo](https://evil.example/logo.png) ![local](img/a.png)"), page.Options{File: func(rel string) string { return "/files/" + rel }})
	if !strings.Contains(got, "[image: logo, on evil.example]") || !strings.Contains(got, `src="/files/img/a.png"`) || strings.Contains(got, `src="https://`) {
		t.Error(got)
	}
}

func TestAStyledTableKeepsItsColours(t *testing.T) {
	t.Parallel()
	got := body(book("df", display("text/html", `<style type="text/css">#T_1_row0_col0, #T_1_row1_col0 { background-color: #ff0000; color: white; behavior: url(x) } body { display: none }</style><table id="T_1"><tr><td id="T_1_row0_col0">1</td></tr></table>`)), page.Options{})
	if !strings.Contains(got, `<td style="background-color:#ff0000;color:white;">1</td>`) || strings.Contains(got, "behavior") || strings.Contains(got, "display: none") {
		t.Error(got)
	}
}

func TestDirectionsOfTextCannotBeTurned(t *testing.T) {
	t.Parallel()
	got := body(book("x = 1 \u202e# evil"), page.Options{})
	if strings.ContainsRune(got, '\u202e') {
		t.Error("the override is in the page")
	}
}

func TestTheSameNotebookGivesTheSamePage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tour.ipynb", "plotting.ipynb", "template.ipynb"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "examples", name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := notebook.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		a, b := page.Notebook(doc, page.Options{Title: name}), page.Notebook(doc, page.Options{Title: name})
		if string(a) != string(b) || len(a) < 3000 {
			t.Errorf("%s: %d and %d bytes", name, len(a), len(b))
		}
		safe(t, a, name)
	}
}

func FuzzPagesAreSafe(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, text string) {
		safe(t, page.Notebook(book(text, display("text/html", text), display("text/markdown", text)), page.Options{}), text)
		safe(t, page.Notebook(prose(text), page.Options{}), text)
	})
}

func BenchmarkPageOfAMegabyte(b *testing.B) {
	doc := notebook.New("python3", "Python 3", "python")
	for i := range 400 {
		c := notebook.NewCell(notebook.Code, strings.Repeat("value = compute(x, 12) # note\n", 30))
		doc.Insert(i, c.WithOutputs([]*notebook.Output{notebook.NewStream("stdout", strings.Repeat("some line of output\n", 80))}))
	}
	b.SetBytes(int64(len(doc.Bytes())))
	for b.Loop() {
		page.Notebook(doc, page.Options{})
	}
}
