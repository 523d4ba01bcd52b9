package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"nbterm/engine/mime"
)

// Of a data resource so many rows are drawn; the explorer has the others.
const headRows = 30

// dataResource draws application/vnd.dataresource+json, a table with a schema
// (specs.frictionlessdata.io/tabular-data-resource), as pandas writes it: its
// first rows and how many there are.
func dataResource(typ string, b mime.Bundle, ctx Context) (Block, bool) {
	raw, ok := b.Get(typ)
	if !ok || len(raw) > maxJSON {
		return Block{}, false
	}
	var t struct {
		Schema struct {
			Fields []struct{ Name any }
			Key    any `json:"primaryKey"`
		}
		Data json.RawMessage
	}
	if err := json.Unmarshal(raw, &t); err != nil || len(t.Schema.Fields) == 0 {
		return Block{}, false
	}
	keys := map[string]bool{}
	switch key := t.Schema.Key.(type) {
	case string:
		keys[key] = true
	case []any:
		for _, k := range key {
			keys[fmt.Sprint(k)] = true
		}
	}
	g := grid{head: make([][]cell, 1)}
	var names []string
	for pass := range 2 { // the index first
		for _, f := range t.Schema.Fields[:min(len(t.Schema.Fields), maxGridCols)] {
			name := fmt.Sprint(f.Name)
			if keys[name] != (pass == 0) {
				continue
			}
			names = append(names, name)
			shown := oneLine(name)
			if pass == 0 {
				g.index++
				if name == "index" {
					shown = ""
				}
			}
			g.head[0] = append(g.head[0], cell{text: shown})
		}
	}
	if !g.records(t.Data, names) {
		return Block{}, false
	}
	return g.draw(ctx), true
}

// records reads the first rows of a list of objects or lists and counts the rest.
func (g *grid) records(raw []byte, names []string) bool {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return false
	}
	for dec.More() {
		if g.total++; len(g.rows) >= headRows {
			if err := skipValue(dec); err != nil {
				return false
			}
			continue
		}
		var record json.RawMessage
		if err := dec.Decode(&record); err != nil {
			return false
		}
		g.rows = append(g.rows, recordRow(record, names))
	}
	return true
}

func recordRow(record []byte, names []string) []cell {
	row := make([]cell, len(names))
	var object map[string]json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal(record, &object) != nil {
		_ = json.Unmarshal(record, &list) // neither: an empty row
	}
	for i, name := range names {
		value, ok := object[name]
		if !ok && i < len(list) {
			value = list[i]
		}
		text := strings.TrimSpace(string(value))
		var s string
		if json.Unmarshal(value, &s) == nil && strings.HasPrefix(text, `"`) {
			text = s
		}
		if text == "null" {
			text = ""
		}
		row[i].text = oneLine(text)
	}
	return row
}

// oneLine makes text fit for a cell.
func oneLine(s string) string {
	if len(s) > 4*maxCell {
		s = strings.ToValidUTF8(s[:4*maxCell], "")
	}
	return strings.Join(strings.Fields(scrub(s)), " ")
}
