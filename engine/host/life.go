package host

import (
	"context"
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// live launches a kernel and stays with it to its end.
func (h *Host) live(ctx context.Context) {
	k, err := h.opt.Launch(ctx)
	l := &life{k: k}
	h.mu.Lock()
	if err != nil {
		h.change(Event{State: Dead, Failure: err.Error()})
		h.abandon(Aborted, "the kernel did not start")
		h.mu.Unlock()
		return
	}
	if h.closed { // Close did not see this kernel
		h.mu.Unlock()
		end(l)
		return
	}
	l.out = newOutbox()
	info := k.Info()
	h.life, h.info = l, &info
	h.change(Event{State: Idle, Info: &info})
	h.work.Add(1)
	go func() { defer h.work.Done(); l.out.pump(k) }()
	h.advance()
	h.mu.Unlock()

	for m := range k.Messages() {
		h.mu.Lock()
		if !l.retired {
			h.said(m)
		}
		h.mu.Unlock()
	}
	<-k.Done()
	l.out.close()
	h.died(l)
}

// died tells of a kernel that ended without being asked by Restart or Close.
func (h *Host) died(l *life) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.retired {
		return
	}
	for _, m := range h.secrets.release() {
		h.heard(m)
	}
	exit := l.k.Exit()
	exit.Stderr = h.secrets.mask(exit.Stderr)
	h.life, h.input = nil, nil
	h.calling = false
	clear(h.told)
	h.change(Event{State: Dead, Exit: &exit})
	h.abandon(Died, "the kernel "+exit.String())
}

// advance hands the next execution to the kernel if it is free. Called with the
// lock held, as all below.
func (h *Host) advance() {
	if h.life == nil {
		return
	}
	e := h.queue.start()
	if e == nil {
		if h.state == Busy && h.queue.current == nil {
			h.change(Event{State: Idle})
			h.syncSoon()
		}
		return
	}
	m := h.opt.Stamp.Request(wire.Shell, "execute_request", wire.ExecuteRequest{
		Code: e.Code, Silent: e.Silent, StoreHistory: !e.Silent, AllowStdin: !e.NoStdin,
		// The queue is ours; a kernel that aborts by itself has been seen to
		// abort the request after the next (research: 3 of 100).
		StopOnError: false,
	})
	m.Header.MsgID = e.ID
	h.begun, h.guarded.ended = make(chan struct{}), make(chan struct{})
	h.guard(e)
	h.life.out.put(h.secrets.first(m, h.opt.Stamp))
	if h.state != Busy {
		h.change(Event{State: Busy})
	}
	h.emit(Event{Kind: Running, Exec: e.ID})
}

// syncDelay is how long after the last cell of a queue the disk is told to keep what
// was said. Waiting for the disk holds up those who write to it: not between cells.
const syncDelay = 200 * time.Millisecond

func (h *Host) syncSoon() {
	if h.syncing != nil || h.closed {
		return
	}
	h.work.Add(1)
	h.syncing = time.AfterFunc(syncDelay, func() {
		defer h.work.Done()
		h.mu.Lock()
		h.syncing = nil
		h.mu.Unlock()
		h.log.sync()
	})
}

// said takes one message of the kernel.
func (h *Host) said(m *wire.Message) {
	for _, one := range h.secrets.pass(m) {
		h.heard(one)
	}
}

// heard takes one message that may be told.
func (h *Host) heard(m *wire.Message) {
	if reason, lost := kernel.GapReason(m); lost {
		gap := Event{Kind: Gap, Reason: reason}
		if cur := h.queue.current; cur != nil && !kernel.IsBetween(m) {
			gap.Exec = cur.ID
		}
		h.emit(gap)
		return
	}
	if away, is := kernel.LinkAway(m); is {
		if h.life.away != away {
			h.life.away = away
			h.emit(Event{Kind: Linked, Reason: away})
		}
		return
	}
	parent := m.Parent.MsgID
	if answer, ok := h.pending[parent]; ok && (m.Channel == wire.Shell || m.Channel == wire.Control) {
		delete(h.pending, parent)
		answer <- m
		return
	}
	if h.secrets.quiet[parent] {
		if parent == h.secrets.asked && m.Channel == wire.Shell && m.Type() == "execute_reply" {
			h.confided(m)
		}
		return
	}
	exec := ""
	if h.ours[parent] {
		exec = parent
	}
	if cur := h.queue.current; cur != nil && cur.ID == exec && m.Type() != "status" {
		select {
		case <-h.begun: // closed by an earlier message
		default:
			close(h.begun)
			h.begunAt = time.Now()
		}
	}
	if exec == "" && m.Type() == "status" && !h.answered(m) {
		return // of a request that is no execution
	}
	if m.Channel == wire.Stdin && m.Type() == "input_request" {
		h.input = m
	}
	h.emit(Event{Kind: Said, Exec: exec, Message: m})
	if cur := h.queue.current; cur != nil && cur.ID == exec {
		h.progress(m)
	}
}

