package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// machine is a made-up one in a temporary directory.
type machine struct {
	t    *testing.T
	root string
	env  Env
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	root := t.TempDir()
	m := &machine{t, root, Env{
		Home: filepath.Join(root, "home"), Dir: filepath.Join(root, "work"),
		System:  []string{filepath.Join(root, "usr/local/share/jupyter"), filepath.Join(root, "usr/share/jupyter")},
		Environ: []string{"PATH=" + filepath.Join(root, "usr/bin")},
	}}
	m.file("work/x", "")
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.root, name) }

func (m *machine) file(name, text string) string {
	m.t.Helper()
	path := m.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		m.t.Fatal(err)
	}
	return path
}

func (m *machine) link(name, target string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Symlink(target, m.path(name)); err != nil {
		m.t.Fatal(err)
	}
}

// kernel puts a kernelspec under a Jupyter directory; its display name is the
// directory, so that a test sees which one won.
func (m *machine) kernel(jupyterDir, name string) {
	m.t.Helper()
	m.file(filepath.Join(jupyterDir, "kernels", name, "kernel.json"),
		fmt.Sprintf(`{"argv":["/bin/sh","{connection_file}"],"display_name":%q,"language":"x"}`, jupyterDir))
}

// python installs an interpreter /NAME/bin/python3 with a library directory.
func (m *machine) python(prefix string) {
	m.file(prefix+"/bin/python3.11", "#!/bin/sh\n")
	m.link(prefix+"/bin/python3", "python3.11")
	m.file(prefix+"/lib/python3.11/os.py", "")
}

func (m *machine) venv(prefix, config string) {
	m.file(prefix+"/pyvenv.cfg", "home = "+m.path("usr/bin")+"\n"+config)
	m.link(prefix+"/bin/python3", m.path("usr/bin/python3"))
}

// found maps names to where the winner lies.
func (m *machine) found() map[string]string {
	m.t.Helper()
	specs, errs := Find(m.env)
	if len(errs) > 0 {
		m.t.Errorf("Find: %v", errs)
	}
	got := map[string]string{}
	for _, s := range specs {
		got[s.Name] = strings.TrimPrefix(s.Dir, m.root+"/") + " " + s.Source
	}
	return got
}

func TestTheFirstDirectoryOfTheSearchOrderWins(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.python("usr")
	m.venv("venv", "")
	m.env = m.env.With("JUPYTER_PATH="+m.path("jp1")+"//:"+m.path("jp2"), "VIRTUAL_ENV="+m.path("venv"),
		"JUPYTER_PREFER_ENV_PATH=0", "PYTHONUSERBASE="+m.path("base"))
	order := []struct{ dir, source string }{
		{"jp1", "JUPYTER_PATH"}, {"jp2", "JUPYTER_PATH"}, {"home/.local/share/jupyter", "user"},
		{"venv/share/jupyter", "environment"}, {"usr/local/share/jupyter", "system"},
		{"usr/share/jupyter", "system"}, {"home/.ipython", "ipython"},
	}
	want := map[string]string{}
	for i, o := range order {
		for j := range order[:i+1] {
			m.kernel(o.dir, fmt.Sprint("K", j))
		}
		want[fmt.Sprint("k", i)] = fmt.Sprintf("%s/kernels/K%d %s", o.dir, i, o.source)
	}
	if got := m.found(); !maps.Equal(got, want) {
		t.Errorf("found %v\nwant  %v", got, want)
	}
}

func TestVariablesMoveTheDirectories(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, environ, dir string
	}{
		{"JUPYTER_DATA_DIR", "JUPYTER_DATA_DIR=ROOT/data", "data"},
		{"XDG_DATA_HOME", "XDG_DATA_HOME=ROOT/xdg", "xdg/jupyter"},
		{"IPYTHONDIR", "IPYTHONDIR=~/ipy", "home/ipy"},
		{"PYTHONUSERBASE", "PYTHONUSERBASE=ROOT/base", "base/share/jupyter"},
		{"CONDA_PREFIX", "CONDA_PREFIX=ROOT/conda", "conda/share/jupyter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.python("usr")
			m.python("conda")
			m.env = m.env.With(strings.ReplaceAll(c.environ, "ROOT", m.root))
			m.kernel(c.dir, "k")
			if got := m.found(); !strings.HasPrefix(got["k"], c.dir+"/") {
				t.Errorf("found %v", got)
			}
		})
	}
}

