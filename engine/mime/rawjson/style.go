package rawjson

import "bytes"

// Style is how new text is laid out.
type Style struct {
	Newline string // "\n" or "\r\n"; "" puts all on one line
	Unit    string // one step of indentation
	Colon   string // between key and value, such as ": "
	Comma   string // between elements on one line, such as ", "
	ASCII   bool   // escape what is above U+007F
}

// NBFormat is the style of Jupyter's own files: json.dumps with indent=1,
// separators=(",", ": ") and ensure_ascii=False.
func NBFormat() Style { return Style{Newline: "\n", Unit: " ", Colon: ": ", Comma: ", "} }

// OneLine is the same style without line ends.
func (st Style) OneLine() Style {
	st.Newline = ""
	return st
}

// DetectStyle reads the style off an object that is not nested, except ASCII.
// Where the object says nothing, nbformat's style is kept.
func DetectStyle(raw []byte) Style {
	st := NBFormat()
	s := NewScanner(raw)
	open := s.Space(0)
	if open >= len(raw) || raw[open] != '{' {
		return st
	}
	first := s.Space(open + 1)
	if first >= len(raw) || raw[first] != '"' {
		return st
	}
	gap := raw[open+1 : first]
	nl := bytes.LastIndexByte(gap, '\n')
	if nl < 0 {
		st.Newline = ""
		st.Comma = oneLineComma(raw)
	} else {
		st.Unit = string(gap[nl+1:])
		if nl > 0 && gap[nl-1] == '\r' {
			st.Newline = "\r\n"
		}
	}
	if end, value, err := s.key(first); err == nil {
		st.Colon = string(raw[end:value])
	}
	return st
}

// oneLineComma finds what stands between the first two members of an object.
func oneLineComma(raw []byte) string {
	o, err := ParseObject(raw)
	if err != nil || len(o.gaps) < 2 {
		return ", "
	}
	return string(o.gaps[0].After) + "," + string(o.gaps[1].Before)
}

// Gap is the white space around one element of a list or object: Before reaches
// back to the comma or opener, After on to the comma or closer.
type Gap struct{ Before, After []byte }

// InsertGaps makes room for n elements at position at, spaced as their
// neighbours are. indent is the indentation of the line that closes the
// container; it counts only when the container was empty. gaps is not changed.
func InsertGaps(gaps []Gap, at, n int, st Style, indent string) []Gap {
	first, inner, last := spacing(gaps, at, st, indent)
	out := make([]Gap, 0, len(gaps)+n)
	out = append(out, gaps[:at]...)
	for range n {
		out = append(out, inner)
	}
	out = append(out, gaps[at:]...)
	if at == 0 {
		out[0].Before = first
		if len(gaps) > 0 {
			out[n].Before = inner.Before
		}
	}
	if at == len(gaps) {
		out[len(out)-1].After = last
		if len(gaps) > 0 {
			out[at-1].After = inner.After
		}
	}
	return out
}

// spacing finds the white space before the first element, between two of them
// (seen from position at) and after the last.
func spacing(gaps []Gap, at int, st Style, indent string) (first []byte, inner Gap, last []byte) {
	switch n := len(gaps); n {
	case 0:
		if st.Newline == "" {
			_, before, _ := bytes.Cut([]byte(st.Comma), []byte(","))
			return nil, Gap{Before: before}, nil
		}
		line := []byte(st.Newline + indent + st.Unit)
		return line, Gap{Before: line}, []byte(st.Newline + indent)
	case 1:
		inner = Gap{Before: gaps[0].Before}
		if bytes.IndexByte(gaps[0].Before, '\n') < 0 {
			_, before, _ := bytes.Cut([]byte(st.Comma), []byte(","))
			inner = Gap{Before: before}
		}
	default:
		inner = Gap{Before: gaps[min(max(at, 1), n-1)].Before, After: gaps[min(max(at-1, 0), n-2)].After}
	}
	return gaps[0].Before, inner, gaps[len(gaps)-1].After
}

// DeleteGaps takes n positions out; what becomes first or last takes over the
// white space of what was. gaps is not changed.
func DeleteGaps(gaps []Gap, at, n int) []Gap {
	out := make([]Gap, 0, len(gaps)-n)
	out = append(out, gaps[:at]...)
	out = append(out, gaps[at+n:]...)
	if len(out) > 0 {
		out[0].Before = gaps[0].Before
		out[len(out)-1].After = gaps[len(gaps)-1].After
	}
	return out
}

// indentOf is the indentation that white space ends with; pretty is false when
// there is no line end in it.
func indentOf(space []byte) (indent string, pretty bool) {
	i := bytes.LastIndexByte(space, '\n')
	if i < 0 {
		return "", false
	}
	return string(space[i+1:]), true
}
