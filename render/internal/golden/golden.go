// Package golden compares what is drawn with files under testdata. "go test
// -update" writes them anew; they are read in review, so escapes are spelled ␛.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Lines compares rows with testdata/NAME.golden.
func Lines(t *testing.T, name string, rows []string) {
	t.Helper()
	got := strings.ReplaceAll(strings.Join(rows, "\n"), "\x1b", "␛") + "\n"
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test -update if that is right\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}
