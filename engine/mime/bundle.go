package mime

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"nbterm/engine/mime/rawjson"
)

// Entry is one representation: a mime type and its value as raw JSON, which is
// a string, a list of strings (nbformat's multi-line form), or any value for the
// JSON types.
type Entry struct {
	Type string
	Raw  json.RawMessage
}

// Bundle is a set of representations of one thing, in the order they came in. It
// never changes; the zero value is empty.
type Bundle struct {
	entries []Entry
	raw     []byte // the object it was parsed from, or nil
}

// Parse reads a JSON object of mime types. It keeps raw, which must not change.
// Of duplicate types the last counts.
func Parse(raw []byte) (Bundle, error) {
	if !rawjson.Valid(raw) {
		return Bundle{}, fmt.Errorf("read a mime bundle: it is not valid JSON")
	}
	if raw[rawjson.NewScanner(raw).Space(0)] != '{' {
		return Bundle{}, fmt.Errorf("read a mime bundle: it is not a JSON object")
	}
	var entries []Entry
	rawjson.Members(raw, func(key string, value []byte) { entries = append(entries, Entry{key, value}) })
	return Bundle{unique(entries), raw}, nil
}

// unique keeps the last of entries with the same type, in the place of the first.
func unique(entries []Entry) []Entry {
	at := make(map[string]int, len(entries))
	kept := entries[:0]
	for _, e := range entries {
		i, ok := at[e.Type]
		if !ok {
			i = len(kept)
			at[e.Type] = i
			kept = append(kept, e)
		}
		kept[i].Raw = e.Raw
	}
	return kept
}

// FromEntries makes a bundle of e, in that order; of duplicate types the last counts.
func FromEntries(e ...Entry) Bundle {
	return Bundle{entries: unique(append([]Entry(nil), e...))}
}

// TextEntry makes an entry whose value is the string text.
func TextEntry(mimeType, text string) Entry {
	return Entry{mimeType, rawjson.AppendQuote(nil, text, false)}
}

// Entries returns all representations in order. The slice is the caller's.
func (b Bundle) Entries() []Entry { return append([]Entry(nil), b.entries...) }

// Types returns the mime types in order.
func (b Bundle) Types() []string {
	types := make([]string, len(b.entries))
	for i, e := range b.entries {
		types[i] = e.Type
	}
	return types
}

// Len is the number of representations.
func (b Bundle) Len() int { return len(b.entries) }

// Get returns the raw value of a type.
func (b Bundle) Get(typ string) (json.RawMessage, bool) {
	for _, e := range b.entries {
		if e.Type == typ {
			return e.Raw, true
		}
	}
	return nil, false
}

// Text returns the value of a type as text; see the function Text.
func (b Bundle) Text(typ string) (string, bool) {
	raw, ok := b.Get(typ)
	if !ok {
		return "", false
	}
	return Text(raw)
}

// Bytes decodes the base64 value of a type. White space in it does not matter,
// nor does missing padding.
func (b Bundle) Bytes(typ string) ([]byte, error) {
	text, ok := b.Text(typ)
	if !ok {
		return nil, fmt.Errorf("decode %s: the output holds no text of that type", typ)
	}
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, text)
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, fmt.Errorf("decode %s: it is not base64: %w", typ, err)
	}
	return data, nil
}

// JSON returns the bundle as a JSON object: the very text it was parsed from, or
// one line in the order of its entries.
func (b Bundle) JSON() []byte {
	if b.raw != nil {
		return b.raw
	}
	out := []byte{'{'}
	for i, e := range b.entries {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = rawjson.AppendQuote(out, e.Type, false)
		out = append(out, ": "...)
		out = append(out, e.Raw...)
	}
	return append(out, '}')
}

// Richest returns the type with the highest rank above 0; of equals the first.
func (b Bundle) Richest(rank func(typ string) int) (string, bool) {
	best, high := "", 0
	for _, e := range b.entries {
		if r := rank(e.Type); r > high {
			best, high = e.Type, r
		}
	}
	return best, high > 0
}

// Text decodes a JSON string, or a list of strings joined without anything in
// between. ok is false for every other value. Lone surrogates and bytes that are
// not UTF-8 become U+FFFD.
func Text(raw json.RawMessage) (text string, ok bool) {
	return rawjson.Text(raw)
}

// IsJSON reports whether values of a mime type are JSON of their own rather than
// text: application/json and application/*+json, as nbformat has it.
func IsJSON(typ string) bool {
	return typ == "application/json" || strings.HasPrefix(typ, "application/") && strings.HasSuffix(typ, "+json")
}
