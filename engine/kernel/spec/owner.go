package spec

import (
	"os"
	"syscall"
)

// isOurs tells whether the directory belongs to the user we run as, or can at
// least be written by anybody who is us (jupyter_core's _do_i_own).
func isOurs(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return false
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) == os.Getuid() {
		return true
	}
	return syscall.Access(dir, 0x2) == nil
}
