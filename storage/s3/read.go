package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"nbterm/storage"
)

// head asks what an object is.
func (s *Store) head(ctx context.Context, key string) (storage.Info, traits, error) {
	if err := ctx.Err(); err != nil {
		return storage.Info{}, traits{}, err
	}
	got, err := ask(ctx, s, func(c *s3.Client) (*s3.HeadObjectOutput, error) {
		return c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	})
	if err != nil {
		return storage.Info{}, traits{}, err
	}
	info := storage.Info{
		Path: key, Size: aws.ToInt64(got.ContentLength), Modified: aws.ToTime(got.LastModified),
		Revision: storage.Revision(aws.ToString(got.ETag)),
	}
	t := traits{
		contentType: aws.ToString(got.ContentType), encoding: aws.ToString(got.ContentEncoding),
		disposition: aws.ToString(got.ContentDisposition), cache: aws.ToString(got.CacheControl),
		language: aws.ToString(got.ContentLanguage), class: got.StorageClass, meta: got.Metadata,
	}
	s.remember(key, info.Revision, t)
	s.honest.saw(key, t.lineage())
	return info, t, nil
}

// Read returns the whole object. Where the connection breaks off it goes on from there,
// as long as the object is the same.
func (s *Store) Read(ctx context.Context, key string) ([]byte, storage.Info, error) {
	const action = "open"
	if err := s.check(action, key); err != nil {
		return nil, storage.Info{}, err
	}
	data, info, err := s.fetch(ctx, part{key: key, length: -1})
	if isMissing(err) {
		if folder, ferr := s.isFolder(ctx, key); ferr == nil && folder {
			err = storage.ErrIsDir
		}
	}
	if err != nil {
		return nil, storage.Info{}, s.fault(action, key, err)
	}
	return data, info, nil
}

// ReadRange reads a part by one request.
func (s *Store) ReadRange(ctx context.Context, key string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	const action = "open"
	if err := s.check(action, key); err != nil {
		return nil, storage.Info{}, err
	}
	if length <= 0 {
		info, _, err := s.head(ctx, key)
		return []byte{}, info, s.fault(action, key, err)
	}
	data, info, err := s.fetchRange(ctx, key, offset, length, was)
	if status(err) == http.StatusRequestedRangeNotSatisfiable {
		info, _, err = s.head(ctx, key)
		switch {
		case err == nil && was != storage.None && info.Revision != was:
			err = &storage.Conflict{Have: info.Revision}
		case err == nil && offset < 0 && info.Size > 0: // there is not so much
			data, info, err = s.fetch(ctx, part{key: key, length: length, was: info.Revision})
		default:
			data = []byte{}
		}
	}
	if err != nil {
		return nil, storage.Info{}, s.fault(action, key, err)
	}
	return data, info, nil
}

func (s *Store) fetchRange(ctx context.Context, key string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	if offset >= 0 {
		return s.fetch(ctx, part{key: key, offset: offset, length: length, was: was})
	}
	// Where a range from the end is to stop cannot be asked for.
	data, info, err := s.fetch(ctx, part{key: key, offset: offset, length: -1, was: was})
	return data[:min(length, int64(len(data)))], info, err
}

// part is what is to be fetched.
type part struct {
	key            string
	version        string
	offset, length int64 // length -1 is to the end; a negative offset counts from the end
	was            storage.Revision
}

// header is the Range of a part, "" for all, once got bytes of it are there.
func (p part) header(got int64) string {
	switch from := p.offset + got; {
	case p.offset < 0:
		return "bytes=" + strconv.FormatInt(p.offset, 10)
	case p.length >= 0:
		return fmt.Sprintf("bytes=%d-%d", from, p.offset+p.length-1)
	case from > 0:
		return fmt.Sprintf("bytes=%d-", from)
	}
	return ""
}

