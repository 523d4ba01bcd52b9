package session

import (
	"slices"

	"nbterm/engine/host"
	"nbterm/engine/mime"
	"nbterm/engine/notebook"
	"nbterm/engine/wire"
)

// Folded is what one Fold changed, for whoever draws or saves.
type Folded struct {
	Cells   map[uint64]bool // keys of cells whose outputs, count or phase changed
	Doc     bool            // the document changed
	Kernel  bool            // the kernel's state changed
	Input   bool            // input is asked for, or no longer
	Gaps    []string        // what was lost, one sentence each
	Failed  uint64          // key of the last cell that failed, 0 is none
	Inserts []string        // set_next_input payloads: text for a new cell
	Widgets bool            // models of widgets changed
	Done    []string        // ids of messages sent to comms whose callbacks have ended
}

// Fold takes events into the document and the session. Events that were folded
// before are passed over.
func (s *Session) Fold(events []host.Event) Folded {
	f := Folded{Cells: map[uint64]bool{}}
	for i := range events {
		e := &events[i]
		if e.Kind != host.Gap && e.Seq <= s.seen {
			continue
		}
		s.seen = max(s.seen, e.Seq)
		s.fold(e, &f)
	}
	s.flush(&f)
	return f
}

func (s *Session) fold(e *host.Event, f *Folded) {
	switch e.Kind {
	case host.Queued:
		s.queued(e, f)
	case host.Running:
		s.running(e, f)
	case host.Said:
		s.said(e, f)
	case host.Finished, host.Dropped:
		s.ended(e, f)
	case host.Changed:
		s.changed(e, f)
	case host.Linked:
		s.Kernel.Away, f.Kernel = e.Reason, true
	case host.Gap:
		s.gap(e, f)
	}
}

// gap tells that output was lost, in the outputs of the cell it was lost from too:
// a record with a hole must say so to whoever reads it later.
func (s *Session) gap(e *host.Event, f *Folded) {
	f.Gaps = append(f.Gaps, e.Reason)
	c, key := s.of(e.Exec)
	if c == nil || !c.live {
		return
	}
	s.fresh(c)
	c.stream("stderr", "nbterm: output may be missing here: "+e.Reason+"\n")
	c.dirty = true
	f.Cells[key] = true
}

func (s *Session) queued(e *host.Event, f *Folded) {
	s.Kernel.Waiting++
	f.Kernel = true
	s.open[e.Exec] = true
	if e.Seq <= s.had.Seq && !slices.Contains(s.had.Open, e.Exec) {
		s.ghosts[e.Exec] = true
	}
	key, ok := s.find(e.Execution)
	if !ok {
		return
	}
	s.execs[e.Exec] = key
	c := s.cells[key]
	if c == nil {
		c = &cell{}
		s.cells[key] = c
	}
	c.exec, c.Ran = e.Exec, e.Execution.Cell.Hash
	if c.Phase == Resting {
		c.Phase = Waiting
	}
	f.Cells[key] = true
}

func (s *Session) running(e *host.Event, f *Folded) {
	s.Kernel.Waiting--
	f.Kernel = true
	c, key := s.of(e.Exec)
	if c == nil {
		return
	}
	c.Phase, c.Started, c.Took, c.Outcome, c.Reason = Running, e.Time, 0, host.None, ""
	c.Life, c.clear = s.Kernel.Life, false
	s.Kernel.Running, s.Kernel.Since = key, e.Time
	c.ghost = s.ghosts[e.Exec]
	c.outs, c.live, c.dirty, c.count = nil, true, !c.ghost, 0
	f.Cells[key] = true
}

func (s *Session) ended(e *host.Event, f *Folded) {
	if e.Kind == host.Dropped {
		s.Kernel.Waiting--
	}
	delete(s.open, e.Exec)
	f.Kernel = true
	if s.Kernel.Input != nil && e.Kind == host.Finished {
		s.Kernel.Input, f.Input = nil, true
	}
	c, key := s.of(e.Exec)
	if c == nil {
		return
	}
	if e.Kind == host.Finished {
		c.Took = e.Time.Sub(c.Started)
		if e.Outcome != host.Ok {
			f.Failed = key
		}
		if s.Kernel.Running == key {
			s.Kernel.Running = 0
		}
	}
	c.Outcome, c.Reason = e.Outcome, e.Reason
	if c.exec == e.Exec { // else it was queued again meanwhile
		c.Phase = Resting
	} else {
		c.Phase = Waiting
	}
	f.Cells[key] = true
}

func (s *Session) changed(e *host.Event, f *Folded) {
	s.Kernel.State = e.State
	f.Kernel = true
	if e.Info != nil || e.State == host.Dead || e.State == host.Restarting {
		s.unplug()
		f.Widgets = true
	}
	switch {
	case e.Info != nil:
		s.Kernel.Info, s.Kernel.Ended = e, nil
		s.Kernel.Life++
	case e.State == host.Dead:
		s.Kernel.Ended = e
	}
	if e.State == host.Dead || e.State == host.Restarting {
		s.Kernel.Away = ""
		f.Input = f.Input || s.Kernel.Input != nil
		s.Kernel.Input = nil
	}
}

// of finds the cell of an execution, or nil when the cell is gone or was never ours.
func (s *Session) of(exec string) (*cell, uint64) {
	key, ok := s.execs[exec]
	if !ok {
		return nil, 0
	}
	return s.cells[key], key
}

