package params

import (
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"

	"nbterm/engine/mime/rawjson"
)

// JSON writes a value on one line as Python's json.dumps does with sort_keys and
// without ensure_ascii, as nbformat writes metadata: NaN, Infinity and -Infinity
// are written as those bare words.
func JSON(v Value) []byte { return jsonWriter{sorted: true}.append(nil, v) }

// JSONInOrder is JSON with the keys of objects as they stand.
func JSONInOrder(v Value) []byte { return jsonWriter{}.append(nil, v) }

// StrictJSON is JSONInOrder for readers that follow RFC 8259: what is no finite number
// becomes text, "NaN" for one.
func StrictJSON(v Value) []byte { return jsonWriter{strict: true}.append(nil, v) }

type jsonWriter struct{ sorted, strict bool }

func (w jsonWriter) append(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64, int, *big.Int:
		return append(dst, Str(v)...)
	case float64:
		if w.strict && finite(v) != v {
			return append(append(append(dst, '"'), jsonFloat(v)...), '"')
		}
		return append(dst, jsonFloat(v)...)
	case string:
		return rawjson.AppendQuote(dst, v, false)
	case []Value:
		dst = append(dst, '[')
		for i, kid := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = w.append(dst, kid)
		}
		return append(dst, ']')
	case *Object:
		dst = append(dst, '{')
		for i, e := range ordered(v, w.sorted) {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = rawjson.AppendQuote(dst, jsonKey(e.Key), false)
			dst = append(dst, ": "...)
			dst = w.append(dst, e.Value)
		}
		return append(dst, '}')
	}
	return rawjson.AppendQuote(dst, fmt.Sprint(v), false)
}

func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return FloatRepr(f)
}

// jsonKey is a key as json.dumps writes it.
func jsonKey(key Value) string {
	switch k := key.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(k)
	case float64:
		return jsonFloat(k)
	}
	return Str(key)
}

// ordered sorts keys: numbers by value, before all else by its text.
func ordered(o *Object, sorted bool) []Entry {
	if !sorted {
		return o.Entries()
	}
	entries := append([]Entry(nil), o.Entries()...)
	sort.SliceStable(entries, func(i, j int) bool {
		a, aok := numeric(entries[i].Key)
		b, bok := numeric(entries[j].Key)
		if aok && bok {
			return a < b
		}
		if aok != bok {
			return aok
		}
		return jsonKey(entries[i].Key) < jsonKey(entries[j].Key)
	})
	return entries
}

func numeric(v Value) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return float64(v), true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	case float64:
		return v, true
	}
	return 0, false
}

// ParseJSON reads a JSON value as Python's json.loads does: with NaN, Infinity and
// -Infinity, whole numbers of any size, and the last of keys that are the same.
func ParseJSON(data []byte) (Value, error) {
	n, err := rawjson.ParseNode(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	return valueOf(n, jsonScalar), nil
}

// valueOf makes a value of a tree; what is nested deeper than rawjson goes is its text.
func valueOf(n *rawjson.Node, scalar func(string) Value) Value {
	switch n.Kind {
	case '{':
		o := &Object{}
		for i, kid := range n.Kids {
			o.Put(n.Keys[i], valueOf(kid, scalar))
		}
		return o
	case '[':
		list := make([]Value, len(n.Kids))
		for i, kid := range n.Kids {
			list[i] = valueOf(kid, scalar)
		}
		return list
	}
	if rawjson.IsString(n.Raw) {
		return rawjson.Unquote(n.Raw)
	}
	return scalar(string(n.Raw))
}

func jsonScalar(text string) Value {
	switch text {
	case "null":
		return nil
	case "true", "false":
		return text == "true"
	case "NaN":
		return math.NaN()
	case "Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if strings.ContainsAny(text, ".eE") {
		if f, ok := decimal(text); ok {
			return f
		}
	}
	if v, ok := integer(text, 10); ok {
		return v
	}
	return text
}
