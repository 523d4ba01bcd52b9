package params

import (
	"fmt"
	"strings"
	"time"
)

// Builtins are what a path may name beside the parameters, as pm[...].
type Builtins struct {
	RunUUID string
	// Now is when the run began, in the zone of the person who runs it.
	Now time.Time
}

// Moment is a Python datetime; Naive has no zone.
type moment struct {
	time.Time
	naive bool
}

// Path fills a template in by the rules of Python's str.format: the parameters, and
// pm[run_uuid], pm[current_datetime_local], pm[current_datetime_utc] unless a parameter
// is called pm. The error is ErrMissing or ErrSyntax.
func Path(template string, s *Set, b Builtins) (string, error) {
	pm := NewObject(
		Entry{"run_uuid", b.RunUUID},
		Entry{"current_datetime_local", moment{b.Now, true}},
		Entry{"current_datetime_utc", moment{b.Now.UTC(), false}},
	)
	values := NewObject(Entry{"pm", pm})
	for _, name := range s.Names() {
		v, _ := s.Get(name)
		values.Put(name, v)
	}
	out, err := format(template, values, 0)
	if err != nil {
		return "", fmt.Errorf("fill in %q: %w", template, err)
	}
	return out, nil
}

// format is str.format(**values). As in Python a specification may hold fields, whose
// own may not.
func format(template string, values *Object, depth int) (string, error) {
	if depth > 1 {
		return "", fmt.Errorf("%w: fields are nested too deep", ErrSyntax)
	}
	var b strings.Builder
	for i := 0; i < len(template); {
		switch c := template[i]; {
		case c != '{' && c != '}':
			b.WriteByte(c)
			i++
		case strings.HasPrefix(template[i+1:], string(c)) && depth == 0:
			b.WriteByte(c)
			i += 2
		case c == '}':
			return "", fmt.Errorf("%w: a } stands alone; write }} for the character", ErrSyntax)
		default:
			end := closing(template, i)
			if end < 0 {
				return "", fmt.Errorf("%w: a { is not closed; write {{ for the character", ErrSyntax)
			}
			text, err := field(template[i+1:end], values, depth)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i = end + 1
		}
	}
	return b.String(), nil
}

