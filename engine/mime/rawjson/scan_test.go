package rawjson

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestValidAcceptsWhatPythonAccepts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `[]`, `""`, `0`, `-0`, `-0.5e-7`, `1E+9`, `1e400`, `123456789012345678901234567890`, ` true `,
		`null`, `NaN`, `Infinity`, `-Infinity`, `[NaN,Infinity , -Infinity]`, "\t{\r\n}\n",
		`"\ud800"`, `"\udc00\ud800"`, `"\ud83d\ude00"`, `"\/\b\f\n\r\t\"\\"`, "\"\u2028\u0085\x7f\"",
		"\"\xff\xfe not UTF-8\"", `{"a":1,"a":2}`, `{"":{"":[[],{}]}}`, `"12345678\"12345678"`,
		strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
	} {
		if !Valid([]byte(text)) {
			t.Errorf("refused: %.60s", text)
		}
	}
}

func TestFaultsArePlaced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		offset int
		msg    string
	}{
		{``, 0, "ends too early"},
		{`{`, 1, "ends too early"},
		{`{"a"`, 4, "ends too early"},
		{`{"a":`, 5, "ends too early"},
		{`{"a":1`, 6, "ends too early"},
		{`[1,`, 3, "ends too early"},
		{`"abc`, 4, "inside a string"},
		{`"abc\`, 5, "inside a string"},
		{`{"a" 1}`, 5, "colon"},
		{`{a:1}`, 1, "key"},
		{`{"a":1,}`, 7, "key"},
		{`[1,]`, 3, "value"},
		{`[1 2]`, 3, "comma or ]"},
		{`{"a":1]`, 6, "comma or }"},
		{`[1}`, 2, "comma or ]"},
		{`tru`, 0, "value"},
		{`-`, 0, "value"},
		{`[01]`, 2, "comma"},
		{`[1.]`, 2, "comma"},
		{`[1e]`, 2, "comma"},
		{`'a'`, 0, "value"},
		{"\"a\nb\"", 2, "line ends"},
		{"\"a\tb\"", 2, "control"},
		{`"\x41"`, 1, "escape"},
		{`"\u12g4"`, 1, "hexadecimal"},
		{`"\u12`, 1, "hexadecimal"},
	} {
		s := NewScanner([]byte(c.text))
		_, err := s.Value(0)
		var bad *SyntaxError
		if !errors.As(err, &bad) {
			t.Errorf("%s: accepted", c.text)
			continue
		}
		if bad.Offset != c.offset || !strings.Contains(bad.Msg, c.msg) {
			t.Errorf("%s: got %q at %d, want %q at %d", c.text, bad.Msg, bad.Offset, c.msg, c.offset)
		}
	}
}

func TestDuplicateKeysTheLastCounts(t *testing.T) {
	t.Parallel()
	value, ok := Get([]byte(`{"a":{"b":1},"a":{"b":2,"\u0062":3}}`), "a", "b")
	if !ok || string(value) != "3" {
		t.Errorf("got %s, %v", value, ok)
	}
}

func TestGetOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `1`, `[]`, `{}`, `{"a":1}`, `{"a":{}}`} {
		if value, ok := Get([]byte(raw), "a", "b"); ok {
			t.Errorf("%s: found %s", raw, value)
		}
	}
}

// FuzzScan: what encoding/json accepts we accept too, and no text makes the
// scanner panic or read past its end.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x\u0041"]}`, `[[[[`, `"\`, `{"a":NaN}`, "\"\xff\"", `-`, `1e`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ok := Valid(data)
		if json.Valid(data) && !ok {
			t.Fatalf("refused valid JSON: %q", data)
		}
		if !ok {
			return
		}
		for _, st := range []Style{NBFormat(), NBFormat().OneLine(), {Newline: "\r\n", Unit: "\t", Colon: ":", ASCII: true}} {
			once := Format(data, st, "")
			if !Valid(once) {
				t.Fatalf("%q is laid out as %q, which is not valid", data, once)
			}
			if twice := Format(once, st, ""); string(twice) != string(once) {
				t.Fatalf("%q is laid out as %q, then as %q", data, once, twice)
			}
		}
	})
}

func BenchmarkStringScan(b *testing.B) {
	data := []byte(`"` + strings.Repeat("aGVsbG8gd29ybGQK", 1<<16) + `"`)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := NewScanner(data).Value(0); err != nil {
			b.Fatal(err)
		}
	}
}
