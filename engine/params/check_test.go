package params

import (
	"errors"
	"strings"
	"testing"
)

func TestValuesAreHeldAgainstDeclaredTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ string
		v   Value
		why string // part of it; "" fits
	}{
		{"int", int64(1), ""}, {"int", true, "True is bool, not int"}, {"int", 1.5, "1.5 is float, not int"}, {"int", "1", "'1' is str, not int"},
		{"float", int64(1), ""}, {"float", "1", "str, not float"}, {"str", int64(2020), "-r p gives it as text"}, {"str", "x", ""}, {"bool", false, ""},
		{"Optional[int]", nil, ""}, {"typing.Optional[int]", "x", "not int | None"}, {"int | None", nil, ""}, {"'int | str'", "x", ""}, {"Union[int, str]", 1.5, "not int | str"},
		{"list", []Value{"x"}, ""}, {"list[int]", []Value{int64(1), "x"}, "element 1: 'x' is str, not int"}, {"List[Optional[str]]", []Value{nil, "x"}, ""}, {"list[int]", int64(1), "int, not list[int]"},
		{"dict[str, int]", NewObject(Entry{"a", int64(1)}), ""}, {"dict[str, int]", NewObject(Entry{"a", "b"}), "'b' is str"}, {"dict[str, int]", NewObject(Entry{int64(1), int64(1)}), "1 is int, not str"},
		{"tuple[int, str]", []Value{int64(1), "x"}, ""}, {"tuple[int, str]", []Value{int64(1)}, "there are 1 values, not 2"}, {"Tuple[int, ...]", []Value{int64(1), int64(2), "x"}, "element 2"},
		{"Literal['a', 2]", "a", ""}, {"Literal['a', 2]", int64(2), ""}, {"Literal['a', 1]", true, "True is not one of 'a', 1"}, {"Literal['a']", "b", "'b' is not one of 'a'"},
		{"Annotated[int, Gt(0), 'x']", "s", "str, not int"}, {"date", "2020-01-01", ""}, {"pd.Timestamp", "x", ""}, {"Callable[[int], str]", "x", ""}, {"int if x", "x", ""}, {"MyType", int64(1), ""},
	} {
		p := Parameter{Name: "p", Type: c.typ, Declared: true}
		if why := p.Fits(c.v); c.why == "" && why != "" || !strings.Contains(why, c.why) {
			t.Errorf("%s as %s: %q, want %q", Repr(c.v), c.typ, why, c.why)
		}
	}
}

func TestFaultsAreWarningsUnlessStrict(t *testing.T) {
	t.Parallel()
	ps, err := Infer(with("python3", "python", "day: str\nn: int = 1\nmode: Literal['a', 'b'] = 'a'\nfree = 5"))
	if err != nil {
		t.Fatal(err)
	}
	given := set("nn", int64(1), "n", "x", "mode", "c", "free", "text")
	warnings, err := Check(ps, given, false)
	want := []string{
		"Passed unknown parameter: nn", "day: it has no default and was not given", "n: 'x' is str, not int", "mode: 'c' is not one of 'a', 'b'",
	}
	if err != nil || strings.Join(warnings, "|") != strings.Join(want, "|") {
		t.Errorf("warnings %q, %v; want %q", warnings, err, want)
	}
	warnings, err = Check(ps, given, true)
	var faults Faults
	if warnings != nil || !errors.Is(err, ErrInvalid) || !errors.As(err, &faults) || len(faults) != 4 || !strings.Contains(err.Error(), "nn: the notebook has no such parameter") {
		t.Errorf("strict: %q, %v", warnings, err)
	}
	if warnings, err = Check(ps, set("day", "x", "n", int64(2), "mode", "b"), true); warnings != nil || err != nil {
		t.Errorf("what fits: %q, %v", warnings, err)
	}
}
