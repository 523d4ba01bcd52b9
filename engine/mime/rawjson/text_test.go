package rawjson

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUnquote(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		`""`:                   "",
		`"a\/b"`:               "a/b",
		`"\u00e9\ud83d\ude00"`: "é😀",
		`"x\ud800y"`:           "x\uFFFDy",
		`"\ud800\ud800\udc00"`: "\uFFFD\U00010000",
		`"\ud800\u0041"`:       "\uFFFDA",
		"\"a\xffb\"":           "a\uFFFDb",
		`"\"\\\b\f\n\r\t"`:     "\"\\\b\f\n\r\t",
		`12`:                   "",
	} {
		if got := Unquote([]byte(token)); got != want {
			t.Errorf("%s: got %q, want %q", token, got, want)
		}
	}
}

func TestQuoteWritesAsPythonDoes(t *testing.T) {
	t.Parallel()
	const text = "é😀\u2028\x7f\x00\x1f\b\f\n\r\t\"\\/<>&"
	if got, want := string(AppendQuote(nil, text, false)), "\"é😀\u2028\x7f\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/<>&\""; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := string(AppendQuote(nil, text, true)), "\"\\u00e9\\ud83d\\ude00\\u2028\x7f\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/<>&\""; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(AppendQuote(nil, "a\xffb", false)); got != `"a`+"\uFFFD"+`b"` {
		t.Errorf("bytes that are not UTF-8: %q", got)
	}
}

func TestRequoteLosesNothing(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		`"\ud800x\u00e9\/\u000a"`: `"\ud800xé/\n"`,
		"\"\xff\\u00E9\"":         "\"\xffé\"",
	} {
		if got := string(appendRequote(nil, []byte(token), false)); got != want {
			t.Errorf("%q: got %q, want %q", token, got, want)
		}
	}
	if got, want := string(appendRequote(nil, []byte("\"é\xff\\uDFFF\\u0041😀\""), true)), "\"\\u00e9\xff\\udfffA\\ud83d\\ude00\""; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesAreCutAsPythonCutsThem(t *testing.T) {
	t.Parallel()
	got := SplitLines("a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\u0085j\u2028k\u2029\n\nl\u2027")
	want := []string{"a\n", "b\r\n", "c\r", "d\v", "e\f", "f\x1c", "g\x1d", "h\x1e", "i\u0085", "j\u2028", "k\u2029", "\n", "\n", "l\u2027"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if SplitLines("") != nil {
		t.Error("no text has lines")
	}
}

// FuzzQuote: what is quoted reads back the same, in both styles.
func FuzzQuote(f *testing.F) {
	f.Add("é😀\u2028\x00\"\\")
	f.Add("\xff\xc2")
	f.Fuzz(func(t *testing.T, s string) {
		want := strings.ToValidUTF8(s, "\uFFFD")
		if !utf8.ValidString(s) { // a run of bad bytes may become one mark or several
			want = ""
		}
		for _, ascii := range []bool{false, true} {
			token := AppendQuote(nil, s, ascii)
			if !Valid(token) {
				t.Fatalf("%q is quoted as %q", s, token)
			}
			if got := Unquote(token); want != "" && got != want {
				t.Fatalf("%q came back as %q", s, got)
			}
			if again := appendRequote(nil, token, ascii); string(again) != string(token) {
				t.Fatalf("%q is quoted again as %q", token, again)
			}
		}
		if got := strings.Join(SplitLines(s), ""); got != s {
			t.Fatalf("%q cut into lines is %q", s, got)
		}
	})
}
