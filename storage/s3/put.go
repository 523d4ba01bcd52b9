package s3

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // it is what an ETag is, not a secret
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"nbterm/storage"
)

var _ storage.Putter = (*Store)(nil)

const (
	smallestPart = 8 << 20 // S3 wants 5 MB of all but the last
	mostParts    = 9000    // S3 allows 10,000
	hands        = 4       // parts under way at once
)

// upload is a multipart upload under way. The server keeps its parts until it is completed
// or called off, so that it can be gone on with; a rule of the bucket may end it earlier.
type upload struct {
	w     *write
	id    string
	piece int64
	size  int64
	parts []types.CompletedPart // by number-1; no ETag where it is missing
	done  atomic.Int64          // bytes
}

// token is what to go on by. The mark belongs to it: it was set when the upload began.
func (u *upload) token() string {
	return fmt.Sprintf("%s %d %d %s", u.id, u.piece, u.w.mark.n, u.w.mark.id)
}

// Put implements storage.Putter.
func (s *Store) Put(ctx context.Context, key string, r io.ReaderAt, size int64, was storage.Revision, t storage.Transfer) (storage.Info, error) {
	const action = "save"
	if size <= smallestPart {
		data := make([]byte, size)
		if n, err := r.ReadAt(data, 0); int64(n) < size {
			return storage.Info{}, s.fault(action, key, orShort(err))
		}
		info, err := s.Write(ctx, key, data, was)
		if err == nil && t.Progress != nil {
			t.Progress(size)
		}
		return info, err
	}
	if err := s.check(action, key); err != nil {
		return storage.Info{}, err
	}
	info, err := s.put(ctx, key, r, size, was, t)
	return info, s.fault(action, key, err)
}

