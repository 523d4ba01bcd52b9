package run

// Status is what became of a cell, or of a run by the cell that decided it.
type Status string

// The statuses; see the diagram of the package.
const (
	Pending   Status = "pending"
	Running   Status = "running"
	Completed Status = "completed"
	Failed    Status = "failed" // it raised, and that ended the run
	Raised    Status = "raised" // it raised, as its tag or the caller allows
	Exited    Status = "exited" // it left with sys.exit(0), which ends a run well
	TimedOut  Status = "timed_out"
	Aborted   Status = "aborted" // we interrupted it
	Died      Status = "died"    // the kernel ended under it
	OOM       Status = "oom"     // the same, as memory ran out
	Stopped   Status = "stopped" // the kernel's process was stopped (SIGSTOP) and ended by us
	Lost      Status = "lost"    // the host ended without a word
	NotRun    Status = "not_run"
	Skipped   Status = "skipped" // no code, or tagged skip-execution
	Unstarted Status = "not_started"
)

// Good tells whether a run that ended so did what it was to do.
func (s Status) Good() bool { return s == Completed || s == Exited }

// passes tells whether the cells behind a cell that ended so may run.
func (s Status) passes() bool { return s == Completed || s == Raised || s == Skipped }
