package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

func testStamp() Stamp {
	n := 0
	return Stamp{
		Session: "sess", Username: "me", Now: func() time.Time { return time.Unix(1_700_000_000, 123_456_000) },
		NewID: func() string { n++; return fmt.Sprint("id-", n) },
	}
}

func TestMessagesSurviveTheFrames(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "secret"} {
		m := testStamp().Request(Shell, TypeExecuteRequest, ExecuteRequest{Code: "x = 'é\u2028'", UserExpressions: map[string]string{}})
		m.Parent = Header{MsgID: "p", MsgType: "comm_msg", Session: "other"}
		m.Metadata = json.RawMessage(`{"a":[1,2]}`)
		m.Buffers = [][]byte{{0, 1, 255}, {}}
		frames := NewCodec([]byte(key)).Encode(m)
		got, err := NewCodec([]byte(key)).Decode(Shell, append([][]byte{[]byte("peer"), []byte("via")}, frames...))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, m) {
			t.Errorf("key %q:\n got %+v\nwant %+v", key, got, m)
		}
	}
}

func TestAHeaderIsStampedAsTheSpecificationSays(t *testing.T) {
	t.Parallel()
	m := testStamp().Request(Control, TypeShutdownRequest, ShutdownRequest{Restart: true})
	frames := NewCodec(nil).Encode(m)
	want := `{"msg_id":"id-1","session":"sess","username":"me","date":"2023-11-14T22:13:20.123456Z",` +
		`"msg_type":"shutdown_request","version":"5.3"}`
	if got := string(frames[2]); got != want {
		t.Errorf("header %s", got)
	}
	for i, want := range map[int]string{0: "<IDS|MSG>", 1: "", 3: "{}", 4: "{}", 5: `{"restart":true}`} {
		if string(frames[i]) != want {
			t.Errorf("frame %d is %q, want %q", i, frames[i], want)
		}
	}
}

// The vector was made with Python's hmac.new(b"secret", b"abcd", sha256).
func TestSignaturesArePythonsSignatures(t *testing.T) {
	t.Parallel()
	const want = "3057ecbaeceffb90b97394a97267236eca9f9e5520dfe387831a22a0eb7709d2"
	got := Sign([]byte("secret"), []byte("a"), []byte("b"), nil, []byte("cd"))
	if string(got) != want || !Verify([]byte("secret"), got, []byte("ab"), []byte("cd")) {
		t.Errorf("signature %s", got)
	}
	if string(Sign(nil, []byte("a"))) != "" {
		t.Error("an empty key signs")
	}
}

func TestAnythingButTheRightSignatureIsRefused(t *testing.T) {
	t.Parallel()
	frames := NewCodec([]byte("k")).Encode(testStamp().Request(Shell, "x_request", struct{}{}))
	right := string(frames[1])
	for _, sig := range []string{"", "0", right[:63], right + "0", "zz" + right[2:], string(Sign([]byte("other"), frames[2:6]...))} {
		bad := slices.Clone(frames)
		bad[1] = []byte(sig)
		if _, err := NewCodec([]byte("k")).Decode(Shell, bad); !errors.Is(err, ErrSignature) {
			t.Errorf("signature %q: %v", sig, err)
		}
	}
	for i := 2; i < 6; i++ {
		bad := slices.Clone(frames)
		bad[i] = append([]byte(" "), bad[i]...)
		if _, err := NewCodec([]byte("k")).Decode(Shell, bad); !errors.Is(err, ErrSignature) {
			t.Errorf("frame %d changed: %v", i, err)
		}
	}
}

func TestAReplayIsRefusedWhileItIsRemembered(t *testing.T) {
	t.Parallel()
	c, s := NewCodec([]byte("k")), testStamp()
	decode := func(frames [][]byte) error { _, err := c.Decode(Shell, frames); return err }
	first := c.Encode(s.Request(Shell, "x_request", struct{}{}))
	if err := decode(first); err != nil {
		t.Fatal(err)
	}
	upper := slices.Clone(first)
	upper[1] = bytes.ToUpper(first[1])
	for _, again := range [][][]byte{first, upper} {
		if err := decode(again); !errors.Is(err, ErrReplay) {
			t.Errorf("replay: %v", err)
		}
	}
	for range remembered {
		if err := decode(c.Encode(s.Request(Shell, "x_request", struct{}{}))); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.seen) != remembered || len(c.ring) != remembered {
		t.Errorf("%d and %d signatures are kept, want %d", len(c.seen), len(c.ring), remembered)
	}
	if err := decode(first); err != nil {
		t.Errorf("one forgotten long ago: %v", err)
	}
}

func TestAnUnsignedCodecDoesNotMistakeMessagesForReplays(t *testing.T) {
	t.Parallel()
	c := NewCodec(nil)
	for range 2 {
		if _, err := c.Decode(IOPub, c.Encode(&Message{Header: Header{MsgType: "status"}})); err != nil {
			t.Error(err)
		}
	}
}

func TestBrokenFramesAreRefused(t *testing.T) {
	t.Parallel()
	b := func(s ...string) (f [][]byte) {
		for _, x := range s {
			f = append(f, []byte(x))
		}
		return f
	}
	for _, frames := range [][][]byte{
		nil, b(""), b("<IDS|MSG>"), b("<IDS|MSG>", "", "{}", "{}", "{}"), b("a", "", "{}", "{}", "{}", "{}"),
		b("<IDS|MSG>", "", "", "{}", "{}", "{}"), b("<IDS|MSG>", "", "{}", "[]", "{}", "{}"),
		b("<IDS|MSG>", "", "{}", "{}", "{", "{}"), b("<IDS|MSG>", "", "{}", "{}", "{}", "{}{}"),
	} {
		if m, err := NewCodec(nil).Decode(Shell, frames); !errors.Is(err, ErrFrames) {
			t.Errorf("%q: %v, %v", frames, m, err)
		}
	}
}

