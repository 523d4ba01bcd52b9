package spec

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var placeholder = regexp.MustCompile(`\{([A-Za-z0-9_]+)\}`)

// Command fills in the command line and the environment that start s with a
// connection file. As jupyter_client does: {connection_file}, {resource_dir} and
// {prefix} are replaced in argv and other braces left alone; a bare python becomes
// the interpreter of the active environment; a leading ~ is the home directory;
// the variables of kernel.json are string.Template-substituted over e.Environ.
func Command(s Spec, connectionFile string, e Env) (argv, environ []string) {
	py := e.Python()
	values := map[string]string{
		"connection_file": connectionFile, "resource_dir": s.Dir, "prefix": py.Prefix,
	}
	for i, arg := range s.Argv {
		if i == 0 && isPython(arg) && py.Exe != "" {
			arg = py.Exe
		}
		arg = placeholder.ReplaceAllStringFunc(arg, func(braced string) string {
			if v, ok := values[braced[1:len(braced)-1]]; ok {
				return v
			}
			return braced
		})
		argv = append(argv, e.expand(arg))
	}
	if len(argv) > 0 && !filepath.IsAbs(argv[0]) {
		if exe := e.LookPath(argv[0]); exe != "" {
			argv[0] = exe // by the PATH of e, which may not be ours
		}
	}
	for _, kv := range e.Environ {
		if !strings.HasPrefix(kv, "PYTHONEXECUTABLE=") { // would mislead another interpreter
			environ = append(environ, kv)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Env)) {
		environ = append(environ, key+"="+e.template(s.Env[key]))
	}
	return argv, environ
}

var variable = regexp.MustCompile(`\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})`)

// template is Python's string.Template.safe_substitute over the environment:
// $NAME and ${NAME} are replaced where known, $$ is one dollar.
func (e Env) template(text string) string {
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		if m == "$$" {
			return "$"
		}
		if v, ok := e.lookup(strings.Trim(m, "${}")); ok {
			return v
		}
		return m
	})
}
