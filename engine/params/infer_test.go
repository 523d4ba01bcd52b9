package params

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

// with makes a notebook of one language whose first cell is the parameters cell.
func with(kernel, lang, src string) *notebook.Notebook {
	doc := notebook.New(kernel, kernel, lang)
	doc.Insert(0, notebook.NewCell(notebook.Code, src).WithMeta([]byte(`["parameters"]`), "tags"))
	return doc
}

// brief is how a parameter is compared: name: type = default (value) # help, ! where it
// is required.
func shown(p Parameter) string {
	s := p.Name
	if p.Declared {
		s += ": " + p.Type
	} else if p.Type != "" {
		s += " ~ " + p.Type
	}
	if p.Default != "" {
		s += " = " + p.Default
	}
	if p.Known {
		s += " (" + Repr(p.Value) + ")"
	}
	if p.Help != "" {
		s += " # " + p.Help
	}
	if p.Required {
		s += " !"
	}
	if p.Choices != nil {
		s += " {" + joined(p.Choices, ", ", Repr) + "}"
	}
	return s
}

func TestParametersOfPythonAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src  string
		want []string
	}{
		{"a = 2", []string{"a ~ int = 2 (2)"}},
		{"a: int = 2", []string{"a: int = 2 (2)"}},
		{"a = 2 # type:int", []string{"a: int = 2 (2)"}},
		{"a = False # Nice variable a", []string{"a ~ bool = False (False) # Nice variable a"}},
		{"a: float = 2.258 # type: int Nice variable a", []string{"a: float = 2.258 (2.258) # Nice variable a"}},
		{"a = [1]  # type: List[Dict[str, int]] of things", []string{"a: List[Dict[str, int]] = [1] ([1]) # of things"}},
		{"a: List[str] = [\n  'this', # First\n  'is',\n\n  'it' # Last\n] # Nice", []string{"a: List[str] = ['this','is','it'] (['this', 'is', 'it']) # Nice"}},
		{"  a = 1\n  b = 2\n", []string{"a ~ int = 1 (1)", "b ~ int = 2 (2)"}},
		// What papermill's expression skips or takes for something else.
		{"url = 'http://x/?q=1#top'  # where", []string{"url ~ str = 'http://x/?q=1#top' ('http://x/?q=1#top') # where"}},
		{"d = dict(a=1)", []string{"d = dict(a=1)"}},
		{"a = b = 3 # both", []string{"a ~ int = 3 (3) # both", "b ~ int = 3 (3) # both"}},
		{"mode: Literal['fast', 'slow'] = 'fast'", []string{"mode: Literal['fast', 'slow'] = 'fast' ('fast') {'fast', 'slow'}"}},
		{"m: Optional[Literal[1, 2]] = None", []string{"m: Optional[Literal[1, 2]] = None (None) {1, 2, None}"}},
		{"day: 'str'", []string{"day: str !"}},
		{"day: str = None", []string{"day: str = None (None) !"}},
		{"day: str | None = None\nx = None\ny = ...", []string{"day: str | None = None (None)", "x = None (None)", "y = ... !"}},
		{"a: int\na = 5  # late", []string{"a: int = 5 (5) # late"}},
		{"a = 1; b = 'x;y'  # two", []string{"a ~ int = 1 (1)", "b ~ str = 'x;y' ('x;y') # two"}},
		{"s = '''a\n# no comment = 1\n'''\n", []string{"s ~ str = '''a\n# no comment = 1\n''' ('a\\n# no comment = 1\\n')"}},
		{"x = 1 + \\\n  2\n", []string{"x ~ int = 1 +2 (3)"}},
		{"n = 2**10 * 60; lo = -1e-3; inf = float('inf')", []string{"n ~ int = 2**10 * 60 (61440)", "lo ~ float = -1e-3 (-0.001)", "inf ~ float = float('inf') (inf)"}},
		{"import os\nif a == 1:\n    b = 2\nelse: c = 3\nd = 4\ne += 1\nf.g = 2\nh[0] = 1\ni, j = 1, 2\nk == 1\n%env A=1\n!ls (\nl = 5", []string{"d ~ int = 4 (4)", "l ~ int = 5 (5)"}},
		{"f = lambda x: x\ng: Callable[[int], str] = str", []string{"f = lambda x: x", "g: Callable[[int], str] = str"}},
		{"a = 1\na = 2 # last", []string{"a ~ int = 2 (2) # last"}},
		{"ä = 1\nt = (1, 'b')\nu = {1, 2}\nv = {'k': [True]}", []string{"ä ~ int = 1 (1)", "t ~ list = (1, 'b') ([1, 'b'])", "u ~ list = {1, 2} ([1, 2])", "v ~ dict = {'k': [True]} ({'k': [True]})"}},
		{"", nil},
	} {
		var got []string
		ps, err := Infer(with("python3", "python", c.src))
		for _, p := range ps {
			got = append(got, shown(p))
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q\n got %s\nwant %s (%v)", c.src, strings.Join(got, " | "), strings.Join(c.want, " | "), err)
		}
	}
}

func TestParametersOfOtherLanguagesAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, src, want string }{
		{"R", "lr <- 0.5 # rate\nn = 5L\ns = \"a#b\"\non <- TRUE\nv <- c(1, 2)\nif (x == 1) y\nz = NULL",
			"lr ~ float = 0.5 (0.5) # rate | n ~ int = 5L (5) | s ~ str = \"a#b\" ('a#b') | on ~ bool = TRUE (True) | v = c(1, 2) | z = NULL (None)"},
		{"julia", "lr::Float64 = 1e-3 # rate\nconst n = 5;\nx == 1\ns = nothing",
			"lr: Float64 = 1e-3 (0.001) # rate | n ~ int = 5 (5) | s = nothing (None)"},
		{"bash", "# all\nday=2020-01-01 # which\nexport NAME='a b'\nurl=http://x/#top\nx=$(date)\nempty=\n[ a = b ]",
			"day ~ str = 2020-01-01 ('2020-01-01') # which | NAME ~ str = 'a b' ('a b') | url ~ str = http://x/#top ('http://x/#top') | x = $(date) | empty ~ str ('')"},
		{"scala", "val n: Int = 5 // count\nvar s = \"x\"\nval big = 5L", "n: Int = 5 (5) # count | s ~ str = \"x\" ('x') | big ~ int = 5L (5)"},
		{"matlab", "a = 5; % count\nb = 'it''s';", "a ~ int = 5 (5) # count | b ~ str = 'it''s' (\"it's\")"},
		{"C#", "var a = 5; // count\nint b = 7;\nstring s = \"x\";", "a ~ int = 5 (5) # count | b: int = 7 (7) | s: string = \"x\" ('x')"},
		{"F#", "let a = 5 // count\nlet b : string = \"x\"", "a ~ int = 5 (5) # count | b: string = \"x\" ('x')"},
		{"PowerShell", "$a = 5 # count\n[string]$s = \"x\"\n$t = $True", "a ~ int = 5 (5) # count | s: string = \"x\" ('x') | t ~ bool = $True (True)"},
	} {
		ps, err := Infer(with("", c.lang, c.src))
		var got []string
		for _, p := range ps {
			got = append(got, shown(p))
		}
		if s := strings.Join(got, " | "); err != nil || s != c.want {
			t.Errorf("%s\n got %s\nwant %s (%v)", c.lang, s, c.want, err)
		}
	}
}

func TestANotebookWithoutTheCellHasNoParameters(t *testing.T) {
	t.Parallel()
	doc := notebook.New("python3", "Python", "python")
	doc.Insert(0, notebook.NewCell(notebook.Code, "a = 1"))
	if ps, err := Infer(doc); ps != nil || err != nil {
		t.Errorf("got %v, %v", ps, err)
	}
	if _, err := Infer(with("xcpp", "c++", "int a = 1;")); !errors.Is(err, ErrLanguage) {
		t.Errorf("a language that is not known gives %v", err)
	}
}

func TestLiteralsAreReadAsPythonReadsThem(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"0x_ff": "255", "0o17": "15", "0b1": "1", "1_000": "1000", "1__0": "-", "012": "-", "00": "0", "1e5": "100000.0", ".5": "0.5", "5.": "5.0",
		`"a\x41\u00e9\101\
b"`: "'aAéAb'", `r"\n"`: `'\\n'`, `"a" 'b'`: "'ab'", `f"x"`: "-", `b"x"`: "-", `"\q"`: `'\\q'`, "'''x'y'''": `"x'y"`, "'open": "-",
		"()": "[]", "(1)": "1", "(1,)": "[1]", "1, 2": "[1, 2]", "[1,]": "[1]", "[1 2]": "-", "{}": "{}", "{1: 2,}": "{1: 2}", "{[1]: 2}": "-",
		"- -1": "1", "+1": "1", "-2**2": "-4", "2**-1": "0.5", "10**10000": "-", "1/4": "0.25", "1/0": "-", "'a'+'b'": "'ab'", "3-'a'": "-",
		"float('nan')": "nan", "float(1)": "-", "x": "-", "": "-", "1 +": "-", "None": "None", "True": "True",
	} {
		v, ok := Literal(src)
		got := Repr(v)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%q is %s, want %s", src, got, want)
		}
	}
}

func FuzzInfer(f *testing.F) {
	for _, s := range []string{"a: int = 1 # x", "a = [\n1, # c\n]\nb='''\n'''", "a <- 1", "x=\"${y}\"", "%%time\na=1", "a: Literal['x'] | None = None", "(((", "k\xf0\xed9߀", "a = {1: {2: (3,)}}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, p := range inferPython(src) {
			if p.Name == "" || strings.ContainsAny(p.Name, " =:\n") {
				t.Fatalf("%q gives the name %q", src, p.Name)
			}
			if why := p.Fits(int64(1)); why != "" && !p.Declared {
				t.Fatalf("%q: %s", src, why)
			}
		}
		for name := range simpleGrammars {
			for _, p := range inferSimple(src, name) {
				if p.Name == "" {
					t.Fatalf("%s: %q gives no name", name, src)
				}
			}
		}
	})
}

func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"[1, 'a', {None: (2,)}]", "-1_0.5e-3", `"\x41" r'\n'`, "float('inf')*2", "2**3**2", "۵"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		v, ok := Literal(src)
		if !ok {
			return
		}
		text := Repr(v)
		if strings.Contains(text, "nan") || strings.Contains(text, "inf") {
			return // these are no literals
		}
		again, ok := Literal(text)
		if !ok || Repr(again) != text {
			t.Fatalf("%q is %s, which reads as %s", src, text, fmt.Sprint(again))
		}
	})
}
