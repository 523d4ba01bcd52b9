package host_test

import (
	"testing"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/wire"
)

// line is the event of one flushed line, which there may be millions of.
func line() host.Event {
	h := wire.Header{
		MsgID: "5d2c0c30-9f6fd5d1c4d2b6e9a3a4e1f0_12345_678", Session: "5d2c0c30-9f6fd5d1c4d2b6e9a3a4e1f0", Username: "me",
		Date: "2026-11-21T07:43:59.123456Z", MsgType: "stream", Version: "5.3",
	}
	parent := h
	parent.MsgType = "execute_request"
	return host.Event{
		Time: time.Unix(1_700_000_000, 0), Kind: host.Said, Exec: h.MsgID,
		Message: &wire.Message{
			Channel: wire.IOPub, Header: h, Parent: parent, Metadata: []byte(`{}`), Content: []byte(`{"name":"stdout","text":"12345\n"}`),
		},
	}
}

func BenchmarkEncode(b *testing.B) {
	e := line()
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(e.Encode())))
	}
}

func BenchmarkDecode(b *testing.B) {
	e := line()
	data := e.Encode()
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := host.DecodeEvent(1, data); err != nil {
			b.Fatal(err)
		}
	}
}
