// Package run is one headless execution of a notebook: every code cell in order on one
// host, and the record of it. The record is a fold of the source, its parameters and the
// host's events, so whoever has these three can make it, be it the driver that queued
// the cells, one that took over, or one that finds only the journal:
//
//	          queued                 reply ok
//	pending ─────────▶ running ──────────────────▶ completed
//	   │                  │ error        ┌────────▶ failed, raised (it was allowed to),
//	   │                  ├──────────────┤          exited (sys.exit(0))
//	   │                  │ limit        └────────▶ timed_out
//	   │                  │ we interrupted it ────▶ aborted
//	   │                  │ the kernel ended ─────▶ died, oom, stopped
//	   │                  └ nobody can tell ──────▶ lost
//	   └ a cell before it ended the run ──────────▶ not_run
//
// It is written in two blocks of metadata: "papermill", with the keys and the four words
// that papermill has, and "nbterm", which tells the truth in either way of writing the
// first (see Options.Strict). The package starts no kernel and stores nothing itself.
package run
