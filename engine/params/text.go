package params

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// Str writes a value as Python's str().
func Str(v Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return Repr(v)
}

// Repr writes a value as Python's repr().
func Repr(v Value) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case *big.Int:
		return v.String()
	case float64:
		return FloatRepr(v)
	case string:
		return quoteRepr(v)
	case []Value:
		return "[" + joined(v, ", ", Repr) + "]"
	case *Object:
		parts := make([]string, v.Len())
		for i, e := range v.Entries() {
			parts[i] = Repr(e.Key) + ": " + Repr(e.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func joined(list []Value, sep string, write func(Value) string) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = write(v)
	}
	return strings.Join(parts, sep)
}

// quoteRepr prefers single quotes, as Python does.
func quoteRepr(s string) string {
	quote := '\''
	if strings.ContainsRune(s, '\'') && !strings.ContainsRune(s, '"') {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, r := range s {
		switch {
		case r == quote:
			b.WriteRune('\\')
			b.WriteRune(r)
		case r >= 0x80 && unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(escapeRune(r))
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// unicodeEscape is Python's codec of that name: ASCII only, quotes as they are.
func unicodeEscape(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(escapeRune(r))
	}
	return b.String()
}

func escapeRune(r rune) string {
	switch {
	case r == '\\':
		return `\\`
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < ' ' || r >= 0x7f && r <= 0xff:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x7f:
		return string(r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
