package wire

import (
	"bytes"
	"errors"
	"fmt"
)

// maxDepth of nested arrays and objects, the limit of encoding/json.
const maxDepth = 10_000

var errDepth = errors.New("nested too deep")

// tidy makes sure that raw is one JSON value, so that whoever stores or decodes a
// message later cannot fail over it. NaN, Infinity and -Infinity, which Python
// writes and JSON lacks, become null; anything else gives raw itself, not a copy.
// Most of a large message is one string, so strings are what it is fast at.
func tidy(raw []byte) ([]byte, error) {
	t := tidier{in: raw}
	t.space()
	if err := t.value(0); err != nil {
		return nil, err
	}
	t.space()
	if t.at != len(raw) {
		return nil, t.fault()
	}
	if t.out == nil {
		return raw, nil
	}
	return append(t.out, raw[t.kept:]...), nil
}

type tidier struct {
	in   []byte
	at   int    // next byte to read
	out  []byte // nil until something had to be replaced
	kept int    // in[:kept] is already in out
}

func (t *tidier) fault() error {
	if t.at >= len(t.in) {
		return errors.New("JSON ends too soon")
	}
	return fmt.Errorf("unexpected %q at byte %d of JSON", t.in[t.at], t.at)
}

func (t *tidier) space() {
	for t.at < len(t.in) {
		switch t.in[t.at] {
		case ' ', '\t', '\n', '\r':
			t.at++
		default:
			return
		}
	}
}

// peek is 0 at the end, which no JSON token starts with.
func (t *tidier) peek() byte {
	if t.at >= len(t.in) {
		return 0
	}
	return t.in[t.at]
}

func (t *tidier) value(depth int) error {
	switch c := t.peek(); {
	case c == '"':
		return t.str()
	case c == '{' || c == '[':
		if depth >= maxDepth {
			return errDepth
		}
		return t.container(c, depth+1)
	case c == '-' && t.at+1 < len(t.in) && t.in[t.at+1] == 'I':
		return t.word("-Infinity", true)
	case c == '-' || '0' <= c && c <= '9':
		return t.number()
	case c == 't':
		return t.word("true", false)
	case c == 'f':
		return t.word("false", false)
	case c == 'n':
		return t.word("null", false)
	case c == 'N':
		return t.word("NaN", true)
	case c == 'I':
		return t.word("Infinity", true)
	}
	return t.fault()
}

// container reads an object or an array.
func (t *tidier) container(open byte, depth int) error {
	closing := byte(']')
	if open == '{' {
		closing = '}'
	}
	t.at++
	t.space()
	if t.peek() == closing {
		t.at++
		return nil
	}
	for {
		if open == '{' {
			if err := t.key(); err != nil {
				return err
			}
		}
		t.space()
		if err := t.value(depth); err != nil {
			return err
		}
		t.space()
		switch t.peek() {
		case ',':
			t.at++
			t.space()
		case closing:
			t.at++
			return nil
		default:
			return t.fault()
		}
	}
}

// key reads a member's name and the colon after it.
func (t *tidier) key() error {
	if t.peek() != '"' {
		return t.fault()
	}
	if err := t.str(); err != nil {
		return err
	}
	t.space()
	if t.peek() != ':' {
		return t.fault()
	}
	t.at++
	return nil
}

func (t *tidier) str() error {
	t.at++
	for {
		rest := t.in[t.at:]
		n := 0
		for n < len(rest) && rest[n] != '"' && rest[n] != '\\' && rest[n] >= ' ' {
			n++ // on its own, not t.at: the compiler keeps it in a register
		}
		t.at += n
		switch t.peek() {
		case '"':
			t.at++
			return nil
		case '\\':
			if err := t.escape(); err != nil {
				return err
			}
		default:
			return t.fault()
		}
	}
}

func (t *tidier) escape() error {
	t.at++
	c := t.peek()
	if c == 'u' {
		for range 4 {
			t.at++
			if !bytes.ContainsRune([]byte("0123456789abcdefABCDEF"), rune(t.peek())) {
				return t.fault()
			}
		}
	} else if bytes.IndexByte([]byte(`"\/bfnrt`), c) < 0 {
		return t.fault()
	}
	t.at++
	return nil
}

func (t *tidier) number() error {
	if t.peek() == '-' {
		t.at++
	}
	if t.peek() == '0' {
		t.at++
	} else if err := t.digits(); err != nil {
		return err
	}
	if t.peek() == '.' {
		t.at++
		if err := t.digits(); err != nil {
			return err
		}
	}
	if c := t.peek(); c == 'e' || c == 'E' {
		t.at++
		if c := t.peek(); c == '+' || c == '-' {
			t.at++
		}
		return t.digits()
	}
	return nil
}

// digits reads one or more.
func (t *tidier) digits() error {
	from := t.at
	for c := t.peek(); '0' <= c && c <= '9'; c = t.peek() {
		t.at++
	}
	if t.at == from {
		return t.fault()
	}
	return nil
}

// word reads a literal and puts null in its place where JSON does not know it.
func (t *tidier) word(w string, replace bool) error {
	from := t.at
	for i := range len(w) {
		if t.peek() != w[i] {
			return t.fault()
		}
		t.at++
	}
	if replace {
		t.out = append(append(t.out, t.in[t.kept:from]...), "null"...)
		t.kept = t.at
	}
	return nil
}
