// Package gateway runs kernels that a Jupyter Server keeps: REST to start, find,
// interrupt and end them, one WebSocket to talk.
//
//	Launch ─POST─▶ kernel ─WebSocket─▶ hello ─▶ up ──link breaks──▶ away ──rejoined──▶ up
//	                                            │                    │
//	                 "restarting", "dead", 404, Shutdown      404, patience over
//	                                            └───────▶ over ◀─────┘
//
// A broken link ends no kernel. The server keeps what the kernel says meanwhile and
// replays it to whoever comes back with the same session id; what was under way
// between the two when the link broke, nobody keeps. ledger.go finds out whether
// something was, and has a gap told in its place; docs/decisions/0004-remote-kernels.md says how.
//
//	launch.go   start or attach, say hello
//	kernel.go   kernel.Kernel
//	life.go     one goroutine that follows a kernel through its links to its end
//	line.go     one WebSocket
//	ledger.go   what was asked and not answered, and what was lost. Pure
//	number.go   how kernels number their messages. Pure
package gateway
