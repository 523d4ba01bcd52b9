package params

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// Checked against Python 3.11's int() and float().
func TestTextOnTheCommandLineIsReadAsPythonDoes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"True": "True", "False": "False", "None": "None", "true": "'true'", "none": "'none'", "": "''",
		"5": "5", " -5 ": "-5", "+5": "5", "012": "12", "1_000": "1000", "1__0": "'1__0'", "_1": "'_1'", "0x10": "'0x10'", "٣": "3", "１２": "12",
		"99999999999999999999": "99999999999999999999", "-9223372036854775808": "-9223372036854775808",
		"1.5": "1.5", "1e3": "1000.0", "1E-3": "0.001", ".5": "0.5", "5.": "5.0", "1_0.5_0": "10.5", "1._5": "'1._5'", "1e1_0": "10000000000.0", "1e400": "inf",
		"nan": "nan", "-NaN": "nan", "inf": "inf", "-Infinity": "-inf", "infi": "'infi'", "0x1p3": "'0x1p3'", "1e": "'1e'", ".": "'.'", "- 1": "'- 1'",
		"\u00a05\u2003": "5", "\x1f5": "5", "1,5": "'1,5'", "2020-01-01": "'2020-01-01'", "[1]": "'[1]'",
	} {
		if got := Repr(Resolve(text)); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	if got := Resolve(strings.Repeat("1", 5000)); got != math.Inf(1) {
		t.Errorf("5,000 digits are %.20s; Python's int() refuses them and float() says inf", Repr(got))
	}
}

func TestSourcesOfParametersHaveAnOrderOfTheirOwn(t *testing.T) {
	t.Parallel()
	s, err := ParseArgs(Args{
		InputPath: "in.ipynb", OutputPath: "out.ipynb",
		Base64: []string{"e2E6IGI2NCwgYjogYjY0fQ=="}, // {a: b64, b: b64}
		Files:  []string{"p.yaml"},
		YAML:   []string{"b: y\nc: y\nd: y\ne: y", "[]", "PAPERMILL_OUTPUT_PATH: mine"},
		Typed:  []Pair{{"d", "1"}, {"e", "1"}},
		Raw:    []Pair{{"e", "2"}},
		Read: func(string) ([]byte, error) {
			return []byte("b: file\nf: file\n"), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "{'PAPERMILL_INPUT_PATH': 'in.ipynb', 'PAPERMILL_OUTPUT_PATH': 'mine', 'a': 'b64', 'b': 'y', 'f': 'file', 'c': 'y', 'd': 1, 'e': '2'}"
	if got := Repr(s.Object()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsNoParameterIsToldWithItsOption(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for option, a := range map[string]Args{
		"-y":        {YAML: []string{"just text"}},
		"-y [1":     {YAML: []string{"[1"}},
		"-b":        {Base64: []string{"a"}},
		"-f p.yaml": {Files: []string{"p.yaml"}, Read: func(string) ([]byte, error) { return []byte("- 1"), nil }},
	} {
		if _, err := ParseArgs(a); !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), option) {
			t.Errorf("%s: %v", option, err)
		}
	}
	if _, err := ParseArgs(Args{Files: []string{"x"}, Read: func(string) ([]byte, error) { return nil, gone }}); !errors.Is(err, gone) {
		t.Errorf("the error of reading is lost: %v", err)
	}
}

func TestJSONIsWrittenAsPythonDoes(t *testing.T) {
	t.Parallel()
	s := set("z", math.NaN(), "a", NewObject(Entry{int64(10), 1.0}, Entry{int64(9), nil}, Entry{true, math.Inf(-1)}, Entry{"s", "é\"\x7f\x01\n"}), "m", []Value{1e16, true})
	want := `{"a": {"true": -Infinity, "9": null, "10": 1.0, "s": "é\"` + "\x7f" + `\u0001\n"}, "m": [1e+16, true], "z": NaN}`
	if got := string(s.JSON()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := string(StrictJSON([]Value{math.NaN(), 1.5, math.Inf(-1)})), `["NaN", 1.5, "-Infinity"]`; got != want {
		t.Errorf("strict: got %s, want %s", got, want)
	}
	v, err := ParseJSON([]byte(`{"b": [NaN, -Infinity, 1, 1.0, 12345678901234567890, 1E2], "a": "\ud83d\ude00"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Repr(v), "{'b': [nan, -inf, 1, 1.0, 12345678901234567890, 100.0], 'a': '😀'}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := ParseJSON([]byte("{")); !errors.Is(err, ErrSyntax) {
		t.Errorf("half an object gives %v", err)
	}
}

func TestKeysThatPythonHoldsEqualAreOne(t *testing.T) {
	t.Parallel()
	o := NewObject(Entry{int64(1), "a"}, Entry{1.0, "b"}, Entry{true, "c"}, Entry{"1", "d"})
	if got, want := Repr(o), "{1: 'c', '1': 'd'}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{"1_0", "-1e5", "inf", " ٣ ", "0x1", "1__0", "True"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		switch v := Resolve(text).(type) {
		case string:
			if v != text {
				t.Fatalf("%q becomes the text %q", text, v)
			}
		case int64, float64, bool, nil:
			if again := Resolve(Str(v)); Repr(again) != Repr(v) {
				t.Fatalf("%q is %s, which reads as %s", text, Repr(v), Repr(again))
			}
		default:
			if s := fmt.Sprint(v); len(s) < 19 {
				t.Fatalf("%q is %s, which fits 64 bits", text, s)
			}
		}
	})
}
