// Package spec finds kernelspecs where jupyter_client finds them, tells which of
// them can start here, chooses one for a notebook and fills in its command line.
// It starts no kernel.
//
//	env.go      the machine as discovery sees it, passed in
//	python.go   the Python environment: its prefix, interpreter and modules
//	find.go     kernelspecs in search order
//	check.go    whether one can start
//	choose.go   the one for a notebook
//	command.go  its command line and environment
package spec

import "encoding/json"

// Spec is one kernelspec: kernel.json and where it was found.
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
type Spec struct {
	Name          string            // directory name, lower-cased
	Dir           string            // resource directory; "" for an embedded kernel
	Source        string            // where it came from: "user", "environment", "system", "embedded", ...
	Argv          []string          // as written, not yet substituted
	DisplayName   string            // for people
	Language      string            // "python", "R", ...
	InterruptMode string            // "signal" or "message"
	Env           map[string]string // as written, not yet substituted
	Metadata      json.RawMessage   // may be nil
	Embedded      bool              // run by engine/kernel/bridge, not by argv
	Problem       string            // why it cannot start here, as far as files tell; "" when nothing is known against it
	Remote        *Remote           `json:",omitempty"` // where it is, when not here: run by engine/kernel/gateway
}

// Remote is a Jupyter Server and a kernel of it. There is no token in it: a spec is
// written to disk and shown.
type Remote struct {
	URL      string // of the server, without a token
	TokenEnv string // environment variable that holds the token; "" for a server that wants none
	Kernel   string // id of a running kernel to attach to; "" starts one
}

// The values of InterruptMode.
const (
	BySignal  = "signal"
	ByMessage = "message"
)
