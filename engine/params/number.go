package params

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// Resolve reads the text of `-p NAME TEXT`: exactly True, False and None, then what
// Python's int() and float() take, else the text itself.
func Resolve(text string) Value {
	switch text {
	case "True":
		return true
	case "False":
		return false
	case "None":
		return nil
	}
	if v, ok := ParseInt(text); ok {
		return v
	}
	if f, ok := ParseFloat(text); ok {
		return f
	}
	return text
}

// maxDigits is how many digits Python's int() takes; longer text is no number to it.
const maxDigits = 4300

// ParseInt reads text as Python's int(): white space around it, a sign, decimal digits
// of any script and single underscores between them. The value is int64 or *big.Int.
func ParseInt(text string) (Value, bool) {
	text = ascii(text)
	sign, digits := cutSign(text)
	digits, ok := joinDigits(digits)
	if !ok || digits == "" || len(digits) > maxDigits {
		return nil, false
	}
	return integer(sign+digits, 10)
}

// integer reads digits with a sign; they must be of the base.
func integer(digits string, base int) (Value, bool) {
	if n, err := strconv.ParseInt(digits, base, 64); err == nil {
		return n, true
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, false
	}
	return Integer(n), true
}

// Integer is n as a Value: int64 where it fits.
func Integer(n *big.Int) Value {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

// ParseFloat reads text as Python's float(): also inf, infinity and nan, without
// regard to case. What is too large is infinite.
func ParseFloat(text string) (float64, bool) {
	sign, rest := cutSign(ascii(text))
	switch strings.ToLower(rest) {
	case "inf", "infinity":
		if sign == "-" {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	case "nan":
		return math.NaN(), true
	}
	for _, c := range rest {
		if !strings.ContainsRune("0123456789._eE+-", c) {
			return 0, false
		}
	}
	rest, ok := joinDigits(rest)
	if !ok {
		return 0, false
	}
	return decimal(sign + rest)
}

// decimal is ParseFloat of a plain decimal number.
func decimal(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

func cutSign(s string) (sign, rest string) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[:1], s[1:]
	}
	return "", s
}

// joinDigits takes out underscores, which may only stand singly between digits. Text
// without any digit at its edges stays for the caller to judge.
func joinDigits(s string) (string, bool) {
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || !isDigit(s[i-1]) || !isDigit(s[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// ascii trims what Python holds to be white space and turns digits of all scripts
// into ours.
func ascii(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' })
	for _, r := range s {
		if r >= 0x80 {
			return strings.Map(digitOf, s)
		}
	}
	return s
}

// digitOf is the ASCII digit of a decimal digit. Unicode keeps them in runs of ten.
func digitOf(r rune) rune {
	if r < 0x80 || !unicode.IsDigit(r) {
		return r
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return '0' + (r-rune(t.Lo))%10
		}
	}
	return r
}

// finite is f, or 0 where it is infinite or no number.
func finite(f float64) float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return 0
	}
	return f
}

// FloatRepr writes a number as Python's repr: the shortest text that reads back as it.
func FloatRepr(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	e := strconv.FormatFloat(f, 'e', -1, 64)
	at := strings.IndexByte(e, 'e')
	if exp, _ := strconv.Atoi(e[at+1:]); exp < -4 || exp >= 16 {
		return e // Go, too, writes two digits of exponent
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.ContainsRune(s, '.') {
		s += ".0"
	}
	return s
}
