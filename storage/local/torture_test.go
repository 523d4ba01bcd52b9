//go:build torture

package local_test

// The figures of the reliability matrix, numbers 1, 3, 6, 7, 27 and 43, for `make torture`.
const (
	kills        = 500
	killsInPlace = 100
	killSize     = 10 << 20 // bytes
	fullSaves    = 100
	counters     = 8
	counterTimes = 100
	foreign      = 200
	swaps        = 10_000
)
