package job

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

func sources(doc *notebook.Notebook) string {
	var list []string
	for _, c := range doc.Cells() {
		list = append(list, string(c.Kind())+" "+strings.Join(c.Tags(), ",")+">"+c.Source())
	}
	return strings.Join(list, "\n--\n")
}

func TestEveryKindHasATemplateWithAPlaceForTheSource(t *testing.T) {
	t.Parallel()
	entries, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".ipynb"))
	}
	if !slices.Equal(names, Kinds()) {
		t.Errorf("templates %v, kinds %v", names, Kinds())
	}
	for _, kind := range Kinds() {
		doc, err := Notebook(kind, "the source", Options{Name: "dir/x.y"})
		if err != nil {
			t.Fatal(err)
		}
		text := sources(doc)
		if !strings.Contains(text, "the source") || strings.Contains(text, "{{") || !strings.Contains(text, "code parameters>") || doc.Language() == "" {
			t.Errorf("%s: language %q\n%s", kind, doc.Language(), text)
		}
		if got, _ := doc.Meta("nbterm", "job", "source"); string(got) != `"x.y"` {
			t.Errorf("%s: source %s", kind, got)
		}
	}
}

func TestTheKindIsToldFromTheName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.py": "python", "s3://b/A.PY": "python", "a.sh": "bash", "a.bash": "bash", "a.R": "r", "a.r": "r", "a.jl": "julia", "q.sql": "psql",
		"a.ipynb": "", "py": "", "a.txt": "", "": "", "-": "",
	} {
		if kind, ok := KindOf(name, "psql"); kind != want || ok != (want != "") {
			t.Errorf("%s is %q, %v; want %q", name, kind, ok, want)
		}
	}
}

func TestAQueryBecomesTextOfTheTemplatesLanguage(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"select 1":                  `query = "select 1"`,
		"select 'a\\b'\nfrom t\n":   "query = r\"\"\"\nselect 'a\\b'\nfrom t\n\"\"\"",
		"select \"\"\"x\"\"\"\n, 1": `query = "select \"\"\"x\"\"\"\n, 1"`,
		"a\nb\\":                    `query = "a\nb\\"`,
	} {
		doc, err := Notebook("sqlite", query, Options{Name: "q.sql"})
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Cell(1).Source(); got != want {
			t.Errorf("%q becomes %q, want %q", query, got, want)
		}
	}
	doc, err := Notebook("psql", "select 1\nEND\n", Options{Name: "q.sql"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := doc.Cell(1).Source(), "query=$(cat <<'END_'\nselect 1\nEND\nEND_\n)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAScriptInPercentFormatBecomesCells(t *testing.T) {
	t.Parallel()
	script := "\ufeff# a script\r\n# %% tags=[\"parameters\"]\nlr = 0.1\n\n# %% [markdown] About\n# # Title\n#\n# text\n# %%\n\n# %% plot\nx = 'y'\n"
	want := "code job-setup>import sys\n\nsys.argv = [\"it's.py\"]\n__file__ = sys.argv[0]\n--\ncode ># a script\n--\ncode parameters>lr = 0.1\n--\nmarkdown ># Title\n\ntext\n--\ncode >x = 'y'"
	doc, err := Notebook("python", script, Options{Name: "it's.py"})
	if err != nil {
		t.Fatal(err)
	}
	if got := sources(doc); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again, err := Notebook("python", script, Options{Name: "it's.py"})
	if err != nil || string(again.Bytes()) != string(doc.Bytes()) {
		t.Errorf("the same script makes another notebook (%v)", err)
	}
}

func TestATemplateOfTheUsersIsFilledIn(t *testing.T) {
	t.Parallel()
	template := `{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "# {{name}}"},
		{"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["run(", "{{source_text}})"]}],
		"metadata": {"kernelspec": {"name": "bash", "display_name": "Bash", "language": "bash"}}, "nbformat": 4, "nbformat_minor": 4}`
	doc, err := Notebook("anything", "it's\n", Options{Name: "a/q.hql", Template: []byte(template)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sources(doc), "markdown ># q.hql\n--\ncode >run('it'\"'\"'s')"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, bad := range []string{"no notebook", `{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}`} {
		if _, err := Notebook("x", "y", Options{Template: []byte(bad)}); !errors.Is(err, ErrTemplate) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := Notebook("cobol", "y", Options{}); !errors.Is(err, ErrKind) {
		t.Errorf("a kind that is not there: %v", err)
	}
}

func FuzzPercent(f *testing.F) {
	for _, s := range []string{"# %%\na", "a\n# %% [markdown]\n# b\n#%% tags=['x']\nc", "#%%", "# %% tags=[\"\\\"]\nx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		doc, err := Notebook("python", source, Options{Name: "x.py"})
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		if again, err := notebook.Parse(doc.Bytes()); err != nil || again.Len() != doc.Len() {
			t.Fatalf("%q: the notebook cannot be read: %v", source, err)
		}
	})
}
