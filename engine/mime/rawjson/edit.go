package rawjson

import "fmt"

// Object is an object cut into its members, each with all of its bytes, so that
// a change of one leaves the others as they were.
type Object struct {
	members []member
	gaps    []Gap  // one for each member
	inner   []byte // white space between the braces of an empty object
}

type member struct {
	key   []byte // the token
	mid   []byte // colon and the white space around it
	value []byte
}

// ParseObject cuts the object raw, which must be all of the text.
func ParseObject(raw []byte) (*Object, error) {
	s := NewScanner(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return nil, fmt.Errorf("an object was expected")
	}
	o := &Object{}
	from := 1 // where the gap before the next key starts
	end, err := s.Object(0, func(key []byte, at int) (int, error) {
		start := s.Space(from)
		end, err := s.Value(at)
		if err != nil {
			return end, err
		}
		o.members = append(o.members, member{key: key, mid: raw[start+len(key) : at], value: raw[at:end]})
		comma := s.Space(end)
		o.gaps = append(o.gaps, Gap{Before: raw[from:start], After: raw[end:comma]})
		from = comma + 1
		return comma, nil
	})
	if err != nil {
		return nil, err
	}
	if len(o.members) == 0 {
		o.inner = raw[1 : end-1]
	}
	return o, nil
}

// find returns the position of the last member of that name, or -1.
func (o *Object) find(name string) int {
	for i := len(o.members) - 1; i >= 0; i-- {
		if Unquote(o.members[i].key) == name {
			return i
		}
	}
	return -1
}

// Get returns the value of a member; of duplicates the last.
func (o *Object) Get(name string) ([]byte, bool) {
	i := o.find(name)
	if i < 0 {
		return nil, false
	}
	return o.members[i].value, true
}

// Layout says how a value in this object should be written: its style and the
// indentation of the line it starts on. st and indent are those of the object,
// and count where it does not show its own.
func (o *Object) Layout(st Style, indent string) (Style, string) {
	if len(o.gaps) == 0 {
		if st.Newline == "" {
			return st, ""
		}
		return st, indent + st.Unit
	}
	in, pretty := indentOf(o.gaps[0].Before)
	if !pretty {
		return st.OneLine(), ""
	}
	if st.Newline == "" {
		st.Newline = "\n"
	}
	return st, in
}

// Set gives a member a value, in place when it is there. A new one goes before
// the first whose name sorts after it, where json.dumps(sort_keys=True) puts it.
// st and indent are as for Layout.
func (o *Object) Set(name string, value []byte, st Style, indent string) {
	if i := o.find(name); i >= 0 {
		o.members[i].value = value
		return
	}
	at := 0
	for at < len(o.members) && Unquote(o.members[at].key) < name {
		at++
	}
	mid := []byte(st.Colon)
	if len(o.members) > 0 {
		mid = o.members[max(at-1, 0)].mid
	}
	o.gaps = InsertGaps(o.gaps, at, 1, st, indent)
	o.members = append(o.members, member{})
	copy(o.members[at+1:], o.members[at:])
	o.members[at] = member{key: AppendQuote(nil, name, st.ASCII), mid: mid, value: value}
}

// Delete takes all members of that name out; what becomes first or last takes over
// the white space of what was.
func (o *Object) Delete(name string) {
	var members []member
	var gaps []Gap
	for i, m := range o.members {
		if Unquote(m.key) != name {
			members, gaps = append(members, m), append(gaps, o.gaps[i])
		}
	}
	if len(members) > 0 {
		gaps[0].Before = o.gaps[0].Before
		gaps[len(gaps)-1].After = o.gaps[len(o.gaps)-1].After
	}
	o.members, o.gaps = members, gaps
}

// Append writes the object.
func (o *Object) Append(dst []byte) []byte {
	dst = append(dst, '{')
	if len(o.members) == 0 {
		dst = append(dst, o.inner...)
	}
	for i, m := range o.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, o.gaps[i].Before...)
		dst = append(dst, m.key...)
		dst = append(dst, m.mid...)
		dst = append(dst, m.value...)
		dst = append(dst, o.gaps[i].After...)
	}
	return append(dst, '}')
}

// SetPath gives the value at the end of a path inside the object raw, making
// objects on the way where there are none; a nil value deletes. value is laid out
// anew in st. What is not an object on the way is replaced by one.
func SetPath(raw, value []byte, st Style, indent string, path ...string) []byte {
	if len(path) == 0 {
		return Format(value, st, indent)
	}
	o, err := ParseObject(raw)
	if err != nil {
		o = &Object{}
		if value == nil {
			return raw
		}
	}
	old, had := o.Get(path[0])
	switch {
	case value == nil && !had:
		return raw
	case value == nil && len(path) == 1:
		o.Delete(path[0])
	default:
		inner, in := o.Layout(st, indent)
		o.Set(path[0], SetPath(old, value, inner, in, path[1:]...), st, indent)
	}
	return o.Append(nil)
}
