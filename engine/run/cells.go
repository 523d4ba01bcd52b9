package run

import (
	"errors"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/notebook"
	"nbterm/engine/session"
	"nbterm/engine/wire"
)

// cell is what the record says of a cell.
type cell struct {
	status  Status
	idle    bool // there is nothing to run in it
	reason  string
	signal  string
	started time.Time
	ended   time.Time
	stamps  [len(stampNames)]string // when the kernel said what, as it dates its messages
	raised  *wire.ExecuteReply      // of an error
	edited  bool                    // its source is another than the run began with
}

// stampNames are the keys of nbclient's timing in a cell's metadata, in the order of
// their alphabet.
var stampNames = [...]string{"iopub.execute_input", "iopub.status.busy", "iopub.status.idle", "shell.execute_reply"}

const (
	atInput = iota
	atBusy
	atIdle
	atReply
)

// fold takes events into the document and into what is known of the cells.
func (r *runner) fold(events []host.Event) {
	r.s.Fold(events)
	for i := range events {
		r.take(&events[i])
	}
}

// told has the caller hear of a cell that begins or ends. The session is past that by
// now: what it knows is of the last of the events that came together.
func (r *runner) told(key uint64, c session.Cell) {
	if i := r.s.Doc.Index(key); i >= 0 && r.job.Progress != nil {
		r.job.Progress(i, c)
	}
}

// take is what one event does to the record.
func (r *runner) take(e *host.Event) {
	if e.Kind == host.Changed {
		r.changed(e)
		return
	}
	key, ok := r.s.Of(e.Exec)
	c := r.cells[key]
	if !ok || c == nil {
		return // another client's, of a cell that is not ours
	}
	switch e.Kind {
	case host.Queued:
		if r.job.Past != nil && !r.job.Retry && e.Time.Before(r.rec.Started) {
			r.rec.Started = e.Time // by another driver
		}
		r.open[e.Exec] = key
		*c = cell{status: Pending}
		if r.failed == key {
			r.failed = 0
		}
	case host.Running:
		r.news = true
		*c = cell{status: Running, started: e.Time}
		r.told(key, session.Cell{Phase: session.Running, Started: e.Time})
	case host.Said:
		c.heard(e.Message)
		if r.job.Say != nil {
			r.job.Say(r.s.Doc.Index(key), e.Message)
		}
	case host.Finished, host.Dropped:
		delete(r.open, e.Exec)
		r.news = true
		r.settle(key, c, e)
		r.told(key, session.Cell{Outcome: e.Outcome, Reason: e.Reason, Started: c.started, Took: c.ended.Sub(c.started)})
	}
}

func (r *runner) changed(e *host.Event) {
	switch {
	case e.Info != nil:
		r.up, r.exit, r.failure = e, nil, ""
	case e.State == host.Dead && e.Failure != "" && r.up == nil:
		r.failure = e.Failure
	case e.State == host.Dead:
		r.exit = e.Exit
	}
}

// heard notes when the kernel said what.
func (c *cell) heard(m *wire.Message) {
	at := -1
	switch m.Type() {
	case wire.TypeExecuteInput:
		at = atInput
	case wire.TypeStatus:
		var s wire.Status
		switch _ = m.Decode(&s); s.ExecutionState { // what cannot be read names no state
		case wire.StateBusy:
			at = atBusy
		case wire.StateIdle:
			at = atIdle
		}
	case wire.TypeExecuteReply:
		at = atReply
		var reply wire.ExecuteReply
		if m.Decode(&reply) == nil && reply.Status == wire.StatusError {
			c.raised = &reply
		}
	}
	if at >= 0 {
		c.stamps[at] = stamp(m.Header.Date)
	}
}

