package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/tui/form"
)

func formOf(t *testing.T, source string) formRun {
	t.Helper()
	doc, err := notebook.Parse(template(t, source))
	if err != nil {
		t.Fatal(err)
	}
	ps, err := params.Infer(doc)
	if err != nil {
		t.Fatal(err)
	}
	noon := func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
	return formRun{app: &app{now: noon, environ: []string{"HOME=/home/k"}}, notebook: opened{path: "/home/k/in.ipynb", dir: "/home/k"}, params: ps}
}

const manyParameters = `from typing import Literal
region: Literal['eu', 'us'] = 'eu'
day: str = '2026-11-19'  # which day
share: float = 0.05
plain = 'text'
dry = False
names: list = ['a']
api_token: str
`

func TestParametersBecomeFields(t *testing.T) {
	t.Parallel()
	f := formOf(t, manyParameters)
	fields := fieldsOf(f.params, map[string]rememberedValue{"day": {Text: "2026-11-20"}, "gone": {Text: "x"}})
	got := map[string]form.Field{}
	for _, f := range fields {
		got[f.Name] = f
	}
	for name, want := range map[string]string{"region": "eu", "day": "2026-11-20", "share": "0.05", "plain": "text", "dry": "False", "names": "['a']", "api_token": ""} {
		if g, ok := got[name]; !ok || g.Text != want {
			t.Errorf("%s begins with %q, want %q", name, g.Text, want)
		}
	}
	if !slices.Equal(got["region"].Choices, []string{"eu", "us"}) || !got["dry"].Bool || !got["api_token"].Secret || !got["api_token"].Required || got["plain"].Secret || got["day"].Help != "which day" {
		t.Errorf("the fields are %+v", fields)
	}
}

func TestWhatIsFilledInIsWhatTheCommandLineGives(t *testing.T) {
	t.Parallel()
	f := formOf(t, manyParameters)
	values := []form.Value{
		{Name: "region", Text: "us"}, {Name: "day", Text: "2026"}, {Name: "share", Text: "1e-3"}, {Name: "plain", Text: "007"},
		{Name: "dry", Text: "True"}, {Name: "names", Text: "['x', 2]"}, {Name: "api_token", Text: "env:TOKEN", Secret: true},
	}
	if faults := f.check(values, false); len(faults) > 0 {
		t.Errorf("faults: %v", faults)
	}
	got := strings.Join(f.command(form.Submission{Values: values}, "/home/k/out.ipynb"), "|")
	want := "run|--no-progress-bar|--cwd|/home/k|--keep-kernel|30m|--secret|api_token=env:TOKEN|-p|share|1e-3|-p|dry|True|-r|region|us|-r|day|2026|-r|plain|007|-y|{names: ['x', 2]}|--|/home/k/in.ipynb|/home/k/out.ipynb"
	if got != want {
		t.Errorf("the command is\n%s, want\n%s", got, want)
	}
	out, err := f.path("{region}/{day}-{pm[current_datetime_local]:%H%M}.ipynb", values)
	if err != nil || out != "us/2026-1200.ipynb" {
		t.Errorf("the path is %q, %v", out, err)
	}
}

func TestWhatDoesNotFitIsToldByField(t *testing.T) {
	t.Parallel()
	f := formOf(t, manyParameters)
	faults := f.check([]form.Value{
		{Name: "region", Text: "mars"}, {Name: "share", Text: "much"}, {Name: "names", Text: "[1"}, {Name: "day", Text: "x"},
	}, false)
	if got := slices.Sorted(maps.Keys(faults)); !slices.Equal(got, []string{"api_token", "names", "region", "share"}) {
		t.Errorf("faults: %v", faults)
	}
	faults = f.check([]form.Value{{Name: "api_token", Text: "hunter2", Secret: true}}, false)
	if len(faults) != 1 || strings.Contains(faults["api_token"], "hunter2") {
		t.Errorf("of a secret that stands there: %v", faults)
	}
	faults = f.check([]form.Value{{Name: "share", Text: "0.1, 0.2"}, {Name: "region", Text: "eu,mars"}, {Name: "api_token", Text: "env:X", Secret: true}}, true)
	if len(faults) != 1 || faults["region"] == "" {
		t.Errorf("of a sweep: %v", faults)
	}
}

func TestAFormIsRememberedWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	a := &app{now: time.Now, environ: []string{"HOME=" + t.TempDir()}}
	if last := a.lastForm("/nb.ipynb"); last.Values != nil {
		t.Errorf("before: %+v", last)
	}
	a.rememberForm("/nb.ipynb", form.Submission{
		Values: []form.Value{{Name: "day", Text: "today"}, {Name: "token", Text: "env:T", Secret: true}}, Where: runBackground, Output: "o.ipynb",
	})
	last := a.lastForm("/nb.ipynb")
	if last.Values["day"].Text != "today" || last.Values["token"] != (rememberedValue{"env:T", true}) || last.Where != runBackground || last.Output != "o.ipynb" {
		t.Errorf("after: %+v", last)
	}
	if other := a.lastForm("/other.ipynb"); other.Values != nil {
		t.Errorf("of another notebook: %+v", other)
	}
}
