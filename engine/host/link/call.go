package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// The methods; each is the one of host.Host with that name.
const (
	methodStatus    = "status"
	methodExecute   = "execute"
	methodCancel    = "cancel"
	methodInterrupt = "interrupt"
	methodRestart   = "restart"
	methodInput     = "input"
	methodRequest   = "request"
	methodSend      = "send"
	methodMark      = "mark"
	methodIntend    = "intend"
	methodMoved     = "moved"
	methodShutdown  = "shutdown"
	methodRelease   = "release"
	methodConfide   = "confide"
)

// waits is true for methods whose answer may take long.
func waits(method string) bool {
	return method == methodRequest || method == methodInterrupt
}

// changes is true for methods that a read-only client may not call.
func changes(method string) bool { return method != methodStatus }

// errReadOnly is the answer to a reader that tries to act.
var errReadOnly = errors.New("this client only reads along")

func (s *Server) answer(ctx context.Context, c call, readOnly bool) result {
	if readOnly && changes(c.Method) {
		return failure(c.ID, errReadOnly)
	}
	value, err := s.do(ctx, c)
	if err != nil {
		return failure(c.ID, err)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return failure(c.ID, err)
	}
	return result{ID: c.ID, Value: raw}
}

// do carries one call out.
func (s *Server) do(ctx context.Context, c call) (any, error) {
	switch c.Method {
	case methodStatus:
		return s.status(), nil
	case methodExecute:
		var execs []host.Execution
		return with(c, &execs, func() error { return s.host.Execute(execs...) })
	case methodCancel:
		var ids []string
		return with(c, &ids, func() error { s.host.Cancel(ids...); return nil })
	case methodInterrupt:
		return nil, s.host.Interrupt(ctx)
	case methodRestart:
		return nil, s.host.Restart()
	case methodInput:
		var value string
		return with(c, &value, func() error { return s.host.Input(value) })
	case methodSend:
		var p requestParams
		return with(c, &p, func() error {
			return s.host.Send(&wire.Message{
				Channel: p.Channel, Header: wire.Header{MsgID: p.ID, MsgType: p.Type},
				Content: p.Content, Metadata: p.Metadata, Buffers: p.Buffers,
			})
		})
	case methodRequest:
		return s.request(ctx, c)
	case methodConfide:
		return nil, s.confide(c)
	case methodMark:
		var m host.Mark
		return with(c, &m, func() error { return s.host.SetMark(m) })
	case methodIntend:
		var m host.Mark
		return with(c, &m, func() error { return s.host.Intend(m) })
	case methodMoved:
		var revisions [2]string
		return with(c, &revisions, func() error { return s.host.Moved(revisions[0], revisions[1]) })
	case methodRelease:
		return s.release(), nil
	case methodShutdown:
		var forget bool
		return with(c, &forget, func() error { s.shutdown(forget); return nil })
	}
	return nil, fmt.Errorf("this host knows no %q; it is older than its client", c.Method)
}

// with decodes the parameters and acts.
func with(c call, params any, act func() error) (any, error) {
	if err := json.Unmarshal(c.Params, params); err != nil {
		return nil, fmt.Errorf("read the parameters of %s: %w", c.Method, err)
	}
	return nil, act()
}

func (s *Server) status() Status {
	st := s.host.Status()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Status{Status: st, Clients: s.clients, Now: s.now()}
}

func (s *Server) request(ctx context.Context, c call) (any, error) {
	var p requestParams
	if err := json.Unmarshal(c.Params, &p); err != nil {
		return nil, fmt.Errorf("read the parameters of %s: %w", c.Method, err)
	}
	if p.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.Timeout)
		defer cancel()
	}
	return s.host.Request(ctx, p.Channel, p.Type, p.Content)
}

func (s *Server) confide(c call) error {
	var p confideParams
	if err := json.Unmarshal(c.Params, &p); err != nil {
		return errors.New("read the parameters of confide") // what they are is not told
	}
	return s.host.Confide(p.Exec, p.Code, p.Values)
}

// release ends a host that nobody has used and nobody else is attached to.
func (s *Server) release() (ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.host.Used() || s.clients > 1 || s.asked {
		return s.asked
	}
	s.asked, s.forget = true, true
	close(s.done)
	return true
}

func (s *Server) shutdown(forget bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget = s.forget || forget
	if !s.asked {
		s.asked = true
		close(s.done)
	}
}

// Errors that callers compare with travel by these names.
func sentinels() map[string]error {
	return map[string]error{
		"no kernel": host.ErrNoKernel, "no input": host.ErrNoInput, "dead": kernel.ErrDead,
		"read only": errReadOnly, "timeout": context.DeadlineExceeded,
	}
}

func failure(id uint64, err error) result {
	r := result{ID: id, Error: err.Error()}
	for name, target := range sentinels() {
		if errors.Is(err, target) {
			r.Kind = name
		}
	}
	return r
}

// remoteError is an error that came over the link.
type remoteError struct {
	text string
	is   error // the sentinel it stands for, or nil
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.is }

func (r result) err() error {
	if r.Error == "" {
		return nil
	}
	return &remoteError{r.Error, sentinels()[r.Kind]}
}

// checkPeer refuses other users.
func checkPeer(c net.Conn) error {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("not a unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return fmt.Errorf("ask who is there: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("ask who is there: %w", err)
	}
	if credErr != nil {
		return fmt.Errorf("ask who is there: %w", credErr)
	}
	if int(cred.Uid) != os.Getuid() {
		return fmt.Errorf("user %d may not use the kernel of user %d", cred.Uid, os.Getuid())
	}
	return nil
}
