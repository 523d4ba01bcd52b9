package host

import (
	"time"

	"nbterm/engine/kernel"
	"nbterm/engine/wire"
)

// Event is one thing that happened, numbered without gaps from 1. Exactly the
// field that Kind names is set, besides Exec where it says so.
type Event struct {
	Seq  uint64
	Time time.Time
	Kind Kind
	Exec string // execution id; "" where the event belongs to none

	Message   *wire.Message // Said
	Execution *Execution    // Queued
	Outcome   Outcome       // Finished, Dropped
	Reason    string        // Dropped: why; Finished: why, where the kernel did not say; Gap: what was lost; Linked: why the server cannot be reached, "" when it can again
	State     State         // Changed
	Info      *kernel.Info  // Changed to Idle after a start
	Exit      *kernel.Exit  // Changed to Dead, when a process had been started
	Failure   string        // Changed to Dead, when it could not be started: one sentence
}

// Kind says what an Event tells.
type Kind uint8

// The kinds of events.
const (
	Said     Kind = iota + 1 // the kernel sent Message
	Queued                   // Execution waits its turn
	Running                  // Exec was handed to the kernel
	Finished                 // Exec ended with Outcome
	Dropped                  // Exec left the queue without running, for Reason
	Changed                  // the kernel's State is another
	Gap                      // events are missing here, for Reason
	Linked                   // the kernel's server was lost, or is back; an older client passes it over
)

// State is the state of the kernel as its host sees it.
type State uint8

// The states of a kernel; see the diagram of the package.
const (
	Starting State = iota
	Idle
	Busy
	Restarting
	Dead
)

// String is the word shown to people and written to JSON.
func (s State) String() string {
	return word(int(s), "starting", "idle", "busy", "restarting", "dead")
}

// word is "unknown" for what a newer host says.
func word(i int, words ...string) string {
	if i < len(words) {
		return words[i]
	}
	return "unknown"
}

// Outcome is how an execution ended.
type Outcome uint8

// The outcomes of an execution.
const (
	None     Outcome = iota // has not ended
	Ok                      // reply status "ok"
	Error                   // reply status "error"
	Aborted                 // reply status "aborted", or dropped before it ran
	Died                    // the kernel ended under it
	TimedOut                // it took longer than its limit
)

// String is the word shown to people and written to JSON.
func (o Outcome) String() string {
	return word(int(o), "", "ok", "error", "aborted", "died", "timed out")
}

// Execution is one piece of code to run. ID is the msg_id of the execute_request
// that carries it, so that whatever the kernel says names it as parent.
type Execution struct {
	ID   string
	Cell CellRef
	Code string
	// Silent code leaves no trace: no execute_input, no history, no result.
	Silent bool
	// KeepGoing lets the queue behind go on when this one fails.
	KeepGoing bool
	// NoStdin tells the kernel that nobody will answer: input() raises at once.
	NoStdin bool `json:",omitempty"`
	// Limit is how long it may run: then it is interrupted, the queue behind it dropped,
	// and a kernel that does not obey is ended. 0 is for ever.
	Limit time.Duration `json:",omitempty"`
	// Unattended says that nobody would notice a kernel that is stopped (SIGSTOP): the
	// host ends it after some seconds.
	Unattended bool `json:",omitempty"`
}

// CellRef finds the cell again in another client's copy of the notebook: by ID
// where the format has ids, else by Index and the Hash of the source that ran.
type CellRef struct {
	ID    string
	Index int
	Hash  string
}
