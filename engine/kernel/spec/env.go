package spec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Env is the machine as discovery sees it. Files are read where its paths point;
// nothing else is asked of the process we run in.
type Env struct {
	Environ []string // KEY=value; the last one of a key counts
	Home    string
	Dir     string   // working directory; decides pyenv's local version
	System  []string // Jupyter directories of the system, in search order
}

// Host is the real machine.
func Host() Env {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/"
	}
	dir, err := os.Getwd()
	if err != nil {
		dir = home
	}
	return Env{
		Environ: os.Environ(), Home: home, Dir: dir,
		System: []string{"/usr/local/share/jupyter", "/usr/share/jupyter"},
	}
}

// With lays KEY=value pairs over the environment of e.
func (e Env) With(environ ...string) Env {
	e.Environ = append(slices.Clone(e.Environ), environ...)
	return e
}

// Get is the value of an environment variable, "" where there is none.
func (e Env) Get(key string) string {
	v, _ := e.lookup(key)
	return v
}

func (e Env) lookup(key string) (string, bool) {
	for _, kv := range slices.Backward(e.Environ) {
		if k, v, ok := strings.Cut(kv, "="); ok && k == key {
			return v, true
		}
	}
	return "", false
}

// flag reads a variable as jupyter_core does: set unless it says no.
func (e Env) flag(key string) bool {
	switch strings.ToLower(e.Get(key)) {
	case "", "no", "n", "false", "off", "0", "0.0":
		return false
	}
	return true
}

// LookPath finds a program on PATH, "" where it is not.
func (e Env) LookPath(name string) string {
	if strings.Contains(name, "/") {
		path := e.expand(name)
		if !filepath.IsAbs(path) {
			path = filepath.Join(e.Dir, path)
		}
		if executable(path) {
			return path
		}
		return ""
	}
	for _, dir := range filepath.SplitList(e.Get("PATH")) {
		if path := filepath.Join(dir, name); filepath.IsAbs(dir) && executable(path) {
			return path
		}
	}
	return ""
}

// expand replaces a leading ~.
func (e Env) expand(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") {
		return e.Home + path[1:]
	}
	return path
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
