package spec

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

var pythonName = regexp.MustCompile(`^python(3(\.\d+)?)?$`)

// CanLaunch tells whether s can start: its program exists and, for an ipykernel,
// the interpreter has ipykernel. Files answer in under a millisecond; only where
// they cannot (.pth files, an unknown layout) the interpreter itself is asked,
// which takes some 20 ms. The error is one sentence that says what to try.
func CanLaunch(ctx context.Context, s Spec, e Env) error {
	if s.Embedded {
		if s.Problem != "" {
			return fmt.Errorf("kernel %q cannot start: %s", s.Name, s.Problem)
		}
		return nil
	}
	py, module, problem := e.inspect(s, e.Python())
	if problem != "" {
		return fmt.Errorf("kernel %q cannot start: %s", s.Name, problem)
	}
	if module == "" {
		return nil
	}
	if dir, sure := e.module(py, module); dir != "" || sure {
		return nil // inspect has refused what is surely missing
	}
	if !imports(ctx, py.Exe, module, e.Environ) {
		return fmt.Errorf("kernel %q cannot start: %s", s.Name, missing(py.Exe))
	}
	return nil
}

// problem is what files alone say against s.
func (e Env) problem(s Spec, py Python) string {
	if s.Embedded {
		return s.Problem
	}
	_, _, problem := e.inspect(s, py)
	return problem
}

// inspect finds the interpreter and the module that the command line of s needs;
// module is "" where s is no ipykernel of a Python that we can look into.
func (e Env) inspect(s Spec, env Python) (py Python, module, problem string) {
	if len(s.Argv) == 0 {
		return py, "", "its kernel.json has no argv"
	}
	exe := s.Argv[0]
	if isPython(exe) && env.Exe != "" {
		py = env
	} else if exe = e.LookPath(exe); exe == "" {
		return py, "", fmt.Sprintf("its program %s is not there; reinstall the kernel, or remove the kernelspec %s",
			s.Argv[0], s.Dir)
	} else if py = pythonAt(exe); !pythonName.MatchString(filepath.Base(exe)) {
		return py, "", ""
	}
	at := slices.Index(s.Argv, "-m")
	if at < 0 || at+1 >= len(s.Argv) || s.Argv[at+1] != "ipykernel_launcher" && s.Argv[at+1] != "ipykernel" {
		return py, "", ""
	}
	module = "ipykernel"
	if dir, sure := e.module(py, module); dir == "" && sure {
		return py, module, missing(py.Exe)
	}
	return py, module, ""
}

// isPython tells the names that jupyter_client replaces by its own interpreter.
func isPython(argv0 string) bool { return pythonName.MatchString(argv0) }

func missing(exe string) string {
	return fmt.Sprintf("%s has no ipykernel; install it with: %s -m pip install ipykernel", exe, exe)
}

// imports asks the interpreter.
func imports(ctx context.Context, exe, module string, environ []string) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	code := "import importlib.util as u, sys; sys.exit(u.find_spec(" + fmt.Sprintf("%q", module) + ") is None)"
	cmd := exec.CommandContext(ctx, exe, "-c", code)
	cmd.Env = environ
	cmd.Dir = "/" // python -c puts the working directory first on its path
	return cmd.Run() == nil
}

// sameLanguage compares languages as notebooks and kernelspecs write them.
func sameLanguage(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
