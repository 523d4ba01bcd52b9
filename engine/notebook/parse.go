package notebook

import (
	"bytes"
	"strconv"

	"nbterm/engine/mime/rawjson"
)

// span is a part of some bytes; end 0 means there is none.
type span struct{ start, end int }

func (s span) of(raw []byte) []byte {
	if s.end == 0 {
		return nil
	}
	return raw[s.start:s.end]
}

// index says where the known fields of a cell are in its bytes.
type index struct {
	kind, id, source, outputs, count, meta, attachments span
}

// field returns the place for a key of a cell (the raw token), or nil.
func (x *index) field(key []byte) *span {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = rawjson.AppendQuote(nil, rawjson.Unquote(key), false)
	}
	switch string(key) {
	case `"cell_type"`:
		return &x.kind
	case `"id"`:
		return &x.id
	case `"source"`:
		return &x.source
	case `"outputs"`:
		return &x.outputs
	case `"execution_count"`:
		return &x.count
	case `"metadata"`:
		return &x.meta
	case `"attachments"`:
		return &x.attachments
	}
	return nil
}

// root is what one pass over the bytes of a file finds.
type root struct {
	cells        []base
	spans        []span // of the cells
	list         span   // the cells' list, brackets included; of duplicates the last
	cellsKey     bool   // there is a key "cells", whatever it holds
	worksheets   bool
	major, minor int // -1 where there is none
}

// scanRoot reads the whole file once: it checks all of it, and notes where cells
// and their fields are. Nothing is decoded.
func scanRoot(data []byte, start int) (*root, error) {
	r := &root{major: -1, minor: -1}
	s := rawjson.NewScanner(data)
	end, err := s.Object(start, func(key []byte, at int) (int, error) {
		switch name := rawjson.Unquote(key); {
		case name == "cells":
			r.cellsKey = true
			r.cells, r.spans, r.list = nil, nil, span{}
			if at < len(data) && data[at] == '[' {
				return r.scanCells(s, data, at)
			}
		case name == "worksheets":
			r.worksheets = true
		case name == "nbformat" || name == "nbformat_minor":
			end, err := s.Value(at)
			if n, bad := strconv.Atoi(string(data[at:end])); err == nil && bad == nil {
				if name == "nbformat" {
					r.major = n
				} else {
					r.minor = n
				}
			}
			return end, err
		}
		return s.Value(at)
	})
	if err != nil {
		return nil, err
	}
	if end = s.Space(end); end < len(data) {
		return nil, &rawjson.SyntaxError{Offset: end, Msg: "there is more after the end of the notebook"}
	}
	return r, nil
}

func (r *root) scanCells(s *rawjson.Scanner, data []byte, at int) (int, error) {
	end, err := s.Array(at, func(_ []byte, at int) (int, error) {
		var x index
		end, err := scanFields(s, data, at, func(key []byte) *span { return x.field(key) })
		if err == nil {
			r.cells = append(r.cells, base{raw: data[at:end], at: x})
			r.spans = append(r.spans, span{at, end})
		}
		return end, err
	})
	r.list = span{at, end}
	return end, err
}

// scanFields reads a value and, when it is an object, notes the spans of the
// members that field wants, relative to at.
func scanFields(s *rawjson.Scanner, data []byte, at int, field func(key []byte) *span) (int, error) {
	if at >= len(data) || data[at] != '{' {
		return s.Value(at)
	}
	return s.Object(at, func(key []byte, from int) (int, error) {
		end, err := s.Value(from)
		if f := field(key); f != nil {
			*f = span{from - at, end - at}
		}
		return end, err
	})
}

// bom is the mark that some Windows editors put before UTF-8.
var bom = []byte("\xef\xbb\xbf")

// Parse reads a notebook of any format from 2 to 4.x. It keeps data, which must
// not change afterwards. The error is a *SyntaxError, or wraps ErrEmpty or
// ErrNotNotebook.
func Parse(data []byte) (*Notebook, error) {
	start := 0
	if bytes.HasPrefix(data, bom) {
		start = len(bom)
	}
	start = rawjson.NewScanner(data).Space(start)
	if start >= len(data) {
		return nil, ErrEmpty
	}
	if looksBinary(data) {
		return nil, notebookError("the file holds binary data")
	}
	if data[start] != '{' {
		return nil, notAnObject(data, start)
	}
	r, err := scanRoot(data, start)
	if err != nil {
		return nil, syntaxError(data, len(data)-len(bytes.TrimPrefix(data, bom)), err)
	}
	switch {
	case !r.cellsKey && (r.worksheets && r.major < 4 || r.major == 2 || r.major == 3):
		return upgrade(data, start, r)
	case r.list.end == 0 && r.cellsKey:
		return nil, notebookError(`its "cells" are not a list`)
	case r.list.end == 0:
		return nil, notebookError(`the file is a JSON object without "cells"`)
	}
	return assemble(data, r), nil
}

// notAnObject finds the words for a file that does not start with a brace.
func notAnObject(data []byte, start int) error {
	s := rawjson.NewScanner(data)
	end, err := s.Value(start)
	switch {
	case err != nil:
		return syntaxError(data, len(data)-len(bytes.TrimPrefix(data, bom)), err)
	case s.Space(end) < len(data):
		return syntaxError(data, 0, &rawjson.SyntaxError{Offset: start, Msg: "a notebook starts with {, which was expected"})
	case data[start] == '[':
		return notebookError("the file is a JSON list, a notebook is an object")
	}
	return notebookError("the file is a single JSON value, a notebook is an object")
}

// assemble makes the document of a scanned file.
func assemble(data []byte, r *root) *Notebook {
	n := &Notebook{
		home:  &home{data: data},
		major: r.major, minor: max(r.minor, 0),
		cells: make([]*Cell, len(r.cells)),
		gaps:  make([]rawjson.Gap, len(r.cells)),
	}
	if n.major < 0 {
		n.major = 4
	}
	cells := make([]Cell, len(r.cells)) // one block for all
	from := r.list.start + 1
	for i, at := range r.spans {
		r.cells[i].home = n.home
		cells[i].key, cells[i].base = newKey(), &r.cells[i]
		n.cells[i] = &cells[i]
		to := r.list.end - 1
		if i+1 < len(r.spans) {
			to = at.end + bytes.IndexByte(data[at.end:], ',')
		}
		n.gaps[i] = rawjson.Gap{Before: data[from:at.start], After: data[at.end:to]}
		from = to + 1
	}
	open, end := r.list.start+1, r.list.end-1
	n.frame = newFrame(append(append([]byte(nil), data[:open]...), data[end:]...), open)
	if len(r.cells) == 0 {
		n.inner = data[open:end]
	}
	n.origin = origin{data: data, cells: append([]*Cell(nil), n.cells...), frame: n.frame}
	return n
}
