package link

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"nbterm/engine/host"
)

// Server lets clients at a host.
type Server struct {
	host *host.Host
	now  func() time.Time
	// counted is called when the number of clients that read events changes.
	counted func(int)

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex // guards all below
	clients int
	done    chan struct{} // closed when a client asked for the host's end
	asked   bool
	forget  bool
}

// ServerOptions are what a Server needs; Counted may be nil.
type ServerOptions struct {
	Now     func() time.Time
	Counted func(clients int)
}

// NewServer serves h.
func NewServer(h *host.Host, o ServerOptions) *Server {
	s := &Server{host: h, now: o.Now, counted: o.Counted, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Asked is closed when a client has asked for the host's end.
func (s *Server) Asked() <-chan struct{} { return s.done }

// HasBeenAsked is true once a client has asked for the host's end.
func (s *Server) HasBeenAsked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Forget is true when the client that asked for the end has everything the host
// told in a file: nothing of the host need stay.
func (s *Server) Forget() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget
}

// Serve accepts clients until l is closed.
func (s *Server) Serve(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return fmt.Errorf("accept a client: %w", err)
		}
		s.work.Add(1)
		go func() { defer s.work.Done(); s.talk(c) }()
	}
}

// Close cuts off every client, once what they were to read has been sent or a
// second has passed.
func (s *Server) Close() {
	s.cancel()
	s.work.Wait()
}

// partingTime is how long a client may take to read the last events.
const partingTime = time.Second

// talk serves one connection.
func (s *Server) talk(c net.Conn) {
	defer func() { _ = c.Close() }() // a peer that is gone needs no goodbye
	stop := context.AfterFunc(s.ctx, func() { _ = c.SetDeadline(time.Now().Add(partingTime)) })
	defer stop()
	w, r := newWriter(c), bufio.NewReaderSize(c, 64<<10)
	if err := checkPeer(c); err != nil {
		_ = w.putJSON(frameRefusal, refusal{err.Error()})
		return
	}
	var h hello
	kind, payload, err := readFrame(r)
	if err != nil || kind != frameHello || json.Unmarshal(payload, &h) != nil {
		return
	}
	if h.Version < oldest {
		_ = w.putJSON(frameRefusal, refusal{fmt.Sprintf("protocol %d is too old for this host, which speaks %d to %d", h.Version, oldest, newest)})
		return
	}
	version := min(h.Version, newest)
	if w.putJSON(frameWelcome, welcome{version}) != nil {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	var tell sync.WaitGroup
	if h.Events {
		feed := s.host.AttachEncoded(h.From, version)
		defer feed.Close()
		s.count(1)
		defer s.count(-1)
		tell.Add(1)
		go func() { defer tell.Done(); s.tell(ctx, c, w, feed) }()
	}
	s.listen(ctx, r, w, h.ReadOnly)
	cancel()
	tell.Wait()
}

func (s *Server) count(by int) {
	s.mu.Lock()
	s.clients += by
	n := s.clients
	s.mu.Unlock()
	if s.counted != nil {
		s.counted(n)
	}
}

// tell sends events until the feed ends or the client is gone. A client that does
// not read holds up only this goroutine: the feed reads its past from the journal.
func (s *Server) tell(ctx context.Context, c net.Conn, w *writer, feed *host.EncodedFeed) {
	for {
		events, err := feed.Next(ctx)
		if errors.Is(err, host.ErrClosed) {
			_ = w.put(frameEnd)
			_ = c.Close()
			return
		}
		if err != nil {
			return
		}
		w.mu.Lock()
		for i := range events {
			var seq [9]byte
			binary.LittleEndian.PutUint64(seq[:], events[i].Seq)
			if err = w.add(frameEvent, seq[:8], events[i].Data); err != nil {
				break
			}
		}
		if err == nil {
			err = w.w.Flush()
		}
		w.mu.Unlock()
		if err != nil {
			_ = c.Close() // ends listen too
			return
		}
	}
}

// listen answers calls. Those that wait are answered from goroutines of their own.
func (s *Server) listen(ctx context.Context, r *bufio.Reader, w *writer, readOnly bool) {
	var calls sync.WaitGroup
	defer calls.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		kind, payload, err := readFrame(r)
		if err != nil {
			return
		}
		var c call
		if kind != frameCall || json.Unmarshal(payload, &c) != nil {
			return
		}
		answer := func() { _ = w.putJSON(frameResult, s.answer(ctx, c, readOnly)) }
		if waits(c.Method) {
			calls.Add(1)
			go func() { defer calls.Done(); answer() }()
		} else {
			answer()
		}
	}
}
