package params

import (
	"errors"
	"math"
	"math/big"
	"testing"
)

// translated are the values that every language writes below, in this order.
func translated() []Value {
	big12, _ := new(big.Int).SetString("3833759992447475122176", 10)
	return []Value{
		nil, true, false, int64(5), int64(-54321), int64(2147483647), int64(2147483648), int64(-2147483649), big12,
		1.5, 1e16, 1e-5, math.NaN(), math.Inf(1), math.Inf(-1),
		"", "foo", `say "hi"`, "it's", "a\\b\n\t$x `y`", "é漢😀\x01",
		[]Value{}, []Value{"a", int64(1), true}, []Value{[]Value{int64(1)}, NewObject(Entry{"k", "v"})},
		&Object{}, NewObject(Entry{"k", int64(1)}, Entry{`q"`, []Value{1.0}}),
		NewObject(Entry{int64(1), "a"}, Entry{2.5, "b"}, Entry{"t", "c"}, Entry{nil, "d"}),
	}
}

// Checked against papermill 2.6's translators; ! is what it refuses.
var translations = map[string][]string{
	"python": {
		`None`,
		`True`,
		`False`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648`,
		`-2147483649`,
		`3833759992447475122176`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`float('nan')`,
		`float('inf')`,
		`float('-inf')`,
		`""`,
		`"foo"`,
		`"say \"hi\""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`[]`,
		`["a", 1, True]`,
		`[[1], {"k": "v"}]`,
		`{}`,
		`{"k": 1, "q\"": [1.0]}`,
		`{"1": "a", "2.5": "b", "t": "c", "None": "d"}`,
	},
	"R": {
		`NULL`,
		`TRUE`,
		`FALSE`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648`,
		`-2147483649`,
		`3833759992447475122176`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`""`,
		`"foo"`,
		`"say \"hi\""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`list()`,
		`list("a", 1, TRUE)`,
		`list(list(1), list("k" = "v"))`,
		`list()`,
		`list("k" = 1, "q\"" = list(1.0))`,
		`list("1" = "a", "2.5" = "b", "t" = "c", "None" = "d")`,
	},
	"scala": {
		`None`,
		`true`,
		`false`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648L`,
		`-2147483649L`,
		`3833759992447475122176L`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`""`,
		`"foo"`,
		`"say \"hi\""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`Seq()`,
		`Seq("a", 1, true)`,
		`Seq(Seq(1), Map("k" -> "v"))`,
		`Map()`,
		`Map("k" -> 1, "q\"" -> Seq(1.0))`,
		`Map("1" -> "a", "2.5" -> "b", "t" -> "c", "None" -> "d")`,
	},
	"julia": {
		`nothing`,
		`true`,
		`false`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648`,
		`-2147483649`,
		`3833759992447475122176`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`""`,
		`"foo"`,
		`"say \"hi\""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`[]`,
		`["a", 1, true]`,
		`[[1], Dict("k" => "v")]`,
		`Dict()`,
		`Dict("k" => 1, "q\"" => [1.0])`,
		`Dict("1" => "a", "2.5" => "b", "t" => "c", "None" => "d")`,
	},
	"matlab": {
		`NaN`,
		`true`,
		`false`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648`,
		`-2147483649`,
		`3833759992447475122176`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`""`,
		`"foo"`,
		`"say ""hi"""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`{}`,
		`{"a", 1, true}`,
		`{{1}, containers.Map({'k'}, {"v"})}`,
		`containers.Map({}, {})`,
		`containers.Map({'k', 'q"'}, {1, {1.0}})`,
		`containers.Map({'1', '2.5', 't', 'None'}, {"a", "b", "c", "d"})`,
	},
	".net-csharp": {
		`!`,
		`true`,
		`false`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648L`,
		`-2147483649L`,
		`3833759992447475122176L`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`""`,
		`"foo"`,
		`"say \"hi\""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`new [] {  }`,
		`new [] { "a", 1, true }`,
		`new [] { new [] { 1 }, new Dictionary<string,Object>{ { "k" , "v" } } }`,
		`new Dictionary<string,Object>{  }`,
		`new Dictionary<string,Object>{ { "k" , 1 }, { "q\"" , new [] { 1.0 } } }`,
		`new Dictionary<string,Object>{ { "1" , "a" }, { "2.5" , "b" }, { "t" , "c" }, { "None" , "d" } }`,
	},
	".net-fsharp": {
		`None`,
		`true`,
		`false`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648L`,
		`-2147483649L`,
		`3833759992447475122176L`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`""`,
		`"foo"`,
		`"say \"hi\""`,
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`[  ]`,
		`[ "a"; 1; true ]`,
		`[ [ 1 ]; [ ("k", "v" :> IComparable) ] |> Map.ofList ]`,
		`[  ] |> Map.ofList`,
		`[ ("k", 1 :> IComparable); ("q\"", [ 1.0 ] :> IComparable) ] |> Map.ofList`,
		`[ ("1", "a" :> IComparable); ("2.5", "b" :> IComparable); ("t", "c" :> IComparable); ("None", "d" :> IComparable) ] |> Map.ofList`,
	},
	".net-powershell": {
		`$Null`,
		`$True`,
		`$False`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648`,
		`-2147483649`,
		`3833759992447475122176`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`[double]::NaN`,
		`[double]::PositiveInfinity`,
		`[double]::NegativeInfinity`,
		`""`,
		`"foo"`,
		"\"say `\"hi`\"\"",
		`"it's"`,
		"\"a\\\\b\\n\\t$x `y`\"",
		`"\xe9\u6f22\U0001f600\x01"`,
		`@()`,
		`@("a", 1, $True)`,
		`@(@(1), @{"k" = "v"})`,
		`@{}`,
		"@{\"k\" = 1\n \"q`\"\" = @(1.0)}",
		`@{"1" = "a"
 "2.5" = "b"
 "t" = "c"
 "None" = "d"}`,
	},
	"bash": {
		``,
		`true`,
		`false`,
		`5`,
		`-54321`,
		`2147483647`,
		`2147483648`,
		`-2147483649`,
		`3833759992447475122176`,
		`1.5`,
		`1e+16`,
		`1e-05`,
		`nan`,
		`inf`,
		`-inf`,
		`''`,
		`foo`,
		`'say "hi"'`,
		`'it'"'"'s'`,
		"'a\\b\n\t$x `y`'",
		"'é漢😀\x01'",
		`()`,
		`(a 1 true)`,
		`!`,
		`!`,
		`!`,
		`!`,
	},
}

