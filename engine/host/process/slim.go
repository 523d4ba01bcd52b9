package process

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// slimDown gives memory back to the system: what the garbage collector has freed,
// and the pages of our program, of which a host uses a small part once it has
// started; those come back from the page cache when they are needed.
func slimDown() {
	debug.FreeOSMemory()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	for line := range bytes.Lines(maps) {
		var start, end uintptr
		var mode string
		if !bytes.HasSuffix(bytes.TrimSpace(line), []byte(self)) {
			continue
		}
		// Only what nobody can have written to: code and constants.
		if _, err := fmt.Sscanf(string(line), "%x-%x %s", &start, &end, &mode); err != nil || mode != "r-xp" && mode != "r--p" {
			continue
		}
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, start, end-start, unix.MADV_DONTNEED) // advice: may be ignored
	}
}
