package rawjson

// Visit is called with the raw key (quotes and escapes included; nil in a list)
// and the offset where a value starts. It returns where the value ends, as
// Scanner.Value does.
type Visit func(key []byte, at int) (end int, err error)

// Object walks the members of the object that starts at i, in their order, and
// returns the offset after it.
func (s *Scanner) Object(i int, visit Visit) (int, error) {
	d := s.data
	i = s.Space(i + 1)
	if i < len(d) && d[i] == '}' {
		return i + 1, nil
	}
	for {
		start := i
		end, at, err := s.key(i)
		if err != nil {
			return at, err
		}
		if i, err = visit(d[start:end], at); err != nil {
			return i, err
		}
		i = s.Space(i)
		switch {
		case i >= len(d):
			return i, ended(i)
		case d[i] == '}':
			return i + 1, nil
		case d[i] != ',':
			return i, unclosed(i, '{')
		}
		i = s.Space(i + 1)
	}
}

// Array walks the elements of the list that starts at i and returns the offset
// after it.
func (s *Scanner) Array(i int, visit Visit) (int, error) {
	d := s.data
	i = s.Space(i + 1)
	if i < len(d) && d[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = visit(nil, i); err != nil {
			return i, err
		}
		i = s.Space(i)
		switch {
		case i >= len(d):
			return i, ended(i)
		case d[i] == ']':
			return i + 1, nil
		case d[i] != ',':
			return i, unclosed(i, '[')
		}
		i = s.Space(i + 1)
	}
}

// Valid reports whether raw is one value with nothing but white space around it.
func Valid(raw []byte) bool {
	s := NewScanner(raw)
	end, err := s.Value(s.Space(0))
	return err == nil && s.Space(end) == len(raw)
}

// Members calls yield for each member of the object raw, in order, with the key
// decoded. It yields nothing when raw is no object, and stops at bad text.
func Members(raw []byte, yield func(key string, value []byte)) {
	s := NewScanner(raw)
	i := s.Space(0)
	if i >= len(raw) || raw[i] != '{' {
		return
	}
	_, _ = s.Object(i, func(key []byte, at int) (int, error) { // what came before bad text is still of use
		end, err := s.Value(at)
		if err == nil {
			yield(Unquote(key), raw[at:end])
		}
		return end, err
	})
}

// Elements calls yield for each element of the list raw, in order. It yields
// nothing when raw is no list, and stops at bad text.
func Elements(raw []byte, yield func(value []byte)) {
	s := NewScanner(raw)
	i := s.Space(0)
	if i >= len(raw) || raw[i] != '[' {
		return
	}
	_, _ = s.Array(i, func(_ []byte, at int) (int, error) { // as in Members
		end, err := s.Value(at)
		if err == nil {
			yield(raw[at:end])
		}
		return end, err
	})
}

// Get returns the value at the end of a path of keys. Of duplicate keys the last
// counts, as in Python.
func Get(raw []byte, path ...string) ([]byte, bool) {
	for _, name := range path {
		var found []byte
		Members(raw, func(key string, value []byte) {
			if key == name {
				found = value
			}
		})
		if found == nil {
			return nil, false
		}
		raw = found
	}
	return raw, true
}
