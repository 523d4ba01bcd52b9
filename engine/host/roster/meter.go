package roster

import "time"

// Meter measures one kernel again and again. It belongs to one goroutine at a time.
type Meter struct {
	pid int
	was usage
}

// Measure tells what the kernel whose process is pid uses now: the resident bytes of
// it and all it started, and the percentage of one processor since the Measure before.
// The first of a process knows no percentage: it is 0.
func (m *Meter) Measure(pid int) (cpu float64, memory int64) {
	used, memory := processes().tree(pid)
	at := time.Now()
	if took := at.Sub(m.was.at); m.pid == pid && took > 0 && used >= m.was.cpu {
		cpu = 100 * float64(used-m.was.cpu) / float64(took)
	}
	m.pid, m.was = pid, usage{used, at}
	return cpu, memory
}
