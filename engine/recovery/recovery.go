// Package recovery keeps the unsaved edits of open notebooks on disk, for the next
// program to find when this one ends without having saved. It keeps whole documents
// as bytes and knows neither what is in them nor when to write them.
//
//	DIR/NAME-ID.lock   locked (flock) for as long as the program that wrote them lives
//	    NAME-ID.base   the file as it was read, for merging; written once for a revision
//	    NAME-ID.edits  a header of one line (see Header), then the document
//
// NAME is a hash of the notebook's path. Each program has its own ID, so two that have
// one notebook open do not touch each other's edits, and nobody is offered the edits
// of a program that still has them. A lock dies with its process whatever ends it.
package recovery

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Header says what edits are of.
type Header struct {
	Format   int       `json:"nbterm_recovery"` // 1
	Path     string    `json:"path"`            // absolute
	Revision string    `json:"revision"`        // of the file they were made in; "" for a new one
	Time     time.Time `json:"time"`
	Size     int       `json:"size"` // bytes of the document
}

// ErrTorn says that a file does not hold what its header promises.
var ErrTorn = errors.New("is damaged")

// Encode is a file of edits.
func Encode(h Header, doc []byte) ([]byte, error) {
	h.Format, h.Size = 1, len(doc)
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode a recovery file: %w", err)
	}
	out := make([]byte, 0, len(head)+1+len(doc))
	return append(append(append(out, head...), '\n'), doc...), nil
}

// Decode is the opposite. The error wraps ErrTorn, or names a format that is newer
// than this program.
func Decode(data []byte) (Header, []byte, error) {
	head, doc, ok := bytes.Cut(data, []byte("\n"))
	var h Header
	if !ok || json.Unmarshal(head, &h) != nil || h.Format < 1 {
		return Header{}, nil, fmt.Errorf("the recovery file %w", ErrTorn)
	}
	if h.Format > 1 {
		return h, nil, fmt.Errorf("the recovery file was written by a newer nbterm (format %d)", h.Format)
	}
	if h.Size != len(doc) {
		return h, nil, fmt.Errorf("the recovery file %w: it holds %d of %d bytes", ErrTorn, len(doc), h.Size)
	}
	return h, doc, nil
}

// name is what the files of a notebook begin with.
func name(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:10]) + "-"
}
