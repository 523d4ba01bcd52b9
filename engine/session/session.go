// Package session is a notebook with a kernel host: which cells wait, run and
// have run, and the fold of the host's events into the document. Folding is a
// function of (document, events): it asks nothing and sends nothing.
package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/widget"
	"nbterm/engine/wire"
)

// Host is what a session needs of a kernel host.
type Host interface {
	NewID() string
	Attach(from uint64) host.Feed
	Execute(...host.Execution) error
	Interrupt(context.Context) error
	Restart() error
	Input(value string) error
	Request(ctx context.Context, ch wire.Channel, msgType string, content any) (*wire.Message, error)
	// Send hands the kernel a message that has no reply.
	Send(m *wire.Message) error
	SetMark(host.Mark) error
	Intend(next host.Mark) error
	Moved(from, to string) error
	// Close lets go of the host; one in our own process ends with it.
	Close() error
}

// Session belongs to one goroutine, the one that owns Doc; only Host may be used
// from others.
type Session struct {
	Doc  *notebook.Notebook
	Host Host

	seen    uint64            // number of the last event folded
	execs   map[string]uint64 // execution id -> cell key
	cells   map[uint64]*cell  // by key; only cells that were queued at least once
	shown   map[string][]spot // display id -> where it is shown
	open    map[string]bool   // executions that have not ended
	news    bool              // outputs were folded that had was without
	ghosts  map[string]bool   // executions whose outputs the document had from the start
	had     host.Mark         // what the document held from the start
	callers map[string]uint64 // messages sent to comms -> cell whose widgets they came from
	// Widgets are the models of the notebook: as saved in it, and as the kernel told.
	Widgets *widget.Set
	// Kernel is what the events said of the kernel last.
	Kernel Kernel
}

// Kernel is the kernel as of the last event folded.
type Kernel struct {
	State   host.State
	Info    *host.Event // the event that brought it up, or nil
	Ended   *host.Event // the event that told its end, or nil
	Life    int         // counts starts; outputs of an earlier life are no longer backed by its variables
	Away    string      // why its server cannot be reached now; "" when it can
	Waiting int         // executions queued behind the running one
	Running uint64      // key of the cell that runs; 0 is none
	Since   time.Time   // when Running began
	Input   *wire.InputRequest
}

// Phase is where a cell stands in the queue.
type Phase uint8

// The phases of a cell.
const (
	Resting Phase = iota // neither queued nor running
	Waiting
	Running
)

// Cell is what a session knows of a cell beyond the document.
type Cell struct {
	Phase   Phase
	Outcome host.Outcome // of the last run; host.None before the first
	Reason  string       // why it ended so, where the outcome does not say
	Started time.Time    // of the last run
	Took    time.Duration
	Life    int    // the kernel life it ran in
	Ran     string // hash of the source that ran last
}

type cell struct {
	Cell
	exec  string // the latest execution
	clear bool   // clear_output(wait=True) was said: the next output replaces all
	outs  []*notebook.Output
	ghost bool // the document has these outputs already: nothing is written
	live  bool // outs holds the outputs, the document's are behind
	dirty bool // outs differs from the document's
	count int
}

// spot is an output that an update_display_data may replace.
type spot struct {
	cell  uint64
	index int
}

// New joins doc and h. Nothing is folded before the first Fold.
func New(doc *notebook.Notebook, h Host) *Session {
	s := &Session{
		Doc: doc, Host: h, execs: map[string]uint64{}, cells: map[uint64]*cell{}, shown: map[string][]spot{},
		open: map[string]bool{}, ghosts: map[string]bool{}, callers: map[string]uint64{}, Widgets: widget.NewSet(),
	}
	if saved, ok := doc.Meta("widgets"); ok {
		s.Widgets.Load(saved)
	}
	return s
}

// Holds says that the document, as it is now, holds the events up to a mark: the
// outputs of what had ended then are not folded again.
func (s *Session) Holds(m host.Mark) { s.had = m }

// Mark is the mark to set once the document, as it is now, is in the file.
func (s *Session) Mark(revision string) host.Mark {
	return host.Mark{Seq: s.seen, Revision: revision, Open: slices.Sorted(maps.Keys(s.open))}
}

// Behind is true when the document holds something that the file of the mark given
// to Holds does not.
func (s *Session) Behind() bool { return s.news }

