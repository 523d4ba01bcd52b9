package notebook

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
	"sync/atomic"

	"nbterm/engine/mime"
	"nbterm/engine/mime/rawjson"
)

// Kind is the type of a cell. Kinds we do not know are kept.
type Kind string

// The kinds of nbformat 4.
const (
	Code     Kind = "code"
	Markdown Kind = "markdown"
	Raw      Kind = "raw"
)

// Cell is one version of a cell and never changes: an edit makes another Cell
// with the same key. All methods may be called from any goroutine.
type Cell struct {
	key   uint64
	base  *base  // what the file says; nil for a cell made here
	edits *edits // what differs from it; nil for none

	metaOnce sync.Once
	meta     []byte
	written  atomic.Pointer[written]
}

// base is a cell as it is in a file. All versions of a cell share it.
type base struct {
	raw  []byte
	at   index
	home *home

	sourceOnce  sync.Once
	source      string
	outputsOnce sync.Once
	outputs     []*Output
	twin        *base // has the same outputs, read already perhaps; nil for none
}

// written is a cell's text, made for one file.
type written struct {
	home *home
	text []byte
}

// lastKey counts cells. It is shared by the whole process so that a key never
// means two cells, also across notebooks; nothing depends on its value.
var lastKey atomic.Uint64

func newKey() uint64 { return lastKey.Add(1) }

// NewCell makes a cell without outputs or metadata. It gets its id when it is
// inserted into a notebook whose format has ids.
func NewCell(kind Kind, source string) *Cell {
	return &Cell{key: newKey(), edits: &edits{
		set: hasKind | hasSource | hasOutputs | hasCount, kind: kind, source: source,
	}}
}

// Key is the identity of the cell in this process: kept by edits, moves and undo,
// new for new cells and copies, never stored.
func (c *Cell) Key() uint64 { return c.key }

func (c *Cell) edited(f fields) bool { return c.edits != nil && c.edits.set&f != 0 }

// ID is the nbformat cell id, or "".
func (c *Cell) ID() string {
	if c.edited(hasID) {
		return c.edits.id
	}
	return rawjson.Unquote(c.base.field(idField))
}

// Kind is the cell's type; "" when it names none. What is no object at all counts
// as an empty raw cell, and becomes one when it is edited.
func (c *Cell) Kind() Kind {
	if c.edited(hasKind) {
		return c.edits.kind
	}
	switch token := c.base.field(kindField); string(token) { // without a copy for the usual ones
	case `"code"`:
		return Code
	case `"markdown"`:
		return Markdown
	case "":
		if !c.base.object() {
			return Raw
		}
		return ""
	default:
		return Kind(rawjson.Unquote(token))
	}
}

func (b *base) object() bool { return b != nil && len(b.raw) > 0 && b.raw[0] == '{' }

// Source is the text of the cell. Lone surrogates and bytes that are not UTF-8
// show as U+FFFD; they stay in the file until the source is edited.
func (c *Cell) Source() string {
	if c.edited(hasSource) {
		return c.edits.source
	}
	return c.base.text()
}

func (b *base) text() string {
	if b == nil {
		return ""
	}
	b.sourceOnce.Do(func() { b.source, _ = mime.Text(b.field(sourceField)) })
	return b.source
}

// Count is the execution count; ok is false when the cell has none.
func (c *Cell) Count() (n int, ok bool) {
	if c.edited(hasCount) {
		return c.edits.count, c.edits.counted
	}
	return parseCount(c.base.field(countField))
}

func parseCount(raw []byte) (int, bool) {
	n, err := strconv.Atoi(string(raw))
	return n, err == nil
}

// Outputs are the outputs in order. The slice must not be changed.
func (c *Cell) Outputs() []*Output {
	if c.edited(hasOutputs) {
		return c.edits.outputs
	}
	return c.base.results()
}

func (b *base) results() []*Output {
	if b == nil {
		return nil
	}
	b.outputsOnce.Do(func() {
		if b.twin != nil {
			b.outputs = b.twin.results()
			return
		}
		rawjson.Elements(b.field(outputsField), func(value []byte) {
			b.outputs = append(b.outputs, &Output{raw: value})
		})
	})
	return b.outputs
}

// HasOutputs tells whether there is any output, without reading them.
func (c *Cell) HasOutputs() bool {
	if c.edited(hasOutputs) {
		return len(c.edits.outputs) > 0
	}
	list := c.base.field(outputsField)
	return len(list) > 2 && list[0] == '[' && len(bytes.TrimLeft(list[1:], " \t\r\n")) > 1
}

// Meta returns the raw metadata at a path of keys; without a path all of it.
func (c *Cell) Meta(path ...string) (json.RawMessage, bool) {
	meta := c.base.field(metaField)
	if c.edits != nil && len(c.edits.meta) > 0 {
		c.metaOnce.Do(func() { c.meta = c.edits.apply(meta, rawjson.NBFormat(), "") })
		meta = c.meta
	}
	if meta == nil {
		return nil, false
	}
	return rawjson.Get(meta, path...)
}

// Tags are the strings of metadata.tags.
func (c *Cell) Tags() []string {
	raw, _ := c.Meta("tags")
	return stringsOf(raw)
}

// stringsOf returns the strings of a list.
func stringsOf(raw []byte) []string {
	var list []string
	rawjson.Elements(raw, func(value []byte) {
		if rawjson.IsString(value) {
			list = append(list, rawjson.Unquote(value))
		}
	})
	return list
}

// Attachment returns the attached file of that name, which markdown refers to as
// attachment:NAME. It is empty when there is none.
func (c *Cell) Attachment(name string) (mime.Bundle, bool) {
	raw, ok := rawjson.Get(c.attachments(), name)
	if !ok {
		return mime.Bundle{}, false
	}
	b, err := mime.Parse(raw)
	return b, err == nil
}

func (c *Cell) attachments() []byte {
	if c.edited(hasAttachments) {
		return c.edits.attachments
	}
	return c.base.field(attachmentsField)
}

// The fields of a cell that we know.
const (
	kindField = iota
	idField
	sourceField
	outputsField
	countField
	metaField
	attachmentsField
)

// field returns the raw value of a field, or nil. A nil base has none.
func (b *base) field(f int) []byte {
	if b == nil {
		return nil
	}
	return [...]span{b.at.kind, b.at.id, b.at.source, b.at.outputs, b.at.count, b.at.meta, b.at.attachments}[f].of(b.raw)
}
