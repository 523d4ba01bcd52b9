// Package host owns one kernel: it starts it, always drains it, keeps the queue
// of executions, and turns everything that happens into numbered events. A client
// attaches from event N and is told all that came after; it need not have been
// there. A host holds no storage, no database and draws nothing.
//
// The life of a kernel and of an execution:
//
//	Starting ──▶ Idle ◀──▶ Busy          Queued ──▶ Running ──▶ Finished (Ok, Error,
//	    │          │         │              │                    Aborted, Died)
//	    ▼          ▼         ▼              └─────▶ Dropped (error before it,
//	   Dead ◀── Restarting ◀─┘                      restart, death, cancelled)
//	     └────────▶ Starting
//
// An execution ends when both its execute_reply and the idle status that answers
// it have arrived, in whichever order (messaging spec, "Request-Reply"; both
// orders are seen in practice).
//
// Executions that nobody watches are guarded (guard.go): one that takes longer than its
// Limit is interrupted, a kernel that is stopped is ended. What a kernel is told in
// secret (secrets.go) is no event, and is masked in those that follow.
//
// A host runs in a process of its own (package process), which clients reach over a
// socket (package link); Event and Execution hold only what can be written to a
// journal and sent. Where the disk is full or the journal has reached its cap, output
// is dropped and a Gap stands in its place; ends never are.
package host