func orShort(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (s *Store) put(ctx context.Context, key string, r io.ReaderAt, size int64, was storage.Revision, t storage.Transfer) (storage.Info, error) {
	w := &write{key: key, was: was}
	if err := s.prepare(ctx, w); err != nil {
		return storage.Info{}, err
	}
	if was == storage.None { // told before hours of sending, not after
		switch _, _, err := s.head(ctx, key); {
		case err == nil:
			return storage.Info{}, storage.ErrExist
		case !isMissing(err):
			return storage.Info{}, err
		}
	}
	u, err := s.resume(ctx, w, r, size, t.Token)
	if err != nil {
		return storage.Info{}, err
	}
	if u == nil {
		if u, err = s.begin(ctx, w, size); err != nil {
			return storage.Info{}, err
		}
	}
	if t.Keep != nil {
		t.Keep(u.token())
	}
	if err := s.sendParts(ctx, u, r, t); err != nil {
		if t.Keep == nil {
			s.abort(context.WithoutCancel(ctx), u)
		}
		return storage.Info{}, err
	}
	info, err := s.complete(ctx, u)
	if err != nil {
		return storage.Info{}, err
	}
	w.remember(s, info.Revision)
	return info, nil
}

func (s *Store) begin(ctx context.Context, w *write, size int64) (*upload, error) {
	t := w.traits
	in := &s3.CreateMultipartUploadInput{
		Bucket: &s.bucket, Key: &w.key,
		ContentType: opt(t.contentType), ContentEncoding: opt(t.encoding), ContentDisposition: opt(t.disposition),
		CacheControl: opt(t.cache), ContentLanguage: opt(t.language), StorageClass: t.class, Metadata: t.written(w.mark),
		ACL: types.ObjectCannedACL(s.o.ACL), ServerSideEncryption: types.ServerSideEncryption(s.o.SSE), SSEKMSKeyId: opt(s.o.KMSKey),
	}
	got, err := ask(ctx, s, func(c *s3.Client) (*s3.CreateMultipartUploadOutput, error) { return c.CreateMultipartUpload(ctx, in) })
	if err != nil {
		return nil, err
	}
	return newUpload(w, aws.ToString(got.UploadId), max(smallestPart, (size+mostParts-1)/mostParts), size), nil
}

func newUpload(w *write, id string, piece, size int64) *upload {
	return &upload{w: w, id: id, piece: piece, size: size, parts: make([]types.CompletedPart, (size+piece-1)/piece)}
}

// resume finds what is there of an upload, nil where it is gone. A part counts only if it
// is that of our bytes: its ETag is their MD5.
func (s *Store) resume(ctx context.Context, w *write, r io.ReaderAt, size int64, token string) (*upload, error) {
	words := strings.Fields(token)
	if len(words) != 4 {
		return nil, nil
	}
	piece, err1 := strconv.ParseInt(words[1], 10, 64)
	n, err2 := strconv.ParseInt(words[2], 10, 64)
	if err1 != nil || err2 != nil || piece < smallestPart {
		return nil, nil //nolint:nilerr // no token of ours
	}
	w.mark = mark{n, words[3]}
	u := newUpload(w, words[0], piece, size)
	in := &s3.ListPartsInput{Bucket: &s.bucket, Key: &w.key, UploadId: &u.id}
	for {
		got, err := ask(ctx, s, func(c *s3.Client) (*s3.ListPartsOutput, error) { return c.ListParts(ctx, in) })
		if isMissing(err) {
			w.mark = newMark(w.traits.lineage())
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, p := range got.Parts {
			i := int(aws.ToInt32(p.PartNumber)) - 1
			if i < 0 || i >= len(u.parts) {
				continue
			}
			if data, err := u.read(r, i); err == nil && strings.Trim(aws.ToString(p.ETag), `"`) == md5sum(data) {
				u.parts[i] = types.CompletedPart{ETag: p.ETag, PartNumber: p.PartNumber}
				u.done.Add(int64(len(data)))
			}
		}
		if in.PartNumberMarker = got.NextPartNumberMarker; !aws.ToBool(got.IsTruncated) {
			return u, nil
		}
	}
}

func md5sum(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

func (u *upload) read(r io.ReaderAt, i int) ([]byte, error) {
	from := int64(i) * u.piece
	data := make([]byte, min(u.piece, u.size-from))
	if n, err := r.ReadAt(data, from); n < len(data) {
		return nil, orShort(err)
	}
	return data, nil
}

// sendParts sends what is missing, a few at a time. The first that fails calls the others
// off.
func (s *Store) sendParts(ctx context.Context, u *upload, r io.ReaderAt, t storage.Transfer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var group sync.WaitGroup
	for range hands {
		group.Go(func() {
			for i := range next {
				if err := s.sendPart(ctx, u, r, i); err != nil {
					cancel(err)
					return
				}
				if t.Progress != nil {
					t.Progress(u.done.Load())
				}
			}
		})
	}
	for i := range u.parts {
		if u.parts[i].ETag != nil {
			continue
		}
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
	return context.Cause(ctx)
}

func (s *Store) sendPart(ctx context.Context, u *upload, r io.ReaderAt, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := u.read(r, i)
	if err != nil {
		return err
	}
	number := int32(i + 1)
	got, err := ask(ctx, s, func(c *s3.Client) (*s3.UploadPartOutput, error) {
		return c.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &s.bucket, Key: &u.w.key, UploadId: &u.id, PartNumber: &number, Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
		})
	})
	if err != nil {
		return err
	}
	u.parts[i] = types.CompletedPart{ETag: got.ETag, PartNumber: &number}
	u.done.Add(int64(len(data)))
	return nil
}

// complete makes the parts the object, if that is still what it was.
func (s *Store) complete(ctx context.Context, u *upload) (storage.Info, error) {
	in := &s3.CompleteMultipartUploadInput{
		Bucket: &s.bucket, Key: &u.w.key, UploadId: &u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	}
	if u.w.was == storage.None {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = aws.String(string(u.w.was))
	}
	if s.connect.isCustom() { // some know the condition of a PUT, and not of this
		if err := s.prepareAgain(ctx, u.w); err != nil {
			return storage.Info{}, err
		}
	}
	got, err := ask(ctx, s, func(c *s3.Client) (*s3.CompleteMultipartUploadOutput, error) {
		return c.CompleteMultipartUpload(ctx, in)
	})
	if err == nil {
		// Some tell another ETag here than they give the object.
		info, t, err := s.head(ctx, u.w.key)
		forgot := s.connect.isCustom() && t.lineage().n == 0 && info.Size == u.size // the metadata of an upload
		if err == nil && (t.lineage().newest(u.w.mark) || forgot) {
			return info, nil
		}
		return storage.Info{Path: u.w.key, Size: u.size, Modified: s.o.Now(), Revision: storage.Revision(aws.ToString(got.ETag))}, nil
	}
	_, info, err := s.settle(ctx, u.w, err)
	if err != nil && (errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrExist)) {
		s.abort(context.WithoutCancel(ctx), u) // it can never be completed
	}
	return info, err
}

// prepareAgain looks once more whether the object is what it was.
func (s *Store) prepareAgain(ctx context.Context, w *write) error {
	now := s.present(ctx, w.key)
	switch {
	case now == w.was:
		return nil
	case w.was == storage.None:
		return storage.ErrExist
	}
	return &storage.Conflict{Have: now}
}

// abort has the server forget the parts, which cost money.
func (s *Store) abort(ctx context.Context, u *upload) {
	_, _ = ask(ctx, s, func(c *s3.Client) (*s3.AbortMultipartUploadOutput, error) {
		return c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &u.w.key, UploadId: &u.id})
	}) // where it fails a rule of the bucket may do it
}
