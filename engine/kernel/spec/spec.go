// Package spec finds kernelspecs where jupyter_client finds them and fills in
// their command lines. It starts nothing.
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
}
