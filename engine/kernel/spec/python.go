package spec

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Python is an interpreter and the environment that it stands for. The zero value
// means that there is none.
type Python struct {
	Exe    string // absolute; shims of pyenv are resolved
	Prefix string // what sys.prefix is there
	base   string // what sys.base_prefix is; Prefix outside a virtual environment
	isVenv bool
	config map[string]string // pyvenv.cfg of a virtual environment
}

// Python finds the interpreter of the active environment: VIRTUAL_ENV, then
// CONDA_PREFIX, then python3 or python on PATH. Files only: nothing is started.
func (e Env) Python() Python {
	for _, key := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := e.Get(key); prefix != "" {
			if exe := filepath.Join(prefix, "bin", "python3"); executable(exe) {
				return pythonAt(exe)
			}
			if exe := filepath.Join(prefix, "bin", "python"); executable(exe) {
				return pythonAt(exe)
			}
		}
	}
	for _, name := range []string{"python3", "python"} {
		if exe := e.LookPath(name); exe != "" {
			if exe = e.unshim(exe); exe != "" {
				return pythonAt(exe)
			}
		}
	}
	return Python{}
}

// pythonAt tells the environment of an interpreter the way CPython's getpath does:
// pyvenv.cfg beside or above the executable makes it a virtual environment,
// otherwise the place that the symbolic links end at counts.
func pythonAt(exe string) Python {
	bin := filepath.Dir(exe)
	for _, dir := range []string{bin, filepath.Dir(bin)} {
		raw, err := os.ReadFile(filepath.Join(dir, "pyvenv.cfg"))
		if err != nil {
			continue
		}
		cfg := parseConfig(raw)
		p := Python{Exe: exe, Prefix: filepath.Dir(bin), isVenv: true, config: cfg}
		if home := cfg["home"]; home != "" {
			p.base = filepath.Dir(realPath(home))
		}
		return p
	}
	prefix := filepath.Dir(filepath.Dir(realPath(exe)))
	return Python{Exe: exe, Prefix: prefix, base: prefix}
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// parseConfig reads the "key = value" lines of pyvenv.cfg, keys lower-cased.
func parseConfig(raw []byte) map[string]string {
	cfg := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(raw)); s.Scan(); {
		if k, v, ok := strings.Cut(s.Text(), "="); ok {
			cfg[strings.ToLower(strings.TrimSpace(k))] = strings.TrimSpace(v)
		}
	}
	return cfg
}

// unshim follows a pyenv shim, a shell script that costs 200 ms per start, to the
// interpreter it would choose: PYENV_VERSION, .python-version here or above, the
// global version. "" where the chosen version is not installed. Whatever is no
// shim is returned as it is.
func (e Env) unshim(exe string) string {
	if filepath.Base(filepath.Dir(exe)) != "shims" {
		return exe
	}
	root := e.Get("PYENV_ROOT")
	if root == "" {
		root = filepath.Dir(filepath.Dir(exe))
	}
	if !exists(filepath.Join(root, "versions")) {
		return exe // another tool's shim
	}
	for _, version := range e.pyenvVersions(root) {
		if version == "system" {
			return e.without(filepath.Dir(exe)).LookPath(filepath.Base(exe))
		}
		if real := filepath.Join(root, "versions", version, "bin", filepath.Base(exe)); executable(real) {
			return real
		}
	}
	return ""
}

func (e Env) pyenvVersions(root string) []string {
	if v := e.Get("PYENV_VERSION"); v != "" {
		return strings.Split(v, ":")
	}
	files := []string{}
	for dir := e.Dir; dir != "" && dir != "."; dir = filepath.Dir(dir) {
		files = append(files, filepath.Join(dir, ".python-version"))
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, f := range append(files, filepath.Join(root, "version")) {
		if raw, err := os.ReadFile(f); err == nil {
			if versions := strings.Fields(string(raw)); len(versions) > 0 {
				return versions
			}
		}
	}
	return []string{"system"}
}

// without takes a directory off PATH.
func (e Env) without(dir string) Env {
	var kept []string
	for _, d := range filepath.SplitList(e.Get("PATH")) {
		if d != dir {
			kept = append(kept, d)
		}
	}
	return e.With("PATH=" + strings.Join(kept, string(filepath.ListSeparator)))
}

var versionDir = regexp.MustCompile(`^python3\.\d+t?$`)

// site lists the directories that p imports installed modules from, in no
// particular order. sure is false where .pth files may add more, or nothing was
// found at all: then only Python itself knows.
func (e Env) site(p Python) (dirs []string, sure bool) {
	type place struct{ prefix, module string }
	roots := []string{p.Prefix}
	if p.isVenv && p.config["include-system-site-packages"] == "true" && p.base != "" {
		roots = append(roots, p.base)
	}
	if p.Prefix == "/usr" || len(roots) > 1 && p.base == "/usr" {
		roots = append(roots, "/usr/local") // Debian's pip installs there
	}
	version := e.pythonVersion(p)
	for _, root := range roots {
		for _, lib := range []string{"lib", "lib64"} {
			for _, mod := range []place{{version, "site-packages"}, {version, "dist-packages"}, {"python3", "dist-packages"}} {
				if mod.prefix != "" {
					dirs = append(dirs, filepath.Join(root, lib, mod.prefix, mod.module))
				}
			}
		}
	}
	if base := e.userBase(p); base != "" && version != "" {
		dirs = append(dirs, filepath.Join(base, "lib", version, "site-packages"))
	}
	sure = version != ""
	for _, dir := range dirs {
		if links, err := filepath.Glob(filepath.Join(dir, "*.pth")); err == nil && addsPaths(links) {
			sure = false
		}
	}
	for _, dir := range filepath.SplitList(e.Get("PYTHONPATH")) {
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs, sure
}

// addsPaths tells whether one of the .pth files does more than the two that
// setuptools and matplotlib leave everywhere.
func addsPaths(files []string) bool {
	for _, f := range files {
		name := filepath.Base(f)
		if name != "distutils-precedence.pth" && !strings.HasSuffix(name, "-nspkg.pth") {
			return true
		}
	}
	return false
}

// pythonVersion is the name of the version's library directory, "python3.11"; ""
// where it cannot be told.
func (e Env) pythonVersion(p Python) string {
	if name := filepath.Base(realPath(p.Exe)); versionDir.MatchString(name) {
		return name
	}
	for _, root := range []string{p.Prefix, p.base} {
		found, err := filepath.Glob(filepath.Join(root, "lib", "python3.*"))
		if err == nil && root != "" && len(found) == 1 {
			return filepath.Base(found[0])
		}
	}
	return ""
}

// userBase is site.getuserbase() where the user's own packages count, else "".
func (e Env) userBase(p Python) string {
	if p.isVenv && p.config["include-system-site-packages"] != "true" || e.Get("PYTHONNOUSERSITE") != "" {
		return ""
	}
	if base := e.Get("PYTHONUSERBASE"); base != "" {
		return e.expand(base)
	}
	return filepath.Join(e.Home, ".local")
}

// module finds a package or a single-file module by name and gives the directory
// that it lies in; sure is as in site.
func (e Env) module(p Python, name string) (dir string, sure bool) {
	dirs, sure := e.site(p)
	for _, d := range dirs {
		if exists(filepath.Join(d, name, "__init__.py")) || exists(filepath.Join(d, name+".py")) {
			return d, true
		}
	}
	return "", sure
}
