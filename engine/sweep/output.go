package sweep

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"nbterm/engine/notebook"
	"nbterm/engine/params"
	"nbterm/engine/run"
)

// IndexName is what a path may name besides the parameters: the number of the run in
// the sweep, from 1.
const IndexName = "index"

// Output is where the record of run i (from 0) of n goes. out is a template such as
// runs/{lr}.ipynb; without a field it is a folder, and the record in it is called after
// the input: report.ipynb becomes out/report-007.ipynb.
func Output(out, in string, i, n int, s *params.Set, b params.Builtins) (string, error) {
	if !strings.Contains(out, "{") {
		width := max(len(strconv.Itoa(n)), 3) // the names stay when a sweep grows
		return strings.TrimSuffix(out, "/") + "/" + fmt.Sprintf("%s-%0*d.ipynb", Stem(in), width, i+1), nil
	}
	named := &params.Set{}
	named.Put(IndexName, int64(i+1))
	named.Merge(s)
	return params.Path(out, named, b)
}

// Stem is the name of an input without folder and ending.
func Stem(in string) string {
	name := path.Base(in)
	if ext := path.Ext(name); ext != "" && ext != name {
		name = strings.TrimSuffix(name, ext)
	}
	return name
}

// Twice finds two runs whose records would go to the same place; ok is false where
// there are none.
func Twice(outputs []string) (i, j int, ok bool) {
	at := make(map[string]int, len(outputs))
	for j, out := range outputs {
		if i, ok := at[out]; ok {
			return i, j, true
		}
		at[out] = j
	}
	return 0, 0, false
}

// Finished tells whether doc is the record of a run that completed with just that source
// (its SHA-256 in hex) and those parameters, so that it need not be made again.
func Finished(doc *notebook.Notebook, source string, s *params.Set) bool {
	_, status, _, ok := run.Past(doc)
	raw, has := doc.Meta("nbterm", "source", "sha256")
	if !ok || status != run.Completed || !has || string(raw) != strconv.Quote(source) {
		return false
	}
	given, ok := doc.Meta("nbterm", "parameters")
	if !ok {
		return s.Len() == 0
	}
	v, err := params.ParseJSON(given)
	return err == nil && string(params.JSON(v)) == string(s.JSON())
}
