package scrap_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"nbterm/engine/notebook"
	"nbterm/engine/scrap"
)

// book makes a notebook whose only cell has these outputs.
func book(t testing.TB, meta string, outputs ...string) *notebook.Notebook {
	t.Helper()
	doc, err := notebook.Parse([]byte(`{"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,"source":"x","outputs":[` +
		strings.Join(outputs, ",") + `]}],"metadata":` + meta + `,"nbformat":4,"nbformat_minor":5}`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func glued(encoder, name, data string) string {
	return fmt.Sprintf(`{"output_type":"display_data","data":{"application/scrapbook.scrap.%s+json":{"name":%q,"data":%s,"encoder":%q,"version":1}},"metadata":{"scrapbook":{"name":%q,"data":true,"display":false}}}`,
		encoder, name, data, encoder, name)
}

func TestReadsEveryKindOfScrap(t *testing.T) {
	t.Parallel()
	doc := book(t, `{}`,
		glued("json", "auc", "0.81"), glued("text", "note", `"fine"`), glued("json", "auc", "0.87"),
		glued("json", "list", `"[1, 2]"`), glued("json", "odd", "NaN"), glued("strange", "raw", `{"a": 1}`),
		`{"output_type":"display_data","data":{"application/papermill.record+json":{"old":[1,2]}},"metadata":{}}`,
		`{"output_type":"display_data","data":{"text/plain":"plot"},"metadata":{"scrapbook":{"name":"chart","data":false,"display":true}}}`,
		`{"output_type":"display_data","data":{"text/plain":"plot"},"metadata":{"papermill":{"name":"oldchart"}}}`)
	var got []string
	for _, s := range scrap.Read(doc) {
		got = append(got, fmt.Sprintf("%s %s %s %t", s.Name, s.Encoder, scrap.Show(s.Value), s.Shown != nil))
	}
	want := []string{
		"auc json 0.87 false", "note text fine false", "list json [1, 2] false", "odd json NaN false", `raw strange {"a": 1} false`,
		"old json [1, 2] false", "chart display null true", "oldchart display null true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReadsDataFrames(t *testing.T) {
	t.Parallel()
	type row struct {
		City  string  `parquet:"city"`
		Views int64   `parquet:"views"`
		Rate  float64 `parquet:"rate"`
		Index int64   `parquet:"__index_level_0__"`
	}
	var file bytes.Buffer
	if err := parquet.Write(&file, []row{{"Oslo", 42, 0.5, 0}, {"Bergen", 7, 1.25, 1}}); err != nil {
		t.Fatal(err)
	}
	doc := book(t, `{}`, glued("pandas", "df", `"`+base64.StdEncoding.EncodeToString(file.Bytes())+`"`), glued("pandas", "bad", `"UEFSMQ=="`))
	all := scrap.Read(doc)
	f, ok := all[0].Value.(*scrap.Frame)
	if !ok || f.Err != nil || f.String() != "2 × 3 frame" {
		t.Fatalf("the frame is %v", all[0].Value)
	}
	rows, err := f.Head(10)
	if err != nil || fmt.Sprint(f.Columns, rows) != "[city rate views] [[Oslo 0.5 42] [Bergen 1.25 7]]" && fmt.Sprint(f.Columns, rows) != "[city views rate] [[Oslo 42 0.5] [Bergen 7 1.25]]" {
		t.Errorf("columns %v, rows %v, %v", f.Columns, rows, err)
	}
	if bad, ok := all[1].Value.(*scrap.Frame); !ok || bad.Err == nil {
		t.Errorf("a broken file is %v", all[1].Value)
	}
}

func TestStatusIsTheRecordsOnlyWhereTheCellsBearItOut(t *testing.T) {
	t.Parallel()
	failure := `{"output_type":"error","ename":"E","evalue":"","traceback":[]}`
	for meta, c := range map[string]struct{ output, want string }{
		`{}`: {"", "completed"},
		`{"papermill":{"exception":null,"end_time":"2026-01-01T00:00:00"}}`:  {failure, "failed"},
		`{"papermill":{"exception":true,"end_time":"2026-01-01T00:00:00"}}`:  {"", "failed"},
		`{"papermill":{"exception":null,"end_time":null}}`:                   {"", "unfinished"},
		`{"nbterm":{"status":"timed_out"},"papermill":{"exception":null}}`:   {"", "timed_out"},
		`{"papermill":{"duration":1.5,"parameters":{"a":1,"b":"x"}},"x":{}}`: {"", "completed"},
	} {
		var outputs []string
		if c.output != "" {
			outputs = []string{c.output}
		}
		if got := scrap.Of(book(t, meta, outputs...)).Status; got != c.want {
			t.Errorf("%s: %s, want %s", meta, got, c.want)
		}
	}
	r := scrap.Of(book(t, `{"papermill":{"duration":1.5,"parameters":{"a":1,"b":"x"},"start_time":"2026-01-02T03:04:05.678901"}}`))
	if r.Took.Seconds() != 1.5 || r.Parameters.Len() != 2 || r.Started.Day() != 2 {
		t.Errorf("read %v", r)
	}
}

func TestTableSortsAndFindsTheBest(t *testing.T) {
	t.Parallel()
	var runs []scrap.Run
	for i, auc := range []string{"0.81", "0.9", "NaN", `"none"`} {
		runs = append(runs, scrap.Of(book(t, fmt.Sprintf(`{"papermill":{"parameters":{"seed":%d}}}`, i), glued("json", "auc", auc), glued("json", "by", `{"eu":1,"us":2}`))))
	}
	runs = append(runs, scrap.Of(book(t, `{}`)))
	names := []string{"a", "b", "c", "d", "e"}
	order := func(by ...string) string {
		table := scrap.NewTable(names, runs)
		if err := table.Sort(by...); err != nil {
			t.Fatal(err)
		}
		s := ""
		for _, r := range table.Rows {
			s += r.Name
		}
		return s
	}
	if got := order("-auc"); got != "dbace" {
		t.Errorf("by -auc %s", got)
	}
	if got := order("auc", "-seed"); got != "abdce" {
		t.Errorf("by auc %s", got)
	}
	table := scrap.NewTable(names, runs)
	if strings.Join(table.Metrics, " ") != "auc by.eu by.us" || strings.Join(table.Parameters, " ") != "seed" {
		t.Errorf("columns %v %v", table.Metrics, table.Parameters)
	}
	if err := table.Best("auc", false); err != nil || len(table.Rows) != 1 || table.Rows[0].Name != "b" {
		t.Errorf("the best is %v, %v", table.Rows, err)
	}
	if err := table.Sort("nothing"); err == nil {
		t.Error("sorted by a column that is not there")
	}
}

func TestJSONOfValuesIsForEveryReader(t *testing.T) {
	t.Parallel()
	for _, s := range scrap.Read(book(t, `{}`, glued("json", "a", "[NaN, {\"b\": Infinity}]"), glued("pandas", "f", `"x"`))) {
		if raw := scrap.AsJSON(s.Value); !json.Valid(raw) {
			t.Errorf("%s is no JSON", raw)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"application/scrapbook.scrap.json+json":{"name":"a","data":1}}`, `{"scrapbook":{"name":"a","display":true}}`)
	f.Add(`{"application/scrapbook.scrap.pandas+json":{"name":"a","data":"UEFSMQ=="}}`, `{}`)
	f.Add(`{"application/papermill.record+json":"{\"a\":1}"}`, `{"papermill":{"name":3}}`)
	f.Fuzz(func(t *testing.T, data, meta string) {
		doc, err := notebook.Parse([]byte(`{"cells":[{"cell_type":"code","metadata":{},"source":"","outputs":[{"output_type":"display_data","data":` + data + `,"metadata":` + meta + `}]}],"metadata":{"papermill":` + meta + `},"nbformat":4,"nbformat_minor":4}`))
		if err != nil {
			return
		}
		table := scrap.NewTable([]string{"a"}, []scrap.Run{scrap.Of(doc)})
		for _, m := range table.Metrics {
			v, _ := table.Metric(0, m)
			if raw := scrap.AsJSON(v); !json.Valid(raw) {
				t.Fatalf("%s is no JSON", raw)
			}
			_ = table.Sort(m)
		}
	})
}
