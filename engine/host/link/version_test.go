package link

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/kernel"
	"nbterm/engine/kernel/kerneltest"
	"nbterm/engine/wire"
)

// socketPath is short enough for a socket.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// serve is a host on a scripted kernel that says one line, which has been said.
func serve(t *testing.T) string {
	t.Helper()
	script := func(c *kerneltest.ScriptCell) { c.Stdout("line\n") }
	h := host.New(host.Options{
		Launch: func(ctx context.Context) (kernel.Kernel, error) {
			return kerneltest.Launcher(script, nil)(ctx, kernel.Options{})
		},
		Stamp: wire.Stamp{Session: "s", Now: time.Now, NewID: func() string { return "id" }}, Now: time.Now,
	})
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(h, ServerOptions{Now: time.Now})
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = l.Close()
		_ = h.Close()
		s.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if err := h.Execute(host.Execution{ID: "e"}); err != nil {
		t.Fatal(err)
	}
	return path
}

// greet says hello in these words and returns the answer, and a reader of what follows.
func greet(t *testing.T, path, hello string) (kind byte, answer string, r *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := newWriter(c).put(frameHello, []byte(hello)); err != nil {
		t.Fatal(err)
	}
	r = bufio.NewReader(c)
	kind, payload, err := readFrame(r)
	if err != nil {
		t.Fatal(err)
	}
	return kind, string(payload), r
}

func TestClientsOlderAndNewerThanTheHostAreServed(t *testing.T) {
	t.Parallel()
	path := serve(t)
	for hello, want := range map[string]struct {
		answer string
		codec  byte
	}{
		`{"Version":1,"Events":true,"From":1}`:                            {`{"Version":1}`, 1},
		`{"Version":2,"Events":true,"From":1}`:                            {`{"Version":2}`, 2},
		`{"Version":9,"Events":true,"From":1,"Compress":["zstd"],"x":{}}`: {`{"Version":2}`, 2},
	} {
		kind, answer, r := greet(t, path, hello)
		if kind != frameWelcome || answer != want.answer {
			t.Errorf("%s: %d %s", hello, kind, answer)
			continue
		}
		for heard := false; !heard; {
			kind, payload, err := readFrame(r)
			if err != nil || kind != frameEvent {
				t.Fatalf("%s: frame %d, %v", hello, kind, err)
			}
			e, err := host.DecodeEvent(1, payload[8:])
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind != host.Said && payload[8] != 1 || e.Kind == host.Said && payload[8] != want.codec {
				t.Errorf("%s: kind %d in version %d", hello, e.Kind, payload[8])
			}
			heard = e.Kind == host.Said && e.Message.Type() == "stream"
		}
	}
	if kind, answer, _ := greet(t, path, `{"Version":0}`); kind != frameRefusal || !strings.Contains(answer, "too old") {
		t.Errorf("a client of long ago: %d %s", kind, answer)
	}
}

// other is a server of another version, which says what it is told to.
func other(t *testing.T, welcomed string, events ...[]byte) string {
	t.Helper()
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				w, r := newWriter(c), bufio.NewReader(c)
				_, payload, _ := readFrame(r)
				var h hello
				_ = json.Unmarshal(payload, &h)
				_ = w.put(frameWelcome, []byte(welcomed))
				if h.Events {
					for i, e := range events {
						_ = w.put(frameEvent, binary.LittleEndian.AppendUint64(nil, uint64(i+1)), e)
						_ = w.put(99, []byte("a frame of the future"))
					}
					_ = w.put(frameEnd)
				}
				_, _, _ = readFrame(r) // until the client goes
			}()
		}
	}()
	return path
}

func TestHostsOlderAndNewerThanTheClientAreUnderstood(t *testing.T) {
	t.Parallel()
	said := host.Event{Kind: host.Said, Exec: "e", Message: &wire.Message{Channel: wire.IOPub, Content: []byte(`{}`)}}
	unknown := host.Event{Kind: 77, State: 88, Outcome: 99}
	path := other(t, `{"Version":1,"Since":"2020"}`, said.EncodeAs(1), unknown.EncodeAs(1), []byte{9, 1, 2, 3})
	c, err := Dial(t.Context(), path, ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	f := c.Attach(1)
	defer f.Close()
	var all []host.Event
	for err == nil {
		var batch []host.Event
		batch, err = f.Next(t.Context())
		all = append(all, batch...)
	}
	if !errors.Is(err, host.ErrClosed) || len(all) != 3 {
		t.Fatalf("%d events, %v", len(all), err)
	}
	if all[0].Kind != host.Said || all[1].State.String() != "unknown" || all[1].Outcome.String() != "unknown" || all[2].Kind != host.Gap {
		t.Errorf("%+v", all)
	}
	for _, version := range []string{`{"Version":0}`, `{"Version":3}`} {
		if _, err := Dial(t.Context(), other(t, version), ClientOptions{}); err == nil || !strings.Contains(err.Error(), "another nbterm") {
			t.Errorf("%s: %v", version, err)
		}
	}
}
