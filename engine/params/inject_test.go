package params

import (
	"errors"
	"math"
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

func set(pairs ...any) *Set {
	s := &Set{}
	for i := 0; i < len(pairs); i += 2 {
		s.Put(pairs[i].(string), pairs[i+1])
	}
	return s
}

func sources(doc *notebook.Notebook) string {
	var list []string
	for _, c := range doc.Cells() {
		list = append(list, strings.Join(c.Tags(), ",")+">"+c.Source())
	}
	return strings.Join(list, "|")
}

func cell(src string, tags string) *notebook.Cell {
	return notebook.NewCell(notebook.Code, src).WithMeta([]byte(tags), "tags")
}

func TestParametersGoBehindTheirCell(t *testing.T) {
	t.Parallel()
	doc := notebook.New("python3", "Python", "python")
	doc.Insert(0, cell("import x", "[]"), cell("a = 1", `["x", "parameters"]`), cell("a = 2", `["parameters"]`))
	warnings, err := Inject(doc, set("a", int64(5)), InjectOptions{})
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	if got, want := sources(doc), ">import x|x,parameters>a = 1|injected-parameters># Parameters\na = 5\n|parameters>a = 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if meta, _ := doc.Cell(2).Meta(); string(meta) != "{\n \"tags\": [\n  \"injected-parameters\"\n ]\n}" {
		t.Errorf("metadata %s", meta)
	}
}

func TestParametersOfAnEarlierRunAreReplaced(t *testing.T) {
	t.Parallel()
	doc := notebook.New("python3", "Python", "python")
	doc.Insert(0, cell("a = 1", `["injected-parameters", "mine"]`), cell("b", "[]"), cell("a = 0", `["parameters"]`))
	id := doc.Cell(0).ID()
	if _, err := Inject(doc, set("a", int64(5)), InjectOptions{HideSource: true}); err != nil {
		t.Fatal(err)
	}
	if got, want := sources(doc), "injected-parameters># Parameters\na = 5\n|>b|parameters>a = 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if hidden, _ := doc.Cell(0).Meta("jupyter", "source_hidden"); string(hidden) != "true" || doc.Cell(0).ID() != id {
		t.Errorf("source_hidden %s, id %s was %s", hidden, doc.Cell(0).ID(), id)
	}
}

func TestWithoutAParametersCellTheyGoToTheTopWithAWarning(t *testing.T) {
	t.Parallel()
	doc := notebook.New("ir", "R", "R")
	doc.Insert(0, cell("x", "[]"))
	warnings, err := Inject(doc, set("n", math.NaN()), InjectOptions{Comment: "Given"})
	if err != nil || len(warnings) != 2 || !strings.Contains(warnings[0], "nan") || !strings.Contains(warnings[1], "'parameters'") {
		t.Errorf("%q, %v", warnings, err)
	}
	if got, want := sources(doc), "injected-parameters># Given\nn = nan\n|>x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoParametersChangeNothing(t *testing.T) {
	t.Parallel()
	doc := notebook.New("", "", "")
	doc.Insert(0, cell("a = 1", `["injected-parameters"]`))
	before := string(doc.Bytes())
	if _, err := Inject(doc, nil, InjectOptions{}); err != nil || string(doc.Bytes()) != before {
		t.Errorf("the notebook was changed: %v", err)
	}
}

func TestALanguageWithoutATranslatorIsAnErrorAndChangesNothing(t *testing.T) {
	t.Parallel()
	doc := notebook.New(".net-csharp", "C#", "C#")
	before := string(doc.Bytes())
	for _, o := range []InjectOptions{{}, {Kernel: "xcpp", Language: "c++"}} {
		if _, err := Inject(doc, set("a", nil), o); !errors.Is(err, ErrLanguage) || string(doc.Bytes()) != before {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := Inject(doc, set("a", nil), InjectOptions{Kernel: "xcpp", Language: "python"}); err != nil {
		t.Errorf("the language that was given: %v", err)
	}
}

func TestWhatALanguageMisreadsIsToldOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang string
		v    Value
		odd  bool
	}{
		{"python", "é$\\", false}, {"bash", "é$\\", false}, {"R", "\\n漢$", false}, {"R", "é", true}, {"scala", []Value{"é"}, true},
		{"julia", "$(run(`ls`))", true}, {"julia", "x", false}, {"matlab", "a\nb", true}, {"matlab", `"`, false},
		{"PowerShell", NewObject(Entry{"k", "$x"}), true}, {"PowerShell", "plain", false}, {"PowerShell", math.Inf(1), false}, {"F#", math.Inf(1), true},
	} {
		doc := with("", c.lang, "")
		warnings, err := Inject(doc, set("p", c.v), InjectOptions{})
		if err != nil || (len(warnings) == 1) != c.odd {
			t.Errorf("%s: %s: %q, %v", c.lang, Repr(c.v), warnings, err)
		}
	}
}
