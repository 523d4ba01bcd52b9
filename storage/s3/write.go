package s3

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // it is what an ETag is, not a secret
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"nbterm/storage"
)

// write is one save under way.
type write struct {
	key    string
	data   []byte
	was    storage.Revision
	traits traits
	mark   mark
	naked  bool // without a condition, see commit
}

// Write saves data under key; see storage.Store. What else the object was, such as its
// type, metadata and storage class, it stays; tags are lost, which a PUT cannot keep.
func (s *Store) Write(ctx context.Context, key string, data []byte, was storage.Revision) (storage.Info, error) {
	const action = "save"
	if err := s.check(action, key); err != nil {
		return storage.Info{}, err
	}
	w := &write{key: key, data: data, was: was}
	if err := s.prepare(ctx, w); err != nil {
		return storage.Info{}, s.fault(action, key, err)
	}
	done, info, err := s.probe(ctx, w)
	if !done && err == nil {
		info, err = s.commit(ctx, w)
	}
	if err != nil {
		return storage.Info{}, s.fault(action, key, err)
	}
	w.remember(s, info.Revision)
	return info, nil
}

func (w *write) remember(s *Store, rev storage.Revision) {
	t := w.traits
	t.meta = t.written(w.mark)
	s.remember(w.key, rev, t)
	s.honest.acknowledged(w.key, w.mark)
}

// prepare finds what the new object must carry on.
func (s *Store) prepare(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.connect.get(ctx); err != nil {
		return err
	}
	w.traits.contentType = contentType(w.key)
	if w.was != storage.None {
		t, known := s.recall(w.key, w.was)
		if s.doubtful() || !known {
			info, now, err := s.head(ctx, w.key)
			switch {
			case isMissing(err):
				return &storage.Conflict{}
			case err != nil:
				return err
			case info.Revision != w.was:
				return &storage.Conflict{Have: info.Revision}
			}
			t = now
		}
		w.traits = t
	} else if s.doubtful() {
		if _, _, err := s.head(ctx, w.key); err == nil {
			return storage.ErrExist
		}
	}
	w.mark = newMark(w.traits.lineage())
	return nil
}

func contentType(key string) string {
	switch ext := path.Ext(key); ext {
	case ".ipynb":
		return "application/x-ipynb+json"
	case "":
		return "application/octet-stream"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
	}
	return "application/octet-stream"
}

// commit sends the object and finds out what became of it. An answer that says no, or none
// at all, is not believed before the object was looked at: the SDK sends again what was not
// answered, and the second is refused because the first was heard.
func (s *Store) commit(ctx context.Context, w *write) (storage.Info, error) {
	pause := 20 * time.Millisecond
	for try := 1; ; try++ {
		info, err := s.send(ctx, w)
		if err == nil {
			return info, nil
		}
		again, info, err := s.settle(ctx, w, err)
		// There are servers that take what marks a removed version for an object, and would
		// not have one of its name again. They were asked three times and there is none.
		w.naked = again && try >= 3 && w.was == storage.None && s.connect.isCustom()
		if !again || try >= max(s.o.Tries, 2)*4 {
			return info, err
		}
		if !sleep(ctx, pause) {
			return storage.Info{}, ctx.Err()
		}
		pause = min(2*pause, s.o.Backoff)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// settle decides what an error of a PUT means. again says that the object is still what it
// was and the server asks to try again (409: somebody was writing just then).
func (s *Store) settle(ctx context.Context, w *write, err error) (again bool, info storage.Info, why error) {
	code := status(err)
	clear := code/100 == 4 && code != http.StatusConflict && code != http.StatusPreconditionFailed && code != http.StatusNotFound && code != http.StatusRequestTimeout
	if clear {
		return false, storage.Info{}, err
	}
	// What was sent may be there although its sender has been called off.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.Patience)
	defer cancel()
	now, t, herr := s.head(look, w.key)
	switch {
	case isMissing(herr):
		if w.was != storage.None && (code == http.StatusNotFound || code == http.StatusPreconditionFailed || code == http.StatusConflict) {
			return false, storage.Info{}, &storage.Conflict{}
		}
		return retriable(ctx, code), storage.Info{}, orCancelled(ctx, err)
	case herr != nil:
		if ctx.Err() != nil {
			return false, storage.Info{}, fmt.Errorf("%w; whether it was saved is not known", ctx.Err())
		}
		return false, storage.Info{}, fmt.Errorf("%w; whether it was saved is not known", s.why(err))
	}
	l := t.lineage()
	switch {
	case l.newest(w.mark):
		return false, now, nil
	case l.has(w.mark): // it was, and has been written over by someone who had read it
		return false, w.done(s), nil
	case now.Revision == w.was:
		return retriable(ctx, code), storage.Info{}, orCancelled(ctx, err)
	case l.passed(w.mark):
		return false, storage.Info{}, fmt.Errorf("%w; it was written so often since that nobody knows whether this was among it", s.why(err))
	case w.was == storage.None:
		return false, storage.Info{}, storage.ErrExist
	}
	return false, storage.Info{}, &storage.Conflict{Have: now.Revision}
}

func orCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// retriable is what the SDK does not try again by itself.
func retriable(ctx context.Context, code int) bool {
	return ctx.Err() == nil && (code == http.StatusConflict || code == http.StatusPreconditionFailed)
}

// done describes our write where the object is something newer. Its ETag is the MD5 of the
// bytes unless the bucket encrypts by keys of its own; then it equals nothing any more.
func (w *write) done(s *Store) storage.Info {
	return storage.Info{Path: w.key, Size: int64(len(w.data)), Modified: s.o.Now(), Revision: etag(w.data)}
}

func etag(data []byte) storage.Revision {
	sum := md5.Sum(data) //nolint:gosec // as above
	return storage.Revision(`"` + hex.EncodeToString(sum[:]) + `"`)
}

// send is one PUT.
func (s *Store) send(ctx context.Context, w *write) (storage.Info, error) {
	t := w.traits
	in := &s3.PutObjectInput{
		Bucket: &s.bucket, Key: &w.key, Body: bytes.NewReader(w.data), ContentLength: aws.Int64(int64(len(w.data))),
		ContentType: opt(t.contentType), ContentEncoding: opt(t.encoding), ContentDisposition: opt(t.disposition),
		CacheControl: opt(t.cache), ContentLanguage: opt(t.language), StorageClass: t.class,
		Metadata: t.written(w.mark),
		ACL:      types.ObjectCannedACL(s.o.ACL), ServerSideEncryption: types.ServerSideEncryption(s.o.SSE), SSEKMSKeyId: opt(s.o.KMSKey),
	}
	switch {
	case w.naked:
	case w.was == storage.None:
		in.IfNoneMatch = aws.String("*")
	default:
		in.IfMatch = aws.String(string(w.was))
	}
	got, err := ask(ctx, s, func(c *s3.Client) (*s3.PutObjectOutput, error) {
		if _, err := in.Body.(*bytes.Reader).Seek(0, 0); err != nil {
			return nil, err
		}
		return c.PutObject(ctx, in)
	})
	if err != nil {
		return storage.Info{}, err
	}
	return storage.Info{
		Path: w.key, Size: int64(len(w.data)), Modified: s.o.Now(), Revision: storage.Revision(aws.ToString(got.ETag)),
	}, nil
}

func opt(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// isCode reports whether a server gave this code.
func isCode(err error, code string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == code
}