// stamp writes the date of a message as nbclient does, "" for what is no date.
func stamp(date string) string {
	t, err := time.Parse(time.RFC3339Nano, date)
	if err != nil {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// settle decides what became of a cell that has left the queue.
func (r *runner) settle(key uint64, c *cell, e *host.Event) {
	if e.Kind == host.Dropped {
		c.status, c.reason = NotRun, e.Reason
		return
	}
	c.ended, c.reason = e.Time, e.Reason
	i := r.s.Doc.Index(key)
	switch e.Outcome {
	case host.Ok:
		c.status = Completed
	case host.TimedOut:
		c.status = TimedOut
	case host.Aborted:
		c.status = Aborted
	case host.Died:
		r.buried(c, e)
	default:
		c.status = Failed
		switch {
		case r.halted:
			c.status, c.reason = Aborted, "it was interrupted"
		case c.left():
			c.status, c.reason = Exited, "it left with sys.exit"
		case i >= 0 && r.allowed(r.s.Doc.Cell(i)):
			c.status = Raised
		}
	}
	if !c.status.passes() && r.failed == 0 {
		r.failed = key
	}
}

// buried tells from its exit how a kernel ended under a cell.
func (r *runner) buried(c *cell, e *host.Event) {
	c.status = Died
	if e.Reason == host.WasStopped {
		c.status = Stopped
		return // the signal that ended it then was ours
	}
	if r.exit == nil {
		return
	}
	if r.exit.Signal != 0 && !r.exit.Asked {
		c.signal = signalName(r.exit.Signal)
	}
	if r.exit.OOM {
		c.status = OOM
	}
}

// left tells of a cell that ended the run on purpose and without complaint.
func (c *cell) left() bool {
	return c.raised != nil && c.raised.EName == "SystemExit" && (c.raised.EValue == "" || c.raised.EValue == "0")
}

// abandon is for what was waiting or running on a host that is no more.
func (r *runner) abandon() {
	for _, key := range r.open {
		c := r.cells[key]
		if c.status == Running {
			c.status, c.reason = Lost, "its kernel host ended without a word"
			if r.failed == 0 {
				r.failed = key
			}
		} else {
			c.status, c.reason = NotRun, "the kernel host ended before it ran"
		}
	}
	clear(r.open)
}

// sum adds up what became of the run.
func (r *runner) sum(err error) {
	r.rec.Ended, r.rec.Ran, r.rec.Raised = r.job.Now(), 0, false
	all := true
	for i := range r.s.Doc.Len() {
		c := r.cells[r.s.Doc.Cell(i).Key()]
		if c.idle {
			continue
		}
		if !c.ended.IsZero() {
			r.rec.Ran++
		}
		if c.status == Raised && !r.rec.Raised {
			r.rec.Raised = true
			r.decide(i, c)
		}
		all = all && c.status.passes()
	}
	switch i := r.s.Doc.Index(r.failed); {
	case r.failed != 0 && i >= 0:
		r.decide(i, r.cells[r.failed])
		r.rec.Status = r.cells[r.failed].status
	case all && err == nil:
		r.rec.Status = Completed
	case r.failure != "":
		r.rec.Status, r.rec.Reason = Unstarted, r.failure
	case errors.Is(err, ErrStart):
		r.rec.Status, r.rec.Reason = Unstarted, err.Error()
	case r.halted:
		r.rec.Status, r.rec.Reason = Aborted, "it was interrupted"
	default:
		r.rec.Status = Lost
		if err != nil {
			r.rec.Reason = err.Error()
		}
	}
	if r.halted && r.rec.Status == Failed {
		r.rec.Status = Aborted
	}
}

// decide notes the cell that a run is judged by.
func (r *runner) decide(i int, c *cell) {
	r.rec.Failed, r.rec.Reason, r.rec.Signal = i, c.reason, c.signal
	r.rec.Name, r.rec.Value, r.rec.Traceback, r.rec.Count = "", "", nil, 0
	doc := r.s.Doc.Cell(i)
	r.rec.Count, _ = doc.Count()
	for _, out := range doc.Outputs() {
		if out.Kind() == notebook.Failure {
			r.rec.Name, r.rec.Value, r.rec.Traceback = out.Error()
		}
	}
	if r.rec.Name == "" && c.raised != nil {
		r.rec.Name, r.rec.Value, r.rec.Traceback = c.raised.EName, c.raised.EValue, c.raised.Traceback
	}
}

// close books the cells that were waiting when the run ended.
func (r *runner) close() {
	for _, c := range r.cells {
		if c.idle {
			continue
		}
		switch c.status {
		case Pending:
			c.status, c.reason = NotRun, "the run ended before it"
		case Running:
			c.status, c.reason = Lost, "nobody can tell how it ended"
			if r.halted {
				c.status, c.reason = Aborted, "it was interrupted and did not end in time"
			}
		}
	}
}

// running is the key of the cell that runs now, 0 for none.
func (r *runner) running() uint64 {
	for i := range r.s.Doc.Len() {
		if key := r.s.Doc.Cell(i).Key(); r.cells[key].status == Running {
			return key
		}
	}
	return 0
}
