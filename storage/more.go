package storage

import (
	"context"
	"io"
	"time"
)

// What a place may be able to do besides: a Store that can implements these. Paths
// are as in Store; "" is the root.

// Lister lists folders.
type Lister interface {
	// List returns one page of the folder dir, in the store's order; page is "" or
	// the Next of the page before. A page costs one request, however full the folder.
	List(ctx context.Context, dir, page string) (Page, error)
}

// Page is a part of a folder.
type Page struct {
	Entries []Info // Path is the whole path within the store, not only the name
	Next    string // "" where this is the last page
}

// Ranger reads parts of an object.
type Ranger interface {
	// ReadRange reads length bytes from offset; fewer at the end of the object. A
	// negative offset counts from the end. With was other than None the object must
	// still be of that revision, else the error is a *Conflict.
	ReadRange(ctx context.Context, path string, offset, length int64, was Revision) ([]byte, Info, error)
}

// Remover removes objects and empty folders.
type Remover interface {
	// Remove takes path away if its revision is still was; None asks for no revision.
	Remove(ctx context.Context, path string, was Revision) error
}

// Maker makes folders. Where folders are only a part of names there is nothing to do.
type Maker interface {
	MakeDir(ctx context.Context, path string) error
}

// Mover renames within the store without carrying the bytes through the caller. It
// fails with ErrExist rather than overwrite, and with ErrIsDir where folders are only a
// part of names: then what is in them is to be moved.
type Mover interface {
	Move(ctx context.Context, from, to string) error
}

// Copier copies within the store without carrying the bytes through the caller. It
// fails with ErrExist rather than overwrite.
type Copier interface {
	Copy(ctx context.Context, from, to string) (Info, error)
}

// Putter takes objects that are too large to hold or to send twice.
type Putter interface {
	// Put is Write of size bytes of r, which may be read in parts, out of order and more
	// than once. The object has them all or is as it was.
	Put(ctx context.Context, path string, r io.ReaderAt, size int64, was Revision, t Transfer) (Info, error)
}

// Transfer is how a Put tells of itself. A Put that did not end may be gone on with: by
// another with the Token that it told last, of the same bytes to the same path.
type Transfer struct {
	Token    string             // "" begins anew
	Keep     func(token string) // called when there is something to go on with; may be nil
	Progress func(done int64)   // bytes that are there; from any goroutine, may be nil
}

// Warner knows something of its place that its users should, too.
type Warner interface {
	// Warning is a sentence, "" where all is well. It may change with time.
	Warning() string
}

// Versioner knows the past of an object.
type Versioner interface {
	// Versions lists what the object was, newest first, at most limit.
	Versions(ctx context.Context, path string, limit int) ([]Version, error)
	ReadVersion(ctx context.Context, path, id string) ([]byte, error)
}

// Version is one state an object had.
type Version struct {
	ID       string // as ReadVersion takes it
	Size     int64
	Modified time.Time
	Author   string // "" where not known
	Note     string // what its maker said of it, such as a commit's subject
	Removed  bool   // the object was taken away here
}
