package host

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Executions that nobody watches are guarded by the host: one that takes longer than
// its limit is interrupted, then its kernel is ended; a kernel that has been stopped
// (SIGSTOP) is ended. The host does it because whoever asked for them may be gone.

const (
	// overdueTime is how long a cell may take to end once its limit has interrupted it.
	overdueTime = 5 * time.Second
	// stoppedTime is how long the process of a kernel may be stopped under a cell.
	stoppedTime = 4 * time.Second
	// lookEvery is how often the process is looked at.
	lookEvery = time.Second
)

// WasStopped is the reason of an execution that ended because its kernel was stopped.
const WasStopped = "the kernel had been stopped (SIGSTOP) and was ended"

// verdict is what the host has decided of an execution before the kernel tells its end.
type verdict struct {
	exec    string
	outcome Outcome
	reason  string
}

// guarded is what the guard knows of the current execution. The host's lock guards it.
type guarded struct {
	limit   *time.Timer   // runs while it may run
	ended   chan struct{} // closed once it has ended
	verdict verdict
	looking bool // the goroutine of look runs
}

// guard watches over e as it starts. Called with the lock held.
func (h *Host) guard(e *Execution) {
	if e.Limit > 0 {
		id, limit := e.ID, e.Limit
		h.work.Add(1)
		h.guarded.limit = time.AfterFunc(limit, func() { defer h.work.Done(); h.overdue(id, limit) })
	}
	if e.Unattended && !h.guarded.looking && !h.closed {
		h.guarded.looking = true
		h.work.Add(1)
		go func() { defer h.work.Done(); h.look() }()
	}
}

// unguard lets an execution go that has ended. Called with the lock held.
func (h *Host) unguard() {
	if h.guarded.limit != nil && h.guarded.limit.Stop() {
		h.work.Done()
	}
	h.guarded.limit = nil
}

// overdue interrupts the execution that has used up its time, and ends the kernel if
// that does not help.
func (h *Host) overdue(id string, limit time.Duration) {
	h.mu.Lock()
	cur, l := h.queue.current, h.life
	if cur == nil || cur.ID != id || l == nil {
		h.mu.Unlock()
		return
	}
	h.guarded.verdict = verdict{id, TimedOut, fmt.Sprintf("it took longer than %v", limit)}
	h.dropped(h.queue.drop(), "a cell before it took too long")
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(h.ctx, overdueTime)
	defer cancel()
	_ = h.Interrupt(ctx) // what a kernel makes of it is seen below
	h.mu.Lock()
	ended := h.guarded.ended
	h.mu.Unlock()
	late := time.NewTimer(overdueTime)
	defer late.Stop()
	select {
	case <-ended:
	case <-h.ctx.Done():
	case <-late.C:
		h.kill(id, l)
	}
}

// kill ends the kernel under an execution that is still the current one.
func (h *Host) kill(id string, l *life) {
	h.mu.Lock()
	cur := h.queue.current
	h.mu.Unlock()
	if cur == nil || cur.ID != id {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // no politeness: it did not listen
	_ = l.k.Shutdown(ctx)
}

// look ends a kernel whose process stays stopped under an unattended execution.
func (h *Host) look() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var since time.Time
	for {
		select {
		case <-tick.C:
		case <-h.ctx.Done():
			return
		}
		h.mu.Lock()
		cur, l := h.queue.current, h.life
		if cur == nil || !cur.Unattended || l == nil || !stopped(l.k.Info().PID) {
			since = time.Time{}
			h.mu.Unlock()
			continue
		}
		if since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) < stoppedTime {
			h.mu.Unlock()
			continue
		}
		id := cur.ID
		h.guarded.verdict = verdict{id, Died, WasStopped}
		h.mu.Unlock()
		h.kill(id, l)
		since = time.Time{}
	}
}

// stopped tells whether a process is stopped by a signal (proc(5): state T).
func stopped(pid int) bool {
	if pid <= 0 {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	text := string(stat)
	state := strings.TrimSpace(text[strings.LastIndexByte(text, ')')+1:])
	return strings.HasPrefix(state, "T")
}
