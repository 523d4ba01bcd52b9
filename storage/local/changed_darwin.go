package local

import (
	"syscall"
	"time"
)

// changed is when the file or anything about it changed last.
func changed(sys *syscall.Stat_t) time.Time { return time.Unix(sys.Ctimespec.Unix()) }
