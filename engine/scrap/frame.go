package scrap

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Frame is a data frame that a scrap holds as a Parquet file.
type Frame struct {
	Columns []string // names, those of an index without a name left out
	Rows    int64
	Err     error // why the file cannot be read; then the rest is empty
	file    *parquet.File
}

// mostFrame bounds the size of a Parquet file that is read, in bytes.
const mostFrame = 256 << 20

var errTooLarge = errors.New("it is larger than 256 MiB")

// ReadFrame reads the base64 text of a Parquet file. Only its footer is read before
// cells are asked for.
func ReadFrame(text string) *Frame {
	f := &Frame{}
	f.Err = f.open(text)
	return f
}

func (f *Frame) open(text string) (err error) {
	defer recovered(&err)
	if len(text) > mostFrame {
		return errTooLarge
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return fmt.Errorf("read a data frame: %w", err)
	}
	if f.file, err = parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true)); err != nil {
		return fmt.Errorf("read a data frame: %w", err)
	}
	for _, c := range f.file.Schema().Columns() {
		if name := strings.Join(c, "."); !strings.HasPrefix(name, "__index_level_") {
			f.Columns = append(f.Columns, name)
		}
	}
	f.Rows = f.file.NumRows()
	return nil
}

// recovered turns a panic of the Parquet library, which some broken files lead to,
// into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("read a data frame: the Parquet file is broken: %v", p)
	}
}

// String is the shape of the frame, or why there is none.
func (f *Frame) String() string {
	if f.Err != nil {
		return "data frame that cannot be read"
	}
	return fmt.Sprintf("%d × %d frame", f.Rows, len(f.Columns))
}

// Head gives the first n rows as text, one string a column. Lists within a cell are
// joined.
func (f *Frame) Head(n int) (rows [][]string, err error) {
	if f.Err != nil {
		return nil, f.Err
	}
	defer recovered(&err)
	column := map[int]int{} // of the file -> of ours
	for i, c := range f.file.Schema().Columns() {
		if !strings.HasPrefix(c[0], "__index_level_") {
			column[i] = len(column)
		}
	}
	for _, g := range f.file.RowGroups() {
		if len(rows) >= n {
			break
		}
		if rows, err = f.group(g, rows, n, column); err != nil {
			return nil, fmt.Errorf("read a data frame: %w", err)
		}
	}
	return rows, nil
}

func (f *Frame) group(g parquet.RowGroup, rows [][]string, n int, column map[int]int) ([][]string, error) {
	in := g.Rows()
	defer in.Close() //nolint:errcheck // it reads from memory
	for len(rows) < n {
		buffer := make([]parquet.Row, min(n-len(rows), 64))
		got, err := in.ReadRows(buffer)
		for _, row := range buffer[:got] {
			cells := make([]string, len(f.Columns))
			for _, v := range row {
				at, ok := column[v.Column()]
				if !ok || v.IsNull() {
					continue
				}
				if cells[at] != "" {
					cells[at] += ", "
				}
				cells[at] += v.String()
			}
			rows = append(rows, cells)
		}
		if errors.Is(err, io.EOF) || got == 0 {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}
