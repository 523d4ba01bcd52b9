package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"nbterm/engine/mime"
	"nbterm/render/ink"
	"nbterm/render/term"
)

// Bounds of JSON that is drawn; what is beyond is counted.
const (
	maxJSON      = 8 << 20 // bytes
	maxNest      = 8       // levels that are unfolded
	maxItems     = 24      // items of one array or object
	maxJSONLines = 200
)

// node is one JSON value: a scalar, or a list of named or unnamed values.
type node struct {
	kind   byte // '{', '[', or 's' string, 'n' number, 'k' true, false, null
	text   string
	keys   []string
	values []node
	hidden int // values not kept
}

// jsonTree draws application/json: short values on one line, long ones unfolded,
// deep and numerous ones counted.
func jsonTree(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, ok := b.Get(typ)
	if !ok || len(raw) > maxJSON {
		return Block{}, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	root, err := readNode(dec, 0)
	if err != nil { // NaN and its like are no JSON, but Python writes them
		return Block{Lines: term.Lines(scrub(string(raw)), ctx.options())}, true
	}
	w := treeWriter{ctx: ctx}
	indent := ""
	if ctx.Width > 20 {
		indent = foldRoom
	}
	w.value(root, indent, "", "")
	if more := len(w.lines) - maxJSONLines; more > 0 {
		w.lines = append(w.lines[:maxJSONLines], ctx.muted(fmt.Sprintf("… %d more lines", more)))
	}
	return Block{Lines: term.Lines(strings.Join(w.lines, "\n"), ctx.options())}, true
}

// readNode reads one value; beyond maxNest and maxItems it only counts.
func readNode(dec *json.Decoder, depth int) (node, error) {
	t, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t != '{' && t != '[' {
			return node{}, io.ErrUnexpectedEOF
		}
		return readList(dec, byte(t), depth)
	case string:
		return node{kind: 's', text: t}, nil
	case json.Number:
		return node{kind: 'n', text: t.String()}, nil
	case bool:
		return node{kind: 'k', text: fmt.Sprint(t)}, nil
	}
	return node{kind: 'k', text: "null"}, nil
}

func readList(dec *json.Decoder, kind byte, depth int) (node, error) {
	n := node{kind: kind}
	for dec.More() {
		key := ""
		if kind == '{' {
			t, err := dec.Token()
			if err != nil {
				return n, err
			}
			key, _ = t.(string)
		}
		if depth >= maxNest || len(n.values) >= maxItems {
			n.hidden++
			if err := skipValue(dec); err != nil {
				return n, err
			}
			continue
		}
		v, err := readNode(dec, depth+1)
		if err != nil {
			return n, err
		}
		n.keys, n.values = append(n.keys, key), append(n.values, v)
	}
	_, err := dec.Token()
	return n, err
}

