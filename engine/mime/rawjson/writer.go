package rawjson

// Writer lays out one new list or object.
type Writer struct {
	Dst    []byte // elements are appended here, after Next or Key
	st     Style
	indent string
	closer byte
	n      int
}

// Begin starts a list ('[') or an object ('{') behind dst. indent is the
// indentation of the line it starts on.
func Begin(dst []byte, opener byte, st Style, indent string) *Writer {
	return &Writer{Dst: append(dst, opener), st: st, indent: indent, closer: opener + 2}
}

// Inner is the indentation of the elements.
func (w *Writer) Inner() string {
	if w.st.Newline == "" {
		return ""
	}
	return w.indent + w.st.Unit
}

// Next goes to where the next element of a list is to be written.
func (w *Writer) Next() {
	if w.n > 0 && w.st.Newline == "" {
		w.Dst = append(w.Dst, w.st.Comma...)
	} else if w.n > 0 {
		w.Dst = append(w.Dst, ',')
	}
	w.n++
	w.line(w.Inner())
}

// Key writes a key of an object, and goes to where its value is to be written.
func (w *Writer) Key(name string) {
	w.Next()
	w.Dst = AppendQuote(w.Dst, name, w.st.ASCII)
	w.Dst = append(w.Dst, w.st.Colon...)
}

// String writes a string value.
func (w *Writer) String(s string) { w.Dst = AppendQuote(w.Dst, s, w.st.ASCII) }

// Strings writes a list of strings as the value.
func (w *Writer) Strings(list []string) { w.Dst = AppendStrings(w.Dst, list, w.st, w.Inner()) }

// Value writes raw JSON as the value, laid out anew.
func (w *Writer) Value(raw []byte) { w.Dst = append(w.Dst, Format(raw, w.st, w.Inner())...) }

// End closes the list or object and returns all that was written.
func (w *Writer) End() []byte {
	if w.n > 0 {
		w.line(w.indent)
	}
	return append(w.Dst, w.closer)
}

func (w *Writer) line(indent string) {
	if w.st.Newline != "" {
		w.Dst = append(append(w.Dst, w.st.Newline...), indent...)
	}
}

// AppendStrings writes a list of strings.
func AppendStrings(dst []byte, list []string, st Style, indent string) []byte {
	w := Begin(dst, '[', st, indent)
	for _, s := range list {
		w.Next()
		w.String(s)
	}
	return w.End()
}
