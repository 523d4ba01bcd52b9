package zmq

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"nbterm/engine/wire"
)

// peer is the other end of a link, played by hand.
type peer struct {
	t *testing.T
	net.Conn
}

// greeting of ZMTP 3.0 with the NULL mechanism.
func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	return g
}

func command(name string, body []byte) []byte {
	size := 1 + len(name) + len(body)
	return append(append([]byte{flagCommand, byte(size), byte(len(name))}, name...), body...)
}

func ready(socketType string) []byte {
	body := append([]byte{11}, "Socket-Type"...)
	body = binary.BigEndian.AppendUint32(body, uint32(len(socketType)))
	return command("READY", append(body, socketType...))
}

func frame(flags byte, body []byte) []byte {
	if len(body) > 255 {
		return append(binary.BigEndian.AppendUint64([]byte{flags | flagLong}, uint64(len(body))), body...)
	}
	return append([]byte{flags, byte(len(body))}, body...)
}

// linked dials a peer that says hello in these bytes.
func linked(t *testing.T, ch wire.Channel, hello ...[]byte) (*link, *peer, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, _ = c.Write(bytes.Join(hello, nil))
		}
		accepted <- c
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got, err := dial(ctx, ch, endpoint{"unix", path}, "me")
	p := &peer{t, <-accepted}
	t.Cleanup(func() {
		_ = p.Close()
		if got != nil {
			got.close()
			got.wait()
		}
	})
	return got, p, err
}

func (p *peer) write(b ...[]byte) {
	p.t.Helper()
	if _, err := p.Write(bytes.Join(b, nil)); err != nil {
		p.t.Error(err)
	}
}

func (p *peer) read(n int) []byte {
	p.t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(p, b); err != nil {
		p.t.Fatal(err)
	}
	return b
}

func TestALinkCarriesMessagesBothWays(t *testing.T) {
	t.Parallel()
	l, p, err := linked(t, wire.Shell, greeting(), ready("ROUTER"))
	if err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("x"), 300_000)
	go p.write(frame(flagMore, []byte("a")), frame(flagMore, nil), frame(0, big), frame(0, []byte("next")))
	for _, want := range [][][]byte{{[]byte("a"), {}, big}, {[]byte("next")}} {
		got, err := l.receive()
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d frames, %v", len(got), err)
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("frame %d has %d bytes, want %d", i, len(got[i]), len(want[i]))
			}
		}
	}
	p.read(greetingSize)
	p.read(int(p.read(2)[1]))                  // READY
	if !l.send([][]byte{[]byte("one"), big}) { // does not wait for the peer
		t.Fatal("closed")
	}
	want := append(frame(flagMore, []byte("one")), frame(0, big)...)
	if got := p.read(len(want)); !bytes.Equal(got, want) {
		t.Error("what was sent did not arrive as it should")
	}
}

func TestASubscriberAsksForEverything(t *testing.T) {
	t.Parallel()
	_, p, err := linked(t, wire.IOPub, greeting(), ready("PUB"))
	if err != nil {
		t.Fatal(err)
	}
	p.read(greetingSize)
	p.read(int(p.read(2)[1]))
	if got := p.read(3); !bytes.Equal(got, []byte{0, 1, 1}) {
		t.Errorf("subscription %v", got)
	}
}

func TestAPingIsAnsweredAndNotDelivered(t *testing.T) {
	t.Parallel()
	l, p, err := linked(t, wire.Shell, greeting(), ready("ROUTER"))
	if err != nil {
		t.Fatal(err)
	}
	p.read(greetingSize)
	p.read(int(p.read(2)[1]))
	p.write(command("PING", []byte{0, 10, 'c', 't', 'x'}), command("PING", []byte{0, 10}), frame(0, []byte("data")))
	if got, err := l.receive(); err != nil || string(got[0]) != "data" {
		t.Errorf("received %q, %v", got, err)
	}
	want := append(command("PONG", []byte("ctx")), command("PONG", nil)...)
	if got := p.read(len(want)); !bytes.Equal(got, want) {
		t.Errorf("answered %q, want %q", got, want)
	}
}

