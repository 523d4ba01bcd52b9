package zmq

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"nbterm/engine/wire"
)

// retry is the time between two tries to connect. A kernel's sockets appear some
// 400 ms after its start; 3 ms of that is what we are late on average at most.
const retry = 3 * time.Millisecond

// endpoint is an address of net.Dial.
type endpoint struct {
	network, address string // "unix" and a path, or "tcp" and host:port
}

// link is one ZeroMQ connection of a channel.
type link struct {
	channel wire.Channel
	guard   *guard
	conn    *zmq4.Conn
	writing sync.WaitGroup

	mu     sync.Mutex // guards what follows
	more   *sync.Cond // out grew, or closed
	out    []outgoing // waits for the socket; its length is the caller's affair
	closed bool
}

// outgoing is a message, or a raw frame such as the answer to a PING.
type outgoing struct {
	frames [][]byte
	raw    []byte
}

// connect dials e until it answers, ctx is done or the kernel's process ended
// (which cancels ctx).
func connect(ctx context.Context, ch wire.Channel, e endpoint, id string) (*link, error) {
	var err error
	for {
		l, dialErr := dial(ctx, ch, e, id)
		if dialErr == nil {
			return l, nil
		}
		if ctx.Err() == nil {
			err = dialErr // the last one before time was up says most
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect the %s channel: %w (%w)", ch, context.Cause(ctx), err)
		case <-time.After(retry):
		}
	}
}

// dial connects once and shakes hands, both within ctx.
func dial(ctx context.Context, ch wire.Channel, e endpoint, id string) (*link, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, e.network, e.address)
	if err != nil {
		return nil, err
	}
	l := &link{channel: ch}
	l.more = sync.NewCond(&l.mu)
	l.guard = newGuard(c, l.pong)
	abort := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	err = l.handshake(id)
	if !abort() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = c.Close() // the error that matters is the handshake's
		return nil, err
	}
	l.guard.open = true
	l.writing.Go(l.write)
	return l, nil
}

// handshake makes a DEALER, or for iopub a SUB that wants everything.
func (l *link) handshake(id string) (err error) {
	defer caught(&err)
	kind := zmq4.Dealer
	if l.channel == wire.IOPub {
		kind = zmq4.Sub
	}
	l.conn, err = zmq4.Open(l.guard, null.Security(), kind, zmq4.SocketIdentity(id), false, nil)
	if err == nil && kind == zmq4.Sub {
		err = l.conn.SendMsg(zmq4.NewMsg([]byte{1})) // subscribe to ""
	}
	return err
}

// caught turns a panic of the library into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errFrame, p)
	}
}

// send hands over the frames of a message and never waits; false when closed.
func (l *link) send(frames [][]byte) bool { return l.put(outgoing{frames: frames}) }

// pong answers a PING.
func (l *link) pong(context []byte) {
	raw := append([]byte{flagCommand, byte(5 + len(context))}, "\x04PONG"...)
	if len(context) <= 16 { // longer ones are against the specification
		l.put(outgoing{raw: append(raw, context...)})
	}
}

func (l *link) put(o outgoing) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.out = append(l.out, o)
	l.more.Signal()
	return true
}

// write sends what is put until the link is closed. An error of the socket closes
// it: the reader sees that and tells why the kernel is lost.
func (l *link) write() {
	for {
		l.mu.Lock()
		for len(l.out) == 0 && !l.closed {
			l.more.Wait()
		}
		batch, closed := l.out, l.closed
		l.out = nil
		l.mu.Unlock()
		if closed {
			return
		}
		if err := l.flush(batch); err != nil {
			l.close()
			return
		}
	}
}

func (l *link) flush(batch []outgoing) (err error) {
	defer caught(&err)
	for _, o := range batch {
		if o.raw != nil {
			_, err = l.guard.Write(o.raw)
		} else {
			err = l.conn.SendMsg(zmq4.NewMsgFrom(o.frames...))
		}
		if err != nil {
			return err
		}
	}
	return l.guard.out.Flush()
}

// receive waits for the next message. After an error it must not be called again.
func (l *link) receive() (frames [][]byte, err error) {
	defer caught(&err)
	for {
		m, err := l.conn.RecvMsg()
		if err != nil {
			return nil, err
		}
		if m.Type != zmq4.CmdMsg {
			return m.Frames, nil
		}
	}
}

// close ends the reader and the writer; wait waits for the latter.
func (l *link) close() {
	l.mu.Lock()
	l.closed = true
	l.more.Broadcast()
	l.mu.Unlock()
	_ = l.guard.Close() // nothing of it is needed any more
}

func (l *link) wait() { l.writing.Wait() }
