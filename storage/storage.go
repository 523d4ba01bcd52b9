// Package storage is the seam between nbterm and the places where notebooks
// live. A Store reads and writes whole objects and knows their revisions; every
// write is compare-and-swap, so nobody's work is overwritten unseen. It knows
// nothing of notebooks and imports nothing of ours.
package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What a caller may have to choose by. Every error of a Store wraps at most one
// of these. Its text is one sentence of what and why ("save x.ipynb: no space left
// on the disk"); what to try is for the screen or the command to add, which knows
// what its user can do about it.
var (
	ErrNotExist   = errors.New("does not exist")
	ErrExist      = errors.New("already exists")
	ErrConflict   = errors.New("was changed by someone else") // see Conflict
	ErrIsDir      = errors.New("is a folder")
	ErrPermission = errors.New("permission denied")
	ErrReadOnly   = errors.New("is read-only")
	ErrNoSpace    = errors.New("no space left")
	// The place itself: it does not answer, or does not know who asks. Both may pass.
	ErrUnavailable = errors.New("cannot be reached")
	ErrCredentials = errors.New("does not accept the credentials")
)

// Revision names one content of an object: a content hash, an ETag or a version
// id. Revisions are compared for equality only. None is the revision of an object
// that does not exist.
type Revision string

// None asks Write to create: it fails with ErrExist when the object is there.
const None Revision = ""

// Info describes one object.
type Info struct {
	Path     string // as the store was asked for it
	Size     int64  // bytes
	Modified time.Time
	Dir      bool
	Revision Revision // may be None from a listing, where finding out costs a read
}

// Store is one place. Paths are slash-separated and relative to its root.
type Store interface {
	Stat(ctx context.Context, path string) (Info, error)
	// Read returns the whole object and the revision that was read.
	Read(ctx context.Context, path string) ([]byte, Info, error)
	// Write replaces the object if its revision is still `was`, all or nothing:
	// after a crash at any moment the object holds the old bytes or the new. It
	// returns once the bytes are durable, with the new revision. A mismatch is a
	// *Conflict; it and every other error leave the old bytes, with one exception: an
	// error together with a revision says that the new bytes are in place but may not
	// outlive a power cut. A context that ends before that point changes nothing.
	Write(ctx context.Context, path string, data []byte, was Revision) (Info, error)
}

// Conflict is the error of a Write whose object was changed meanwhile.
type Conflict struct {
	Path string   // as a person knows it
	Have Revision // what the object is now; None when it is gone
}

func (c *Conflict) Error() string {
	if c.Have == None {
		return fmt.Sprintf("save %s: was removed by someone else", c.Path)
	}
	return fmt.Sprintf("save %s: %v", c.Path, ErrConflict)
}

// Unwrap makes errors.Is(err, ErrConflict) true.
func (c *Conflict) Unwrap() error { return ErrConflict }
