// Package rawjson reads and edits JSON text without ever turning it into values:
// what is not edited keeps its bytes. It accepts what Python's json module
// accepts and writes (NaN, Infinity, huge numbers, lone surrogates), and also
// bytes that are not UTF-8 inside strings. It knows nothing of notebooks.
//
// Scanning never recurses, so the depth of hostile text costs no stack.
package rawjson

import (
	"encoding/binary"
	"math/bits"
)

// SyntaxError says what is wrong with JSON text and at which byte.
type SyntaxError struct {
	Offset int    // bytes from the start of the scanned text
	Msg    string // a clause such as "a comma is missing"
}

func (e *SyntaxError) Error() string { return e.Msg }

// Scanner finds where values end, checking them on the way. It may be reused for
// other parts of the same text, by one goroutine at a time.
type Scanner struct {
	data  []byte
	stack []byte // '{' or '[' for each container that is open
}

// NewScanner scans data, which must not change meanwhile.
func NewScanner(data []byte) *Scanner { return &Scanner{data: data} }

// Space returns the offset of the first byte at or after i that is not white space.
func (s *Scanner) Space(i int) int {
	d := s.data
	for i < len(d) && (d[i] == ' ' || d[i] == '\n' || d[i] == '\r' || d[i] == '\t') {
		i++
	}
	return i
}

// Value returns the offset just after the value that starts at i.
func (s *Scanner) Value(i int) (int, error) {
	if i >= len(s.data) {
		return i, ended(i)
	}
	switch s.data[i] {
	case '"':
		return s.String(i)
	case '{', '[':
		return s.container(i)
	}
	return s.scalar(i)
}

// container walks an object or a list with a stack of its own.
func (s *Scanner) container(i int) (int, error) {
	d, err := s.data, error(nil)
	s.stack = s.stack[:0]
	for {
		if i >= len(d) {
			return i, ended(i)
		}
		switch c := d[i]; c {
		case '{', '[':
			i = s.Space(i + 1)
			if i < len(d) && d[i] == c+2 { // "}" and "]" are two above their openers
				i++
				break
			}
			s.stack = append(s.stack, c)
			if c == '{' {
				if _, i, err = s.key(i); err != nil {
					return i, err
				}
			}
			continue
		case '"':
			i, err = s.String(i)
		default:
			i, err = s.scalar(i)
		}
		if err != nil {
			return i, err
		}
		if i, err = s.close(i); err != nil || len(s.stack) == 0 {
			return i, err
		}
	}
}

// close goes on after a value: over the ends of containers and one comma, to the
// start of the next value. The stack is empty when the outermost value ended.
func (s *Scanner) close(i int) (int, error) {
	d := s.data
	for len(s.stack) > 0 {
		i = s.Space(i)
		if i >= len(d) {
			return i, ended(i)
		}
		top := s.stack[len(s.stack)-1]
		switch d[i] {
		case ',':
			i = s.Space(i + 1)
			if top == '[' {
				return i, nil
			}
			_, i, err := s.key(i)
			return i, err
		case top + 2:
			s.stack = s.stack[:len(s.stack)-1]
			i++
		default:
			return i, unclosed(i, top)
		}
	}
	return i, nil
}

// key reads `"name" :` and returns where the name ends and where the value starts.
func (s *Scanner) key(i int) (end, value int, err error) {
	if i >= len(s.data) {
		return i, i, ended(i)
	}
	if s.data[i] != '"' {
		return i, i, &SyntaxError{i, "a key in double quotes was expected"}
	}
	if end, err = s.String(i); err != nil {
		return end, end, err
	}
	i = s.Space(end)
	if i >= len(s.data) {
		return end, i, ended(i)
	}
	if s.data[i] != ':' {
		return end, i, &SyntaxError{i, "a colon is missing after the key"}
	}
	return end, s.Space(i + 1), nil
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// String returns the offset just after the string whose opening quote is at i.
func (s *Scanner) String(i int) (int, error) {
	d := s.data
	i++
	for {
		// Eight bytes at a time: the lowest marked byte is a quote, a backslash or
		// a control character. Marks above it may be false, which is why only the
		// lowest is looked at.
		for i+8 <= len(d) {
			w := binary.LittleEndian.Uint64(d[i:])
			q, b := w^(ones*'"'), w^(ones*'\\')
			hit := ((q-ones)&^q | (b-ones)&^b | (w-ones*' ')&^w) & highs
			if hit != 0 {
				i += bits.TrailingZeros64(hit) / 8
				break
			}
			i += 8
		}
		if i >= len(d) {
			return i, &SyntaxError{i, "the text ends inside a string"}
		}
		switch c := d[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			n, err := s.escape(i)
			if err != nil {
				return i, err
			}
			i += n
		case c < ' ':
			return i, &SyntaxError{i, controlMsg(c)}
		default:
			i++
		}
	}
}

func controlMsg(c byte) string {
	if c == '\n' || c == '\r' {
		return "the line ends inside a string"
	}
	return "a control character stands inside a string"
}

// escape returns the length of the escape at i.
func (s *Scanner) escape(i int) (int, error) {
	d := s.data
	if i+1 >= len(d) {
		return 0, &SyntaxError{len(d), "the text ends inside a string"}
	}
	switch d[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
		if _, ok := hex4(d[i+2:]); ok {
			return 6, nil
		}
		return 0, &SyntaxError{i, `\u needs four hexadecimal digits`}
	}
	return 0, &SyntaxError{i, "an escape is not one that JSON has"}
}

// hex4 reads four hexadecimal digits.
func hex4(d []byte) (rune, bool) {
	if len(d) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range d[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// scalar reads a number or one of the bare words.
func (s *Scanner) scalar(i int) (int, error) {
	d := s.data
	for _, word := range [...]string{"null", "true", "false", "NaN", "Infinity", "-Infinity"} {
		if d[i] == word[0] && len(d)-i >= len(word) && string(d[i:i+len(word)]) == word {
			return i + len(word), nil
		}
	}
	if d[i] == '-' || digit(d, i) {
		return number(d, i)
	}
	return i, &SyntaxError{i, "a value was expected"}
}

func digit(d []byte, i int) bool { return i < len(d) && '0' <= d[i] && d[i] <= '9' }

func digits(d []byte, i int) int {
	for digit(d, i) {
		i++
	}
	return i
}

func number(d []byte, i int) (int, error) {
	start := i
	if d[i] == '-' {
		i++
	}
	switch {
	case !digit(d, i):
		return start, &SyntaxError{start, "a value was expected"}
	case d[i] == '0':
		i++
	default:
		i = digits(d, i)
	}
	if i < len(d) && d[i] == '.' && digit(d, i+1) {
		i = digits(d, i+1)
	}
	if i < len(d) && (d[i] == 'e' || d[i] == 'E') {
		j := i + 1
		if j < len(d) && (d[j] == '+' || d[j] == '-') {
			j++
		}
		if digit(d, j) {
			i = digits(d, j)
		}
	}
	return i, nil
}

func ended(i int) error { return &SyntaxError{i, "the text ends too early"} }

func unclosed(i int, opener byte) error {
	if opener == '{' {
		return &SyntaxError{i, "a comma or } was expected"}
	}
	return &SyntaxError{i, "a comma or ] was expected"}
}
