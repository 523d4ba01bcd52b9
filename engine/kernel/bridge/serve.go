package bridge

import (
	"fmt"
	"strings"
	"sync"

	"nbterm/engine/wire"
)

// inbox is the unbounded queue of requests that wait for the shell.
type inbox struct {
	mu     sync.Mutex // guards what follows
	more   *sync.Cond
	items  []*wire.Message
	closed bool
}

func newInbox() *inbox {
	b := &inbox{}
	b.more = sync.NewCond(&b.mu)
	return b
}

func (b *inbox) put(m *wire.Message) {
	b.mu.Lock()
	b.items = append(b.items, m)
	b.mu.Unlock()
	b.more.Signal()
}

// take waits for a request; false when closed.
func (b *inbox) take() (*wire.Message, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 && !b.closed {
		b.more.Wait()
	}
	if b.closed {
		return nil, false
	}
	m := b.items[0]
	b.items = b.items[1:]
	return m, true
}

// cut takes out all execute requests that wait.
func (b *inbox) cut() []*wire.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var taken, kept []*wire.Message
	for _, m := range b.items {
		if m.Type() == wire.TypeExecuteRequest {
			taken = append(taken, m)
		} else {
			kept = append(kept, m)
		}
	}
	b.items = kept
	return taken
}

func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.more.Broadcast()
}

// serve answers what needs the shell, one request after another.
func (s *shell) serve() {
	for {
		m, ok := s.inbox.take()
		if !ok {
			return
		}
		alive := true
		s.status(m, wire.StateBusy)
		switch m.Type() {
		case wire.TypeExecuteRequest:
			alive = s.execute(m)
		case wire.TypeCompleteRequest:
			alive = s.complete(m)
		case wire.TypeInspectRequest:
			alive = s.inspect(m)
		case wire.TypeKernelInfoRequest:
			s.answer(m, wire.TypeKernelInfoReply, s.reply)
		case wire.TypeCommInfoRequest:
			s.answer(m, wire.TypeCommInfoReply, map[string]any{"status": wire.StatusOK, "comms": map[string]any{}})
		}
		if !alive {
			return // bash is gone: no idle, as from any kernel that died
		}
		s.status(m, wire.StateIdle)
	}
}

// execute runs a cell. Its exit status, unless 0, is an error named ExitCode.
func (s *shell) execute(m *wire.Message) bool {
	var req wire.ExecuteRequest
	if err := m.Decode(&req); err != nil {
		s.expect(-1)
		s.fail(m, 0, "BadRequest", err.Error())
		return true
	}
	s.mu.Lock()
	s.pump.parent = m.Header
	if !req.Silent && (req.StoreHistory || s.count == 0) {
		s.count++
	}
	count := s.count
	s.mu.Unlock()
	if !req.Silent {
		s.publish(m, wire.TypeExecuteInput, wire.ExecuteInput{Code: req.Code, ExecutionCount: count})
	}
	r, stopped, ok := s.command("builtin eval -- "+quote(strings.ReplaceAll(req.Code, "\x00", "")), "</dev/null", true)
	switch {
	case !ok:
		return false
	case stopped && r.status != 0:
		s.fail(m, count, "KeyboardInterrupt", "")
	case r.status != 0:
		s.fail(m, count, "ExitCode", fmt.Sprint(r.status))
	default:
		s.answer(m, wire.TypeExecuteReply, executeReply{Status: wire.StatusOK, Count: count})
		return true
	}
	if req.StopOnError {
		s.abort()
	}
	return true
}

// executeReply has the empty fields that clients expect to be there.
type executeReply struct {
	Status      string   `json:"status"`
	Count       int      `json:"execution_count"`
	Payload     [0]int   `json:"payload"`
	Expressions struct{} `json:"user_expressions"`
}

func (s *shell) fail(m *wire.Message, count int, name, value string) {
	text := "\x1b[0;31m" + name + "\x1b[0m"
	if name == "ExitCode" {
		text = "\x1b[0;31mexit status " + value + "\x1b[0m"
	}
	s.publish(m, wire.TypeError, wire.ErrorContent{EName: name, EValue: value, Traceback: []string{text}})
	s.answer(m, wire.TypeExecuteReply, wire.ExecuteReply{
		Status: wire.StatusError, ExecutionCount: count, EName: name, EValue: value, Traceback: []string{text},
	})
}

// abort answers the execute requests that wait, as stop_on_error asks.
func (s *shell) abort() {
	for _, m := range s.inbox.cut() {
		s.expect(-1)
		s.status(m, wire.StateBusy)
		s.answer(m, wire.TypeExecuteReply, map[string]string{"status": wire.StatusAborted})
		s.status(m, wire.StateIdle)
	}
}

// command has bash run one line and waits for its report. stopped tells whether it
// was interrupted, ok is false when bash ended instead. cell: the line is a cell.
func (s *shell) command(line, redirect string, cell bool) (r report, stopped, ok bool) {
	s.mu.Lock()
	s.number++
	number := s.number
	s.running, s.begun, s.stop = true, false, cell && s.early
	if cell {
		s.pending--
		s.early = false
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		stopped, s.running, s.begun = s.stop, false, false
		s.mu.Unlock()
	}()
	// A failed write means that bash is gone, which closes reports.
	_, _ = fmt.Fprintf(s.stdin, "{ __nbterm_n=%d; builtin printf '\\0B %d\\0' >&250; %s\n} %s; __nbterm_end\n", number, number, line, redirect)
	for r := range s.pump.reports {
		if r.number == number {
			return r, stopped, true
		}
	}
	return report{}, false, false
}
