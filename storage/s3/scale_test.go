//go:build !torture

package s3_test

// The same tests, small enough for every run; see torture_test.go.
const (
	counters     = 4
	counterTimes = 25
	ambiguous    = 60
	manyKeys     = 5_000
)
