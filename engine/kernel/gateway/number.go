package gateway

import (
	"strconv"
	"strings"
)

// numberOf parses a message id of jupyter_client's Session, which ipykernel and all
// kernels built on it use: SESSION_PID_N, where N counts every message that the
// kernel makes, whoever it is for. ok is false for other kernels' ids.
func numberOf(id string) (series string, n uint64, ok bool) {
	at := strings.LastIndexByte(id, '_')
	if at <= 0 || strings.IndexByte(id[:at], '_') <= 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(id[at+1:], 10, 64)
	return id[:at], n, err == nil
}

// maxJump is the most numbers missing in a row that are remembered one by one.
const maxJump = 1 << 16

// numbers are those of one kernel, as they come: nearly in order, because a kernel
// has several threads and sockets, and with holes. A hole is a message that was lost,
// one that went to another client, or one that the kernel made and did not send.
type numbers struct {
	series  string // "" for a kernel without numbers
	top     uint64 // the highest that came
	holes   map[uint64]bool
	far     uint64 // further holes that are not remembered one by one
	excused uint64 // holes that are known to be answers to other clients
}

// note takes the number of a message that came.
func (s *numbers) note(n uint64) {
	switch {
	case n <= s.top:
		delete(s.holes, n)
		return
	case n-s.top > maxJump:
		s.far += n - s.top - 1
	default:
		for k := s.top + 1; k < n; k++ {
			s.holes[k] = true
		}
	}
	s.top = n
}

// above counts the holes above a number, less what is excused.
func (s *numbers) above(n uint64) uint64 {
	count := s.far
	for k := range s.holes {
		if k > n {
			count++
		}
	}
	return count - min(count, s.excused)
}

// forget begins anew.
func (s *numbers) forget() {
	clear(s.holes)
	s.far, s.excused = 0, 0
}
