package diff

import (
	"math"
	"math/big"
	"regexp"
	"strconv"

	"nbterm/engine/params"
)

// number finds what people and programs write for decimal numbers. Words that hold
// digits, such as x2 or 1.2.3, are no numbers.
var number = regexp.MustCompile(`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`)

// Near tells whether two texts are the same but for numbers that are close: by
// tolerance, or by tolerance times the greater of the two.
func Near(a, b string, tolerance float64) bool {
	if a == b {
		return true
	}
	if !(tolerance > 0) {
		return false
	}
	x, y := number.FindAllStringIndex(a, -1), number.FindAllStringIndex(b, -1)
	if len(x) != len(y) {
		return false
	}
	i, j := 0, 0
	for n := range x {
		if a[i:x[n][0]] != b[j:y[n][0]] || !nearNumbers(a[x[n][0]:x[n][1]], b[y[n][0]:y[n][1]], tolerance) {
			return false
		}
		i, j = x[n][1], y[n][1]
	}
	return a[i:] == b[j:]
}

func nearNumbers(a, b string, tolerance float64) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && close(x, y, tolerance)
}

// close is true for equal numbers, NaN and infinities too.
func close(x, y, tolerance float64) bool {
	if x == y || x != x && y != y {
		return true
	}
	gap := math.Abs(x - y)
	return gap <= tolerance || gap <= tolerance*max(math.Abs(x), math.Abs(y)) && !math.IsInf(gap, 0)
}

// NearValues is Near for values: numbers are close, texts equal, lists and objects
// the same in their parts. The order of keys does not count.
func NearValues(a, b params.Value, tolerance float64) bool {
	switch x := a.(type) {
	case []params.Value:
		y, ok := b.([]params.Value)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !NearValues(x[i], y[i], tolerance) {
				return false
			}
		}
		return true
	case *params.Object:
		y, ok := b.(*params.Object)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for _, e := range x.Entries() {
			v, ok := y.Get(e.Key)
			if !ok || !NearValues(e.Value, v, tolerance) {
				return false
			}
		}
		return true
	case *big.Int:
		y, ok := b.(*big.Int)
		return ok && x.Cmp(y) == 0
	}
	x, ok1 := float(a)
	y, ok2 := float(b)
	if ok1 && ok2 {
		return close(x, y, max(tolerance, 0))
	}
	return ok1 == ok2 && plain(a) && plain(b) && a == b
}

func float(v params.Value) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// plain tells that a value may be compared with ==.
func plain(v params.Value) bool {
	switch v.(type) {
	case nil, bool, string:
		return true
	}
	return false
}