// closing finds the brace that ends the field at open, or -1. In square brackets
// braces are part of a key.
func closing(s string, open int) int {
	depth, inKey := 0, false
	for i := open; i < len(s); i++ {
		switch c := s[i]; {
		case inKey:
			inKey = c != ']'
		case c == '[':
			inKey = depth == 1
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// field writes NAME, NAME[KEY], NAME.ATTRIBUTE with an optional !r and :SPECIFICATION.
func field(text string, values *Object, depth int) (string, error) {
	name, conversion, spec, err := cutField(text)
	if err != nil {
		return "", err
	}
	v, err := lookup(name, values)
	if err != nil {
		return "", err
	}
	switch conversion {
	case "":
	case "s":
		v = textOf(v)
	case "r":
		v = reprOf(v)
	case "a":
		v = asciiRepr(reprOf(v))
	default:
		return "", fmt.Errorf("%w: {%s}: !%s is no conversion, only !s, !r and !a are", ErrSyntax, text, conversion)
	}
	if strings.ContainsAny(spec, "{}") {
		if spec, err = format(spec, values, depth+1); err != nil {
			return "", err
		}
	}
	out, err := formatValue(v, spec)
	if err != nil {
		return "", fmt.Errorf("%w: {%s}: %w", ErrSyntax, text, err)
	}
	return out, nil
}

func cutField(text string) (name, conversion, spec string, err error) {
	inKey := false
	for i := range len(text) {
		switch c := text[i]; {
		case inKey:
			inKey = c != ']'
		case c == '[':
			inKey = true
		case c == ':':
			return text[:i], "", text[i+1:], nil
		case c == '!':
			conversion, spec, _ = strings.Cut(text[i+1:], ":")
			if conversion == "" {
				return "", "", "", fmt.Errorf("%w: {%s}: there is no conversion behind the !, such as r", ErrSyntax, text)
			}
			return text[:i], conversion, spec, nil
		}
	}
	return text, "", "", nil
}

// lookup follows a name such as pm[run_uuid] or when.year.
func lookup(name string, values *Object) (Value, error) {
	first := strings.IndexAny(name, "[.")
	if first < 0 {
		first = len(name)
	}
	base, rest := name[:first], name[first:]
	if _, numbered := ParseInt(base); base == "" || numbered {
		return nil, fmt.Errorf("%w: {%s} names no parameter; write {name}", ErrSyntax, name)
	}
	v, ok := values.Get(base)
	if !ok {
		return nil, fmt.Errorf("%w '%s'", ErrMissing, base)
	}
	for rest != "" {
		var err error
		if rest[0] == '[' {
			end := strings.IndexByte(rest, ']')
			if end < 2 {
				return nil, fmt.Errorf("%w: {%s}: a [ is not closed, or holds nothing", ErrSyntax, name)
			}
			v, err = element(v, rest[1:end])
			rest = rest[end+1:]
			if err == nil && rest != "" && rest[0] != '[' && rest[0] != '.' {
				err = fmt.Errorf("%w: only . or [ may follow a ]", ErrSyntax)
			}
		} else {
			end := strings.IndexAny(rest[1:], "[.")
			if end < 0 {
				end = len(rest) - 1
			}
			v, err = attribute(v, rest[1:end+1])
			rest = rest[end+1:]
		}
		if err != nil {
			return nil, fmt.Errorf("{%s}: %w", name, err)
		}
	}
	return v, nil
}

// element is v[key], where digits are a number as in Python.
func element(v Value, key string) (Value, error) {
	var k Value = key
	digits := strings.Trim(key, "0123456789") == ""
	if digits {
		k, _ = ParseInt(key)
	}
	switch v := v.(type) {
	case *Object:
		if out, ok := v.Get(k); ok {
			return out, nil
		}
		return nil, fmt.Errorf("%w '%s'", ErrMissing, key)
	case []Value:
		if i, ok := k.(int64); ok && i < int64(len(v)) {
			return v[i], nil
		}
		return nil, fmt.Errorf("%w: a list of %d has no element %s", ErrSyntax, len(v), key)
	case string:
		runes := []rune(v)
		if i, ok := k.(int64); ok && i < int64(len(runes)) {
			return string(runes[i]), nil
		}
	}
	return nil, fmt.Errorf("%w: %s has no element %s", ErrSyntax, brief(Repr(v)), key)
}

// attribute is v.name, for the attributes that make sense in a path.
func attribute(v Value, name string) (Value, error) {
	if t, ok := v.(moment); ok {
		switch name {
		case "year":
			return int64(t.Year()), nil
		case "month":
			return int64(t.Month()), nil
		case "day":
			return int64(t.Day()), nil
		case "hour":
			return int64(t.Hour()), nil
		case "minute":
			return int64(t.Minute()), nil
		case "second":
			return int64(t.Second()), nil
		case "microsecond":
			return int64(t.Nanosecond() / 1000), nil
		}
	}
	if _, ok := numeric(v); ok && (name == "real" || name == "numerator") {
		return v, nil
	}
	return nil, fmt.Errorf("%w: %s has no attribute %s", ErrSyntax, brief(textOf(v)), name)
}

func textOf(v Value) string {
	if t, ok := v.(moment); ok {
		return t.String()
	}
	return Str(v)
}

func reprOf(v Value) string {
	if t, ok := v.(moment); ok {
		return t.repr()
	}
	return Repr(v)
}

// asciiRepr escapes what is not ASCII in a repr.
func asciiRepr(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			b.WriteString(escapeRune(r))
		}
	}
	return b.String()
}
