package params

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func builtins() Builtins {
	zone := time.FixedZone("XST", 2*3600)
	return Builtins{RunUUID: "1234-5678", Now: time.Date(2026, 3, 5, 7, 8, 9, 123456789, zone)}
}

// Checked against Python 3.11's str.format.
func TestPathsAreFilledInAsPythonDoes(t *testing.T) {
	t.Parallel()
	s := set("name", "é漢x", "n", int64(5), "f", 1234.5678, "ok", true, "none", nil,
		"list", []Value{int64(1), "two"}, "map", NewObject(Entry{"k", "v"}, Entry{"a b", int64(2)}, Entry{int64(3), "three"}), "w", int64(6))
	for template, want := range map[string]string{
		"out.ipynb": "out.ipynb", "": "", "{{x}}": "{x}", "{{{n}}}": "{5}",
		"{name}": "é漢x", "{n}": "5", "{f}": "1234.5678", "{ok}": "True", "{none}": "None", "{list}": "[1, 'two']", "{map}": "{'k': 'v', 'a b': 2, 3: 'three'}",
		"{n:03d}": "005", "{n:>{w}}": "     5", "{f:.2f}": "1234.57", "{f:,.1f}": "1,234.6", "{f:e}": "1.234568e+03", "{n:.1%}": "500.0%",
		"{name:*^7}": "**é漢x**", "{name:.2}": "é漢", "{name!r:>7}": "  'é漢x'", "{name!a}": `'\xe9\u6f22x'`, "{n!s:<3}|": "5  |", "{ok:d}": "1", "{n:b}": "101", "{n:#x}": "0x5",
		"{list[1]}": "two", "{list[0]:02}": "01", "{map[k]}": "v", "{map[a b]}": "2", "{map[3]}": "three", "{name[0]}": "é", "{n.real}": "5",
		"{pm[run_uuid]}":                               "1234-5678",
		"{pm[current_datetime_local]}":                 "2026-03-05 07:08:09.123456",
		"{pm[current_datetime_utc]}":                   "2026-03-05 05:08:09.123456+00:00",
		"{pm[current_datetime_utc]:%Y-%m-%dT%H%M%S%z}": "2026-03-05T050809+0000",
		"{pm[current_datetime_local]:%a %A %b %B %d %e %-d %j %y %I %p %f%Z%z}":   "Thu Thursday Mar March 05  5 5 064 26 07 AM 123456",
		"{pm[current_datetime_local]:%U %W %V %G %u %w %C %F %T %R %D %%}":        "09 09 10 2026 4 4 20 2026-03-05 07:08:09 07:08 03/05/26 %",
		"{pm[current_datetime_local].year}/{pm[current_datetime_local].month:02}": "2026/03",
		"{pm[current_datetime_local]!r}":                                          "datetime.datetime(2026, 3, 5, 7, 8, 9, 123456)",
	} {
		if got, err := Path(template, s, builtins()); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", template, got, err, want)
		}
	}
}

func TestAPathThatCannotBeFilledInSaysWhy(t *testing.T) {
	t.Parallel()
	s := set("n", int64(5), "list", []Value{}, "map", &Object{}, "name", "x")
	for template, want := range map[string]error{
		"{foo}": ErrMissing, "{map[k]}": ErrMissing, "{}": ErrSyntax, "{0}": ErrSyntax, "{": ErrSyntax, "}": ErrSyntax, "{n": ErrSyntax,
		"{n!x}": ErrSyntax, "{n!}": ErrSyntax, "{n:q}": ErrSyntax, "{name:d}": ErrSyntax, "{list[0]}": ErrSyntax, "{n[0]}": ErrSyntax, "{n.foo}": ErrSyntax,
		"{list:5}": ErrSyntax, "{map[]}": ErrSyntax, "{map[k}": ErrSyntax, "{n:{n:{n}}}": ErrSyntax, "{n:99999999}": ErrSyntax, "{name.__class__}": ErrSyntax,
	} {
		if got, err := Path(template, s, builtins()); !errors.Is(err, want) {
			t.Errorf("%q is %q, %v; want %v", template, got, err, want)
		}
	}
	if _, err := Path("{foo}.ipynb", nil, builtins()); err == nil || !strings.Contains(err.Error(), "missing parameter 'foo'") {
		t.Errorf("the error does not name the parameter: %v", err)
	}
}

func TestAParameterMayHideTheBuiltins(t *testing.T) {
	t.Parallel()
	if got, err := Path("{pm}", set("pm", "mine"), builtins()); got != "mine" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// Checked against Python 3.11's format(); ! is an error.
func TestFormatSpecifications(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v          Value
		spec, want string
	}{
		{int64(1234567), ",", "1,234,567"}, {int64(1234567), "015,", "000,001,234,567"}, {int64(-255), "#_X", "-0XFF"}, {int64(65), "c", "A"}, {int64(65), ",c", "!"},
		{int64(5), "+", "+5"}, {int64(5), "=+5", "+   5"}, {int64(5), " ", " 5"}, {int64(5), ".2", "!"}, {int64(5), "s", "!"}, {int64(3), "f", "3.000000"},
		{0.1, ".3", "0.1"}, {99999.5, ".2", "1e+05"}, {1e16, "", "1e+16"}, {1.0, ".3", "1.0"}, {123456.789, "g", "123457"}, {123456.789, "#.3g", "1.23e+05"},
		{1.0, "#.0f", "1."}, {math.Copysign(0, -1), "z.1f", "0.0"}, {math.Copysign(0, -1), ".1f", "-0.0"}, {-0.04, "z.1f", "0.0"}, {1e100, "n", "1e+100"}, {0.5, "%", "50.000000%"}, {1.5, ",n", "!"},
		{"abc", "05", "abc00"}, {"abc", "=5", "!"}, {"abc", "+", "!"}, {"abc", "é>5s", "ééabc"}, {"abc", "d", "!"}, {true, "5", "    1"}, {nil, "5", "!"},
	} {
		got, err := formatValue(c.v, c.spec)
		if err != nil {
			got = "!"
		}
		if got != c.want {
			t.Errorf("format(%s, %q) is %q, want %q", Repr(c.v), c.spec, got, c.want)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"{a}", "{a[0]:{b}}", "{pm[current_datetime_utc]:%Y%-d}", "{{}}", "{a!r:>5}", "{b:+015,.2f}", "{a.b[c]}"} {
		f.Add(s)
	}
	s := set("a", []Value{"x", int64(1)}, "b", 2.5)
	f.Fuzz(func(t *testing.T, template string) {
		got, err := Path(template, s, builtins())
		if err != nil && !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrMissing) {
			t.Fatalf("%q: %v", template, err)
		}
		if err == nil && !strings.ContainsAny(template, "{}") && got != template {
			t.Fatalf("%q becomes %q", template, got)
		}
	})
}
