// Package bridge runs the embedded kernels: a standard-library Python worker and a
// bash, both children of ours, spoken to over pipes. They need nothing installed
// but the interpreter, are ready in some 40 ms, and say what ipykernel would say.
//
//	         Go                                     worker/*.py
//	Send ──▶ outbox ──▶ fd 3 ──▶ reader thread ──▶ cells: main thread, one after another
//	                                           └─▶ control, complete, inspect, input_reply: at once
//	Messages ◀── queue ◀── fd 4 ◀── link.py ◀── streams.py ◀── print, display, results
//	                                               ▲
//	what C code and commands write to fd 1 and 2 ──┘ by pipes whose reading ends the
//	worker owns (fd 5, 6); ours are for what a crash leaves in them
//
// The Python sources travel over fd 3 first and compile when first imported: no
// file is written. The end of fd 3 ends the worker and what it started.
//
// Limits, honestly: no history search, debugger, %autoreload or GUI loops; comms
// are passed on, widgets have no view here. Commands get no terminal and an empty
// standard input. In bash, read meets the end of input, `set -e` with a failing
// command ends the shell as it would anywhere, and completion while a cell runs is
// empty.
package bridge
