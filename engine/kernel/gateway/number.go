package gateway

import (
	"slices"
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

// numbers are those of one kernel, as they come: nearly in order, because a kernel
// has several threads and sockets, and with holes. A hole is a message that was lost,
// one that went to another client, or one that the kernel made and did not send.
type numbers struct {
	series  string // "" for a kernel without numbers
	top     uint64 // the highest that came
	holes   []span // in order, without overlap
	excused uint64 // numbers in holes that are known to be answers to other clients
}

// span is the numbers from first to last.
type span struct{ first, last uint64 }

// note takes the number of a message that came.
func (s *numbers) note(n uint64) {
	if n > s.top {
		if n > s.top+1 {
			s.holes = append(s.holes, span{s.top + 1, n - 1})
		}
		s.top = n
		return
	}
	for i, h := range s.holes {
		switch {
		case n < h.first || n > h.last:
			continue
		case h.first == h.last:
			s.holes = slices.Delete(s.holes, i, i+1)
		case n == h.first:
			s.holes[i].first++
		case n == h.last:
			s.holes[i].last--
		default:
			s.holes = slices.Replace(s.holes, i, i+1, span{h.first, n - 1}, span{n + 1, h.last})
		}
		return
	}
}

// between counts the numbers above low and below high that did not come, less what
// is excused.
func (s *numbers) between(low, high uint64) uint64 {
	var count uint64
	for _, h := range s.holes {
		first, last := max(h.first, low+1), min(h.last, high-1)
		if first <= last {
			count += last - first + 1
		}
	}
	return count - min(count, s.excused)
}

// lastHole is the highest number that did not come; 0 where all came.
func (s *numbers) lastHole() uint64 {
	if len(s.holes) == 0 {
		return 0
	}
	return s.holes[len(s.holes)-1].last
}

// settle drops the holes below high: they have been told.
func (s *numbers) settle(high uint64) {
	s.holes = slices.DeleteFunc(s.holes, func(h span) bool { return h.last < high })
	s.excused = 0
}

// forget begins anew.
func (s *numbers) forget() { s.holes, s.excused = s.holes[:0], 0 }
