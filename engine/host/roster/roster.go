// Package roster tells of every session of this user what it does and what it costs,
// for lists that people read: it asks each kernel host how it is, and the system for
// the memory and processor time of its kernel. It changes nothing.
package roster

import (
	"context"
	"strings"
	"sync"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/host/link"
	"nbterm/engine/host/registry"
)

// Session is one kernel host as it is now. What could not be asked is zero.
type Session struct {
	ID       string
	Notebook string // absolute path or URL; "" for none
	Spare    bool   // it waits for a notebook
	Kernel   string // name of the kernelspec
	Server   string // URL of the Jupyter Server whose kernel it is; "" for one of this machine
	Machine  string // on which it runs
	Here     bool   // which is ours; of a session elsewhere only what is above is known, and Started
	State    string // a word of host.State, "unreachable" or "elsewhere"
	Away     string // why its Jupyter Server cannot be reached now; "" when it can
	Cell     *Cell  // what runs; nil when nothing does
	Queued   int    // cells that wait behind it
	Clients  int    // programs that follow it
	PID      int    // of the kernel; 0 for one elsewhere
	Memory   int64  // resident bytes of the kernel and all it started
	CPU      float64
	Started  time.Time
}

// Cell is the cell that runs.
type Cell struct {
	Index int    // in the notebook when it was queued, from 0
	Line  string // first line of its source, as it stands there
}

// What a session that cannot be asked is said to be.
const (
	Unreachable = "unreachable"
	Elsewhere   = "elsewhere"
)

// Roster lists sessions, and remembers what their kernels had used: processor time is
// a difference. Its methods may be called from any goroutine.
type Roster struct {
	dirs registry.Dirs
	ask  func(ctx context.Context, socket string) (link.Status, error)

	mu   sync.Mutex // guards used
	used map[string]usage
}

// usage is what a session's kernel had used at a moment.
type usage struct {
	cpu time.Duration
	at  time.Time
}

// New lists the sessions of dirs.
func New(dirs registry.Dirs) *Roster {
	return &Roster{dirs: dirs, ask: ask, used: map[string]usage{}}
}

const (
	// askTime bounds the question to one host, which answers at once if it lives.
	askTime = 2 * time.Second
	// baseTime is how long a kernel is watched that was not seen before.
	baseTime = 100 * time.Millisecond
)

// List tells of all sessions, the latest first, those of other machines last. CPU is
// the percentage of one processor since the last List, or during a tenth of a second
// for a session that is new: then List takes that long.
func (r *Roster) List(ctx context.Context) ([]Session, error) {
	hosts, err := r.dirs.List()
	if err != nil {
		return nil, err
	}
	var alive []registry.Host
	for _, h := range hosts {
		if h.Alive {
			alive = append(alive, h)
		}
	}
	sessions := make([]Session, len(alive))
	var work sync.WaitGroup
	for i, h := range alive {
		work.Go(func() { sessions[i] = r.here(ctx, h) })
	}
	work.Wait()
	r.measure(ctx, sessions)
	others, err := r.dirs.Elsewhere()
	for _, h := range others {
		s := entry(h)
		s.State = Elsewhere
		sessions = append(sessions, s)
	}
	return sessions, err
}

func entry(h registry.Host) Session {
	s := Session{
		ID: h.ID, Notebook: h.Notebook, Spare: h.Spare != "", Kernel: h.Spec.Name,
		Machine: h.Machine.Name, Started: h.Started,
	}
	if h.Spec.Remote != nil {
		s.Server = h.Spec.Remote.URL
	}
	return s
}

// here asks one host of this machine.
func (r *Roster) here(ctx context.Context, h registry.Host) Session {
	s := entry(h)
	s.Here, s.State = true, Unreachable
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	st, err := r.ask(ctx, h.Socket())
	if err != nil {
		return s
	}
	s.State, s.Away, s.Queued, s.Clients = st.State.String(), st.Away, st.Waiting, st.Clients
	if st.Info != nil && st.State != host.Dead {
		s.PID = st.Info.PID
	}
	if st.Current != nil {
		line, _, _ := strings.Cut(st.Current.Code, "\n")
		s.Cell = &Cell{Index: st.Current.Cell.Index, Line: line}
	}
	return s
}

func ask(ctx context.Context, socket string) (link.Status, error) {
	c, err := link.Dial(ctx, socket, link.ClientOptions{ReadOnly: true})
	if err != nil {
		return link.Status{}, err
	}
	defer func() { _ = c.Close() }()                         // only asked
	defer context.AfterFunc(ctx, func() { _ = c.Close() })() // a host that is stopped accepts and says nothing
	return c.Ask()
}

// measure fills in memory and processor time, of all sessions at once.
func (r *Roster) measure(ctx context.Context, sessions []Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := map[string]usage{}
	fresh := r.compare(sessions, now)
	if fresh {
		wait := time.NewTimer(baseTime)
		defer wait.Stop()
		select {
		case <-wait.C:
			r.compare(sessions, now)
		case <-ctx.Done():
		}
	}
	r.used = now
}

// compare takes a sample into now; fresh is true where there was none to compare with.
func (r *Roster) compare(sessions []Session, now map[string]usage) (fresh bool) {
	all, at := processes(), time.Now()
	for i := range sessions {
		s := &sessions[i]
		if s.PID == 0 {
			continue
		}
		cpu, memory := all.tree(s.PID)
		s.Memory = memory
		before, known := r.used[s.ID]
		if !known {
			fresh = true
			if before, known = now[s.ID]; known {
				r.used[s.ID] = before
			}
		}
		if took := at.Sub(before.at); known && took > 0 && cpu >= before.cpu {
			s.CPU = 100 * float64(cpu-before.cpu) / float64(took)
		}
		now[s.ID] = usage{cpu, at}
	}
	return fresh
}
