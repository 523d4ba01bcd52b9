// Package s3 keeps objects in a bucket of Amazon S3 or of a server that speaks as it.
// Folders are parts of names. Who one is, which region and which server come from where
// they come for any AWS program: AWS_* variables, profiles, SSO, the machine's role.
//
// A revision is an ETag, and a write names the one that was read (If-Match), so that the
// server compares and swaps. Three things can go wrong with that, and each has its page:
// an answer that never comes (lineage.go), a server that ignores the condition or loses
// races (honest.go), a bucket that is in another region (client.go).
//
// It knows nothing of notebooks. Nothing of the SDK is set up before the first request.
package s3

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"nbterm/storage"
)

// Options say how to reach a bucket; what is "" comes from the environment.
type Options struct {
	Profile     string
	Region      string
	Endpoint    string // URL of another server than Amazon's
	PathStyle   Tristate
	Anonymous   bool   // sign nothing: for public buckets
	ACL         string // canned, such as bucket-owner-full-control
	SSE         string // "AES256" or "aws:kms"
	KMSKey      string // with "aws:kms"
	Credentials aws.CredentialsProvider
	Now         func() time.Time
	// Patience is how long a server may stay silent, 30 s by default.
	Patience time.Duration
	// Tries is how often a request that failed by no fault of its own is made, 4 by default.
	Tries int
	// Backoff is the longest pause between two tries, 5 s by default.
	Backoff time.Duration
}

// Tristate is yes, no or whatever is usual.
type Tristate int8

// The values of a Tristate.
const (
	Usual Tristate = iota
	Yes
	No
)

// Store is a bucket. It may be used by many goroutines.
type Store struct {
	bucket  string
	o       Options
	connect connector
	honest  honesty

	mu    sync.Mutex // guards known
	known map[object]traits
}

// object is one content of a key.
type object struct {
	key string
	rev storage.Revision
}

var (
	_ storage.Store     = (*Store)(nil)
	_ storage.Lister    = (*Store)(nil)
	_ storage.Ranger    = (*Store)(nil)
	_ storage.Remover   = (*Store)(nil)
	_ storage.Maker     = (*Store)(nil)
	_ storage.Mover     = (*Store)(nil)
	_ storage.Copier    = (*Store)(nil)
	_ storage.Versioner = (*Store)(nil)

	_ storage.Warner = (*Store)(nil)
)

// New returns the store of a bucket. Nothing is asked of it yet.
func New(bucket string, o Options) (*Store, error) {
	const longest = 255 // of old buckets; an access point's ARN is longer
	if bucket == "" || strings.ContainsAny(bucket, "/?#% \x00") || len(bucket) > longest && !strings.HasPrefix(bucket, "arn:") {
		return nil, fmt.Errorf("open s3://%s: that is no name of a bucket", bucket)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	if o.Tries == 0 {
		o.Tries = 4
	}
	if o.Backoff == 0 {
		o.Backoff = 5 * time.Second
	}
	return &Store{bucket: bucket, o: o, connect: connector{o: o}, known: make(map[object]traits)}, nil
}

// url is a key as a person knows it.
func (s *Store) url(key string) string { return "s3://" + s.bucket + "/" + key }

// check refuses keys that other programs would take for another place. S3 itself takes
// any, but a key with ".." in it cannot be copied to a disk, nor be named by a URL.
func (s *Store) check(action, key string) error {
	const longest = 1024
	why := ""
	switch {
	case key == "":
		return fmt.Errorf("%s %s: %w", action, s.url(key), storage.ErrIsDir)
	case strings.HasPrefix(key, "/"):
		why = "a key does not begin with a slash"
	case strings.HasSuffix(key, "/"):
		return fmt.Errorf("%s %s: %w", action, s.url(key), storage.ErrIsDir)
	case len(key) > longest:
		why = "a key has at most 1024 bytes"
	case !plainPath(key):
		why = "no part of a key may be . or .."
	default:
		return nil
	}
	return fmt.Errorf("%s %s: %w: %s", action, s.url(key), storage.ErrPermission, why)
}

func plainPath(key string) bool {
	for part := range strings.SplitSeq(key, "/") {
		if part == "." || part == ".." {
			return false
		}
	}
	return true
}

// prefix is what all keys in a folder begin with.
func (s *Store) prefix(action, dir string) (string, error) {
	if dir == "" {
		return "", nil
	}
	dir = strings.TrimSuffix(dir, "/")
	if err := s.check(action, dir); err != nil {
		return "", err
	}
	return dir + "/", nil
}

// maxKnown bounds what is remembered of objects.
const maxKnown = 4096

// remember notes what else an object is, for whoever replaces it.
func (s *Store) remember(key string, rev storage.Revision, t traits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	s.known[object{key, rev}] = t
}

func (s *Store) recall(key string, rev storage.Revision) (traits, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.known[object{key, rev}]
	return t, ok
}

// Stat describes an object, or a folder where keys begin with path and a slash.
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	const action = "open"
	if err := s.check(action, key); err != nil {
		return storage.Info{}, err
	}
	info, _, err := s.head(ctx, key)
	if isMissing(err) {
		folder, ferr := s.isFolder(ctx, key)
		if ferr != nil {
			return storage.Info{}, s.fault(action, key, ferr)
		}
		if folder {
			return storage.Info{Path: key, Dir: true}, nil
		}
	}
	if err != nil {
		return storage.Info{}, s.fault(action, key, err)
	}
	return info, nil
}
