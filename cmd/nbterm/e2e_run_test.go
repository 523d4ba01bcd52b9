package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestE2EARunFromFormToComparison is a day with a template: its form is filled in, the
// run is followed and fails, its kernel is entered and the cell mended, the run goes on
// from there, and what came of it is compared with an earlier run.
func TestE2EARunFromFormToComparison(t *testing.T) {
	t.Parallel()
	needProgram(t, "python3")
	dir := t.TempDir()
	env := sandbox(t, dir)
	data := template(t, "region = 'eu'  # where to look", "rows = {'eu': 3, 'us': 4}\nprint('looking at', region)", "print('rows', rows[region])", "print('do' + 'ne')")
	if err := os.WriteFile(filepath.Join(dir, "daily.ipynb"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, said := callIn(t, dir, env, "run", "--quiet", "daily.ipynb", "eu.ipynb", "-p", "region", "eu"); status != 0 {
		t.Fatal(said)
	}

	p := startPane(t, dir, env, "nbterm", "daily.ipynb")
	p.see("○ idle")
	p.keys("p")
	p.see("Run  daily.ipynb", "where to look")
	p.keys("BSpace", "BSpace", "-apac", "Down", "Down", "C-u", "-{region}.ipynb", "Enter")
	p.see("apac.ipynb", "VIEW", "looking at apac", "KeyError")
	p.keys("C-q")
	p.ended()

	p = startPane(t, dir, env, "nbterm", "attach", "apac.ipynb")
	p.see("apac.ipynb", "KeyError", "✗")
	p.keys("Enter")
	p.see("EDIT")
	p.keys("Home", "-rows['apac'] = 5; ", "C-s")
	p.see(" saved ")
	p.keys("C-q")
	p.ended()
	status, _, said := callIn(t, dir, env, "run", "--resume", "apac.ipynb", "--log-output")
	if status != 0 || !strings.Contains(said, "Going on with run") || !strings.Contains(said, "rows 5") || strings.Contains(said, "looking at") {
		t.Fatalf("resume: status %d, %s", status, said)
	}

	p = startPane(t, dir, env, "nbterm", "apac.ipynb")
	p.see("apac.ipynb", "COMMAND", "rows 5")
	p.keys(":")
	p.see("type to find an action")
	p.keys("-compare with", "Enter")
	p.see("Compare with")
	p.keys("-eu.ipynb", "Enter")
	p.see("- eu.ipynb  + apac.ipynb", "region  eu → apac", "rows['apac'] = 5", "looking at apac")
	p.keys("q")
	p.see("COMMAND")
	p.keys("C-q")
	p.ended()
	record := parseFile(t, filepath.Join(dir, "apac.ipynb"))
	raw, _ := record.Meta("nbterm", "attempts")
	if !strings.Contains(string(raw), "gone on in the same kernel") {
		t.Errorf("its attempts are %s", raw)
	}
}
