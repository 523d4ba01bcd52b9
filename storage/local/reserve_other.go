//go:build !linux

package local

import "os"

// reserve is Linux only; elsewhere a failed write is undone.
func reserve(*os.File, int, int) error { return nil }
