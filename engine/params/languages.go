package params

import (
	"math"
	"strings"
)

// quoteText makes a string in double quotes; quote stands for a quote inside.
func quoteText(quote string) func(string) string {
	return func(s string) string {
		return `"` + strings.ReplaceAll(unicodeEscape(s), `"`, quote) + `"`
	}
}

// between makes a list: left, the items, right.
func between(left, sep, right string) func([]string) string {
	return func(items []string) string { return left + strings.Join(items, sep) + right }
}

// pairs makes a mapping of "KEY" arrow VALUE.
func pairs(left, arrow, sep, right string) func(keys, values []string) string {
	return pairsQuoted(quoteText(`\"`), left, "", arrow, "", sep, right)
}

func pairsQuoted(quote func(string) string, left, open, arrow, shut, sep, right string) func(keys, values []string) string {
	return func(keys, values []string) string {
		members := make([]string, len(keys))
		for i, key := range keys {
			members[i] = open + quote(key) + arrow + values[i] + shut
		}
		return left + strings.Join(members, sep) + right
	}
}

// after makes a comment that begins with mark.
func after(mark string) func(string) string {
	return func(text string) string { return strings.TrimSpace(mark + " " + text) }
}

// equals makes an assignment such as `val x = 1`.
func equals(before, end string) func(name, value string) string {
	return func(name, value string) string { return before + name + " = " + value + end }
}

// notFinite picks the word for a number that is none.
func notFinite(nan, inf, minus string) func(float64) string {
	return func(f float64) string {
		switch {
		case math.IsNaN(f):
			return nan
		case f < 0:
			return minus
		}
		return inf
	}
}

// latin tells of characters whose escape, such as \xe9, is a byte to some languages and
// no escape to others.
func latin(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return 0x7f <= r && r <= 0xff })
}

// escaped tells of text that is not written as it is.
func escaped(s string) bool { return unicodeEscape(s) != s }

// orDollar adds the sign that some languages fill in within text.
func orDollar(misread func(string) bool) func(string) bool {
	return func(s string) bool { return strings.Contains(s, "$") || misread(s) }
}

func python() *language {
	return &language{
		name: "Python", comment: after("#"), assign: equals("", ""), null: "None", yes: "True", no: "False",
		float: notFinite("float('nan')", "float('inf')", "float('-inf')"),
		text:  quoteText(`\"`), list: between("[", ", ", "]"), dict: pairs("{", ": ", ", ", "}"),
	}
}

func rLanguage() *language {
	return &language{
		name: "R", comment: after("#"), null: "NULL", yes: "TRUE", no: "FALSE",
		// A name must not begin with an underscore in R.
		assign: func(name, value string) string { return strings.TrimLeft(name, "_") + " = " + value },
		text:   quoteText(`\"`), misread: latin, list: between("list(", ", ", ")"), dict: pairs("list(", " = ", ", ", ")"),
	}
}

func scala() *language {
	return &language{
		name: "Scala", comment: after("//"), assign: equals("val ", ""), null: "None", yes: "true", no: "false", long: true,
		text: quoteText(`\"`), misread: latin, list: between("Seq(", ", ", ")"), dict: pairs("Map(", " -> ", ", ", ")"),
	}
}

func julia() *language {
	return &language{
		name: "Julia", comment: after("#"), assign: equals("", ""), null: "nothing", yes: "true", no: "false",
		text: quoteText(`\"`), misread: orDollar(latin), list: between("[", ", ", "]"), dict: pairs("Dict(", " => ", ", ", ")"),
	}
}

func matlab() *language {
	return &language{
		name: "MATLAB", comment: after("%"), assign: equals("", ";"), null: "NaN", yes: "true", no: "false",
		text: quoteText(`""`), misread: escaped, list: between("{", ", ", "}"),
		dict: func(keys, values []string) string {
			chars := make([]string, len(keys))
			for i, key := range keys {
				chars[i] = "'" + strings.ReplaceAll(unicodeEscape(key), "'", "''") + "'"
			}
			return "containers.Map({" + strings.Join(chars, ", ") + "}, {" + strings.Join(values, ", ") + "})"
		},
	}
}

func csharp() *language {
	return &language{
		name: "C#", comment: after("//"), assign: equals("var ", ";"), noNull: true, yes: "true", no: "false", long: true,
		text: quoteText(`\"`), list: between("new [] { ", ", ", " }"),
		dict: pairsQuoted(quoteText(`\"`), "new Dictionary<string,Object>{ ", "{ ", " , ", " }", ", ", " }"),
	}
}

func fsharp() *language {
	return &language{
		name: "F#", comment: func(text string) string { return "(* " + text + " *)" },
		assign: equals("let ", ""), null: "None", yes: "true", no: "false", long: true,
		text: quoteText(`\"`), list: between("[ ", "; ", " ]"),
		dict: pairsQuoted(quoteText(`\"`), "[ ", "(", ", ", " :> IComparable)", "; ", " ] |> Map.ofList"),
	}
}

func powershell() *language {
	return &language{
		name: "PowerShell", comment: after("#"), assign: equals("$", ""), null: "$Null", yes: "$True", no: "$False",
		float: notFinite("[double]::NaN", "[double]::PositiveInfinity", "[double]::NegativeInfinity"),
		text:  quoteText("`\""), misread: orDollar(escaped), list: between("@(", ", ", ")"),
		dict: pairsQuoted(quoteText("`\""), "@{", "", " = ", "", "\n ", "}"),
	}
}

func bash() *language {
	return &language{
		name: "Bash", comment: after("#"), null: "", yes: "true", no: "false",
		assign: func(name, value string) string { return name + "=" + value },
		text:   shellQuote, list: between("(", " ", ")"),
	}
}

// shellQuote is Python's shlex.quote.
func shellQuote(s string) string {
	if s == "" {
		return "''"
	}
	for i := range len(s) {
		c := s[i]
		if !isDigit(c) && !('a' <= c|0x20 && c|0x20 <= 'z') && !strings.ContainsRune("@%+=:,./-_", rune(c)) || c >= 0x80 {
			return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
		}
	}
	return s
}
