package params

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// language is how parameters are written in one language. Functions get what is
// already written in it.
type language struct {
	name    string
	comment func(text string) string
	assign  func(name, value string) string
	null    string // "" with noNull is an error
	noNull  bool
	yes, no string
	// float writes what is no finite number; nil is Python's nan and inf, which most
	// languages do not know.
	float func(f float64) string
	long  bool // whole numbers beyond 32 bits end in L
	text  func(s string) string
	// misread tells whether the language reads text(s) as something else; nil is never.
	misread func(s string) bool
	list    func(items []string) string
	// dict gets the keys as text and the values written; nil is an error.
	dict func(keys, values []string) string
}

// languageOf finds the language by the kernel's name, then by the language's, then by
// other names that kernels use for it; nil is none.
func languageOf(kernel, lang string) *language {
	for _, name := range []string{kernel, lang, aliases[strings.ToLower(kernel)], aliases[strings.ToLower(lang)]} {
		if l := languages(name); l != nil {
			return l
		}
	}
	return nil
}

// aliases are names that papermill does not know.
var aliases = map[string]string{
	"octave": "matlab", "r": "R", "ir": "R", "ipython": "python", "python3": "python", "python2": "python",
	"c#": ".net-csharp", "csharp": ".net-csharp", "f#": ".net-fsharp", "fsharp": ".net-fsharp",
	"powershell": ".net-powershell", "pwsh": ".net-powershell",
	"sh": "bash", "shell": "bash", "zsh": "bash",
}

// languages is papermill's table; nil is a name that it does not hold.
func languages(name string) *language {
	switch name {
	case "python", "pysparkkernel":
		return python()
	case "R", "sparkrkernel":
		return rLanguage()
	case "scala", "sparkkernel":
		return scala()
	case "julia":
		return julia()
	case "matlab":
		return matlab()
	case ".net-csharp":
		return csharp()
	case ".net-fsharp":
		return fsharp()
	case ".net-powershell":
		return powershell()
	case "bash":
		return bash()
	}
	return nil
}

// Translate writes one value in the language of a kernel, by the kernel's name or else
// its language. The error is ErrLanguage.
func Translate(kernel, lang string, v Value) (string, error) {
	l := languageOf(kernel, lang)
	if l == nil {
		return "", unknownLanguage(kernel, lang)
	}
	return l.write(v)
}

func unknownLanguage(kernel, lang string) error {
	return fmt.Errorf("%w: kernel %q, language %q", ErrLanguage, kernel, lang)
}

// Code is the source of a cell that gives all parameters of s their values, under a
// comment. The error is ErrLanguage.
func Code(kernel, lang, comment string, s *Set) (string, error) {
	l := languageOf(kernel, lang)
	if l == nil {
		return "", unknownLanguage(kernel, lang)
	}
	var b strings.Builder
	b.WriteString(l.comment(comment) + "\n")
	for _, name := range s.Names() {
		v, _ := s.Get(name)
		text, err := l.write(v)
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", name, err)
		}
		b.WriteString(l.assign(name, text) + "\n")
	}
	return b.String(), nil
}

func (l *language) write(v Value) (string, error) {
	switch v := v.(type) {
	case nil:
		if l.noNull {
			return "", fmt.Errorf("%w: %s has no word for null", ErrLanguage, l.name)
		}
		return l.null, nil
	case string:
		return l.text(v), nil
	case bool:
		if v {
			return l.yes, nil
		}
		return l.no, nil
	case int64:
		return l.whole(big.NewInt(v)), nil
	case *big.Int:
		return l.whole(v), nil
	case float64:
		if l.float != nil && (math.IsInf(v, 0) || math.IsNaN(v)) {
			return l.float(v), nil
		}
		return FloatRepr(v), nil
	case []Value:
		items := make([]string, len(v))
		for i, kid := range v {
			text, err := l.write(kid)
			if err != nil {
				return "", err
			}
			items[i] = text
		}
		return l.list(items), nil
	case *Object:
		return l.object(v)
	}
	return l.text(Str(v)), nil
}

func (l *language) object(o *Object) (string, error) {
	if l.dict == nil {
		return "", fmt.Errorf("%w: %s has no value for a mapping", ErrLanguage, l.name)
	}
	keys, values := make([]string, o.Len()), make([]string, o.Len())
	for i, e := range o.Entries() {
		text, err := l.write(e.Value)
		if err != nil {
			return "", err
		}
		// Papermill escapes only keys that are text; the others hold nothing to escape.
		keys[i], values[i] = Str(e.Key), text
	}
	return l.dict(keys, values), nil
}

func (l *language) whole(n *big.Int) string {
	if l.long && !(n.IsInt64() && n.Int64() == int64(int32(n.Int64()))) {
		return n.String() + "L"
	}
	return n.String()
}

// odd says what the language makes of v other than what it is, although papermill
// writes it so: nan and inf where they are no words, escapes that it reads otherwise.
// It is a clause such as "has no word for nan"; "" is all well.
func (l *language) odd(v Value) string {
	switch v := v.(type) {
	case float64:
		if l.float == nil && finite(v) != v {
			return "has no word for " + FloatRepr(v)
		}
	case string:
		if l.misread != nil && l.misread(v) {
			return "does not read " + brief(l.text(v)) + " as the text that was given"
		}
	case []Value:
		for _, kid := range v {
			if s := l.odd(kid); s != "" {
				return s
			}
		}
	case *Object:
		for _, e := range v.Entries() {
			if s := l.odd(e.Value); s != "" {
				return s
			}
		}
	}
	return ""
}
