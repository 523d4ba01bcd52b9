package bridge

import (
	"context"
	"fmt"
	"os"

	"nbterm/engine/kernel"
	"nbterm/engine/kernel/spec"
)

// Names of the embedded kernelspecs.
const (
	PythonName = "nbterm-python"
	BashName   = "nbterm-bash"
)

// Specs are the embedded kernelspecs. They have no argv: Launch finds the
// interpreter. A caller that wants a certain one puts its path in Argv[0].
func Specs() []spec.Spec {
	return []spec.Spec{
		{Name: PythonName, Source: "embedded", DisplayName: "Python 3 (embedded)", Language: "python", InterruptMode: "signal", Embedded: true},
		{Name: BashName, Source: "embedded", DisplayName: "Bash (embedded)", Language: "bash", InterruptMode: "signal", Embedded: true},
	}
}

// Launch starts the embedded kernel that o.Spec names. It is a kernel.Launcher.
func Launch(ctx context.Context, o kernel.Options) (kernel.Kernel, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("launch %s: %w", o.Spec.Name, err)
	}
	env := append(os.Environ(), o.Env...)
	switch o.Spec.Name {
	case PythonName:
		return launchPython(ctx, o, env)
	case BashName:
		return launchBash(ctx, o, env)
	}
	return nil, fmt.Errorf("launch %s: there is no such embedded kernel, only %s and %s", o.Spec.Name, PythonName, BashName)
}

// lookup reads a variable of an environment list; the last one counts.
func lookup(env []string) func(string) string {
	vars := make(map[string]string, len(env))
	for _, kv := range env {
		for i := range len(kv) {
			if kv[i] == '=' {
				vars[kv[:i]] = kv[i+1:]
				break
			}
		}
	}
	return func(key string) string { return vars[key] }
}
