package bridge

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakes makes executable files below a folder.
func fakes(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		path := filepath.Join(root, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil { //nolint:gosec // it must be executable
			t.Fatal(err)
		}
	}
	return root
}

func TestInterpretersAreTriedInOrder(t *testing.T) {
	t.Parallel()
	root := fakes(t, "venv/bin/python3", "conda/bin/python3", "a/python3", "a/python", "b/python3",
		"pyenv/shims/python3", "pyenv/versions/3.11.7/bin/python3", "pyenv/versions/3.9.1/bin/python3", "pyenv/versions/3.9.10/bin/python3")
	at := func(p string) string { return filepath.Join(root, p) }
	if err := os.WriteFile(at("pyenv/version"), []byte("# chosen\n3.11.7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("a/.python-version"), []byte("3.9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name, dir string
		env       map[string]string
		want      []string
	}{
		{"an active environment first", root, map[string]string{"VIRTUAL_ENV": at("venv"), "CONDA_PREFIX": at("conda"), "PATH": at("b")},
			[]string{at("venv/bin/python3"), at("conda/bin/python3"), at("b/python3")}},
		{"python3 before python", root, map[string]string{"PATH": at("a") + ":" + at("b")}, []string{at("a/python3"), at("b/python3"), at("a/python")}},
		{"a pyenv shim is resolved", root, map[string]string{"PATH": at("pyenv/shims") + ":" + at("b")},
			[]string{at("pyenv/versions/3.11.7/bin/python3"), at("b/python3")}},
		{"the folder's own version, the newest that fits", at("a"), map[string]string{"PATH": at("pyenv/shims")},
			[]string{at("pyenv/versions/3.9.10/bin/python3")}},
		{"PYENV_VERSION", at("a"), map[string]string{"PATH": at("pyenv/shims"), "PYENV_VERSION": "3.11.7"},
			[]string{at("pyenv/versions/3.11.7/bin/python3")}},
		{"system means the rest of PATH", root, map[string]string{"PATH": at("pyenv/shims") + ":" + at("b"), "PYENV_VERSION": "system"},
			[]string{at("b/python3")}},
		{"nothing", root, map[string]string{"PATH": at("none")}, nil},
	} {
		if got := candidates(func(k string) string { return one.env[k] }, one.dir); !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", one.name, got, one.want)
		}
	}
}

func TestPythonTellsTheVersion(t *testing.T) {
	t.Parallel()
	path, version, err := Python(t.Context(), os.Getenv, "")
	if err != nil {
		t.Skip(err)
	}
	if !strings.HasPrefix(version, "3.") || !filepath.IsAbs(path) {
		t.Errorf("%s %s", path, version)
	}
	if _, _, err := Python(t.Context(), func(string) string { return "" }, ""); err == nil {
		t.Error("found one in an empty environment")
	}
}

// TestWorkerIsPython38 parses the worker's sources with the grammar of Python 3.8.
func TestWorkerIsPython38(t *testing.T) {
	t.Parallel()
	path, _, err := Python(t.Context(), os.Getenv, "")
	if err != nil {
		t.Skip(err)
	}
	check := "import ast, glob\nfor f in sorted(glob.glob('worker/*.py')):\n" +
		"    s = open(f, encoding='utf-8').read()\n    ast.parse(s, f, feature_version=(3, 8))\n" +
		"    assert s.count('\\n') < 500, f\n    assert '\\0' not in s, f\nprint('ok')"
	out, err := exec.CommandContext(t.Context(), path, "-c", check).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "ok" {
		t.Errorf("%v: %s", err, out)
	}
}
