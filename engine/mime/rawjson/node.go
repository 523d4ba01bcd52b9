package rawjson

import (
	"sort"
)

// maxDepth bounds recursion over trees: a container nested deeper stays a leaf,
// kept and written as it is. Indenting deeper text would also square its size.
const maxDepth = 200

// Node is a value as a tree: an object, a list, or a leaf that keeps its text.
type Node struct {
	Kind byte   // '{', '[' or 0 for a leaf
	Raw  []byte // the text of a leaf, or of the whole value where it was parsed
	Keys []string
	Kids []*Node // values of Keys in the same order, or the elements of a list
	keys [][]byte
}

// ParseNode makes the tree of the one value that raw is.
func ParseNode(raw []byte) (*Node, error) {
	s := NewScanner(raw)
	n, end, err := s.node(s.Space(0), 0)
	if err != nil {
		return nil, err
	}
	if end = s.Space(end); end < len(raw) {
		return nil, &SyntaxError{end, "there is more after the end of the value"}
	}
	return n, nil
}

func (s *Scanner) node(i, depth int) (*Node, int, error) {
	n := &Node{}
	visit := func(key []byte, at int) (int, error) {
		kid, end, err := s.node(at, depth+1)
		if key != nil {
			n.Keys = append(n.Keys, Unquote(key))
			n.keys = append(n.keys, key)
		}
		n.Kids = append(n.Kids, kid)
		return end, err
	}
	var end int
	var err error
	switch {
	case i < len(s.data) && s.data[i] == '{' && depth < maxDepth:
		n.Kind = '{'
		end, err = s.Object(i, visit)
	case i < len(s.data) && s.data[i] == '[' && depth < maxDepth:
		n.Kind = '['
		end, err = s.Array(i, visit)
	default:
		end, err = s.Value(i)
	}
	if err == nil {
		n.Raw = s.data[i:end]
	}
	return n, end, err
}

// Leaf makes a node of text that is written as it is, apart from the escapes of a
// string.
func Leaf(raw []byte) *Node { return &Node{Raw: raw} }

// String makes a node of a string.
func String(s string) *Node { return Leaf(AppendQuote(nil, s, false)) }

// Lines makes a list of strings, one for each line of s as nbformat cuts it.
func Lines(s string) *Node {
	n := &Node{Kind: '['}
	for _, line := range SplitLines(s) {
		n.Kids = append(n.Kids, String(line))
	}
	return n
}

// Get returns the member of that name, the last of duplicates, or nil.
func (n *Node) Get(name string) *Node {
	if i := n.find(name); i >= 0 {
		return n.Kids[i]
	}
	return nil
}

func (n *Node) find(name string) int {
	if n != nil && n.Kind == '{' {
		for i := len(n.Keys) - 1; i >= 0; i-- {
			if n.Keys[i] == name {
				return i
			}
		}
	}
	return -1
}

// Set gives a member of an object a value.
func (n *Node) Set(name string, kid *Node) {
	n.Take(name)
	n.Add(name, kid)
}

// Add puts a member at the end of an object, where it counts even if there is one
// of that name before.
func (n *Node) Add(name string, kid *Node) {
	n.Keys = append(n.Keys, name)
	n.keys = append(n.keys, AppendQuote(nil, name, false))
	n.Kids = append(n.Kids, kid)
}

// Take removes all members of that name and returns the last of them, or nil.
func (n *Node) Take(name string) *Node {
	last := n.Get(name)
	if last == nil {
		return nil
	}
	kept := 0
	for i := range n.Kids {
		if n.Keys[i] != name {
			n.Keys[kept], n.keys[kept], n.Kids[kept] = n.Keys[i], n.keys[i], n.Kids[i]
			kept++
		}
	}
	n.Keys, n.keys, n.Kids = n.Keys[:kept], n.keys[:kept], n.Kids[:kept]
	return last
}

// Rename gives members of an object other names.
func (n *Node) Rename(name func(old string) string) {
	for i, old := range n.Keys {
		if now := name(old); now != old {
			n.Keys[i], n.keys[i] = now, AppendQuote(nil, now, false)
		}
	}
}

// Text is the function Text of a value that was parsed, or of a String.
func (n *Node) Text() (string, bool) {
	if n == nil {
		return "", false
	}
	return Text(n.Raw)
}

// Append writes the tree with sorted keys, as json.dumps(sort_keys=True) does. Of
// duplicate keys the last is written. indent is the indentation of the line that
// the value starts on.
func (n *Node) Append(dst []byte, st Style, indent string) []byte {
	switch {
	case n.Kind == 0 && IsString(n.Raw):
		return appendRequote(dst, n.Raw, st.ASCII)
	case n.Kind == 0:
		return append(dst, n.Raw...)
	case len(n.Kids) == 0:
		return append(dst, n.Kind, n.Kind+2)
	}
	w := Begin(dst, n.Kind, st, indent)
	for _, at := range n.order() {
		w.Next()
		if n.Kind == '{' {
			w.Dst = appendRequote(w.Dst, n.keys[at], st.ASCII)
			w.Dst = append(w.Dst, st.Colon...)
		}
		w.Dst = n.Kids[at].Append(w.Dst, st, w.Inner())
	}
	return w.End()
}

// order gives the positions in which the children are written: for an object by
// key, of duplicates the last.
func (n *Node) order() []int {
	order := make([]int, len(n.Kids))
	for i := range order {
		order[i] = i
	}
	if n.Kind == '[' {
		return order
	}
	sort.SliceStable(order, func(a, b int) bool { return n.Keys[order[a]] < n.Keys[order[b]] })
	kept := order[:0]
	for i, at := range order {
		if i+1 == len(order) || n.Keys[order[i+1]] != n.Keys[at] {
			kept = append(kept, at)
		}
	}
	return kept
}

// Format lays raw out anew. Text that is not one JSON value becomes null.
func Format(raw []byte, st Style, indent string) []byte {
	n, err := ParseNode(raw)
	if err != nil {
		return []byte("null")
	}
	return n.Append(nil, st, indent)
}
