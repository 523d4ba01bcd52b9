package notebook

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"nbterm/engine/host"
	"nbterm/engine/session"
)

// lane carries what is asked of the host, in the order in which it was asked and
// off the program's goroutine: a host that does not answer holds up nothing here.
type lane struct{ last chan struct{} }

// send makes the command for one call. Its turn comes when the one before is done.
func (l *lane) send(ctx context.Context, call func() tea.Msg) tea.Cmd {
	before, done := l.last, make(chan struct{})
	l.last = done
	return func() tea.Msg {
		defer close(done)
		if before != nil {
			select {
			case <-before:
			case <-ctx.Done():
				return nil
			}
		}
		return call()
	}
}

// queuedMsg is the end of handing executions to the host.
type queuedMsg struct {
	from  *Screen
	execs []host.Execution
	err   error
}

// queue hands cells to the kernel.
func (s *Screen) queue(keys []uint64) tea.Cmd {
	switch {
	case s.lost:
		s.alarm(kernelAlarm, "There is no kernel to run this: 00 starts one.")
		return nil
	case s.ses.Host == nil:
		s.early = append(s.early, keys...)
		return nil
	}
	execs, h := s.ses.Prepare(keys, session.Options{}), s.ses.Host
	if len(execs) == 0 {
		return nil
	}
	return s.lane.send(s.ctx, func() tea.Msg { return queuedMsg{s, execs, h.Execute(execs...)} })
}

// queued tells of cells that the host did not take. One that only did not answer
// may run them yet.
func (s *Screen) queued(m queuedMsg) {
	switch {
	case m.err == nil:
	case errors.Is(m.err, context.DeadlineExceeded):
		s.say("The session does not answer; what was run waits for it.")
	default:
		s.ses.Forget(m.execs)
		if !s.lost {
			s.alarm(kernelAlarm, "There is no kernel to run this: 00 starts one.")
		}
	}
}

// restart starts another kernel; what is queued afterwards runs in it.
func (s *Screen) restart() tea.Cmd {
	h := s.ses.Host
	s.alarm(kernelAlarm, "")
	return s.lane.send(s.ctx, func() tea.Msg { return doneMsg{s, "restart the kernel", h.Restart()} })
}

// answer sends what was typed into the field.
func (s *Screen) answer() tea.Cmd {
	text, h := s.view.prompt.Value(), s.ses.Host
	s.view.prompt, s.ses.Kernel.Input = nil, nil
	return s.lane.send(s.ctx, func() tea.Msg { return doneMsg{s, "send the answer", h.Input(text)} })
}

// interrupt stops the running cell and empties the queue. It does not wait for
// what was asked before: it may be what is stuck.
func (s *Screen) interrupt() tea.Cmd {
	h, ctx := s.ses.Host, s.ctx
	if h == nil || s.lost {
		s.early = nil
		return nil
	}
	return func() tea.Msg {
		wait, cancel := context.WithTimeout(ctx, interruptTime)
		defer cancel()
		return doneMsg{s, "interrupt the kernel", h.Interrupt(wait)}
	}
}

func (s *Screen) done(m doneMsg) {
	if m.err != nil && !errors.Is(m.err, context.Canceled) && !s.lost {
		s.say(fmt.Sprintf("Could not %s: %s.", m.what, clean(m.err.Error())))
	}
}
