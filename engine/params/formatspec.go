package params

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// spec is Python's format specification mini-language:
// [[fill]align][sign][z][#][0][width][grouping][.precision][type].
type spec struct {
	fill      rune
	align     byte // < > = ^, or 0
	zero      bool // = comes from a leading zero, which is fill for text
	sign      byte // + - space, or 0
	noMinus   bool // z: no minus before a zero
	alternate bool
	width     int
	group     byte // , or _, or 0
	precision int  // -1 is none
	kind      byte // 0 is none
}

// maxWidth keeps a template from filling the memory.
const maxWidth = 4096

var errSpec = errors.New("the format is not known")

func parseSpec(text string) (spec, error) {
	s, filled := spec{fill: ' ', precision: -1}, false
	if r, n := utf8.DecodeRuneInString(text); n > 0 && n < len(text) && strings.IndexByte("<>=^", text[n]) >= 0 {
		s.fill, s.align, text, filled = r, text[n], text[n+1:], true
	} else if text != "" && strings.IndexByte("<>=^", text[0]) >= 0 {
		s.align, text = text[0], text[1:]
	}
	take := func(chars string) byte {
		if text != "" && strings.IndexByte(chars, text[0]) >= 0 {
			c := text[0]
			text = text[1:]
			return c
		}
		return 0
	}
	number := func() (int, bool) {
		n := 0
		for n < len(text) && isDigit(text[n]) {
			n++
		}
		v, err := strconv.Atoi(text[:n])
		text = text[n:]
		return v, err == nil && v <= maxWidth
	}
	s.sign = take("+- ")
	s.noMinus = take("z") != 0
	s.alternate = take("#") != 0
	if !filled && take("0") != 0 {
		s.fill = '0'
		if s.zero = s.align == 0; s.zero {
			s.align = '='
		}
	}
	ok := true
	if text != "" && isDigit(text[0]) {
		s.width, ok = number()
	}
	s.group = take(",_")
	if ok && take(".") != 0 {
		s.precision, ok = number()
	}
	if text != "" {
		s.kind, text = text[0], text[1:]
	}
	if !ok || text != "" {
		return s, errSpec
	}
	return s, nil
}

// formatValue is Python's format(v, text).
func formatValue(v Value, text string) (string, error) {
	if t, ok := v.(moment); ok {
		if text == "" {
			return t.String(), nil
		}
		return t.strftime(text), nil
	}
	if text == "" {
		return Str(v), nil
	}
	s, err := parseSpec(text)
	if err != nil {
		return "", fmt.Errorf("%w: %q", err, text)
	}
	var out string
	switch v := v.(type) {
	case string:
		out, err = s.text(v)
	case bool:
		n := big.NewInt(0)
		if v {
			n.SetInt64(1)
		}
		out, err = s.whole(n)
	case int64:
		out, err = s.whole(big.NewInt(v))
	case *big.Int:
		out, err = s.whole(v)
	case float64:
		out, err = s.real(v)
	default:
		err = fmt.Errorf("%s takes no format", brief(Repr(v)))
	}
	if err != nil {
		return "", fmt.Errorf("%w: %q", err, text)
	}
	return out, nil
}

func (s spec) text(v string) (string, error) {
	if s.kind != 0 && s.kind != 's' || s.sign != 0 || s.noMinus || s.alternate || s.group != 0 {
		return "", errSpec
	}
	if s.align == '=' {
		if !s.zero {
			return "", errSpec
		}
		s.align = '<'
	}
	if runes := []rune(v); s.precision >= 0 && len(runes) > s.precision {
		v = string(runes[:s.precision])
	}
	return s.pad("", v, '<'), nil
}

// whole formats an integer.
func (s spec) whole(n *big.Int) (string, error) {
	if strings.IndexByte("eEfFgG%", s.kind) >= 0 && s.kind != 0 {
		f, _ := new(big.Float).SetInt(n).Float64()
		return s.real(f)
	}
	if s.precision >= 0 || s.noMinus {
		return "", errSpec
	}
	base, prefix := 10, ""
	switch s.kind {
	case 0, 'd', 'n':
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0"+string(s.kind)
	case 'c':
		if !n.IsInt64() || n.Int64() < 0 || n.Int64() > utf8.MaxRune || s.sign != 0 || s.group != 0 {
			return "", errSpec
		}
		return s.pad("", string(rune(n.Int64())), '<'), nil
	default:
		return "", errSpec
	}
	if base != 10 && s.group == ',' || s.kind == 'n' && s.group != 0 {
		return "", errSpec
	}
	digits := new(big.Int).Abs(n).Text(base)
	if s.kind == 'X' {
		digits = strings.ToUpper(digits)
	}
	head := s.signOf(n.Sign() < 0)
	if s.alternate {
		head += prefix
	}
	step := 3
	if base != 10 {
		step = 4
	}
	return s.pad(head, s.grouped(digits, "", len(head), step), '>'), nil
}

