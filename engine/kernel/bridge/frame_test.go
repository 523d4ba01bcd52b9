package bridge

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"testing"

	"nbterm/engine/wire"
)

func sample() *wire.Message {
	return &wire.Message{
		Channel: wire.IOPub, Header: wire.Header{MsgID: "1", MsgType: "stream"}, Parent: wire.Header{MsgID: "0"},
		Metadata: json.RawMessage(`{"a":1}`), Content: json.RawMessage(`{"text":"x"}`), Buffers: [][]byte{{0, 1}, {}},
	}
}

func TestFramesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	var b []byte
	for range 3 {
		var err error
		if b, err = appendFrame(b, sample()); err != nil {
			t.Fatal(err)
		}
	}
	f := frameReader{r: bytes.NewReader(b)}
	for range 3 {
		got, err := f.next()
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, sample()) {
			t.Errorf("got %+v", got)
		}
	}
	if _, err := f.next(); err != io.EOF { //nolint:errorlint // documented as bare
		t.Errorf("at the end: %v", err)
	}
}

func FuzzFrame(f *testing.F) {
	whole, err := appendFrame(nil, sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 127})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := frameReader{r: bytes.NewReader(data)}
		for {
			m, err := r.next()
			if err != nil {
				return
			}
			if _, err := appendFrame(nil, m); err != nil && json.Valid(m.Content) {
				t.Error(err)
			}
		}
	})
}