func TestTheEnvironmentComesBeforeTheUserWhereJupyterSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"a venv that is ours", []string{"VIRTUAL_ENV=ROOT/venv"}, "environment"},
		{"unless told", []string{"VIRTUAL_ENV=ROOT/venv", "JUPYTER_PREFER_ENV_PATH=no"}, "user"},
		{"a prefix on PATH", nil, "user"},
		{"a prefix on PATH, told", []string{"JUPYTER_PREFER_ENV_PATH=1"}, "environment"},
		{"conda", []string{"CONDA_PREFIX=ROOT/opt", "CONDA_DEFAULT_ENV=work"}, "environment"},
		{"conda's base", []string{"CONDA_PREFIX=ROOT/opt", "CONDA_DEFAULT_ENV=base"}, "user"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.python("opt")
			m.python("usr")
			m.venv("venv", "")
			m.env = m.env.With("PATH=" + m.path("opt/bin"))
			for _, kv := range c.environ {
				m.env = m.env.With(strings.ReplaceAll(kv, "ROOT", m.root))
			}
			for _, dir := range []string{"home/.local/share/jupyter", "venv/share/jupyter", "opt/share/jupyter"} {
				m.kernel(dir, "k")
			}
			if got := m.found()["k"]; !strings.HasSuffix(got, " "+c.want) {
				t.Errorf("found %q, want %s", got, c.want)
			}
		})
	}
}

func TestBrokenKernelspecsAreErrorsAndStillHideOthers(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	user := "home/.local/share/jupyter"
	for name, text := range map[string]string{
		"syntax": `{"argv":`, "argv": `{"argv":"x"}`, "mode": `{"argv":["x"],"interrupt_mode":"shout"}`,
		"provisioner": `{"argv":["x"],"metadata":{"kernel_provisioner":{"provisioner_name":"k8s"}}}`,
	} {
		m.file(user+"/kernels/"+name+"/kernel.json", text)
		m.kernel("usr/share/jupyter", name)
	}
	m.file(user+"/kernels/not-a-dir", "")
	m.file(user+"/kernels/no-json/logo.png", "")
	specs, errs := Find(m.env)
	if len(specs) != 0 || len(errs) != 4 {
		t.Errorf("found %v, errors %v", specs, errs)
	}
	for _, err := range errs {
		if !strings.Contains(err.Error(), user) {
			t.Errorf("no path in: %v", err)
		}
	}
}

func TestAKernelspecIsReadWhole(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.file("usr/share/jupyter/kernels/Full/kernel.json", `{"argv":["/bin/sh","-c","x"],"display_name":"Full One",
		"language":"R","interrupt_mode":"Message","env":{"A":"$B","N":1},"metadata":{"debugger":true},"extra":{"x":1}}`)
	specs, errs := Find(m.env)
	want := Spec{
		Name: "full", Dir: m.path("usr/share/jupyter/kernels/Full"), Source: "system",
		Argv: []string{"/bin/sh", "-c", "x"}, DisplayName: "Full One", Language: "R", InterruptMode: ByMessage,
		Env: map[string]string{"A": "$B", "N": "1"}, Metadata: json.RawMessage(`{"debugger":true}`),
	}
	if len(errs) > 0 || len(specs) != 1 || !reflect.DeepEqual(specs[0], want) {
		t.Errorf("found %+v, %v", specs, errs)
	}
}

func TestIpykernelWithoutAKernelspecIsTheNativeKernel(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.python("usr")
	if got := m.found(); len(got) != 0 {
		t.Fatalf("found %v", got)
	}
	m.file("usr/lib/python3/dist-packages/ipykernel/__init__.py", "")
	specs, errs := Find(m.env)
	if len(errs) > 0 || len(specs) != 1 {
		t.Fatalf("found %v, %v", specs, errs)
	}
	s := specs[0]
	if s.Name != "python3" || s.Source != "native" || s.Argv[0] != m.path("usr/bin/python3") || s.Problem != "" ||
		s.Dir != m.path("usr/lib/python3/dist-packages/ipykernel/resources") || string(s.Metadata) != `{"debugger":false}` {
		t.Errorf("found %+v", s)
	}
	m.kernel("usr/share/jupyter", "python3")
	if got := m.found(); got["python3"] != "usr/share/jupyter/kernels/python3 system" {
		t.Errorf("found %v", got)
	}
}

