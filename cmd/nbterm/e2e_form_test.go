package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nbterm/engine/notebook"
)

// template is a notebook whose first cell holds parameters.
func template(t *testing.T, parameters string, cells ...string) []byte {
	t.Helper()
	doc := notebook.New("nbterm-python", "Python", "python")
	first := notebook.NewCell(notebook.Code, parameters)
	doc.Insert(0, first)
	for i, src := range cells {
		doc.Insert(i+1, notebook.NewCell(notebook.Code, src))
	}
	text := strings.Replace(string(doc.Bytes()), `"metadata": {}`, `"metadata": {"tags": ["parameters"]}`, 1)
	if !strings.Contains(text, "parameters\"]") {
		t.Fatalf("no cell was tagged:\n%s", text)
	}
	return []byte(text)
}

// TestE2EFormRunsHereAndFollows fills a form in, follows its run live, and finds the
// values again the next time.
func TestE2EFormRunsHereAndFollows(t *testing.T) {
	t.Parallel()
	needProgram(t, "python3")
	dir := t.TempDir()
	env := sandbox(t, dir)
	data := template(t, "region = 'eu'  # where\nday: int = 1\nname: str = 'x'", "import time, os\nprint('region', region, day, name)\nwhile not os.path.exists('go'): time.sleep(.05)", "print('af' + 'ter')")
	if err := os.WriteFile(filepath.Join(dir, "report.ipynb"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "report.ipynb")
	p.see("○ idle")
	p.keys("p")
	p.see("Run  report.ipynb", "region", "where", "3 parameters")
	p.keys("BSpace", "BSpace", "-us", "Down", "-x", "Enter")
	p.see("Not run: day:")
	p.keys("BSpace", "Down", "BSpace", "-12", "Down", "Down", "C-u", "-out-{region}-{day}.ipynb", "Enter")
	p.see("out-us-1.ipynb", "VIEW", "region us 1 12", "◐ cell 3/4")
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.below("after")
	p.see("The session has ended")
	p.keys("q")
	p.see("Run  report.ipynb", "The record is")
	p.keys("Escape")
	p.see("report.ipynb", "COMMAND")
	p.keys("p")
	p.see("[ us ", "3 parameters · 2 given")
	p.keys("q", "Escape")
	p.see("COMMAND")
	p.keys("C-q")
	p.ended()
	doc := parseFile(t, filepath.Join(dir, "out-us-1.ipynb"))
	if src := doc.Cell(1).Source(); !strings.Contains(src, `region = "us"`) || !strings.Contains(src, `name = "12"`) || strings.Contains(src, "day") {
		t.Errorf("injected was %q", src)
	}
}

// TestE2EFormKeepsSecretsOut runs in the background with a secret, which is on no disk
// afterwards, the form's memory included.
func TestE2EFormKeepsSecretsOut(t *testing.T) {
	t.Parallel()
	needProgram(t, "python3")
	dir := t.TempDir()
	const canary = "canary-9f31c7"
	env := append(sandbox(t, dir), "MY_TOKEN="+canary)
	data := template(t, "api_token: str", "print('length', len(api_token))")
	if err := os.WriteFile(filepath.Join(dir, "report.ipynb"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	p := startPane(t, dir, env, "nbterm", "report.ipynb")
	p.see("○ idle")
	p.keys("p")
	p.see("secret", "env:VAR")
	p.keys("-MY_TOKEN", "Enter")
	p.see("a secret is named by where it is")
	p.keys("C-u", "-env:MY_TOKEN", "Down", "Right", "Down", "C-u", "-out.ipynb", "Enter")
	p.see("Running in the background")
	out := filepath.Join(dir, "out.ipynb")
	t.Cleanup(func() {
		if t.Failed() {
			logs, _ := filepath.Glob(filepath.Join(dir, ".local/state/nbterm/runs/*"))
			for _, l := range logs {
				data, _ := os.ReadFile(l)
				t.Logf("%s:\n%s", l, data)
			}
			data, _ := os.ReadFile(out)
			t.Logf("%s", data)
		}
	})
	eventually(t, "the record", func() bool {
		data, err := os.ReadFile(out)
		return err == nil && strings.Contains(string(data), "length 13")
	})
	p.keys("C-q")
	p.ended()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), canary) {
			t.Errorf("the secret is in %s", path)
		}
		return nil // what has gone meanwhile holds nothing
	})
	if err != nil {
		t.Error(err)
	}
}
