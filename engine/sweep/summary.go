package sweep

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"time"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/scrap"
)

// Result is what became of one run.
type Result struct {
	Set    *params.Set
	Output string // where its record is
	Status string // of the record; "waiting" where it was not begun
	Took   time.Duration
	Why    string // one clause, where it did not complete
	// Scraps are those of its record.
	Scraps []scrap.Scrap
}

// Summary is the results of a sweep as a table.
type Summary struct {
	Name    string // of the notebook that was run
	Results []Result
	table   *scrap.Table
}

// Summarize puts results, in the order of their runs, into a table.
func Summarize(name string, results []Result) *Summary {
	names, runs := make([]string, len(results)), make([]scrap.Run, len(results))
	for i, r := range results {
		names[i] = r.Output
		runs[i] = scrap.Run{Status: r.Status, Took: r.Took, Parameters: r.Set.Object(), Scraps: r.Scraps}
	}
	return &Summary{Name: name, Results: results, table: scrap.NewTable(names, runs)}
}

// Metrics are the names of what the runs measured, in the order they first appear.
func (s *Summary) Metrics() []string { return s.table.Metrics }

// Head names the columns: the number of the run and what became of it, the parameters,
// the metrics, where the record is, why it failed.
func (s *Summary) Head() []string {
	head := append([]string{"run", "status", "duration"}, s.table.Parameters...)
	return append(append(head, s.table.Metrics...), "output", "why")
}

// Row is what stands in row i under Head. What a run has not is nil.
func (s *Summary) Row(i int) []params.Value {
	r := s.Results[i]
	row := []params.Value{int64(i + 1), r.Status, nil}
	if r.Took > 0 {
		row[2] = float64(r.Took.Milliseconds()) / 1000
	}
	for _, name := range s.table.Parameters {
		v, _ := s.table.Parameter(i, name)
		row = append(row, v)
	}
	for _, name := range s.table.Metrics {
		v, _ := s.table.Metric(i, name)
		row = append(row, v)
	}
	return append(row, r.Output, r.Why)
}

// Text is a value in a cell of a table. It reads back as -p reads it; "" is nothing.
func Text(v params.Value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, int64, float64:
		return params.Str(v)
	}
	return string(scrap.AsJSON(v))
}

// CSV is the whole table.
func (s *Summary) CSV() []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(s.Head()) // a strings.Builder takes all
	for i := range s.Results {
		var record []string
		for _, v := range s.Row(i) {
			record = append(record, Text(v))
		}
		_ = w.Write(record)
	}
	w.Flush()
	return []byte(b.String())
}

// shownRows is how many rows the notebook shows; the CSV has all.
const shownRows = 1000

// Notebook is a notebook that shows the table, and whose one cell of code reads the CSV
// file of that name.
func (s *Summary) Notebook(csvName string) ([]byte, error) {
	counts := map[string]int{}
	for _, r := range s.Results {
		counts[r.Status]++
	}
	text := fmt.Sprintf("# Sweep of %s\n\n%d runs:", s.Name, len(s.Results))
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		text += fmt.Sprintf(" %d %s,", counts[status], status)
	}
	text = strings.TrimSuffix(text, ",") + "."
	if len(s.Results) > shownRows {
		text += fmt.Sprintf(" The first %d are shown; %s has all.", shownRows, csvName)
	}
	data := map[string]any{
		"application/vnd.dataresource+json": s.resource(),
		"text/html":                         s.html(),
		"text/plain":                        fmt.Sprintf("%d rows x %d columns", len(s.Results), len(s.Head())),
	}
	none := struct{}{}
	doc := map[string]any{
		"cells": []any{
			map[string]any{"cell_type": "markdown", "id": "sweep", "metadata": none, "source": text},
			map[string]any{
				"cell_type": "code", "id": "table", "metadata": none, "execution_count": nil,
				"outputs": []any{map[string]any{"output_type": "display_data", "metadata": none, "data": data}},
				"source":  "import pandas\n\npandas.read_csv(" + string(params.JSON(csvName)) + ")",
			},
		},
		"metadata": map[string]any{
			"language_info": map[string]any{"name": "python"},
			"nbterm":        map[string]any{"sweep": map[string]any{"runs": len(s.Results)}},
		},
		"nbformat": 4, "nbformat_minor": 5,
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write the summary of %s: %w", s.Name, err)
	}
	return out.Bytes(), nil
}

// IsSummary tells whether doc is a summary that Notebook has made.
func IsSummary(doc *notebook.Notebook) bool {
	_, ok := doc.Meta("nbterm", "sweep")
	return ok
}

// html is the table for front ends that show HTML.
func (s *Summary) html() string {
	var b strings.Builder
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for _, text := range cells {
			b.WriteString("<" + tag + ">" + html.EscapeString(text) + "</" + tag + ">")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("<table>\n<thead>\n")
	row("th", s.Head())
	b.WriteString("</thead>\n<tbody>\n")
	for i := range min(len(s.Results), shownRows) {
		var cells []string
		for _, v := range s.Row(i) {
			cells = append(cells, Text(v))
		}
		row("td", cells)
	}
	b.WriteString("</tbody>\n</table>")
	return b.String()
}

// resource is the table for the data explorer (Frictionless tabular data resource).
func (s *Summary) resource() json.RawMessage {
	head := s.Head()
	var fields, rows []string
	for c, name := range head {
		kind := ""
		for i := range min(len(s.Results), shownRows) {
			kind = wider(kind, s.Row(i)[c])
		}
		if kind == "" {
			kind = "string"
		}
		fields = append(fields, `{"name": `+string(params.JSON(name))+`, "type": "`+kind+`"}`)
	}
	for i := range min(len(s.Results), shownRows) {
		o := &params.Object{}
		for c, v := range s.Row(i) {
			switch v.(type) {
			case nil, bool, int64, float64, string:
			default:
				v = Text(v)
			}
			o.Put(head[c], v)
		}
		rows = append(rows, string(params.StrictJSON(o)))
	}
	return json.RawMessage(`{"schema": {"fields": [` + strings.Join(fields, ", ") + `]}, "data": [` + strings.Join(rows, ",\n") + `]}`)
}

// wider is the type of a column that holds kind and v.
func wider(kind string, v params.Value) string {
	now := "string"
	switch v.(type) {
	case nil:
		return kind
	case bool:
		now = "boolean"
	case int64:
		now = "integer"
	case float64:
		now = "number"
	}
	switch {
	case kind == "" || kind == now:
		return now
	case (kind == "integer" || kind == "number") && (now == "integer" || now == "number"):
		return "number"
	}
	return "string"
}