func TestEveryLanguageWritesEveryKindOfValue(t *testing.T) {
	t.Parallel()
	for name, want := range translations {
		for i, v := range translated() {
			got, err := Translate(name, "", v)
			if want[i] == "!" {
				if !errors.Is(err, ErrLanguage) {
					t.Errorf("%s: %s gives %q, %v; want ErrLanguage", name, Repr(v), got, err)
				}
				continue
			}
			if err != nil || got != want[i] {
				t.Errorf("%s: %s gives %q, %v; want %q", name, Repr(v), got, err, want[i])
			}
		}
	}
}

func TestACellAssignsEachParameterUnderAComment(t *testing.T) {
	t.Parallel()
	s := &Set{}
	s.Put("_a", "x y")
	s.Put("b", int64(5))
	for name, want := range map[string]string{
		"python":          "# Parameters\n_a = \"x y\"\nb = 5\n",
		"R":               "# Parameters\na = \"x y\"\nb = 5\n",
		"scala":           "// Parameters\nval _a = \"x y\"\nval b = 5\n",
		"julia":           "# Parameters\n_a = \"x y\"\nb = 5\n",
		"matlab":          "% Parameters\n_a = \"x y\";\nb = 5;\n",
		".net-csharp":     "// Parameters\nvar _a = \"x y\";\nvar b = 5;\n",
		".net-fsharp":     "(* Parameters *)\nlet _a = \"x y\"\nlet b = 5\n",
		".net-powershell": "# Parameters\n$_a = \"x y\"\n$b = 5\n",
		"bash":            "# Parameters\n_a='x y'\nb=5\n",
	} {
		got, err := Code(name, "", "Parameters", s)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestAnEmptyCommentIsItsMark(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"python": "#\n", "scala": "//\n", "matlab": "%\n", ".net-fsharp": "(*  *)\n"} {
		if got, err := Code(name, "", "", &Set{}); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestTheKernelsNameComesBeforeItsLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kernel, lang, want string }{
		{"python3", "python", "True"},
		{"ir", "R", "TRUE"},
		{"sparkrkernel", "python", "TRUE"},
		{"pysparkkernel", "scala", "True"},
		{"sparkkernel", "", "true"},
		{"octave", "octave", "true"},
		{".net-powershell", "python", "$True"},
		{"xcpp", "PowerShell", "$True"},
		{"", "r", "TRUE"},
	} {
		if got, err := Translate(c.kernel, c.lang, true); err != nil || got != c.want {
			t.Errorf("kernel %q, language %q: %q, %v; want %q", c.kernel, c.lang, got, err, c.want)
		}
	}
	if _, err := Translate("xcpp", "c++", true); !errors.Is(err, ErrLanguage) {
		t.Errorf("a language that is not known gives %v", err)
	}
}
