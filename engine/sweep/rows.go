package sweep

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"nbterm/engine/params"
)

// ReadRows reads a file of parameters, a row for each run. Its name tells what it is:
// CSV or TSV with the names in the first line, whose values are read as `-p` reads them
// and an empty one is not given; JSONL with an object on each line; JSON or YAML with a
// list of objects.
func ReadRows(name string, data []byte) ([]*params.Set, error) {
	var rows []*params.Set
	var err error
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".csv":
		rows, err = readCSV(data, ',')
	case ".tsv", ".tab":
		rows, err = readCSV(data, '\t')
	case ".jsonl", ".ndjson":
		rows, err = readLines(data)
	case ".json", ".yaml", ".yml":
		rows, err = readList(data, ext == ".json")
	default:
		err = fmt.Errorf("%w: the name must end in .csv, .tsv, .jsonl, .json or .yaml", ErrSyntax)
	}
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%w: it has no rows", ErrSyntax)
	}
	if err == nil && len(rows) > MaxRuns {
		err = fmt.Errorf("%w: it has more than %d rows", ErrSyntax, MaxRuns)
	}
	if err != nil {
		return nil, fmt.Errorf("read the rows of %s: %w", name, err)
	}
	return rows, nil
}

func readCSV(data []byte, comma rune) ([]*params.Set, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comma, r.TrimLeadingSpace, r.ReuseRecord = comma, comma == ',', true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	names := make([]string, len(head))
	seen := map[string]bool{}
	for i, name := range head {
		names[i] = strings.TrimSpace(name)
		if names[i] == "" || seen[names[i]] {
			return nil, fmt.Errorf("%w: column %d has no name of its own", ErrSyntax, i+1)
		}
		seen[names[i]] = true
	}
	var rows []*params.Set
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
		}
		row := &params.Set{}
		for i, text := range record {
			if text != "" {
				row.Put(names[i], params.Resolve(text))
			}
		}
		if rows = append(rows, row); len(rows) > MaxRuns {
			return rows, nil
		}
	}
}

func readLines(data []byte) ([]*params.Set, error) {
	var rows []*params.Set
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		v, err := params.ParseJSON(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		row, err := rowOf(v)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if rows = append(rows, row); len(rows) > MaxRuns {
			break
		}
	}
	return rows, nil
}

func readList(data []byte, isJSON bool) ([]*params.Set, error) {
	parse := params.ParseYAML
	if isJSON {
		parse = params.ParseJSON
	}
	v, err := parse(data)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]params.Value)
	if !ok {
		return nil, fmt.Errorf("%w: it is no list of rows", ErrSyntax)
	}
	var rows []*params.Set
	for i, item := range list {
		row, err := rowOf(item)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func rowOf(v params.Value) (*params.Set, error) {
	o, ok := v.(*params.Object)
	if !ok {
		return nil, fmt.Errorf("%w: it is not an object such as {\"name\": 1}", ErrSyntax)
	}
	row := &params.Set{}
	for _, e := range o.Entries() {
		row.Put(params.Str(e.Key), e.Value)
	}
	return row, nil
}
