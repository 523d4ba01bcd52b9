package bridge

import (
	"context"
	"errors"
	"nbterm/engine/kernel"
)

func launchBash(ctx context.Context, o kernel.Options, env []string) (kernel.Kernel, error) {
	return nil, errors.New("todo")
}
