//go:build !torture

package local_test

// The same tests, small enough for every run; see torture_test.go.
const (
	kills        = 20
	killsInPlace = 20
	killSize     = 3 << 20 // bytes
	fullSaves    = 20
	counters     = 4
	counterTimes = 25
	foreign      = 40
	swaps        = 500
)
