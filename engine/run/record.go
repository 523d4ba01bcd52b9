package run

import (
	"encoding/json"
	"slices"
	"time"

	"nbterm/engine/host"
	"nbterm/engine/mime/rawjson"
	"nbterm/engine/notebook"
)

// About is what a record says of a run besides what the events tell.
type About struct {
	ID         string          // of the run; that of its host
	Input      string          // as papermill's input_path: as it was typed, with parameters filled in
	Output     string          // as papermill's output_path
	Source     string          // SHA-256 of the input file in hex
	Parameters json.RawMessage // an object as JSON; nil: none were given, what the source says stays
	Secrets    []string        // names, never values
	Machine    string          // host name
	Version    string          // of nbterm
	Papermill  string          // the version of papermill whose keys these are
	Earlier    []Attempt       // of the same run, the oldest first
	FirstCell  int             // index of the cell this attempt begins with
	Note       string          // why this attempt was made; "" for the first
}

// Attempt is one time that a run was driven.
type Attempt struct {
	Run     string  `json:"run"`
	Status  Status  `json:"status"`
	Started string  `json:"started"`
	Ended   string  `json:"ended,omitempty"`
	Took    float64 `json:"duration,omitempty"` // seconds
	Cell    int     `json:"first_cell"`
	Note    string  `json:"note,omitempty"`
}

// Record is how a run ended, or how far it has come.
type Record struct {
	ID        string
	Status    Status
	Failed    int    // index of the cell that decided it, markers not counted; -1 is none
	Count     int    // execution count of that cell, 0 where it has none
	Name      string // the exception's name and text, where a cell raised
	Value     string
	Traceback []string
	Raised    bool   // a cell raised that was allowed to, and no other did
	Reason    string // one clause, where Status does not say all
	Signal    string // that ended the kernel
	Ran       int    // code cells that ran to an end, good or bad
	Total     int    // code cells that were to run
	Started   time.Time
	Ended     time.Time
	// Mark says how much of what the host told the document holds; its Revision is the
	// caller's to fill in.
	Mark host.Mark
	// Unsaved is why the last Save failed: the document is all there is. nil is saved.
	Unsaved error
}

// Took is how long the run has been.
func (r Record) Took() time.Duration { return r.Ended.Sub(r.Started) }

// truth is the block "nbterm" of a notebook's metadata, in the order of its keys.
type truth struct {
	Attempts    []Attempt    `json:"attempts"`
	Cells       tally        `json:"cells"`
	Duration    *float64     `json:"duration"` // seconds
	Ended       string       `json:"ended,omitempty"`
	Environment *Environment `json:"environment,omitempty"`
	Exception   *exception   `json:"exception,omitempty"`
	FailedCell  *failedCell  `json:"failed_cell,omitempty"`
	Kernel      *kernelInfo  `json:"kernel,omitempty"`
	Machine     string       `json:"machine"`
	Reason      string       `json:"reason,omitempty"`
	Record      int          `json:"record"` // version of this block
	Run         string       `json:"run"`
	Secrets     []string     `json:"secrets,omitempty"`
	Signal      string       `json:"signal,omitempty"`
	Source      source       `json:"source"`
	Started     string       `json:"started"`
	Status      Status       `json:"status"`
	Version     string       `json:"version"`
}

// recordVersion is the version of truth that is written.
const recordVersion = 1

type tally struct {
	Ran   int `json:"ran"`
	Total int `json:"total"`
}

type exception struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type failedCell struct {
	Count int    `json:"execution_count,omitempty"`
	ID    string `json:"id,omitempty"`
	Index int    `json:"index"` // without the markers that a failure adds
}

type source struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

type kernelInfo struct {
	DisplayName    string `json:"display_name"`
	Implementation string `json:"implementation,omitempty"`
	Language       string `json:"language"`
	Name           string `json:"name"`
	PID            int    `json:"pid,omitempty"`
	Transport      string `json:"transport"`
	Version        string `json:"version,omitempty"` // of the implementation
}

// Environment is what the code ran in, as far as it is known.
type Environment struct {
	Interpreter string   `json:"interpreter,omitempty"` // path
	Language    string   `json:"language,omitempty"`
	Packages    []string `json:"packages,omitempty"` // name==version, sorted
	Version     string   `json:"version,omitempty"`  // of the language
}

// Past reads what an earlier record in doc says of its run; ok is false where there is
// none.
func Past(doc *notebook.Notebook) (run string, status Status, attempts []Attempt, ok bool) {
	raw, found := doc.Meta("nbterm")
	if !found {
		return "", "", nil, false
	}
	var t truth
	if json.Unmarshal(plain(raw), &t) != nil || t.Record == 0 {
		return "", "", nil, false
	}
	return t.Run, t.Status, t.Attempts, true
}

// InputOf is the path of the input as the record in doc has it, "" where it has none.
func InputOf(doc *notebook.Notebook) string {
	raw, _ := doc.Meta("nbterm", "source", "path")
	return rawjson.Unquote(raw)
}

// KernelOf is the name of the kernel of the run whose record doc is, "" where none came up.
func KernelOf(doc *notebook.Notebook) string {
	raw, _ := doc.Meta("nbterm", "kernel", "name")
	return rawjson.Unquote(raw)
}

// SecretsOf are the names of the secrets that the run was given whose record doc is.
func SecretsOf(doc *notebook.Notebook) (names []string) {
	raw, _ := doc.Meta("nbterm", "secrets")
	_ = json.Unmarshal(raw, &names) // none, where it holds no list
	return names
}

// FailedCell is the index of the cell that ended the run whose record doc is, -1 where
// there is none. Markers count as the cells they are.
func FailedCell(doc *notebook.Notebook) int {
	raw, ok := doc.Meta("nbterm", "failed_cell")
	var f failedCell
	if !ok || json.Unmarshal(raw, &f) != nil {
		return -1
	}
	at := -1
	for i := range doc.Len() {
		if slices.Contains(doc.Cell(i).Tags(), MarkerTag) {
			continue
		}
		if at++; at == f.Index {
			return i
		}
	}
	return -1
}
