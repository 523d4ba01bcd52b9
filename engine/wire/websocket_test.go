package wire_test

import (
	"errors"
	"reflect"
	"testing"

	"nbterm/engine/wire"
)

func socketMessage(buffers ...[]byte) *wire.Message {
	return &wire.Message{
		Channel: wire.Shell,
		Header:  wire.Header{MsgID: "a", Session: "s", Username: "u", Date: "d", MsgType: "comm_msg", Version: "5.3"},
		Parent:  wire.Header{MsgID: "p", MsgType: "execute_request"}, Metadata: []byte(`{"m":1}`),
		Content: []byte(`{"text":"Zoë 🦉"}`), Buffers: buffers,
	}
}

func TestWebSocketFramesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*wire.Message{
		"plain": socketMessage(), "with buffers": socketMessage([]byte{0, 1, 255}, []byte{}, []byte("x")),
		"without a parent": {Channel: wire.IOPub, Header: wire.Header{MsgID: "a"}, Metadata: []byte("{}"), Content: []byte("{}")},
	} {
		v1, err := wire.DecodeV1(wire.EncodeV1(m))
		if err != nil || !reflect.DeepEqual(v1, m) {
			t.Errorf("%s, v1: %+v, %v", name, v1, err)
		}
		frame, isBinary := wire.EncodeJSON(m)
		if isBinary != (len(m.Buffers) > 0) {
			t.Errorf("%s: binary %t", name, isBinary)
		}
		plain, err := wire.DecodeJSON(frame, isBinary)
		if err != nil || !reflect.DeepEqual(plain, m) {
			t.Errorf("%s, JSON: %+v, %v", name, plain, err)
		}
	}
}

func TestNaNBecomesNullOnAWebSocketToo(t *testing.T) {
	t.Parallel()
	m, err := wire.DecodeJSON([]byte(`{"channel":"iopub","header":{"msg_id":"a"},"parent_header":{},"metadata":{},"content":{"x":NaN},"buffers":[]}`), false)
	if err != nil || string(m.Content) != `{"x":null}` {
		t.Errorf("%+v, %v", m, err)
	}
}

func FuzzDecodeWebSocket(f *testing.F) {
	f.Add(wire.EncodeV1(socketMessage([]byte("b"))))
	plain, _ := wire.EncodeJSON(socketMessage())
	withBuffers, _ := wire.EncodeJSON(socketMessage([]byte("b"), nil))
	f.Add(plain)
	f.Add(withBuffers)
	f.Add([]byte("\x07\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		check := func(m *wire.Message, err error) {
			if err != nil {
				if !errors.Is(err, wire.ErrFrames) {
					t.Errorf("%v", err)
				}
				return
			}
			if again, err := wire.DecodeV1(wire.EncodeV1(m)); err != nil || again.Header != m.Header {
				t.Errorf("%+v became %+v, %v", m, again, err)
			}
		}
		check(wire.DecodeV1(frame))
		check(wire.DecodeJSON(frame, true))
		check(wire.DecodeJSON(frame, false))
	})
}

func BenchmarkDecodeV1(b *testing.B) {
	frame := wire.EncodeV1(socketMessage())
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := wire.DecodeV1(frame); err != nil {
			b.Fatal(err)
		}
	}
}
