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
	"nbterm/engine/wire"
)

// ErrLost says that the connection to the host broke: the host was killed, or the
// link was cut. A new Client finds out which.
var ErrLost = errors.New("the connection to the kernel host is lost")

// Client is a host in another process. All methods may be called from any
// goroutine.
type Client struct {
	socket   string
	newID    func() string
	readOnly bool
	conn     net.Conn
	w        *writer
	done     chan struct{} // closed when the connection has ended

	mu      sync.Mutex // guards all below
	next    uint64
	waiting map[uint64]chan result // room for one each
	lost    bool
}

// ClientOptions are how to connect.
type ClientOptions struct {
	NewID    func() string // makes ids of executions
	ReadOnly bool          // only read along
}

// Dial connects to the host whose socket this is.
func Dial(ctx context.Context, socket string, o ClientOptions) (*Client, error) {
	c := &Client{socket: socket, newID: o.NewID, readOnly: o.ReadOnly, done: make(chan struct{}), waiting: map[uint64]chan result{}}
	conn, r, err := connect(ctx, socket, hello{Version: newest, ReadOnly: o.ReadOnly})
	if err != nil {
		return nil, err
	}
	c.conn, c.w = conn, newWriter(conn)
	go c.listen(r)
	return c, nil
}

// connect dials and says hello.
func connect(ctx context.Context, socket string, h hello) (net.Conn, *bufio.Reader, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, nil, fmt.Errorf("reach the kernel host: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r := bufio.NewReaderSize(conn, 64<<10)
	err = newWriter(conn).putJSON(frameHello, h)
	var kind byte
	var payload []byte
	if err == nil {
		kind, payload, err = readFrame(r)
	}
	if err == nil && kind == frameRefusal {
		var no refusal
		_ = json.Unmarshal(payload, &no)
		err = errors.New(no.Reason)
	} else if err == nil {
		err = checkWelcome(kind, payload)
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, fmt.Errorf("greet the kernel host: %w", err)
	}
	return conn, r, nil
}

// checkWelcome says why we cannot go on with a server.
func checkWelcome(kind byte, payload []byte) error {
	var w welcome
	if kind != frameWelcome || json.Unmarshal(payload, &w) != nil {
		return errors.New("it does not speak our protocol")
	}
	if w.Version < oldest || w.Version > newest {
		return fmt.Errorf("its session was started by another nbterm, which speaks protocol %d and not %d to %d; end it with that one's nbterm kill", w.Version, oldest, newest)
	}
	return nil
}

// listen hands results to those who wait, until the connection ends.
func (c *Client) listen(r *bufio.Reader) {
	defer close(c.done)
	for {
		kind, payload, err := readFrame(r)
		if err != nil {
			break
		}
		var res result
		if kind != frameResult || json.Unmarshal(payload, &res) != nil {
			continue
		}
		c.mu.Lock()
		answer := c.waiting[res.ID]
		delete(c.waiting, res.ID)
		c.mu.Unlock()
		if answer != nil {
			answer <- res
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = true
	for id, answer := range c.waiting {
		delete(c.waiting, id)
		close(answer)
	}
}

// call asks the host and waits for the answer.
func (c *Client) call(ctx context.Context, method string, params, value any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	answer := make(chan result, 1)
	c.mu.Lock()
	if c.lost {
		c.mu.Unlock()
		return ErrLost
	}
	c.next++
	id := c.next
	c.waiting[id] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	if err := c.w.putJSON(frameCall, call{id, method, raw}); err != nil {
		return ErrLost
	}
	select {
	case res, ok := <-answer:
		switch {
		case !ok:
			return ErrLost
		case res.Error != "":
			return res.err()
		case value != nil:
			return json.Unmarshal(res.Value, value)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// answerTime bounds calls that the host answers at once.
const answerTime = 10 * time.Second

func (c *Client) soon(method string, params, value any) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	return c.call(ctx, method, params, value)
}

// NewID makes an id for an Execution.
func (c *Client) NewID() string { return c.newID() }

// Ask tells how things stand.
func (c *Client) Ask() (Status, error) {
	var s Status
	err := c.soon(methodStatus, nil, &s)
	return s, err
}

// Execute is host.Host's.
func (c *Client) Execute(execs ...host.Execution) error { return c.soon(methodExecute, execs, nil) }

// Cancel is host.Host's.
func (c *Client) Cancel(ids ...string) error { return c.soon(methodCancel, ids, nil) }

// Interrupt is host.Host's.
func (c *Client) Interrupt(ctx context.Context) error {
	return c.call(ctx, methodInterrupt, nil, nil)
}

// Restart is host.Host's.
func (c *Client) Restart() error { return c.soon(methodRestart, nil, nil) }

// Input is host.Host's.
func (c *Client) Input(value string) error { return c.soon(methodInput, value, nil) }

// Send is host.Host's.
func (c *Client) Send(m *wire.Message) error {
	return c.soon(methodSend, requestParams{
		Channel: m.Channel, Type: m.Type(), Content: m.Content, ID: m.Header.MsgID, Metadata: m.Metadata, Buffers: m.Buffers,
	}, nil)
}

// Request is host.Host's.
func (c *Client) Request(ctx context.Context, ch wire.Channel, msgType string, content any) (*wire.Message, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", msgType, err)
	}
	p := requestParams{Channel: ch, Type: msgType, Content: raw}
	if at, ok := ctx.Deadline(); ok {
		p.Timeout = time.Until(at)
	}
	var m wire.Message
	if err := c.call(ctx, methodRequest, p, &m); err != nil {
		return nil, err
	}
	return &m, nil
}

// Confide is host.Host's. Hosts of older programs do not know it.
func (c *Client) Confide(exec, code string, values []string) error {
	return c.soon(methodConfide, confideParams{Exec: exec, Code: code, Values: values}, nil)
}

// SetMark is host.Host's.
func (c *Client) SetMark(m host.Mark) error { return c.soon(methodMark, m, nil) }

// intendTime is how long a save waits for the host to take note of it.
const intendTime = 500 * time.Millisecond

// Intend is host.Host's. It is brief, and hosts of older programs do not know it: a
// save goes on without it.
func (c *Client) Intend(next host.Mark) error {
	ctx, cancel := context.WithTimeout(context.Background(), intendTime)
	defer cancel()
	return c.call(ctx, methodIntend, next, nil)
}

// Moved is host.Host's. Hosts of older programs do not know it.
func (c *Client) Moved(from, to string) error {
	return c.soon(methodMoved, [2]string{from, to}, nil)
}

// Shutdown ends the kernel and its host, whose journal stays for whoever settles
// it. It returns when the host has begun to end.
func (c *Client) Shutdown() error { return c.soon(methodShutdown, false, nil) }

// Finish is Shutdown by a client that has all the host told in a file: the host
// leaves nothing behind.
func (c *Client) Finish() error { return c.soon(methodShutdown, true, nil) }

// Release is for a client that leaves: the host ends, and leaves nothing behind, if
// nothing was ever queued and no other client reads its events. The host decides,
// so that nobody ends what another has begun to use.
func (c *Client) Release() (ended bool, err error) {
	err = c.soon(methodRelease, nil, &ended)
	return ended, err
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Close lets go of the host, which lives on.
func (c *Client) Close() error {
	err := c.conn.Close()
	<-c.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Attach reads events from number `from` on, over a connection of its own.
func (c *Client) Attach(from uint64) host.Feed {
	return &feed{c: c, from: max(from, 1)}
}

// feed is a host.Feed over a connection.
type feed struct {
	c     *Client
	from  uint64
	conn  net.Conn // nil until the first Next
	r     *bufio.Reader
	ended bool // the host said that there is no more

	mu     sync.Mutex // guards closed and the setting of conn
	closed bool
}

// maxBatch bounds one reading, as in package host.
const maxBatch = 4096

// Next implements host.Feed. Besides host.ErrClosed it fails with ErrLost.
func (f *feed) Next(ctx context.Context) ([]host.Event, error) {
	if f.ended {
		return nil, host.ErrClosed
	}
	if err := f.open(ctx); err != nil {
		return nil, err
	}
	if err := f.wait(ctx); err != nil {
		if err = f.failed(ctx, err); errors.Is(err, ErrLost) {
			f.drop()
		}
		return nil, err
	}
	var batch []host.Event
	for len(batch) < maxBatch && (len(batch) == 0 || f.whole()) {
		kind, payload, err := readFrame(f.r)
		if err != nil {
			err = f.failed(ctx, err)
			f.drop() // in the middle of a frame: the next reading starts anew
			if len(batch) > 0 {
				return batch, nil // and finds out itself
			}
			return nil, err
		}
		if kind == frameEnd {
			f.ended = true
			break
		}
		if kind != frameEvent || len(payload) < 8 {
			continue
		}
		seq := binary.LittleEndian.Uint64(payload)
		e, err := host.DecodeEvent(seq, payload[8:])
		if err != nil {
			e = host.Event{Seq: seq, Kind: host.Gap, Reason: err.Error()}
		}
		batch = append(batch, e)
		f.from = seq + 1
	}
	if len(batch) == 0 {
		return nil, host.ErrClosed
	}
	return batch, nil
}

// wait waits for the beginning of a frame. A deadline wakes the read; the connection
// is good for another Next after.
func (f *feed) wait(ctx context.Context) error {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_ = f.conn.SetReadDeadline(time.Unix(1, 0))
	})
	_, err := f.r.Peek(5)
	if !stop() {
		<-woken // else a late wake would end a later reading
		_ = f.conn.SetReadDeadline(time.Time{})
	}
	return err
}

// drop lets go of the connection; the next reading makes another.
func (f *feed) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn != nil {
		_ = f.conn.Close()
		f.conn = nil
	}
}

// whole is true when the next frame can be read without waiting.
func (f *feed) whole() bool {
	n := f.r.Buffered()
	if n < 5 {
		return false
	}
	head, err := f.r.Peek(5)
	return err == nil && n >= 5+int(binary.LittleEndian.Uint32(head))
}

func (f *feed) open(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return host.ErrClosed
	}
	if f.conn != nil {
		return nil
	}
	conn, r, err := connect(ctx, f.c.socket, hello{Version: newest, Events: true, From: f.from, ReadOnly: f.c.readOnly})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	f.conn, f.r = conn, r
	return nil
}

// failed says why a read ended.
func (f *feed) failed(ctx context.Context, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return host.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

// Close implements host.Feed.
func (f *feed) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.conn != nil {
		_ = f.conn.Close()
	}
}