// answered follows what a comm's message set off. It is true for the idle that ends
// the answer to one that a client sent.
func (h *Host) answered(m *wire.Message) bool {
	var s wire.Status
	if m.Parent.MsgType != wire.TypeCommMsg || m.Decode(&s) != nil {
		return false
	}
	h.calling = s.ExecutionState == wire.StateBusy
	ends := h.told[m.Parent.MsgID] && s.ExecutionState == wire.StateIdle
	if ends {
		delete(h.told, m.Parent.MsgID)
	}
	return ends
}

// progress looks in a message that answers the current execution for its end.
func (h *Host) progress(m *wire.Message) {
	switch {
	case m.Channel == wire.Shell && m.Type() == "execute_reply":
		var r wire.ExecuteReply
		outcome := Error
		if err := m.Decode(&r); err == nil {
			outcome = outcomeOf(r.Status)
		}
		h.queue.reply(outcome)
		h.input = nil
		if asksExit(r) {
			// What waits behind it is not for a kernel that is about to end.
			h.guarded.verdict = verdict{h.queue.current.ID, Died, "it asked for the end of the kernel"}
			h.dropped(h.queue.drop(), "the cell before it asked for the end of the kernel")
			l := h.life
			h.work.Add(1)
			go func() { defer h.work.Done(); end(l) }()
		}
		h.watch(h.queue.current.ID)
	case m.Channel == wire.IOPub && m.Type() == "status":
		var s wire.Status
		if m.Decode(&s) == nil && s.ExecutionState == "idle" {
			h.queue.sawIdle()
		}
	}
	h.settle()
}

// settle ends the current execution once both its reply and its idle are there.
func (h *Host) settle() {
	outcome, done := h.queue.done()
	if !done {
		return
	}
	e, why := h.finish(), ""
	if h.guarded.verdict.exec == e.ID {
		outcome, why = h.guarded.verdict.outcome, h.guarded.verdict.reason
	}
	h.emit(Event{Kind: Finished, Exec: e.ID, Outcome: outcome, Reason: why})
	if outcome != Ok && !e.KeepGoing {
		h.dropped(h.queue.drop(), "a cell before it failed")
	}
	h.advance()
}

// watch lets an execution go whose idle was lost on the way. A late call finds
// another current execution and does nothing.
func (h *Host) watch(id string) {
	if _, done := h.queue.done(); done {
		return
	}
	h.grace = time.AfterFunc(h.opt.IdleGrace, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if cur := h.queue.current; cur != nil && cur.ID == id {
			h.emit(Event{Kind: Gap, Exec: id, Reason: "the kernel replied but never said that it is idle; output may be missing"})
			h.queue.sawIdle()
			h.settle()
		}
	})
}

func (h *Host) stopGrace() {
	if h.grace != nil {
		h.grace.Stop()
		h.grace = nil
	}
}

func outcomeOf(status string) Outcome {
	switch status {
	case "ok":
		return Ok
	case "aborted", "abort": // IRkernel says abort
		return Aborted
	default:
		return Error
	}
}

// asksExit finds the payload by which a kernel asks its client to end it, as R's
// quit() does.
func asksExit(r wire.ExecuteReply) bool {
	for _, p := range r.Payloads() {
		if p.Source == "ask_exit" && !p.KeepKernel {
			return true
		}
	}
	return false
}
