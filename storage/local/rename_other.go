//go:build !linux

package local

import (
	"errors"
	"os"
)

// renameNew is Linux only; a hard link does elsewhere.
func renameNew(*os.Root, string, string) error { return errors.ErrUnsupported }

func renameFree(int, string, int, string) error { return errors.ErrUnsupported }