func (s *Session) said(e *host.Event, f *Folded) {
	m := e.Message
	if m.Channel == wire.Stdin && m.Type() == "input_request" {
		var in wire.InputRequest
		if m.Decode(&in) == nil {
			s.Kernel.Input, f.Input = &in, true
		}
		return
	}
	if s.Widgets.Fold(m) {
		f.Widgets = true
		return
	}
	if m.Type() == "update_display_data" {
		f.Widgets = true // an Output may show it
		s.update(m, f)
		return
	}
	c, key := s.of(e.Exec)
	if e.Exec == "" && m.Parent.MsgType == wire.TypeCommMsg {
		c, key = s.called(m, f)
	}
	if c == nil {
		return
	}
	if m.Type() == "execute_reply" {
		s.payload(m, f)
	}
	if s.output(c, key, m) {
		f.Cells[key] = true
	}
}

// output folds one iopub message of a cell's execution into its outputs.
func (s *Session) output(c *cell, key uint64, m *wire.Message) bool {
	if !c.live { // said after its end, by a thread for one
		if i := s.Doc.Index(key); i >= 0 {
			c.outs, c.live = append([]*notebook.Output(nil), s.Doc.Cell(i).Outputs()...), true
			if n, ok := s.Doc.Cell(i).Count(); ok {
				c.count = n
			}
		}
	}
	switch m.Type() {
	case "stream":
		var v wire.Stream
		if m.Decode(&v) != nil {
			return false
		}
		s.fresh(c)
		c.stream(v.Name, v.Text)
	case "display_data", "execute_result":
		return s.display(c, key, m)
	case "error":
		var v wire.ErrorContent
		if m.Decode(&v) != nil {
			return false
		}
		s.fresh(c)
		c.outs = append(c.outs, notebook.NewError(v.EName, v.EValue, v.Traceback))
	case "clear_output":
		var v wire.ClearOutput
		if m.Decode(&v) != nil {
			return false
		}
		if c.clear = v.Wait; !v.Wait {
			c.outs = nil
		}
	case "execute_input":
		var v wire.ExecuteInput
		if m.Decode(&v) != nil {
			return false
		}
		c.count = v.ExecutionCount
	default:
		return false
	}
	c.dirty = true
	return true
}

// display folds display_data and execute_result.
func (s *Session) display(c *cell, key uint64, m *wire.Message) bool {
	var v wire.ExecuteResult // which has all that display_data has
	if m.Decode(&v) != nil {
		return false
	}
	b, err := mime.Parse(v.Data)
	if err != nil {
		return false
	}
	s.fresh(c)
	id := v.Transient.DisplayID
	if m.Type() == "execute_result" {
		c.outs = append(c.outs, notebook.NewResult(v.ExecutionCount, b, v.Metadata))
	} else {
		c.outs = append(c.outs, notebook.NewDisplay(b, v.Metadata, id))
	}
	if id != "" {
		s.shown[id] = append(s.shown[id], spot{key, len(c.outs) - 1})
	}
	c.dirty = true
	return true
}

// fresh carries out a clear_output(wait=True) that waited for this output.
func (s *Session) fresh(c *cell) {
	if c.clear {
		c.clear, c.outs = false, nil
	}
}

// stream appends text to the last output if that is the same stream.
func (c *cell) stream(name, text string) {
	if n := len(c.outs); n > 0 {
		if last := c.outs[n-1]; last.Kind() == notebook.Stream && last.StreamName() == name {
			c.outs[n-1] = last.AppendText(text)
			return
		}
	}
	c.outs = append(c.outs, notebook.NewStream(name, text))
}

// update folds update_display_data: every output with that display id, in
// whichever cell, shows the new bundle.
func (s *Session) update(m *wire.Message, f *Folded) {
	var v wire.DisplayData
	if m.Decode(&v) != nil {
		return
	}
	b, err := mime.Parse(v.Data)
	if err != nil {
		return
	}
	for _, at := range s.shown[v.Transient.DisplayID] {
		c := s.cells[at.cell]
		if c == nil {
			continue
		}
		if i := s.Doc.Index(at.cell); !c.live && i >= 0 {
			c.outs, c.live = append([]*notebook.Output(nil), s.Doc.Cell(i).Outputs()...), true
			if n, ok := s.Doc.Cell(i).Count(); ok {
				c.count = n
			}
		}
		if at.index < len(c.outs) && shows(c.outs[at.index], v.Transient.DisplayID) {
			c.outs[at.index] = notebook.NewDisplay(b, v.Metadata, v.Transient.DisplayID)
			c.dirty = true
			f.Cells[at.cell] = true
		}
	}
}

// shows is true for an output that has the display id, or came from a file, which
// stores none.
func shows(o *notebook.Output, id string) bool {
	return o.DisplayID() == id || o.DisplayID() == "" && o.Kind() == notebook.Display
}

// payload takes what execute_reply carries beside its status.
func (s *Session) payload(m *wire.Message, f *Folded) {
	var r wire.ExecuteReply
	if m.Decode(&r) != nil {
		return
	}
	for _, p := range r.Payloads() {
		if p.Source == "set_next_input" && !p.Replace {
			f.Inserts = append(f.Inserts, p.Text)
		}
	}
}

// flush writes what was gathered into the document, one new cell each.
func (s *Session) flush(f *Folded) {
	for key := range f.Cells {
		c := s.cells[key]
		if c == nil || !c.live {
			continue
		}
		i := s.Doc.Index(key)
		if i >= 0 && c.dirty && !c.ghost {
			// The slice goes on growing here while others read what they were given.
			outs := append([]*notebook.Output(nil), c.outs...)
			s.Doc.Replace(i, s.Doc.Cell(i).WithOutputs(outs).WithCount(c.count, c.count > 0))
			f.Doc, s.news = true, true
		}
		c.dirty = false
		if c.Phase != Running {
			c.outs, c.live, c.ghost = nil, false, false
		}
	}
}
