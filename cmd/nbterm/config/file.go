package config

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// entry is one value of the file.
type entry struct {
	key   string // dotted
	value any
	line  int // 1-based
}

// parse reads TOML into its values, in the order of the file. A file that is not
// TOML has one fault, with its line.
func parse(name string, data []byte) ([]entry, *Fault) {
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		where := name
		var at *toml.DecodeError
		if errors.As(err, &at) {
			row, col := at.Position()
			where = fmt.Sprintf("%s:%d:%d", name, row, col)
		}
		return nil, &Fault{Where: where, Problem: "is not TOML: " + strings.TrimPrefix(err.Error(), "toml: ")}
	}
	lines := keyLines(data)
	entries := flatten(nil, "", tree)
	for i := range entries {
		entries[i].line = lines.of(entries[i].key)
	}
	sort.SliceStable(entries, func(i, j int) bool {
		a, b := entries[i], entries[j]
		if a.line != b.line {
			return a.line < b.line
		}
		return a.key < b.key
	})
	return entries, nil
}

// flatten lists the leaves of a tree. An empty table is a leaf, so that a section
// that does not exist is noticed even when nothing is in it.
func flatten(out []entry, prefix string, tree map[string]any) []entry {
	for k, v := range tree {
		if m, ok := v.(map[string]any); ok && len(m) > 0 {
			out = flatten(out, prefix+k+".", m)
			continue
		}
		out = append(out, entry{key: prefix + k, value: v})
	}
	return out
}

// lineOf maps dotted keys to the lines where they were written.
type lineOf map[string]int

// of is the line of key, or of the nearest table around it.
func (l lineOf) of(key string) int {
	for key != "" {
		if line, ok := l[key]; ok {
			return line
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return 1
}

// keyLines walks the syntax tree once more for what Unmarshal does not tell: on
// which line each key stands.
func keyLines(data []byte) lineOf {
	lines, table := lineOf{}, ""
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = lines.note(&p, "", e)
		case unstable.KeyValue:
			lines.value(&p, table, e)
		}
	}
	return lines
}

func (l lineOf) value(p *unstable.Parser, prefix string, e *unstable.Node) {
	key := l.note(p, prefix, e)
	if v := e.Value(); v.Kind == unstable.InlineTable {
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				l.value(p, key, it.Node())
			}
		}
	}
}

// note records the line of the key of e and returns the key with its prefix.
func (l lineOf) note(p *unstable.Parser, prefix string, e *unstable.Node) string {
	key, line := prefix, 0
	for it := e.Key(); it.Next(); {
		if line == 0 {
			line = p.Shape(it.Node().Raw).Start.Line
		}
		if key != "" {
			key += "."
		}
		key += string(it.Node().Data)
	}
	if _, seen := l[key]; !seen {
		l[key] = line
	}
	return key
}
