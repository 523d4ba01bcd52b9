package rawjson

import "fmt"

// List is a list of strings cut into its elements, each with all of its bytes.
type List struct {
	values [][]byte
	gaps   []Gap
	inner  []byte
}

// ParseList cuts the list raw, which must be all of the text.
func ParseList(raw []byte) (*List, error) {
	s := NewScanner(raw)
	if len(raw) == 0 || raw[0] != '[' {
		return nil, fmt.Errorf("a list was expected")
	}
	l := &List{}
	from := 1
	end, err := s.Array(0, func(_ []byte, at int) (int, error) {
		end, err := s.Value(at)
		if err != nil {
			return end, err
		}
		comma := s.Space(end)
		l.values = append(l.values, raw[at:end])
		l.gaps = append(l.gaps, Gap{Before: raw[from:at], After: raw[end:comma]})
		from = comma + 1
		return comma, nil
	})
	if err != nil {
		return nil, err
	}
	if len(l.values) == 0 {
		l.inner = raw[1 : end-1]
	}
	return l, nil
}

// Replace makes the list hold these strings. Strings at its start and end that
// stay keep their bytes. st and indent are as for Object.Layout.
func (l *List) Replace(list []string, st Style, indent string) {
	same := func(i, j int) bool { return IsString(l.values[i]) && Unquote(l.values[i]) == list[j] }
	n, m := len(l.values), len(list)
	head, tail := 0, 0
	for head < min(n, m) && same(head, head) {
		head++
	}
	for tail < min(n, m)-head && same(n-1-tail, m-1-tail) {
		tail++
	}
	fresh := make([][]byte, 0, m)
	fresh = append(fresh, l.values[:head]...)
	for _, s := range list[head : m-tail] {
		fresh = append(fresh, AppendQuote(nil, s, st.ASCII))
	}
	l.values = append(fresh, l.values[n-tail:]...)
	switch at := min(n, m) - tail; {
	case m > n:
		l.gaps = InsertGaps(l.gaps, at, m-n, st, indent)
	case m < n:
		l.gaps = DeleteGaps(l.gaps, at, n-m)
	}
	if n == 0 && m > 0 || m == 0 && n > 0 {
		l.inner = nil
	}
}

// Append writes the list.
func (l *List) Append(dst []byte) []byte {
	dst = append(dst, '[')
	if len(l.values) == 0 {
		dst = append(dst, l.inner...)
	}
	for i, v := range l.values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, l.gaps[i].Before...)
		dst = append(dst, v...)
		dst = append(dst, l.gaps[i].After...)
	}
	return append(dst, ']')
}
