package config

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong with the configuration.
type Fault struct {
	Where   string // "config.toml:3", "NBTERM_THEME" or "--theme"
	Key     string // "" where the file could not be read at all
	Problem string // the rest of the sentence
}

func (f Fault) String() string {
	if f.Key == "" {
		return f.Where + ": " + f.Problem
	}
	return fmt.Sprintf("%s: %s %s", f.Where, f.Key, f.Problem)
}

// Faults is all that is wrong, as one error.
type Faults []Fault

func (fs Faults) Error() string {
	if len(fs) == 1 {
		return fs[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the configuration has %d faults:", len(fs))
	for _, f := range fs {
		b.WriteString("\n  " + f.String())
	}
	return b.String()
}

// unknown is the fault of a key that is none of known.
func unknown(where, key string, known []string) Fault {
	problem := "is not a setting"
	if near := nearest(key, known); near != "" {
		problem += fmt.Sprintf("; did you mean %s?", near)
	} else {
		problem += "; nbterm config lists them"
	}
	return Fault{Where: where, Key: key, Problem: problem}
}

// nearest is the word fewest edits away from key, "" when none is near.
func nearest(key string, words []string) string {
	best, fewest := "", len(key)/2+1
	for _, w := range words {
		if d := distance(key, w); d < fewest {
			best, fewest = w, d
		}
	}
	if best != "" || strings.Contains(key, ".") {
		return best
	}
	for _, w := range words { // "tab_width" for "editor.tab_width"
		if _, last, ok := strings.Cut(w, "."); ok && distance(key, last) <= len(key)/4 {
			return w
		}
	}
	return ""
}

// distance is Levenshtein's, in bytes: keys are ASCII, and a wrong guess for one
// that is not costs nothing.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
