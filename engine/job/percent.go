package job

import (
	"fmt"
	"regexp"
	"strings"

	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
)

// marker is a line that begins a cell: # %% title [markdown] key="value".
var (
	marker = regexp.MustCompile(`^# ?%%(?:\s+(.*))?$`)
	kindOf = regexp.MustCompile(`\[(markdown|md|raw)\]`)
	tagsOf = regexp.MustCompile(`tags=(\[[^\]]*\])`)
	tagOf  = regexp.MustCompile(`["']([^"'\\]+)["']`)
)

// part is what stands between two markers.
type part struct {
	kind   notebook.Kind
	source string
	tags   string // as JSON; "" is none
}

// percent parts a script at its markers; nil where there is none. What stands before
// the first is a cell, too.
func percent(source string) []*notebook.Cell {
	var parts []*part
	header, lines, marked := "", []string(nil), false
	end := func() {
		if p := partOf(header, lines); p != nil {
			parts = append(parts, p)
		}
	}
	for line := range strings.SplitSeq(source, "\n") {
		if m := marker.FindStringSubmatch(strings.TrimRight(line, " \t")); m != nil {
			end()
			header, lines, marked = m[1], nil, true
			continue
		}
		lines = append(lines, line)
	}
	end()
	if !marked {
		return nil
	}
	return cells(parts)
}

// partOf is nil where there is nothing between two markers.
func partOf(header string, lines []string) *part {
	kind := notebook.Code
	if m := kindOf.FindStringSubmatch(header); m != nil {
		if kind = notebook.Markdown; m[1] == "raw" {
			kind = notebook.Raw
		}
		for i, line := range lines {
			lines[i] = strings.TrimPrefix(strings.TrimPrefix(line, "#"), " ")
		}
	}
	source := strings.Trim(strings.Join(lines, "\n"), "\n")
	if strings.TrimSpace(source) == "" {
		return nil
	}
	tags := ""
	if m := tagsOf.FindStringSubmatch(header); m != nil {
		var list []string
		for _, tag := range tagOf.FindAllStringSubmatch(m[1], -1) {
			list = append(list, quote(tag[1]))
		}
		tags = "[" + strings.Join(list, ", ") + "]"
	}
	return &part{kind, source, tags}
}

// cells are the parts as cells, with ids that are the same each time.
func cells(parts []*part) []*notebook.Cell {
	var b strings.Builder
	b.WriteString(`{"cells": [`)
	for i, p := range parts {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"cell_type": %s, "id": "job-%d", "metadata": {`, quote(string(p.kind)), i+1)
		if p.tags != "" {
			b.WriteString(`"tags": ` + p.tags)
		}
		b.WriteString("}, ")
		if p.kind == notebook.Code {
			b.WriteString(`"execution_count": null, "outputs": [], `)
		}
		b.WriteString(`"source": ` + quote(p.source) + "}")
	}
	b.WriteString(`], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`)
	doc, err := notebook.Parse([]byte(b.String()))
	if err != nil {
		panic("job: cells made here: " + err.Error())
	}
	return doc.Cells()
}

func quote(s string) string { return string(rawjson.AppendQuote(nil, s, false)) }
