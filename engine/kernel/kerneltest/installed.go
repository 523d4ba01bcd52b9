package kerneltest

import (
	"os"
	"testing"

	"nbterm/engine/kernel/spec"
)

// Require makes a kernel that is not installed fail the test instead of skipping
// it; CI sets it.
const Require = "NBTERM_REQUIRE_KERNELS"

// Installed is the kernelspec of a name on this machine, as users have it. The test
// is skipped where there is none that can start.
func Installed(t testing.TB, name string) spec.Spec {
	t.Helper()
	env := spec.Host()
	specs, errs := spec.Find(env)
	for _, s := range specs {
		if s.Name != name {
			continue
		}
		err := spec.CanLaunch(t.Context(), s, env)
		if err == nil {
			return s
		}
		errs = append(errs, err)
	}
	Missing(t, "kernel %q is not installed: %v", name, errs)
	return spec.Spec{}
}

// Missing skips the test for want of something installed, or fails it where
// NBTERM_REQUIRE_KERNELS=1 says that everything is.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(Require) == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
