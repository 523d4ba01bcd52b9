package params

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Pair is a NAME with the text of its value, as `-p NAME TEXT` gives it.
type Pair struct{ Name, Text string }

// Args is how parameters are given on papermill's command line. However they are
// mixed there, one field wins over those before it.
type Args struct {
	InputPath  string   // PAPERMILL_INPUT_PATH, as it was typed; "" is none
	OutputPath string   // PAPERMILL_OUTPUT_PATH
	Base64     []string // -b: YAML in base64
	Files      []string // -f: names of YAML or JSON files, for Read
	YAML       []string // -y
	Typed      []Pair   // -p: True, False, None, numbers, else text
	Raw        []Pair   // -r: text
	// Read returns the content of one of Files.
	Read func(name string) ([]byte, error)
}

// ParseArgs reads parameters in papermill's order of precedence. Errors name the
// option and wrap ErrSyntax, or what Read returned.
func ParseArgs(a Args) (*Set, error) {
	s := &Set{}
	if a.InputPath != "" {
		s.Put("PAPERMILL_INPUT_PATH", a.InputPath)
	}
	if a.OutputPath != "" {
		s.Put("PAPERMILL_OUTPUT_PATH", a.OutputPath)
	}
	for _, text := range a.Base64 {
		data, err := decodeBase64(text)
		if err != nil {
			return nil, fmt.Errorf("read -b %s: %w", brief(text), err)
		}
		if err := s.mergeYAML(data); err != nil {
			return nil, fmt.Errorf("read -b %s: %w", brief(text), err)
		}
	}
	for _, name := range a.Files {
		data, err := a.Read(name)
		if err != nil {
			return nil, fmt.Errorf("read the parameters of -f %s: %w", name, err)
		}
		if err := s.mergeYAML(data); err != nil {
			return nil, fmt.Errorf("read the parameters of -f %s: %w", name, err)
		}
	}
	for _, text := range a.YAML {
		if err := s.mergeYAML([]byte(text)); err != nil {
			return nil, fmt.Errorf("read -y %s: %w", brief(text), err)
		}
	}
	for _, p := range a.Typed {
		s.Put(p.Name, Resolve(p.Text))
	}
	for _, p := range a.Raw {
		s.Put(p.Name, p.Text)
	}
	return s, nil
}

// mergeYAML takes a mapping over. What Python holds to be false gives no parameters.
func (s *Set) mergeYAML(data []byte) error {
	v, err := ParseYAML(data)
	if err != nil {
		return err
	}
	if !truth(v) {
		return nil
	}
	o, ok := v.(*Object)
	if !ok {
		return fmt.Errorf("%w: parameters are a mapping such as {name: value}, not %s", ErrSyntax, brief(Repr(v)))
	}
	s.merge(o)
	return nil
}

// truth is Python's bool().
func truth(v Value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []Value:
		return len(v) > 0
	case *Object:
		return v.Len() > 0
	}
	n, ok := numeric(v)
	return !ok || n != 0
}

// decodeBase64 drops what is not of the alphabet, as Python's decoder does.
func decodeBase64(text string) ([]byte, error) {
	text = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '+' || r == '/' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
			return r
		}
		return -1
	}, text)
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not base64", ErrSyntax)
	}
	return data, nil
}

// brief is the beginning of a text, for errors.
func brief(s string) string {
	const most = 40
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}
