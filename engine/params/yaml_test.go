package params

import (
	"errors"
	"strings"
	"testing"
)

// Checked against PyYAML 6.0 without its dates, as papermill reads parameters.
func TestYAMLIsReadAsPyYAMLDoes(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"": "None", "~": "None", "null": "None", "Null": "None", "nULL": "'nULL'",
		"yes": "True", "No": "False", "ON": "True", "off": "False", "y": "'y'", "True": "True", "tRUE": "'tRUE'",
		"012": "10", "0o17": "'0o17'", "08": "'08'", "0x1F": "31", "0b101": "5", "1_000": "1000", "+7": "7", "-0": "0",
		"1:30": "90", "1:30:05": "5405", "-1:30": "-90", "1:99": "'1:99'", "1:30.5": "90.5", "99999999999999999999": "99999999999999999999",
		"1.5": "1.5", "1.": "1.0", ".5": "0.5", "1e3": "'1e3'", "1.0e3": "'1.0e3'", "1.0e+3": "1000.0", "1e+3": "'1e+3'",
		".inf": "inf", "-.INF": "-inf", ".nan": "nan", "nan": "'nan'", "inf": "'inf'", "_1": "'_1'", "1_0.5_0": "10.5", "+.5": "'+.5'",
		"2020-01-01": "'2020-01-01'", "2020-01-01 10:00:00": "'2020-01-01 10:00:00'", "=": "'='",
		`"yes"`: "'yes'", "'12'": "'12'", "!!str 12": "'12'", "!!int '12'": "12", "!!float 3": "3.0",
		"[1, yes, ~]": "[1, True, None]", "{1: a, yes: b}": "{1: 'b'}", "{a: 1, a: 2}": "{'a': 2}",
		"a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}":                 "{'a': {'b': 1, 'c': 2}, 'd': {'b': 3, 'c': 2}}",
		"{a: &x {k: 1}, b: &y {k: 2, l: 3}, c: {<<: [*x, *y]}}": "{'a': {'k': 1}, 'b': {'k': 2, 'l': 3}, 'c': {'k': 1, 'l': 3}}",
		"a: |\n  x\n  y\n":                "{'a': 'x\\ny\\n'}",
		"a: >-\n  x\n  y\n":               "{'a': 'x y'}",
		`{"a": "é\u00e9\n"}`:              "{'a': 'éé\\n'}",
		`{"a": "\ud83d\ude00", "b": 1e3}`: "{'a': '😀', 'b': '1e3'}", // JSON that YAML 1.1 cannot read
		"---\na: 1\n...\n":                "{'a': 1}",
	} {
		v, err := ParseYAML([]byte(src))
		if got := Repr(v); err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", src, got, err, want)
		}
	}
}

func TestYAMLThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"[1, 2", "a: b: c", "--- 1\n--- 2\n", "{[1]: 2}", "&a [*a]", "!!python/object:os.system x", "{<<: 3}", "!!int x", "\x00", "*nowhere",
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n" +
			"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]",
	} {
		if v, err := ParseYAML([]byte(src)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%.30q is %.40s, %v; want ErrSyntax", src, Repr(v), err)
		}
	}
}

func FuzzYAML(f *testing.F) {
	for _, s := range []string{"a: 1", "{<<: [*a], b: &a {}}", "- 012\n- 1:30", "!!binary aGk=", "? x\n: y", "\"\\ud83d\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		v, err := ParseYAML([]byte(src))
		if err != nil {
			if !errors.Is(err, ErrSyntax) {
				t.Fatalf("%q: %v is no ErrSyntax", src, err)
			}
			return
		}
		text := JSONInOrder(v)
		again, err := ParseJSON(text)
		if err != nil {
			t.Fatalf("%q: %s cannot be read again: %v", src, text, err)
		}
		if twice := JSONInOrder(again); string(twice) != string(text) && !strings.Contains(src, ":") {
			t.Fatalf("%q: %s becomes %s", src, text, twice)
		}
	})
}
