package rawjson

import (
	"strings"
	"testing"
)

func TestSetPathTouchesOnlyItsSpan(t *testing.T) {
	t.Parallel()
	pretty := NBFormat()
	for _, c := range []struct {
		name, raw, value string
		path             []string
		want             string
	}{
		{"replace", `{ "a" :1,"b": [ 1 ] }`, `2`, []string{"a"}, `{ "a" :2,"b": [ 1 ] }`},
		{"the last of duplicates", `{"a":1,"a":2}`, `3`, []string{"a"}, `{"a":1,"a":3}`},
		{"an escaped key", `{"\u0061":1}`, `3`, []string{"a"}, `{"\u0061":3}`},
		{"insert on one line", `{"a":1,"c":2}`, `3`, []string{"b"}, `{"a":1,"b":3,"c":2}`},
		{"insert on one line, spaced", `{"a": 1, "c": 2}`, `3`, []string{"b"}, `{"a": 1, "b": 3, "c": 2}`},
		{"insert first", `{"b": 1, "c": 2}`, `3`, []string{"a"}, `{"a": 3, "b": 1, "c": 2}`},
		{"insert last", `{"a": 1, "b": 2}`, `3`, []string{"c"}, `{"a": 1, "b": 2, "c": 3}`},
		{"insert into lines", "{\n  \"a\": 1,\n  \"c\": 2\n}", `{"z":1}`, []string{"b"}, "{\n  \"a\": 1,\n  \"b\": {\n   \"z\": 1\n  },\n  \"c\": 2\n}"},
		{"insert last into lines", "{\n\t\"a\": 1\n}", `3`, []string{"c"}, "{\n\t\"a\": 1,\n\t\"c\": 3\n}"},
		{"comma first", "{\n  \"a\": 1\n, \"b\": 2\n}", `3`, []string{"c"}, "{\n  \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}"},
		{"insert into nothing", `{}`, `3`, []string{"c"}, "{\n \"c\": 3\n}"},
		{"insert into space", `{ }`, `3`, []string{"c"}, "{\n \"c\": 3\n}"},
		{"make the way", `{"a": {}}`, `3`, []string{"a", "b", "c"}, `{"a": {"b": {"c": 3}}}`},
		{"over what is no object", `{"a": 5}`, `3`, []string{"a", "b"}, `{"a": {"b": 3}}`},
		{"delete first", `{ "a": 1, "b": 2 }`, ``, []string{"a"}, `{ "b": 2 }`},
		{"delete last", "{\n \"a\": 1,\n \"b\": 2\n}", ``, []string{"b"}, "{\n \"a\": 1\n}"},
		{"delete the only one", "{\n \"a\": 1\n}", ``, []string{"a"}, "{}"},
		{"delete duplicates", `{"a":1,"b":2,"a":3}`, ``, []string{"a"}, `{"b":2}`},
		{"delete what is not there", `{"a": 1}`, ``, []string{"b", "c"}, `{"a": 1}`},
		{"delete inside", `{"a": {"b": 1 , "c":2}}`, ``, []string{"a", "b"}, `{"a": {"c":2}}`},
	} {
		var value []byte
		if c.value != "" {
			value = []byte(c.value)
		}
		if got := string(SetPath([]byte(c.raw), value, pretty, "", c.path...)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestListKeepsTheBytesOfStringsThatStay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, lines, want string }{
		{`["\u0061|", "b|" ,"c\/"]`, "a|,x|,y|,c/", `["\u0061|", "x|" ,"y|" ,"c\/"]`},
		{`["a|", "b"]`, "a|", `["a|"]`},
		{`["a|", "b"]`, "b", `["b"]`},
		{`["a|", "b"]`, "", `[]`},
		{`[ ]`, "a|,b", "[\n  \"a|\",\n  \"b\"\n ]"},
		{"[\n   \"a\"\n  ]", "a|,b", "[\n   \"a|\",\n   \"b\"\n  ]"},
		{`["a"]`, "a,b", `["a", "b"]`},
		{`["a", "a"]`, "a,a,a", `["a", "a", "a"]`},
		{`["a",null]`, "a,b", `["a","b"]`},
		{"[\r\n\t\"a\",\r\n\t\"b\"\r\n]", "b,c", "[\r\n\t\"b\",\r\n\t\"c\"\r\n]"},
	} {
		l, err := ParseList([]byte(c.raw))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		if c.lines != "" {
			lines = strings.Split(c.lines, ",")
		}
		l.Replace(lines, NBFormat(), " ")
		if got := string(l.Append(nil)); got != c.want {
			t.Errorf("%s with %s:\n got %q\nwant %q", c.raw, c.lines, got, c.want)
		}
	}
}

func TestDetectStyle(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Style{
		"{\n \"a\": 1}":          NBFormat(),
		"{\r\n\t\"a\" : 1}":      {Newline: "\r\n", Unit: "\t", Colon: " : ", Comma: ", "},
		`{"a":1,"b":2}`:          {Unit: " ", Colon: ":", Comma: ","},
		`{"a": 1, "b": 2}`:       {Unit: " ", Colon: ": ", Comma: ", "},
		"{\n    \"a\": 1\n  , }": {Newline: "\n", Unit: "    ", Colon: ": ", Comma: ", "},
		`{}`:                     NBFormat(),
		`[]`:                     NBFormat(),
	} {
		if got := DetectStyle([]byte(raw)); got != want {
			t.Errorf("%q: got %+v, want %+v", raw, got, want)
		}
	}
}

func TestFormatOfDeepTextIsNeitherDeepNorLong(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	got := Format([]byte(`{"a":`+deep+`}`), NBFormat(), "")
	if !Valid(got) || len(got) > 2*len(deep) {
		t.Errorf("%d bytes became %d", len(deep), len(got))
	}
}

// FuzzObject: an object put together again is the same text, and one that was
// edited reads back as edited.
func FuzzObject(f *testing.F) {
	f.Add([]byte(`{ "a" : 1 , "b":[ ] }`), "b")
	f.Add([]byte("{\n}"), "")
	f.Add([]byte(`{"a":1,"a":2}`), "a")
	f.Fuzz(func(t *testing.T, raw []byte, key string) {
		o, err := ParseObject(raw)
		if err != nil || !Valid(raw) || raw[len(raw)-1] != '}' {
			return
		}
		if got := o.Append(nil); string(got) != string(raw) {
			t.Fatalf("%q became %q", raw, got)
		}
		key = Unquote(AppendQuote(nil, key, false))
		set := SetPath(raw, []byte(`"new"`), NBFormat(), "", key)
		if got, _ := Get(set, key); !Valid(set) || string(got) != `"new"` {
			t.Fatalf("%q with %q set is %q", raw, key, set)
		}
		gone := SetPath(raw, nil, NBFormat(), "", key)
		if _, ok := Get(gone, key); ok || !Valid(gone) {
			t.Fatalf("%q with %q deleted is %q", raw, key, gone)
		}
	})
}
