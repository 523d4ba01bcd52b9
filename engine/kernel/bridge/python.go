package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoPython is returned when no interpreter was found at all.
var ErrNoPython = errors.New("no Python was found (looked at VIRTUAL_ENV, CONDA_PREFIX, and python3 and python on PATH); install python3")

// Python finds the interpreter that Launch would use and asks it for its version,
// such as "3.11.7". It starts the interpreter, which takes some 20 ms; Launch
// itself does not need it. getenv reads the environment that the kernel will have.
func Python(ctx context.Context, getenv func(string) string, dir string) (path, version string, err error) {
	err = ErrNoPython
	for _, path := range candidates(getenv, dir) {
		version, askErr := pythonVersion(ctx, path)
		if askErr == nil {
			return path, version, nil
		}
		if errors.Is(err, ErrNoPython) {
			err = askErr
		}
	}
	return "", "", err
}

const askVersion = `import sys; print("%d.%d.%d" % sys.version_info[:3]); sys.exit(0 if sys.version_info >= (3, 8) else 87)`

func pythonVersion(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-S", "-c", askVersion).Output()
	version := strings.TrimSpace(string(out))
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == tooOld {
		return "", fmt.Errorf("%s is Python %s: %w", path, version, errTooOld)
	}
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	return version, nil
}

// candidates are the interpreters worth a try, best first, without starting one.
// A relative PATH entry is looked up from our own directory, as exec does.
func candidates(getenv func(string) string, dir string) []string {
	var found []string
	add := func(path string) {
		if path != "" && executable(path) && !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	for _, prefix := range []string{getenv("VIRTUAL_ENV"), getenv("CONDA_PREFIX")} {
		if prefix != "" {
			add(filepath.Join(prefix, "bin", "python3"))
			add(filepath.Join(prefix, "bin", "python"))
		}
	}
	for _, name := range []string{"python3", "python"} {
		for _, folder := range filepath.SplitList(getenv("PATH")) {
			path := filepath.Join(folder, name)
			if folder == "" || !executable(path) {
				continue
			}
			if root, ok := pyenvRoot(path); ok {
				for _, real := range pyenvVersions(root, name, getenv, dir) {
					add(real)
				}
				continue
			}
			add(path)
		}
	}
	return found
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// pyenvRoot tells whether path is a shim of pyenv: a shell script that costs 0.2 s
// to find the interpreter that pyenvVersions finds by reading two files.
func pyenvRoot(path string) (string, bool) {
	shims := filepath.Dir(path)
	root := filepath.Dir(shims)
	if filepath.Base(shims) != "shims" {
		return "", false
	}
	info, err := os.Stat(filepath.Join(root, "versions"))
	return root, err == nil && info.IsDir()
}

// pyenvVersions are the interpreters that pyenv would choose: PYENV_VERSION, else
// .python-version in dir or above, else the global choice. "system" names none:
// the search of PATH goes on.
func pyenvVersions(root, name string, getenv func(string) string, dir string) []string {
	names := strings.FieldsFunc(getenv("PYENV_VERSION"), func(r rune) bool { return r == ':' })
	if len(names) == 0 {
		names = pyenvFile(root, dir)
	}
	var found []string
	for _, version := range names {
		path := filepath.Join(root, "versions", version, "bin", name)
		if !executable(path) { // "3.11" means the newest 3.11.x
			matches, err := filepath.Glob(filepath.Join(root, "versions", version+".*", "bin", name))
			if err != nil || len(matches) == 0 {
				continue
			}
			path = slices.MaxFunc(matches, func(a, b string) int {
				return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
			})
		}
		found = append(found, path)
	}
	return found
}

func pyenvFile(root, dir string) []string {
	files := []string{}
	if dir == "" {
		dir, _ = os.Getwd() // without a directory only the global choice is left
	}
	for at := dir; at != "" && at != "."; at = filepath.Dir(at) {
		files = append(files, filepath.Join(at, ".python-version"))
		if at == filepath.Dir(at) {
			break
		}
	}
	for _, file := range append(files, filepath.Join(root, "version")) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		var names []string
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			names = append(names, strings.Fields(line)...)
		}
		if len(names) > 0 {
			return names
		}
	}
	return nil
}