// fetch reads a part. When its body breaks off the rest is asked for, of the same object
// and no other; an object that changed meanwhile is read anew unless a revision was asked
// for. It is nowhere told half.
func (s *Store) fetch(ctx context.Context, p part) ([]byte, storage.Info, error) {
	var data []byte
	var info storage.Info
	for try := 1; ; try++ {
		got, err := s.get(ctx, p, int64(len(data)), info.Revision)
		if err == nil {
			if len(data) == 0 {
				info = got.info
			}
			data, err = s.drain(ctx, got, data)
		}
		if err == nil {
			return data, info, nil
		}
		changed := errors.Is(err, storage.ErrConflict) && p.was == storage.None
		if changed || p.offset < 0 {
			data, info = nil, storage.Info{}
		}
		again := changed || got.broke
		if !again || try >= s.o.Tries || ctx.Err() != nil {
			return nil, storage.Info{}, err
		}
	}
}

// answer is a body under way.
type answer struct {
	info   storage.Info
	body   io.ReadCloser
	length int64 // of the body
	cancel context.CancelFunc
	broke  bool // the answer came, but not whole
}

// get asks for a part, of the object pinned if it is not None.
func (s *Store) get(ctx context.Context, p part, have int64, pinned storage.Revision) (*answer, error) {
	a := &answer{}
	if err := ctx.Err(); err != nil {
		return a, err
	}
	if pinned == storage.None {
		pinned = p.was
	}
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: &p.key}
	if r := p.header(have); r != "" {
		in.Range = &r
	}
	if pinned != storage.None {
		in.IfMatch = aws.String(string(pinned))
	}
	if p.version != "" {
		in.VersionId = &p.version
	}
	inner, cancel := context.WithCancel(ctx)
	got, err := ask(inner, s, func(c *s3.Client) (*s3.GetObjectOutput, error) { return c.GetObject(inner, in) })
	if err != nil {
		cancel()
		if status(err) == http.StatusPreconditionFailed {
			err = &storage.Conflict{Have: s.present(ctx, p.key)}
		}
		return a, err
	}
	size := aws.ToInt64(got.ContentLength)
	a.length, a.body, a.cancel = size, got.Body, cancel
	if _, whole, ok := strings.Cut(aws.ToString(got.ContentRange), "/"); ok {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			size = n
		}
	}
	a.info = storage.Info{Path: p.key, Size: size, Modified: aws.ToTime(got.LastModified), Revision: storage.Revision(aws.ToString(got.ETag))}
	if pinned != storage.None && a.info.Revision != pinned { // a server that ignores If-Match
		a.close()
		return a, &storage.Conflict{Have: a.info.Revision}
	}
	t := traits{
		contentType: aws.ToString(got.ContentType), encoding: aws.ToString(got.ContentEncoding),
		disposition: aws.ToString(got.ContentDisposition), cache: aws.ToString(got.CacheControl),
		language: aws.ToString(got.ContentLanguage), class: got.StorageClass, meta: got.Metadata,
	}
	if p.version == "" {
		s.remember(p.key, a.info.Revision, t)
		s.honest.saw(p.key, t.lineage())
	}
	return a, nil
}

func (a *answer) close() {
	_ = a.body.Close() // was read, or is of no use
	a.cancel()
}

// drain appends the body to data. A server that stops in the middle is given up on after
// the usual patience.
func (s *Store) drain(ctx context.Context, a *answer, data []byte) ([]byte, error) {
	defer a.close()
	if data == nil {
		data = make([]byte, 0, min(a.length, 1<<30)+1)
	}
	want := int64(len(data)) + a.length
	guard := time.AfterFunc(s.o.Patience, a.cancel)
	defer guard.Stop()
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := a.body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		guard.Reset(s.o.Patience)
		switch {
		case errors.Is(err, io.EOF) && int64(len(data)) == want:
			return data, nil
		case err != nil:
			a.broke = ctx.Err() == nil
			if a.broke {
				err = fmt.Errorf("%w: %d of %d bytes came, then the connection broke off", errPlace{"the server", storage.ErrUnavailable}, len(data), want)
			} else {
				err = ctx.Err()
			}
			return data, err
		}
	}
}

// present is the revision of what is there now, None where nothing is.
func (s *Store) present(ctx context.Context, key string) storage.Revision {
	info, _, err := s.head(ctx, key)
	switch {
	case isMissing(err):
		return storage.None
	case err != nil:
		return "unknown" // to nobody: it equals no ETag
	}
	return info.Revision
}
