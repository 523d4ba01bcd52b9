// Package host owns one kernel: its execution queue and its numbered events. A
// client attaches from event N and is told everything after it.
package host
