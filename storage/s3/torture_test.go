//go:build torture

package s3_test

// The figures of the reliability matrix, numbers 43 and 44, for `make torture`.
const (
	counters     = 8
	counterTimes = 100
	ambiguous    = 1_000
	manyKeys     = 100_000
)
