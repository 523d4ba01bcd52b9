package gateway

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"nbterm/engine/wire"
	"nbterm/storage/contents"
)

const (
	// messageLimit bounds one message, so that a server cannot fill our memory. The
	// largest seen in a notebook was 50 MB.
	messageLimit = 1 << 30
	// A link without a sign of life is given up: a suspended machine or a cable that
	// was pulled closes nothing.
	pingEvery = 20 * time.Second
	pongTime  = 20 * time.Second
	// After so long a silence a message is not entrusted to the link before the server
	// has answered a ping: a lid that was closed and opened tells nobody that the link
	// is gone, and a cell sent into it is lost.
	trusted   = 3 * time.Second
	trustTime = 5 * time.Second
	// joinTime bounds a handshake. A server that still believes in our old link takes
	// five seconds to let go of it.
	joinTime = 30 * time.Second
)

// line is one WebSocket to a kernel.
type line struct {
	ws    *websocket.Conn
	v1    bool         // the subprotocol that passes frames on, not the JSON one
	heard atomic.Int64 // when the server last gave a sign of life, Unix nanoseconds
}

// dial opens a line. The server holds the handshake up until the kernel answers it.
func dial(ctx context.Context, rest *contents.Client, id, session string) (*line, error) {
	at := rest.Endpoint("kernels", id, "channels")
	at.RawQuery = url.Values{"session_id": {session}}.Encode()
	ws, resp, err := websocket.Dial(ctx, at.String(), &websocket.DialOptions{
		HTTPClient: rest.HTTP(), HTTPHeader: rest.Header(), Subprotocols: []string{wire.SubprotocolV1},
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reach kernel %s: %w", id, context.Cause(ctx))
		}
		return nil, rest.Fault("reach kernel "+id, resp, err)
	}
	ws.SetReadLimit(messageLimit)
	l := &line{ws: ws, v1: ws.Subprotocol() == wire.SubprotocolV1}
	l.alive()
	return l, nil
}

func (l *line) alive() { l.heard.Store(time.Now().UnixNano()) }

// trust makes sure that somebody is at the other end.
func (l *line) trust(ctx context.Context) error {
	if time.Since(time.Unix(0, l.heard.Load())) < trusted {
		return nil
	}
	return l.ping(ctx, trustTime)
}

func (l *line) ping(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := l.ws.Ping(ctx); err != nil {
		return err
	}
	l.alive()
	return nil
}

// read waits for a message. broken is the end of the line; err alone is a message
// that cannot be read, after which others come.
func (l *line) read(ctx context.Context) (m *wire.Message, broken, err error) {
	kind, frame, err := l.ws.Read(ctx)
	if err != nil {
		return nil, err, nil
	}
	l.alive()
	if l.v1 {
		m, err = wire.DecodeV1(frame)
	} else {
		m, err = wire.DecodeJSON(frame, kind == websocket.MessageBinary)
	}
	return m, nil, err
}

func (l *line) write(ctx context.Context, m *wire.Message) error {
	if l.v1 {
		return l.ws.Write(ctx, websocket.MessageBinary, wire.EncodeV1(m))
	}
	frame, isBinary := wire.EncodeJSON(m)
	kind := websocket.MessageText
	if isBinary {
		kind = websocket.MessageBinary
	}
	return l.ws.Write(ctx, kind, frame)
}

// pulse returns when the line is dead or ctx is done. It needs a reader.
func (l *line) pulse(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if l.ping(ctx, pongTime) != nil {
			return
		}
	}
}

func (l *line) close() { _ = l.ws.CloseNow() } // the server needs no farewell: it waits for us anyway

// outbox holds what is to be sent, also while there is no line. It is full when
// memory is.
type outbox struct {
	mu    sync.Mutex // guards queue
	queue []*wire.Message
	more  chan struct{} // holds one token while there may be something to take
}

func newOutbox() *outbox { return &outbox{more: make(chan struct{}, 1)} }

func (o *outbox) put(m *wire.Message) {
	o.mu.Lock()
	o.queue = append(o.queue, m)
	o.mu.Unlock()
	o.wake()
}

func (o *outbox) wake() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

// back puts a message first that was taken and not sent.
func (o *outbox) back(m *wire.Message) {
	o.mu.Lock()
	o.queue = append([]*wire.Message{m}, o.queue...)
	o.mu.Unlock()
	o.wake()
}

// take waits for the next message; nil when ctx is done.
func (o *outbox) take(ctx context.Context) *wire.Message {
	for ctx.Err() == nil {
		o.mu.Lock()
		if len(o.queue) > 0 {
			m := o.queue[0]
			o.queue[0] = nil // it belongs to the taker
			o.queue = o.queue[1:]
			o.mu.Unlock()
			return m
		}
		o.mu.Unlock()
		select {
		case <-o.more:
		case <-ctx.Done():
		}
	}
	return nil
}
