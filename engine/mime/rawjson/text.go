package rawjson

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// IsString reports whether raw is a string token.
func IsString(raw []byte) bool { return len(raw) >= 2 && raw[0] == '"' }

// Unquote decodes a string token that was scanned before. Lone surrogates and
// bytes that are not UTF-8 become U+FFFD.
func Unquote(token []byte) string {
	if !IsString(token) {
		return ""
	}
	body := token[1 : len(token)-1]
	if bytes.IndexByte(body, '\\') < 0 && utf8.Valid(body) {
		return string(body)
	}
	return clean(appendUnquoted(make([]byte, 0, len(body)), body))
}

// Text decodes a string, or a list of strings put together, as nbformat writes
// texts of several lines; ok is false for every other value.
func Text(raw []byte) (text string, ok bool) {
	raw = bytes.Trim(raw, " \t\r\n")
	if IsString(raw) {
		return Unquote(raw), true
	}
	if len(raw) < 2 || raw[0] != '[' {
		return "", false
	}
	out := make([]byte, 0, len(raw))
	ok = true
	Elements(raw, func(value []byte) {
		if ok = ok && IsString(value); ok {
			out = appendUnquoted(out, value[1:len(value)-1])
		}
	})
	return clean(out), ok
}

// clean makes a string of out, with U+FFFD for what is not UTF-8.
func clean(out []byte) string { return strings.ToValidUTF8(string(out), "\uFFFD") }

// appendUnquoted decodes what stands between the quotes of a string.
func appendUnquoted(dst, body []byte) []byte {
	for {
		i := bytes.IndexByte(body, '\\')
		if i < 0 {
			return append(dst, body...)
		}
		dst = append(dst, body[:i]...)
		r, n := unescape(body[i:])
		dst = utf8.AppendRune(dst, r) // a surrogate becomes U+FFFD
		body = body[i+n:]
	}
}

// unescape decodes one escape, or a surrogate pair of two; n is its length. A
// lone surrogate is returned as it is.
func unescape(d []byte) (r rune, n int) {
	if len(d) < 2 {
		return utf8.RuneError, len(d)
	}
	switch d[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(d[2:])
		if !ok {
			return utf8.RuneError, 2
		}
		if utf16.IsSurrogate(r) && len(d) >= 12 && d[6] == '\\' && d[7] == 'u' {
			if low, ok := hex4(d[8:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return pair, 12
				}
			}
		}
		return r, 6
	}
	return rune(d[1]), 2
}

// AppendQuote appends s as a string token the way Python's json does: with
// everything above U+007F escaped when ascii is set (ensure_ascii), as UTF-8 when
// not. Bytes that are not UTF-8 become U+FFFD.
func AppendQuote(dst []byte, s string, ascii bool) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain(c) {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
			if !ascii && (r != utf8.RuneError || n > 1) {
				i += n
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		dst = appendRune(dst, r, ascii)
		i += n
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// plain characters stand for themselves in every style.
func plain(c byte) bool { return c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' }

func appendRune(dst []byte, r rune, ascii bool) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	switch {
	case r < ' ' || utf16.IsSurrogate(r) || ascii && r >= utf8.RuneSelf && r < 0x10000:
		return appendUnicode(dst, r)
	case ascii && r >= 0x10000:
		high, low := utf16.EncodeRune(r)
		return appendUnicode(appendUnicode(dst, high), low)
	}
	return utf8.AppendRune(dst, r)
}

func appendUnicode(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// appendRequote appends a string token in the escapes that Python would choose.
// Unlike Unquote it loses nothing: lone surrogates stay escaped, and bytes that
// are not UTF-8 stay as they are.
func appendRequote(dst, token []byte, ascii bool) []byte {
	dst = append(dst, '"')
	for d := token[1 : len(token)-1]; len(d) > 0; {
		switch c := d[0]; {
		case c == '\\':
			r, n := unescape(d)
			dst = appendRune(dst, r, ascii)
			d = d[n:]
		case ascii && c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(d)
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, c)
			} else {
				dst = appendRune(dst, r, true)
			}
			d = d[n:]
		default:
			n := 1
			for n < len(d) && d[n] != '\\' && (!ascii || d[n] < utf8.RuneSelf) {
				n++
			}
			dst = append(dst, d[:n]...)
			d = d[n:]
		}
	}
	return append(dst, '"')
}

// SplitLines cuts s after every line end that Python's str.splitlines(True)
// knows. nbformat cuts sources and texts so; the parts joined give s again.
func SplitLines(s string) []string {
	var lines []string
	start := 0
	for i := 0; i < len(s); {
		n := lineEnd(s[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		lines = append(lines, s[start:i])
		start = i
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

// lineEnd is the length of the line end that s starts with, or 0.
func lineEnd(s string) int {
	switch s[0] {
	case '\r':
		if len(s) > 1 && s[1] == '\n' {
			return 2
		}
		return 1
	case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
		return 1
	case 0xc2: // U+0085
		if len(s) > 1 && s[1] == 0x85 {
			return 2
		}
	case 0xe2: // U+2028, U+2029
		if len(s) > 2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9) {
			return 3
		}
	}
	return 0
}