// real formats a float.
func (s spec) real(f float64) (string, error) {
	verb, precision := s.kind, s.precision
	if verb == 'n' && s.group != 0 {
		return "", errSpec
	}
	if precision < 0 {
		precision = 6
	}
	negative := math.Signbit(f) && !math.IsNaN(f)
	abs := math.Abs(f)
	var body string
	switch verb {
	case 'e', 'E', 'f', 'F':
		body = strconv.FormatFloat(abs, verb|0x20, precision, 64)
	case '%':
		body = strconv.FormatFloat(abs*100, 'f', precision, 64)
	case 'g', 'G', 'n':
		body = s.general(abs, max(precision, 1))
	case 0:
		body = s.shortest(abs)
	default:
		return "", errSpec
	}
	switch {
	case math.IsInf(f, 0):
		body = "inf"
	case math.IsNaN(f):
		body = "nan"
	}
	if verb == 'E' || verb == 'F' || verb == 'G' {
		body = strings.ToUpper(body)
	}
	if mantissa, _, _ := strings.Cut(strings.ToLower(body), "e"); s.noMinus && strings.Trim(mantissa, "0.") == "" {
		negative = false
	}
	whole, rest := body, ""
	if at := strings.IndexAny(body, ".eE"); at >= 0 && !math.IsInf(f, 0) {
		whole, rest = body[:at], body[at:]
	}
	if s.alternate && !strings.Contains(rest, ".") && !math.IsInf(f, 0) && !math.IsNaN(f) {
		rest = "." + rest
	}
	if verb == '%' {
		rest += "%"
	}
	head := s.signOf(negative)
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return s.pad(head, whole+rest, '>'), nil
	}
	return s.pad(head, s.grouped(whole, rest, len(head), 3), '>'), nil
}

// general is %g: without zeros at the end, unless the alternate form asks for them.
func (s spec) general(f float64, precision int) string {
	if !s.alternate {
		return strconv.FormatFloat(f, 'g', precision, 64)
	}
	e := strconv.FormatFloat(f, 'e', precision-1, 64)
	exp, err := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if err != nil || exp < -4 || exp >= precision {
		return e
	}
	return strconv.FormatFloat(f, 'f', precision-1-exp, 64)
}

// shortest is a float without a type: as repr, or with a precision as %g that always
// shows a digit behind the point.
func (s spec) shortest(f float64) string {
	if s.precision < 0 {
		return FloatRepr(f)
	}
	precision := max(s.precision, 1)
	e := strconv.FormatFloat(f, 'e', precision-1, 64)
	exp, err := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if err == nil && exp == precision-1 { // the point would be lost: Python goes over to an exponent
		mantissa, tail, _ := strings.Cut(e, "e")
		if strings.Contains(mantissa, ".") {
			mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
		}
		return mantissa + "e" + tail
	}
	out := s.general(f, precision)
	if !strings.ContainsAny(out, ".einf") {
		out += ".0"
	}
	return out
}

func (s spec) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.sign == '+' || s.sign == ' ':
		return string(s.sign)
	}
	return ""
}

// grouped puts separators into digits. Zeros that fill the width are grouped, too.
func (s spec) grouped(digits, rest string, head, step int) string {
	if s.group == 0 {
		return digits + rest
	}
	zeros := s.align == '=' && s.fill == '0'
	for {
		out := separate(digits, s.group, step)
		next := separate("0"+digits, s.group, step)
		if !zeros || head+len(next)+len(rest) > s.width && head+len(out)+len(rest) >= s.width {
			return out + rest
		}
		digits = "0" + digits
	}
}

func separate(digits string, sep byte, step int) string {
	var b strings.Builder
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%step == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

func (s spec) pad(head, body string, usual byte) string {
	room := s.width - utf8.RuneCountInString(head) - utf8.RuneCountInString(body)
	align := s.align
	if align == 0 {
		align = usual
	}
	if room <= 0 {
		return head + body
	}
	fill := func(n int) string { return strings.Repeat(string(s.fill), n) }
	switch align {
	case '<':
		return head + body + fill(room)
	case '^':
		return fill(room/2) + head + body + fill(room-room/2)
	case '=':
		return head + fill(room) + body
	}
	return fill(room) + head + body
}
