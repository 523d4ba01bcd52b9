// Package link joins a kernel host and its clients over a unix socket. Server and
// Client carry the methods of host.Host across; what they mean is said there.
//
// A connection is a stream of frames, each
//
//	length uint32 little endian, type byte, payload of that length
//
// and begins with a Hello by the client and a Welcome or a Refusal by the server:
//
//	client ──hello──▶ server          client ──call──▶ server
//	       ◀─welcome─                        ◀─result─   in any order, by number
//	                                         ◀─event──   if Hello asked for events
//	                                         ◀──end───   after the host's last event
//
// Event frames carry the number as eight bytes and the event as it stands in the
// journal. Without an end frame the connection broke: the host was killed, or the
// link cut.
//
// Hello names the newest protocol the client speaks, Welcome the one that is spoken,
// which is the older of the two; both sides speak those from oldest on. A session is
// as old as the program that started it, so a new program keeps speaking the protocol
// of the one before. A version is needed only where somebody would be misled: fields,
// methods, kinds of events and types of frames that a reader does not know are passed
// over or refused one by one.
//
//	1  events in version 1 of their encoding
//	2  events in version 2
//
// Who may connect is decided twice: the socket lies in a 0700 directory, and the
// peer's user, as the kernel of the system tells it, must be ours.
package link

import (
	"encoding/json"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/wire"
)

// Protocol versions this package speaks.
const (
	newest = 2
	oldest = 1
)

// Frame types.
const (
	frameHello byte = iota + 1
	frameWelcome
	frameRefusal
	frameCall
	frameResult
	frameEvent
	frameEnd
)

// maxFrame bounds what a length can make a reader allocate.
const maxFrame = 1 << 30

type hello struct {
	Version  int
	Events   bool   // send events
	From     uint64 // number of the first
	ReadOnly bool   // refuse whatever changes something
}

type welcome struct{ Version int }

type refusal struct{ Reason string }

type call struct {
	ID     uint64
	Method string
	Params json.RawMessage
}

type result struct {
	ID    uint64
	Error string `json:",omitempty"`
	// Kind lets the client give back the error that callers compare with.
	Kind  string          `json:",omitempty"`
	Value json.RawMessage `json:",omitempty"`
}

// Status is a host seen from outside.
type Status struct {
	host.Status
	Clients int       // connections that read events
	Now     time.Time // by the host's clock
}

type requestParams struct {
	Channel wire.Channel
	Type    string
	Content json.RawMessage
	Timeout time.Duration

	// Of a message that is only sent; a host of before passes them over.
	ID       string          `json:",omitempty"`
	Metadata json.RawMessage `json:",omitempty"`
	Buffers  [][]byte        `json:",omitempty"`
}

// confideParams are the one thing of a call that is never written anywhere.
type confideParams struct {
	Exec   string
	Code   string
	Values []string
}
