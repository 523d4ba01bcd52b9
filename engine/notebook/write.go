package notebook

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"nbterm/engine/mime"
	"nbterm/engine/mime/rawjson"
)

// bytes is the cell's text in the file h, at a place with gap around it. The text
// is made once for each file.
func (c *Cell) bytes(h *home, gap rawjson.Gap) []byte {
	if c.edits == nil && c.base.home == h {
		return c.base.raw
	}
	if w := c.written.Load(); w != nil && w.home == h {
		return w.text
	}
	text := c.write(h, gap)
	c.written.Store(&written{h, text})
	return text
}

func (c *Cell) write(h *home, gap rawjson.Gap) []byte {
	st := h.style()
	indent := ""
	if i := bytes.LastIndexByte(gap.Before, '\n'); i >= 0 {
		indent = string(gap.Before[i+1:])
	}
	if st.flatCells {
		st.Style = st.OneLine()
	}
	if c.base == nil {
		return c.writeNew(st, indent)
	}
	o, err := rawjson.ParseObject(c.base.raw)
	switch {
	case err != nil && c.edits == nil:
		return c.base.raw // no cell at all, from another file
	case err != nil:
		return c.writeNew(st, indent) // no cell at all, but edited: it becomes one
	}
	if c.edits != nil {
		c.splice(o, st, indent)
	}
	text := o.Append(nil)
	if c.base.home != h { // pasted from another file
		text = rawjson.Format(text, st.Style, indent)
	}
	return text
}

// writeNew writes all of the cell, its keys in nbformat's order.
func (c *Cell) writeNew(st style, indent string) []byte {
	o, _ := rawjson.ParseObject([]byte("{}")) // cannot fail
	all := &Cell{edits: &edits{}}
	*all.edits = *c.edits
	all.edits.set |= hasSource | hasOutputs | hasCount
	all.splice(o, st, indent)
	if _, ok := o.Get("metadata"); !ok {
		o.Set("metadata", []byte("{}"), st.Style, indent)
	}
	return o.Append(nil)
}

// splice puts the edits into the object of a cell. Fields come in the order of
// their keys, so that in an empty object each finds the spacing of the one before.
func (c *Cell) splice(o *rawjson.Object, st style, indent string) {
	e, kind := c.edits, c.Kind()
	set := func(name string, value []byte) { o.Set(name, value, st.Style, indent) }
	if e.set&hasAttachments != 0 {
		if e.attachments == nil {
			o.Delete("attachments")
		} else {
			in, at := o.Layout(st.Style, indent)
			set("attachments", rawjson.Format(e.attachments, in, at))
		}
	}
	if e.set&hasKind != 0 {
		set("cell_type", rawjson.AppendQuote(nil, string(e.kind), st.ASCII))
	}
	if e.set&hasCount != 0 {
		c.spliceCount(o, kind, set)
	}
	if e.set&hasID != 0 {
		if e.id == "" {
			o.Delete("id")
		} else {
			set("id", rawjson.AppendQuote(nil, e.id, st.ASCII))
		}
	}
	in, at := o.Layout(st.Style, indent)
	if len(e.meta) > 0 {
		old, _ := o.Get("metadata")
		set("metadata", e.apply(old, in, at))
	}
	if e.set&hasOutputs != 0 {
		if kind == Markdown || kind == Raw {
			o.Delete("outputs")
		} else {
			set("outputs", appendOutputs(nil, e.outputs, in, at))
		}
	}
	if e.set&hasSource != 0 {
		old, _ := o.Get("source")
		set("source", writeSource(old, e.source, st.flatSource, in, at))
	}
}

func (c *Cell) spliceCount(o *rawjson.Object, kind Kind, set func(string, []byte)) {
	switch {
	case kind == Markdown || kind == Raw:
		o.Delete("execution_count")
	case c.edits.counted:
		set("execution_count", strconv.AppendInt(nil, int64(c.edits.count), 10))
	default:
		set("execution_count", []byte("null"))
	}
}

// writeSource writes a source in the form of the old one, a string or a list of
// lines; flat tells which when there is none. Of a list, the lines at its start
// and end that stay keep their bytes.
func writeSource(old []byte, source string, flat bool, st rawjson.Style, indent string) []byte {
	if rawjson.IsString(old) || old == nil && flat {
		return rawjson.AppendQuote(nil, source, st.ASCII)
	}
	lines := rawjson.SplitLines(source)
	if list, err := rawjson.ParseList(old); err == nil {
		list.Replace(lines, st, indent)
		return list.Append(nil)
	}
	return rawjson.AppendStrings(nil, lines, st, indent)
}

func appendOutputs(dst []byte, outputs []*Output, st rawjson.Style, indent string) []byte {
	w := rawjson.Begin(dst, '[', st, indent)
	for _, o := range outputs {
		w.Next()
		w.Dst = o.append(w.Dst, st, w.Inner())
	}
	return w.End()
}

// append writes the output: as it was in the file, or as nbformat would, with
// sorted keys.
func (o *Output) append(dst []byte, st rawjson.Style, indent string) []byte {
	if o.raw != nil {
		return append(dst, o.raw...)
	}
	p := &o.parts
	w := rawjson.Begin(dst, '{', st, indent)
	kind := func() { w.Key("output_type"); w.String(string(p.kind)) }
	switch p.kind {
	case Stream:
		w.Key("name")
		w.String(p.name)
		kind()
		w.Key("text")
		w.Strings(rawjson.SplitLines(p.text))
	case Failure:
		w.Key("ename")
		w.String(p.ename)
		w.Key("evalue")
		w.String(p.evalue)
		kind()
		w.Key("traceback")
		w.Strings(p.trace)
	default:
		w.Key("data")
		w.Dst = appendBundle(w.Dst, p.bundle, st, w.Inner())
		if p.kind == Result {
			w.Key("execution_count")
			w.Dst = strconv.AppendInt(w.Dst, int64(p.count), 10)
		}
		w.Key("metadata")
		if raw := bytes.TrimSpace(p.metadata); len(raw) > 0 && raw[0] == '{' {
			w.Value(raw)
		} else {
			w.Dst = append(w.Dst, "{}"...)
		}
		kind()
	}
	return w.End()
}

// appendBundle writes a bundle with its types sorted and its texts cut into lines.
func appendBundle(dst []byte, b mime.Bundle, st rawjson.Style, indent string) []byte {
	entries := b.Entries()
	slices.SortFunc(entries, func(a, b mime.Entry) int { return strings.Compare(a.Type, b.Type) })
	w := rawjson.Begin(dst, '{', st, indent)
	for _, e := range entries {
		w.Key(e.Type)
		if raw := bytes.TrimSpace(e.Raw); splitType(e.Type) && rawjson.IsString(raw) {
			w.Strings(rawjson.SplitLines(rawjson.Unquote(raw)))
		} else {
			w.Value(raw)
		}
	}
	return w.End()
}

// splitType tells whether nbformat cuts values of that type into lines.
func splitType(typ string) bool {
	return strings.HasPrefix(typ, "text/") || typ == "application/javascript" || typ == "image/svg+xml"
}