// skipValue passes one value without recursion.
func skipValue(dec *json.Decoder) error {
	for depth := 0; ; {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// treeWriter writes nodes as styled lines.
type treeWriter struct {
	ctx   Context
	lines []string
}

// value writes n after head, its key; tail is the comma after it.
func (w *treeWriter) value(n node, indent, head, tail string) {
	if len(w.lines) > 4*maxJSONLines {
		return
	}
	plain, styled := w.short(n)
	if n.hidden > 0 && len(n.values) == 0 { // too deep to be read
		w.lines = append(w.lines, w.marked(indent, "▸")+head+styled+tail)
		return
	}
	if n.text != "" || len(n.values) == 0 || len(indent)+utf8.RuneCountInString(head)/2+len(plain) < w.ctx.Width-2 {
		w.lines = append(w.lines, indent+head+styled+tail)
		return
	}
	closing := "]"
	if n.kind == '{' {
		closing = "}"
	}
	w.lines = append(w.lines, w.marked(indent, "▾")+head+string(n.kind))
	inner := indent + "  "
	if n.flat() {
		w.filled(n, inner)
		w.lines = append(w.lines, indent+closing+tail)
		return
	}
	for i, v := range n.values {
		comma := ","
		if i == len(n.values)-1 && n.hidden == 0 {
			comma = ""
		}
		key := ""
		if n.kind == '{' {
			key = w.key(n.keys[i]) + ": "
		}
		w.value(v, inner, key, comma)
	}
	if n.hidden > 0 {
		w.lines = append(w.lines, inner+w.ctx.muted(fmt.Sprintf("… %d more", n.hidden)))
	}
	w.lines = append(w.lines, indent+closing+tail)
}

// foldRoom is where the marks of what is folded and unfolded stand.
const foldRoom = "  "

// marked puts a mark into the room before a key.
func (w *treeWriter) marked(indent, mark string) string {
	before, ok := strings.CutSuffix(indent, foldRoom)
	if !ok {
		return indent
	}
	return before + w.ctx.muted(mark) + " "
}

// flat reports an array of scalars.
func (n node) flat() bool {
	for _, v := range n.values {
		if v.kind == '{' || v.kind == '[' || v.kind == 's' && len(v.text) > 40 {
			return false
		}
	}
	return n.kind == '['
}

// filled writes an array of scalars as a paragraph.
func (w *treeWriter) filled(n node, indent string) {
	_, styled := w.short(n)
	styled = strings.TrimSuffix(strings.TrimPrefix(styled, "["), "]")
	text := ansi.Wrap(styled, max(w.ctx.Width-len(indent), 1), "")
	for _, line := range term.Lines(text, w.ctx.optionsWide()) {
		w.lines = append(w.lines, indent+line)
	}
}

// optionsWide are the options of a line that is cut later.
func (ctx Context) optionsWide() term.Options {
	o := ctx.options()
	o.Width = 1 << 20
	return o
}

// short writes a value on one line, as plain text to measure and styled.
func (w *treeWriter) short(n node) (plain, styled string) {
	p := w.ctx.Palette
	switch n.kind {
	case 's':
		text := quote(n.text)
		return text, w.ctx.paint(ink.Style{Fg: ink.Of(p.String)}, text)
	case 'n':
		return n.text, w.ctx.paint(ink.Style{Fg: ink.Of(p.Number)}, n.text)
	case 'k':
		return n.text, w.ctx.paint(ink.Style{Fg: ink.Of(p.Keyword)}, n.text)
	}
	var a, b strings.Builder
	for i, v := range n.values {
		if i > 0 {
			a.WriteString(", ")
			b.WriteString(", ")
		}
		if n.kind == '{' {
			a.WriteString(quote(n.keys[i]) + ": ")
			b.WriteString(w.key(n.keys[i]) + ": ")
		}
		x, y := w.short(v)
		a.WriteString(x)
		b.WriteString(y)
		if a.Len() > w.ctx.Width && !n.flat() {
			break // will be unfolded
		}
	}
	if n.hidden > 0 {
		more := fmt.Sprintf("… %d more", n.hidden)
		if len(n.values) > 0 {
			more = ", " + more
		}
		a.WriteString(more)
		b.WriteString(w.ctx.muted(more))
	}
	if n.kind == '{' {
		return "{" + a.String() + "}", "{" + b.String() + "}"
	}
	return "[" + a.String() + "]", "[" + b.String() + "]"
}

func (w *treeWriter) key(k string) string {
	return w.ctx.paint(ink.Style{Fg: ink.Of(w.ctx.Palette.Function)}, quote(k))
}

// maxString is how much of one string is shown.
const maxString = 400

// quote writes a string as JSON would, without escapes for what can be shown.
func quote(s string) string {
	cut := ""
	if len(s) > maxString {
		end := maxString
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s, cut = s[:end], fmt.Sprintf("… %s more", size(len(s)-end))
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return scrub(strings.TrimSuffix(b.String(), "\n")) + cut
}
