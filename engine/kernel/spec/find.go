package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Native is the name of the kernel that ipykernel provides without a kernelspec.
const Native = "python3"

// root is a directory of kernelspecs and what to call it.
type root struct {
	dir, source string
}

// Find lists the kernelspecs of e in search order, each name once, as
// jupyter_client 7 and 8 with jupyter_core 5 do. Names are lower-cased and the first
// directory that has one wins, even when its kernel.json is broken; broken ones
// come back as errors and not as specs. Problem is filled in from files alone.
func Find(e Env) ([]Spec, []error) {
	py := e.Python()
	var specs []Spec
	var errs []error
	seen := map[string]bool{}
	for _, r := range e.roots(py) {
		entries, err := os.ReadDir(r.dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("look for kernels: %w", err))
		}
		for _, entry := range entries {
			name, dir := strings.ToLower(entry.Name()), filepath.Join(r.dir, entry.Name())
			raw, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
			if seen[name] || errors.Is(err, fs.ErrNotExist) || isFile(entry) {
				continue
			}
			seen[name] = true
			s, err := parse(raw, err)
			if err != nil {
				errs = append(errs, fmt.Errorf("read the kernelspec %s: %w", dir, err))
				continue
			}
			s.Name, s.Dir, s.Source = name, dir, r.source
			specs = append(specs, s)
		}
	}
	if !seen[Native] {
		if s, ok := e.native(py); ok {
			specs = append(specs, s)
		}
	}
	for i := range specs {
		specs[i].Problem = e.problem(specs[i], py)
	}
	return specs, errs
}

// isFile is false for a symbolic link, which may lead to a directory.
func isFile(entry fs.DirEntry) bool { return entry.Type().IsRegular() }

// roots are the directories that may hold kernelspecs, first wins.
func (e Env) roots(py Python) []root {
	var roots []root
	add := func(dir, source string) {
		dir = filepath.Join(dir, "kernels")
		if !slices.ContainsFunc(roots, func(r root) bool { return r.dir == dir }) {
			roots = append(roots, root{dir, source})
		}
	}
	for _, dir := range filepath.SplitList(e.Get("JUPYTER_PATH")) {
		if dir != "" {
			add(dir, "JUPYTER_PATH")
		}
	}
	user := func() {
		add(e.DataDir(), "user")
		if base := e.userBase(py); base != "" {
			add(filepath.Join(base, "share", "jupyter"), "user")
		}
	}
	environment := func() {
		if py.Prefix == "" {
			return
		}
		if dir := filepath.Join(py.Prefix, "share", "jupyter"); !slices.Contains(e.System, dir) {
			add(dir, "environment")
		}
	}
	if e.preferEnvironment(py) {
		environment()
		user()
	} else {
		user()
		environment()
	}
	for _, dir := range e.System {
		add(dir, "system")
	}
	ipython := e.Get("IPYTHONDIR")
	if ipython == "" {
		ipython = filepath.Join(e.Home, ".ipython")
	}
	add(e.expand(ipython), "ipython")
	return roots
}

// DataDir is jupyter_core's jupyter_data_dir.
func (e Env) DataDir() string {
	if dir := e.Get("JUPYTER_DATA_DIR"); dir != "" {
		return dir
	}
	xdg := e.Get("XDG_DATA_HOME")
	if xdg == "" {
		xdg = filepath.Join(e.Home, ".local", "share")
	}
	return filepath.Join(xdg, "jupyter")
}

// preferEnvironment is jupyter_core 5's rule: JUPYTER_PREFER_ENV_PATH when it is
// set; otherwise true in a virtual environment and in a conda one other than base,
// when it is ours to write.
func (e Env) preferEnvironment(py Python) bool {
	if _, set := e.lookup("JUPYTER_PREFER_ENV_PATH"); set {
		return e.flag("JUPYTER_PREFER_ENV_PATH")
	}
	conda := e.Get("CONDA_PREFIX")
	inConda := conda != "" && strings.HasPrefix(py.Prefix, conda) && e.Get("CONDA_DEFAULT_ENV") != "base"
	return (py.isVenv || inConda) && isOurs(py.Prefix)
}

// parse reads kernel.json; err is the one of reading the file.
func parse(raw []byte, err error) (Spec, error) {
	if err != nil {
		return Spec{}, err
	}
	var k struct {
		Argv          []string        `json:"argv"`
		DisplayName   string          `json:"display_name"`
		Language      string          `json:"language"`
		InterruptMode *string         `json:"interrupt_mode"`
		Env           map[string]any  `json:"env"`
		Metadata      json.RawMessage `json:"metadata"`
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return Spec{}, fmt.Errorf("kernel.json is not what it should be: %w", err)
	}
	s := Spec{
		Argv: k.Argv, DisplayName: k.DisplayName, Language: k.Language,
		InterruptMode: BySignal, Metadata: k.Metadata,
	}
	if k.InterruptMode != nil {
		s.InterruptMode = strings.ToLower(*k.InterruptMode)
	}
	if s.InterruptMode != BySignal && s.InterruptMode != ByMessage {
		return Spec{}, fmt.Errorf("kernel.json has interrupt_mode %q, not signal or message", *k.InterruptMode)
	}
	if p := provisioner(k.Metadata); p != "" && p != "local-provisioner" {
		return Spec{}, fmt.Errorf("it wants the kernel provisioner %q, and only local kernels can be started", p)
	}
	if len(k.Env) > 0 {
		s.Env = make(map[string]string, len(k.Env))
		for key, v := range k.Env {
			s.Env[key] = fmt.Sprint(v)
		}
	}
	return s, nil
}

func provisioner(metadata json.RawMessage) string {
	var m struct {
		Provisioner struct {
			Name string `json:"provisioner_name"`
		} `json:"kernel_provisioner"`
	}
	if json.Unmarshal(metadata, &m) != nil {
		return ""
	}
	return m.Provisioner.Name
}

// native is the kernel of the active environment where ipykernel is installed
// there but no kernelspec says so.
func (e Env) native(py Python) (Spec, bool) {
	if py.Exe == "" {
		return Spec{}, false
	}
	dir, _ := e.module(py, "ipykernel")
	if dir == "" {
		return Spec{}, false
	}
	debugger, _ := e.module(py, "debugpy")
	return Spec{
		Name: Native, Dir: filepath.Join(dir, "ipykernel", "resources"), Source: "native",
		Argv:        []string{py.Exe, "-m", "ipykernel_launcher", "-f", "{connection_file}"},
		DisplayName: "Python 3 (ipykernel)", Language: "python", InterruptMode: BySignal,
		Metadata: fmt.Appendf(nil, `{"debugger":%t}`, debugger != ""),
	}, true
}
