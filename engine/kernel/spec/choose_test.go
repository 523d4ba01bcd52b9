package spec

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestTheKernelOfANotebookIsChosen(t *testing.T) {
	t.Parallel()
	py3 := Spec{Name: "python3", DisplayName: "Python 3", Language: "python"}
	broken := Spec{Name: "python3", DisplayName: "Python 3", Language: "python", Problem: "no ipykernel"}
	work := Spec{Name: "work", Language: "Python"}
	ir := Spec{Name: "ir", DisplayName: "R", Language: "R"}
	own := Spec{Name: "nbterm-python", Language: "python", Embedded: true}
	sh := Spec{Name: "nbterm-bash", Language: "bash", Embedded: true}
	for _, c := range []struct {
		title          string
		specs          []Spec
		name, language string
		want           string
		note           string // a part of it; "" means none
	}{
		{"by name", []Spec{own, ir, py3}, "ir", "R", "ir", ""},
		{"by name in capitals", []Spec{ir}, "IR", "", "ir", ""},
		{"by name against its language", []Spec{ir, py3}, "ir", "python", "ir", ""},
		{"an embedded one by name", []Spec{py3, own}, "nbterm-python", "python", "nbterm-python", ""},
		{"by language, python3 first", []Spec{own, work, py3}, "conda-env-x", "python", "python3", `no kernel "conda-env-x"; using python3 (Python 3)`},
		{"by language, a real one first", []Spec{own, work}, "python3", "python", "work", `no kernel "python3"; using work`},
		{"by language only", []Spec{ir, py3}, "", "r", "ir", ""},
		{"a broken one", []Spec{broken, own}, "python3", "python", "nbterm-python", `"python3" cannot start: no ipykernel; using nbterm-python`},
		{"a broken one, no language", []Spec{broken, own}, "python3", "", "nbterm-python", "cannot start"},
		{"a Python name, no language", []Spec{py3}, "python2", "", "python3", "python2"},
		{"nothing asked", []Spec{ir, own, py3}, "", "", "python3", ""},
		{"nothing asked, no ipykernel", []Spec{ir, sh, own}, "", "", "nbterm-python", "no ipykernel"},
		{"nothing asked, no Python", []Spec{ir, sh}, "", "", "nbterm-bash", "no Python"},
	} {
		s, note, err := Choose(c.specs, c.name, c.language)
		if err != nil || s.Name != c.want || !strings.Contains(note, c.note) || (note == "") != (c.note == "") {
			t.Errorf("%s: %q, %q, %v", c.title, s.Name, note, err)
		}
	}
}

func TestWithoutAKernelTheErrorSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	specs := []Spec{{Name: "ir", DisplayName: "R", Language: "R"}, {Name: "bad", Language: "julia", Problem: "julia is gone"}}
	for _, c := range []struct {
		specs []Spec
		name  string
		lang  string
		parts []string
	}{
		{specs, "julia-1.9", "julia", []string{`no kernel "julia-1.9"`, "ir (R)", "--kernel"}},
		{specs, "bad", "", []string{`"bad" cannot start: julia is gone`, "ir (R)"}},
		{specs, "", "python", []string{"no kernel for python", "ir (R)"}},
		{nil, "", "", []string{"no kernel for python", "doctor"}},
	} {
		_, _, err := Choose(c.specs, c.name, c.lang)
		if !errors.Is(err, ErrNone) {
			t.Errorf("%q %q: %v", c.name, c.lang, err)
			continue
		}
		for _, p := range c.parts {
			if !strings.Contains(err.Error(), p) || strings.Contains(err.Error(), "bad (") {
				t.Errorf("%q %q: no %q in %v", c.name, c.lang, p, err)
			}
		}
	}
}

func TestTheCommandLineIsFilledIn(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.python("usr")
	m.file("usr/bin/R", "#!/bin/sh\n")
	m.env = m.env.With("B=bee", "PYTHONEXECUTABLE=/elsewhere", "B=buzz")
	for _, c := range []struct{ argv, want []string }{
		{
			[]string{"python", "-f", "{connection_file}", "--x={resource_dir}/{prefix}", "{unknown} {}"},
			[]string{m.path("usr/bin/python3"), "-f", "/run/c.json", "--x=/res/" + m.path("usr"), "{unknown} {}"},
		},
		{[]string{"python3.11"}, []string{m.path("usr/bin/python3")}},
		{[]string{"R", "~/x"}, []string{m.path("usr/bin/R"), m.env.Home + "/x"}},
		{[]string{"/opt/python3", "a"}, []string{"/opt/python3", "a"}},
		{[]string{"gone"}, []string{"gone"}},
	} {
		argv, _ := Command(Spec{Dir: "/res", Argv: c.argv}, "/run/c.json", m.env)
		if !reflect.DeepEqual(argv, c.want) {
			t.Errorf("%q gives %q, want %q", c.argv, argv, c.want)
		}
	}
	_, environ := Command(Spec{Env: map[string]string{"A": "$B-${B}-$$B-$NONE-${", "Z": "1"}}, "", m.env)
	if !slices.Contains(environ, "A=buzz-buzz-$B-$NONE-${") || !slices.Contains(environ, "Z=1") ||
		slices.Contains(environ, "PYTHONEXECUTABLE=/elsewhere") {
		t.Errorf("environment %q", environ)
	}
}

