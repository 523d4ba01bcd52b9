package zmq

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	// bufferSize of each direction. Commands must fit into it.
	bufferSize = 64 << 10
	// maxMessage is how many bytes the frames of one message may have together. A
	// kernel that says it sends more is not believed: the library would reserve the
	// memory before the first byte came.
	maxMessage = 1 << 30
	// greetingSize of ZMTP 3: https://rfc.zeromq.org/spec/23/#the-greeting
	greetingSize = 64
	// lastQuiet is how long a socket may be silent after the process ended, before
	// we stop reading: a child that inherited it can keep it open for ever.
	lastQuiet = 250 * time.Millisecond
)

// Flags of a frame, https://rfc.zeromq.org/spec/23/#framing
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// errFrame means that the peer does not speak ZMTP, or wants more memory than it gets.
var errFrame = errors.New("malformed ZeroMQ frame")

// guard is the net.Conn that the library reads and writes: buffered, and looking
// at every frame header before the library does. Not for several readers or
// several writers at once.
type guard struct {
	net.Conn
	in      *bufio.Reader
	out     *bufio.Writer
	pong    func(context []byte) // answers a PING; must not wait
	open    bool                 // the handshake is over: writes are buffered
	left    uint64               // bytes of the current frame, header included, yet to be handed on
	message uint64               // bytes of the current message so far
	ending  atomic.Bool          // the process has ended: read what is left, then stop
}

func newGuard(c net.Conn, pong func(context []byte)) *guard {
	g := &guard{Conn: c, left: greetingSize, pong: pong}
	g.in = bufio.NewReaderSize(reader(g.fill), bufferSize)
	g.out = bufio.NewWriterSize(c, bufferSize)
	return g
}

type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

// fill reads from the socket itself.
func (g *guard) fill(p []byte) (int, error) {
	if g.ending.Load() {
		if err := g.SetReadDeadline(time.Now().Add(lastQuiet)); err != nil {
			return 0, err
		}
	}
	return g.Conn.Read(p)
}

// end makes reading stop when the socket has been silent for lastQuiet.
func (g *guard) end() {
	g.ending.Store(true)
	_ = g.SetReadDeadline(time.Now().Add(lastQuiet)) // fails when closed, which is as good
}

// Read hands on what belongs to the current frame.
func (g *guard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for g.left == 0 {
		if err := g.next(); err != nil {
			return 0, err
		}
	}
	n, err := g.in.Read(p[:min(uint64(len(p)), g.left)])
	g.left -= uint64(n)
	return n, err
}

// Write buffers once the handshake is over; Flush sends.
func (g *guard) Write(p []byte) (int, error) {
	if !g.open {
		return g.Conn.Write(p)
	}
	return g.out.Write(p)
}

// next looks at the header of the next frame. A PING is answered and swallowed;
// left stays 0 then.
func (g *guard) next() error {
	head, err := g.in.Peek(2)
	if err != nil {
		return cut(err, len(head))
	}
	flags, headSize, size := head[0], uint64(2), uint64(head[1])
	if flags&flagLong != 0 {
		if head, err = g.in.Peek(9); err != nil {
			return cut(err, len(head))
		}
		headSize, size = 9, binary.BigEndian.Uint64(head[1:])
	}
	switch {
	case flags&^(flagMore|flagLong|flagCommand) != 0:
		return fmt.Errorf("%w: flags %#x", errFrame, flags)
	case flags&flagCommand != 0:
		return g.command(flags, headSize, size)
	case size > maxMessage-g.message:
		return fmt.Errorf("%w: %d bytes in one message, more than the %d allowed", errFrame, size, maxMessage)
	}
	g.left = headSize + size
	g.message += size
	if flags&flagMore == 0 {
		g.message = 0
	}
	return nil
}

func (g *guard) command(flags byte, headSize, size uint64) error {
	if flags&flagMore != 0 || size > bufferSize-9 {
		return fmt.Errorf("%w: a command of %d bytes, flags %#x", errFrame, size, flags)
	}
	body, err := g.in.Peek(int(headSize + size))
	if err != nil {
		return cut(err, len(body))
	}
	body = body[headSize:]
	// PING carries two bytes of time to live and a context of up to 16 to send back.
	// https://rfc.zeromq.org/spec/37/#heartbeats
	if size >= 7 && string(body[:5]) == "\x04PING" {
		g.pong(append([]byte(nil), body[7:]...))
		_, err := g.in.Discard(int(headSize + size))
		return err
	}
	if size == 0 || uint64(body[0]) >= size {
		return fmt.Errorf("%w: a command without a name", errFrame)
	}
	g.left = headSize + size
	return nil
}

// cut tells an end between frames from one inside a frame.
func cut(err error, have int) error {
	if errors.Is(err, io.EOF) && have > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}
