// Package params gives a notebook its parameters, as papermill does: values are read
// by Python's and YAML 1.1's rules, written into a cell in the notebook's language,
// filled into paths, and found again in the cell that is tagged "parameters".
//
// It is pure: it changes the document it is given and reads nothing else; files and
// the clock are handed in.
package params

import (
	"errors"
	"math/big"
	"strconv"
)

// Value is what a parameter may be: nil, bool, int64, *big.Int (beyond 64 bits),
// float64, string, []Value or *Object. Other types count as their text.
type Value = any

// Errors that a caller may want to tell apart.
var (
	// ErrSyntax says that a value, file or template cannot be read.
	ErrSyntax = errors.New("it cannot be read")
	// ErrMissing says that a template names a parameter that is not there.
	ErrMissing = errors.New("missing parameter")
	// ErrLanguage says that there is no way to write parameters in the kernel's language.
	ErrLanguage = errors.New("parameters cannot be written in this language")
	// ErrInvalid says that parameters do not fit the notebook.
	ErrInvalid = errors.New("the parameters do not fit the notebook")
)

// Entry is a key of an Object with its value.
type Entry struct {
	Key   Value // a scalar: nil, bool, int64, *big.Int, float64 or string
	Value Value
}

// Object is a Python dict: ordered, with scalar keys, of which 1, 1.0 and True are the same.
// The zero Object is empty.
type Object struct {
	entries []Entry
	index   map[string]int
}

// NewObject makes an object of entries; a later one of the same key gives its value.
func NewObject(entries ...Entry) *Object {
	o := &Object{}
	for _, e := range entries {
		o.Put(e.Key, e.Value)
	}
	return o
}

// Put gives a key a value. A key that is there keeps its place and its spelling.
func (o *Object) Put(key, value Value) {
	id := identity(key)
	if i, ok := o.index[id]; ok {
		o.entries[i].Value = value
		return
	}
	if o.index == nil {
		o.index = map[string]int{}
	}
	o.index[id] = len(o.entries)
	o.entries = append(o.entries, Entry{key, value})
}

// Get returns the value of a key.
func (o *Object) Get(key Value) (Value, bool) {
	if o == nil {
		return nil, false
	}
	i, ok := o.index[identity(key)]
	if !ok {
		return nil, false
	}
	return o.entries[i].Value, true
}

// Len is the number of keys.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.entries)
}

// Entries are the keys and values in order. The slice must not be changed.
func (o *Object) Entries() []Entry {
	if o == nil {
		return nil
	}
	return o.entries
}

// identity is equal for keys that Python holds to be the same.
func identity(key Value) string {
	switch k := key.(type) {
	case nil:
		return "None"
	case string:
		return "s" + k
	case bool:
		if k {
			return "n1"
		}
		return "n0"
	case int64:
		return "n" + strconv.FormatInt(k, 10)
	case *big.Int:
		return "n" + k.String()
	case float64:
		if f := new(big.Float).SetFloat64(finite(k)); finite(k) == k && f.IsInt() {
			i, _ := f.Int(nil)
			return "n" + i.String()
		}
		return "n" + FloatRepr(k)
	}
	return "?" + Str(key)
}

// Set is the parameters of one run: names with values, in the order they were first
// given. The zero Set is empty and ready.
type Set struct{ o Object }

// Put gives a parameter a value; one that is there keeps its place.
func (s *Set) Put(name string, v Value) { s.o.Put(name, v) }

// Get returns the value of a parameter. It is fine on a nil Set.
func (s *Set) Get(name string) (Value, bool) {
	if s == nil {
		return nil, false
	}
	return s.o.Get(name)
}

// Names are the parameters in order.
func (s *Set) Names() []string {
	if s == nil {
		return nil
	}
	names := make([]string, len(s.o.entries))
	for i, e := range s.o.entries {
		names[i], _ = e.Key.(string)
	}
	return names
}

// Len is the number of parameters.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return s.o.Len()
}

// Merge puts all of other into s, over what is there.
func (s *Set) Merge(other *Set) {
	for _, name := range other.Names() {
		v, _ := other.Get(name)
		s.Put(name, v)
	}
}

// Clone is a set of its own with the same values.
func (s *Set) Clone() *Set {
	out := &Set{}
	out.Merge(s)
	return out
}

// Object is the parameters as a value. It shares nothing with s but the values.
func (s *Set) Object() *Object {
	if s == nil {
		return &Object{}
	}
	return NewObject(s.o.entries...)
}

// JSON is the parameters as papermill keeps them in a notebook's metadata.
func (s *Set) JSON() []byte { return JSON(s.Object()) }

// merge takes the members of a mapping over as parameters.
func (s *Set) merge(o *Object) {
	for _, e := range o.Entries() {
		s.Put(Str(e.Key), e.Value)
	}
}