func TestOddHeadersOfKernelsAreRead(t *testing.T) {
	t.Parallel()
	frames := [][]byte{
		[]byte("<IDS|MSG>"), nil, []byte(`{"msg_id":"1","msg_type":"status","version":5.0,"date":null,"x":{}}`),
		[]byte(`{}`), []byte(`{}`), []byte(`{}`),
	}
	m, err := NewCodec(nil).Decode(IOPub, frames)
	if err != nil || m.Header.MsgID != "1" || m.Type() != "status" || m.Header.Version != "5.0" || m.Parent != (Header{}) {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestPythonsNumbersThatJSONLacksBecomeNull(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"a": NaN, "b": [Infinity, -Infinity, -1, "NaN"]}`: `{"a": null, "b": [null, null, -1, "NaN"]}`,
		`NaN`:             `null`,
		` [ -Infinity ] `: ` [ null ] `,
	} {
		got, err := tidy([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("tidy(%s) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestTidyDoesNotCopyWhatIsTidy(t *testing.T) {
	t.Parallel()
	in := []byte(`{"a": [1, 2.5e-3, "\u00e9\n", true, false, null, {}], "b": []}`)
	if got, err := tidy(in); err != nil || &got[0] != &in[0] || len(got) != len(in) {
		t.Errorf("%s, %v", got, err)
	}
}

func TestTidyBearsDeepNesting(t *testing.T) {
	t.Parallel()
	deep := func(n int) []byte { return append(bytes.Repeat([]byte("["), n), bytes.Repeat([]byte("]"), n)...) }
	if _, err := tidy(deep(maxDepth)); err != nil {
		t.Error(err)
	}
	if _, err := tidy(deep(maxDepth + 1)); err == nil {
		t.Error("no limit")
	}
	if _, err := tidy(bytes.Repeat([]byte(`{"a":[`), 1<<20)); err == nil {
		t.Error("no limit")
	}
}

func TestAReplyMayAskTheClientToEndTheKernel(t *testing.T) {
	t.Parallel()
	var r ExecuteReply
	m := Message{Content: []byte(`{"status":"ok","payload":[{"source":"page"},{"source":"ask_exit","keepkernel":false}]}`)}
	if err := m.Decode(&r); err != nil || !r.AsksExit() || (ExecuteReply{}).AsksExit() {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzTidyAgreesWithEncodingJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,"\ud800\"",null]}`, `NaN`, `[Infinity,-Infinity]`, `{"a":N}`, "\"\x00\"", `01`, `[1,]`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		before := bytes.Clone(in)
		got, err := tidy(in)
		if !bytes.Equal(in, before) {
			t.Fatal("the input was changed")
		}
		switch {
		case json.Valid(in) && (err != nil || !bytes.Equal(got, in)):
			t.Fatalf("valid, but %q, %v", got, err)
		case err == nil && !json.Valid(got):
			t.Fatalf("let through %q", got)
		case err == nil && !json.Valid(in) && !bytes.Contains(in, []byte("NaN")) && !bytes.Contains(in, []byte("Infinity")):
			t.Fatalf("mended %q", in)
		}
	})
}

func FuzzDecodeNeverPanicsAndWhatPassesCanBeStored(f *testing.F) {
	c := NewCodec([]byte("k"))
	whole := bytes.Join(c.Encode(testStamp().Request(Shell, TypeExecuteRequest, ExecuteRequest{})), []byte{0})
	f.Add(whole, "k")
	f.Add([]byte("<IDS|MSG>\x00\x00{}\x00{}\x00{}\x00{\"a\":NaN}\x00buffer"), "")
	f.Fuzz(func(t *testing.T, in []byte, key string) {
		m, err := NewCodec([]byte(key)).Decode(IOPub, bytes.Split(in, []byte{0}))
		if err != nil {
			return
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("cannot be stored: %v", err)
		}
		var back Message
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatalf("cannot be read back: %v", err)
		}
	})
}

func BenchmarkDecodeStream(b *testing.B) {
	key := []byte("0123456789abcdef0123456789abcdef")
	s := testStamp()
	parent := s.Request(Shell, TypeExecuteRequest, ExecuteRequest{})
	m := s.Request(IOPub, TypeStream, Stream{Name: "stdout", Text: "line 1234\n"})
	m.Parent = parent.Header
	frames := NewCodec(key).Encode(m)
	b.ReportAllocs()
	for b.Loop() {
		c := Codec{key: key, seen: map[mark]struct{}{}}
		if _, err := c.Decode(IOPub, frames); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTidyLargeString(b *testing.B) {
	in := []byte(`{"data":{"image/png":"` + string(bytes.Repeat([]byte("iVBORw0KGgo"), 1<<20)) + `"}}`)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := tidy(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTidyLargeStringByEncodingJSON(b *testing.B) {
	in := []byte(`{"data":{"image/png":"` + string(bytes.Repeat([]byte("iVBORw0KGgo"), 1<<20)) + `"}}`)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if !json.Valid(in) {
			b.Fatal("invalid")
		}
	}
}