func TestWhetherIpykernelIsThereIsToldFromFiles(t *testing.T) {
	t.Parallel()
	const there, gone = true, false
	for _, c := range []struct {
		title   string
		files   []string
		environ string
		argv0   string
		want    bool
	}{
		{"nowhere", nil, "", "python3", gone},
		{"Debian's", []string{"usr/lib/python3/dist-packages/ipykernel/__init__.py"}, "", "python3", there},
		{"site-packages", []string{"usr/lib/python3.11/site-packages/ipykernel/__init__.py"}, "", "python3", there},
		{"another version's", []string{"usr/lib/python3.9/site-packages/ipykernel/__init__.py"}, "", "python3", gone},
		{"the user's", []string{"home/.local/lib/python3.11/site-packages/ipykernel/__init__.py"}, "", "python3", there},
		{"the user's, not for a venv", []string{"home/.local/lib/python3.11/site-packages/ipykernel/__init__.py"}, "VIRTUAL_ENV=ROOT/venv", "python3", gone},
		{"the venv's", []string{"venv/lib/python3.11/site-packages/ipykernel/__init__.py"}, "VIRTUAL_ENV=ROOT/venv", "python3", there},
		{"the base's, for an open venv", []string{"usr/lib/python3.11/site-packages/ipykernel/__init__.py"}, "VIRTUAL_ENV=ROOT/open", "python3", there},
		{"the base's, not for a closed venv", []string{"usr/lib/python3.11/site-packages/ipykernel/__init__.py"}, "VIRTUAL_ENV=ROOT/venv", "python3", gone},
		{"the venv's, asked of the base", []string{"venv/lib/python3.11/site-packages/ipykernel/__init__.py"}, "VIRTUAL_ENV=ROOT/venv", "ROOT/usr/bin/python3", gone},
		{"PYTHONPATH", []string{"extra/ipykernel/__init__.py"}, "PYTHONPATH=ROOT/extra", "python3", there},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.python("usr")
			m.venv("venv", "include-system-site-packages = false\n")
			m.venv("open", "include-system-site-packages = true\n")
			for _, f := range c.files {
				m.file(f, "")
			}
			if c.environ != "" {
				m.env = m.env.With(strings.ReplaceAll(c.environ, "ROOT", m.root))
			}
			s := Spec{Name: "python3", Argv: []string{strings.ReplaceAll(c.argv0, "ROOT", m.root), "-m", "ipykernel_launcher", "-f", "{connection_file}"}}
			err := CanLaunch(t.Context(), s, m.env)
			if (err == nil) != c.want {
				t.Errorf("CanLaunch: %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "-m pip install ipykernel") {
				t.Errorf("no advice in: %v", err)
			}
			if problem := m.env.problem(s, m.env.Python()); (problem == "") != c.want {
				t.Errorf("problem %q", problem)
			}
		})
	}
}

func TestPythonIsAskedWhereFilesDoNotTell(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.python("usr")
	m.file("usr/lib/python3.11/site-packages/__editable__.ipykernel.pth", "/somewhere")
	s := Spec{Name: "python3", Argv: []string{"python3", "-m", "ipykernel_launcher"}}
	if p := m.env.problem(s, m.env.Python()); p != "" {
		t.Errorf("files alone say %q", p)
	}
	m.file("usr/bin/python3.11", "#!/bin/sh\nexit 1\n")
	if err := CanLaunch(t.Context(), s, m.env); err == nil {
		t.Error("an interpreter that says no was not believed")
	}
	m.file("usr/bin/python3.11", "#!/bin/sh\nexit 0\n")
	if err := CanLaunch(t.Context(), s, m.env); err != nil {
		t.Errorf("an interpreter that says yes: %v", err)
	}
}

func TestAKernelWhoseProgramIsGoneCannotStart(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, s := range []Spec{{Name: "k"}, {Name: "k", Argv: []string{"gone"}}, {Name: "k", Argv: []string{"/gone/python3"}}, {Name: "k", Embedded: true, Problem: "no python3"}} {
		if err := CanLaunch(t.Context(), s, m.env); err == nil {
			t.Errorf("%+v can launch", s)
		}
	}
	m.file("usr/bin/there", "#!/bin/sh\n")
	for _, s := range []Spec{{Name: "k", Argv: []string{"there"}}, {Name: "k", Embedded: true}} {
		if err := CanLaunch(t.Context(), s, m.env); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func FuzzParseNeverPanics(f *testing.F) {
	f.Add([]byte(`{"argv":["x"],"interrupt_mode":null,"env":{"A":[1]},"metadata":{"kernel_provisioner":7}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parse(raw, nil)
		if err == nil && s.InterruptMode != BySignal && s.InterruptMode != ByMessage {
			t.Errorf("%+v", s)
		}
	})
}
