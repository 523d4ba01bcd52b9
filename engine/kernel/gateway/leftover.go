package gateway

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nbterm/engine/kernel/spec"
	"nbterm/storage/contents"
)

// notePrefix begins the name of an empty file in a host's runtime directory, and the
// kernel's id ends it. A local kernel dies with its host; one on a server stays, and
// the file is how whoever tidies up after a killed host knows of it.
const notePrefix = "server-kernel-"

// note leaves word of a kernel that was started, unnote takes it away.
func note(dir, id string) error {
	if dir == "" {
		return nil
	}
	if err := os.WriteFile(filepath.Join(dir, notePrefix+id), nil, 0o600); err != nil {
		return fmt.Errorf("leave word of the kernel: %w", err)
	}
	return nil
}

func unnote(dir, id string) {
	if dir != "" {
		_ = os.Remove(filepath.Join(dir, notePrefix+id)) // it would be asked for in vain, no more
	}
}

// EndLeftovers ends the kernels that a host with the runtime directory dir started
// on the server r and could not end itself. The token is looked up in env.
func EndLeftovers(ctx context.Context, dir string, r spec.Remote, env spec.Env) error {
	names, err := filepath.Glob(filepath.Join(dir, notePrefix+"*"))
	if err != nil || len(names) == 0 {
		return err
	}
	rest, err := contents.New(r.URL, contents.Options{Token: env.Get(r.TokenEnv), Timeout: endTime})
	if err != nil {
		return err
	}
	defer rest.Close()
	for _, name := range names {
		id := strings.TrimPrefix(filepath.Base(name), notePrefix)
		if err := rest.EndKernel(ctx, id); err != nil && !errors.Is(err, contents.ErrNotFound) {
			return err
		}
		unnote(dir, id)
	}
	return nil
}