func TestBadFramesAreErrorsAndNeverPanics(t *testing.T) {
	t.Parallel()
	huge := func(flags byte, size uint64) []byte {
		return binary.BigEndian.AppendUint64([]byte{flags | flagLong}, size)
	}
	for name, raw := range map[string][]byte{
		"2^61 bytes":                huge(0, 1<<61),
		"2^63 bytes":                huge(0, 1<<63),
		"a bit over the limit":      huge(0, maxMessage+1),
		"many frames over it":       bytes.Join([][]byte{frame(flagMore, make([]byte, 1000)), huge(0, maxMessage)}, nil),
		"flags that do not exist":   {0x80, 1, 'x'},
		"a command with more":       {flagCommand | flagMore, 1, 'x'},
		"a huge command":            huge(flagCommand, 1<<40),
		"an empty command":          {flagCommand, 0},
		"a command's name too long": {flagCommand, 2, 9, 'x'},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, p, err := linked(t, wire.Shell, greeting(), ready("ROUTER"))
			if err != nil {
				t.Fatal(err)
			}
			p.write(raw)
			if got, err := l.receive(); !errors.Is(err, errFrame) {
				t.Errorf("received %q, %v", got, err)
			}
		})
	}
}

func TestAConnectionThatEndsInsideAFrameIsAnError(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"between": {}, "header": {flagLong, 0, 0}, "body": {0, 9, 'x'}, "command": {flagCommand, 9, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, p, err := linked(t, wire.Shell, greeting(), ready("ROUTER"))
			if err != nil {
				t.Fatal(err)
			}
			p.read(greetingSize)
			p.read(int(p.read(2)[1])) // what is unread would turn the end into a reset
			p.write(raw)
			_ = p.Close()
			if _, err := l.receive(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAMalformedHandshakeIsAnError(t *testing.T) {
	t.Parallel()
	for name, hello := range map[string][][]byte{
		"not ZMTP":         {bytes.Repeat([]byte("HTTP/1.1 400 Bad Request\r\n"), 10)},
		"other security":   {append(append(greeting()[:12:12], "CURVE"...), make([]byte, 47)...), ready("ROUTER")},
		"READY cut short":  {greeting(), command("READY", []byte{11, 'S'})},
		"READY lies":       {greeting(), command("READY", append([]byte{1, 'x'}, 0xff, 0xff, 0xff, 0xff))},
		"unknown type":     {greeting(), ready("NOSUCH")},
		"wrong type":       {greeting(), ready("PUB")},
		"huge first frame": {greeting(), binary.BigEndian.AppendUint64([]byte{flagLong}, 1<<61)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if l, _, err := linked(t, wire.Shell, hello...); err == nil || l != nil {
				t.Errorf("linked: %v", err)
			}
		})
	}
}

func TestAMuteListenerHoldsNobodyUpForLongerThanTheContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := connect(ctx, wire.Shell, endpoint{"unix", path}, "me"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func FuzzALinkNeverPanics(f *testing.F) {
	f.Add(bytes.Join([][]byte{ready("ROUTER"), frame(flagMore, []byte("a")), frame(0, nil), command("PING", []byte{0, 1})}, nil))
	f.Add(ready("PUB"))
	f.Add(command("READY", []byte{11, 'S'}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		ours, theirs := net.Pipe()
		go func() {
			_, _ = theirs.Write(append(greeting(), raw...))
			_ = theirs.Close()
		}()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		l := &link{channel: wire.Shell}
		l.guard = newGuard(ours, func([]byte) {})
		err := l.handshake("me")
		for err == nil {
			_, err = l.receive()
		}
		_ = ours.Close()
	})
}

// BenchmarkReceive is what one link takes in: messages of seven small frames, as a
// stream of printed lines has them.
func BenchmarkReceive(b *testing.B) {
	ours, theirs := net.Pipe()
	message := bytes.Repeat(frame(flagMore, make([]byte, 200)), 6)
	message = append(message, frame(0, make([]byte, 50))...)
	go func() {
		chunk := bytes.Repeat(message, 64)
		_, _ = theirs.Write(append(greeting(), ready("ROUTER")...))
		for {
			if _, err := theirs.Write(chunk); err != nil {
				return
			}
		}
	}()
	go func() { _, _ = io.Copy(io.Discard, theirs) }()
	l := &link{channel: wire.Shell}
	l.guard = newGuard(ours, func([]byte) {})
	if err := l.handshake("me"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := l.receive(); err != nil {
			b.Fatal(err)
		}
	}
	_ = ours.Close()
}