// Cell tells what is known of the cell with this key.
func (s *Session) Cell(key uint64) Cell {
	if c := s.cells[key]; c != nil {
		return c.Cell
	}
	return Cell{}
}

// Edited is true for a cell whose outputs came from another source than it has now.
func (s *Session) Edited(c *notebook.Cell) bool {
	known := s.cells[c.Key()]
	return known != nil && known.Ran != "" && known.Phase == Resting && known.Ran != Hash(c.Source())
}

// Hash names a source text.
func Hash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:8])
}

// Lost says that the host has ended without a word: what ran or waited is over.
func (s *Session) Lost() {
	s.Kernel.State, s.Kernel.Running, s.Kernel.Waiting, s.Kernel.Input = host.Dead, 0, 0, nil
	s.Kernel.Away = ""
	s.unplug()
	for _, c := range s.cells {
		if c.Phase == Running {
			c.Outcome, c.Reason = host.Died, "the session ended"
		}
		c.Phase, c.outs, c.live = Resting, nil, false
	}
}

// Rehost goes on with another host, whose events are counted from 1; the document
// holds those up to the mark.
func (s *Session) Rehost(h Host, holds host.Mark) {
	s.Host, s.seen, s.had = h, 0, holds
	s.Kernel = Kernel{Life: s.Kernel.Life}
	s.open, s.ghosts = map[string]bool{}, map[string]bool{}
	s.unplug()
}

// Options of Run.
type Options struct {
	KeepGoing func(*notebook.Cell) bool // nil: stop at the first failure
	NoStdin   bool                      // nobody is there to answer input()
	// Limit and Unattended are those of host.Execution.
	Limit      time.Duration
	Unattended bool
}

// Of gives the key of the cell that an execution belongs to, once its Queued event
// has been folded. It is false for a cell that is gone or was never the notebook's.
func (s *Session) Of(exec string) (key uint64, ok bool) {
	key, ok = s.execs[exec]
	return key, ok
}

// Run queues the code cells among keys, in the order given. Cells without code
// and keys that are gone are passed over; a cell that waits or runs already is
// queued once more only if it is not waiting.
func (s *Session) Run(keys []uint64, o Options) error {
	execs := s.Prepare(keys, o)
	if len(execs) == 0 {
		return nil
	}
	if err := s.Host.Execute(execs...); err != nil {
		s.Forget(execs)
		return err
	}
	return nil
}

// Forget takes back what Prepare noted of executions that no host has taken.
func (s *Session) Forget(execs []host.Execution) {
	for _, e := range execs {
		delete(s.execs, e.ID)
	}
}

// Prepare is the part of Run before the host is asked: it makes the executions, for
// a caller that hands them to the host without waiting.
func (s *Session) Prepare(keys []uint64, o Options) []host.Execution {
	var execs []host.Execution
	for _, key := range keys {
		i := s.Doc.Index(key)
		if i < 0 {
			continue
		}
		c := s.Doc.Cell(i)
		if c.Kind() != notebook.Code || Blank(c.Source()) || s.Cell(key).Phase == Waiting {
			continue
		}
		e := host.Execution{
			ID: s.Host.NewID(), Code: c.Source(),
			Cell:      host.CellRef{ID: c.ID(), Index: i, Hash: Hash(c.Source())},
			KeepGoing: o.KeepGoing != nil && o.KeepGoing(c), NoStdin: o.NoStdin,
			Limit: o.Limit, Unattended: o.Unattended,
		}
		s.execs[e.ID] = key
		execs = append(execs, e)
	}
	return execs
}

// Blank is true for source without code.
func Blank(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] > ' ' {
			return false
		}
	}
	return true
}

// find gives the key of the cell that an execution belongs to, asking the document
// when the execution is not ours: by id, else by position and source.
func (s *Session) find(e *host.Execution) (uint64, bool) {
	if key, ok := s.execs[e.ID]; ok {
		return key, true
	}
	if e.Cell.ID != "" {
		for i := range s.Doc.Len() {
			if c := s.Doc.Cell(i); c.ID() == e.Cell.ID {
				return c.Key(), true
			}
		}
		return 0, false
	}
	if i := e.Cell.Index; i < s.Doc.Len() && Hash(s.Doc.Cell(i).Source()) == e.Cell.Hash {
		return s.Doc.Cell(i).Key(), true
	}
	return 0, false
}