func TestAPyenvShimIsFollowedToItsInterpreter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, version, global, local, want string }{
		{"the global version", "", "3.11.7\n", "", "pyenv/versions/3.11.7/bin/python3"},
		{"a local version above", "", "3.11.7\n", "3.12.1", "pyenv/versions/3.12.1/bin/python3"},
		{"PYENV_VERSION", "3.11.7", "3.12.1", "3.12.1", "pyenv/versions/3.11.7/bin/python3"},
		{"the first installed one", "", "3.9.9 3.12.1", "", "pyenv/versions/3.12.1/bin/python3"},
		{"the system's", "", "system", "", "usr/bin/python3"},
		{"no version at all", "", "", "", "usr/bin/python3"},
		{"one that is not installed", "2.0", "3.11.7", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.python("usr")
			m.python("pyenv/versions/3.11.7")
			m.python("pyenv/versions/3.12.1")
			m.file("pyenv/shims/python3", "#!/usr/bin/env bash\n")
			m.env = m.env.With("PATH="+m.path("pyenv/shims")+":"+m.path("usr/bin"), "PYENV_VERSION="+c.version)
			if c.global != "" {
				m.file("pyenv/version", c.global)
			}
			if c.local != "" {
				m.file(".python-version", c.local)
			}
			got := strings.TrimPrefix(m.env.Python().Exe, m.root+"/")
			if got != c.want {
				t.Errorf("Python() = %q, want %q", got, c.want)
			}
		})
	}
}

// TestFindEqualsJupyter compares with Debian's jupyter where it is installed, in
// made-up environments, so that the answer does not depend on this machine alone.
func TestFindEqualsJupyter(t *testing.T) {
	t.Parallel()
	const jupyter = "/usr/bin/jupyter"
	if !executable(jupyter) || !executable("/usr/bin/python3") {
		if os.Getenv("NBTERM_REQUIRE_KERNELS") == "1" {
			t.Fatal(jupyter + " is not installed")
		}
		t.Skip(jupyter + " is not installed")
	}
	for name, environ := range map[string][]string{
		"plain":     nil,
		"path":      {"JUPYTER_PATH=ROOT/jp1:ROOT/jp2/"},
		"data dir":  {"JUPYTER_DATA_DIR=ROOT/data"},
		"xdg":       {"XDG_DATA_HOME=ROOT/xdg"},
		"user base": {"PYTHONUSERBASE=ROOT/base"},
		"ipython":   {"IPYTHONDIR=ROOT/ipy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			for _, dir := range []string{"jp1", "jp2", "data", "xdg/jupyter", "base/share/jupyter", "home/.local/share/jupyter", "home/.ipython", "ipy"} {
				m.kernel(dir, "Shared")
				m.kernel(dir, "only-"+strings.Trim(strings.ReplaceAll(dir, "/", "-"), "."))
			}
			m.file("home/.local/share/jupyter/kernels/broken/kernel.json", "{")
			m.env.System = Host().System
			m.env.Environ = []string{"PATH=/usr/bin:/bin", "HOME=" + m.env.Home, "JUPYTER_PREFER_ENV_PATH=0", "PYTHONDONTWRITEBYTECODE=1"}
			for _, kv := range environ {
				m.env = m.env.With(strings.ReplaceAll(kv, "ROOT", m.root))
			}
			got := map[string]string{}
			specs, _ := Find(m.env)
			for _, s := range specs {
				got[s.Name] = fmt.Sprint(s.Dir, s.Argv, s.DisplayName, s.Language, s.InterruptMode)
			}
			if want := jupyterFinds(t, jupyter, m.env); !maps.Equal(got, want) {
				t.Errorf("Find\n %v\njupyter\n %v", sorted(got), sorted(want))
			}
		})
	}
}

func jupyterFinds(t *testing.T, jupyter string, e Env) map[string]string {
	t.Helper()
	cmd := exec.Command(jupyter, "kernelspec", "list", "--json")
	cmd.Env, cmd.Dir = e.Environ, e.Dir
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("jupyter: %v", err)
	}
	var list struct {
		Kernelspecs map[string]struct {
			Dir  string `json:"resource_dir"`
			Spec struct {
				Argv     []string `json:"argv"`
				Name     string   `json:"display_name"`
				Language string   `json:"language"`
				Mode     string   `json:"interrupt_mode"`
			} `json:"spec"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatalf("jupyter: %v in %s", err, raw)
	}
	want := map[string]string{}
	for name, k := range list.Kernelspecs {
		want[name] = fmt.Sprint(k.Dir, k.Spec.Argv, k.Spec.Name, k.Spec.Language, k.Spec.Mode)
	}
	return want
}

func sorted(m map[string]string) []string {
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		lines = append(lines, k+": "+m[k])
	}
	return lines
}

func BenchmarkFind(b *testing.B) {
	e := Host()
	for b.Loop() {
		if specs, _ := Find(e); specs == nil {
			b.Skip("no kernelspecs here")
		}
	}
}
