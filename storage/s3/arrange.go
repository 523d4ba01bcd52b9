package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"nbterm/storage"
)

// errNotEmpty is a folder that cannot go.
var errNotEmpty = errors.New("the folder is not empty")

// Remove takes an object away, or the sign of an empty folder.
func (s *Store) Remove(ctx context.Context, key string, was storage.Revision) error {
	const action = "remove"
	if err := s.check(action, key); err != nil {
		return err
	}
	return s.fault(action, key, s.remove(ctx, key, was))
}

func (s *Store) remove(ctx context.Context, key string, was storage.Revision) error {
	info, _, err := s.head(ctx, key)
	if isMissing(err) {
		return s.removeFolder(ctx, key)
	}
	if err != nil {
		return err
	}
	if was != storage.None && info.Revision != was {
		return &storage.Conflict{Have: info.Revision}
	}
	err = s.drop(ctx, key, was)
	if status(err) == http.StatusPreconditionFailed || status(err) == http.StatusConflict {
		return &storage.Conflict{Have: s.present(ctx, key)}
	}
	if isMissing(err) && was != storage.None {
		err = nil // it went under our hands, or by our own first try
	}
	if err == nil {
		s.honest.forget(key)
	}
	return err
}

func (s *Store) removeFolder(ctx context.Context, dir string) error {
	got, err := s.list(ctx, dir+"/", "", 2)
	if err != nil {
		return err
	}
	switch n := len(got.Contents) + len(got.CommonPrefixes); {
	case n == 0:
		return storage.ErrNotExist
	case n > 1 || len(got.Contents) == 0 || aws.ToString(got.Contents[0].Key) != dir+"/":
		return errNotEmpty
	}
	return s.drop(ctx, dir+"/", storage.None)
}

func (s *Store) drop(ctx context.Context, key string, was storage.Revision) error {
	_, err := ask(ctx, s, func(c *s3.Client) (*s3.DeleteObjectOutput, error) {
		return c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key, IfMatch: opt(string(was))})
	})
	return err
}

// MakeDir makes the sign of an empty folder that the AWS console makes too: an object
// without bytes whose key ends in a slash.
func (s *Store) MakeDir(ctx context.Context, dir string) error {
	const action = "make folder"
	if err := s.check(action, dir); err != nil {
		return err
	}
	_, _, err := s.head(ctx, dir)
	if err == nil {
		return s.fault(action, dir, storage.ErrExist)
	}
	if !isMissing(err) {
		return s.fault(action, dir, err)
	}
	if there, err := s.isFolder(ctx, dir); err != nil || there {
		if there {
			err = storage.ErrExist
		}
		return s.fault(action, dir, err)
	}
	_, err = ask(ctx, s, func(c *s3.Client) (*s3.PutObjectOutput, error) {
		return c.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &s.bucket, Key: aws.String(dir + "/"), Body: bytes.NewReader(nil), ContentLength: aws.Int64(0),
			ACL: types.ObjectCannedACL(s.o.ACL),
		})
	})
	return s.fault(action, dir, err)
}

// Copy has the server copy an object, with all that it is.
func (s *Store) Copy(ctx context.Context, from, to string) (storage.Info, error) {
	if err := errors.Join(s.check("copy", from), s.check("copy to", to)); err != nil {
		return storage.Info{}, err
	}
	return s.copy(ctx, from, "", to)
}

// largestCopy is what a server copies by one request; more must be carried.
const largestCopy = 5 << 30

func (s *Store) copy(ctx context.Context, from, version, to string) (storage.Info, error) {
	source, _, err := s.head(ctx, from)
	if err != nil {
		return storage.Info{}, s.fault("copy", from, err)
	}
	if source.Size > largestCopy {
		return storage.Info{}, s.fault("copy", from, errors.New("the server copies no more than 5 GB at once"))
	}
	// Servers that do not know the condition overwrite, so the target is looked for as well.
	if _, _, err := s.head(ctx, to); err == nil {
		return storage.Info{}, s.fault("copy to", to, storage.ErrExist)
	} else if !isMissing(err) {
		return storage.Info{}, s.fault("copy to", to, err)
	}
	in := &s3.CopyObjectInput{
		Bucket: &s.bucket, Key: &to, CopySource: aws.String(copySource(s.bucket, from, version)), IfNoneMatch: aws.String("*"),
		CopySourceIfMatch: aws.String(string(source.Revision)),
		ACL:               types.ObjectCannedACL(s.o.ACL), ServerSideEncryption: types.ServerSideEncryption(s.o.SSE), SSEKMSKeyId: opt(s.o.KMSKey),
	}
	if _, err := ask(ctx, s, func(c *s3.Client) (*s3.CopyObjectOutput, error) { return c.CopyObject(ctx, in) }); err != nil {
		if status(err) == http.StatusPreconditionFailed {
			err = storage.ErrExist
			if now := s.present(ctx, from); now != source.Revision {
				return storage.Info{}, s.fault("copy", from, &storage.Conflict{Have: now})
			}
		}
		return storage.Info{}, s.fault("copy to", to, err)
	}
	info, _, err := s.head(ctx, to)
	return info, s.fault("copy to", to, err)
}

func copySource(bucket, key, version string) string {
	parts := strings.Split(key, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
		parts[i] = strings.ReplaceAll(parts[i], "+", "%2B") // which some servers take for a space
	}
	source := bucket + "/" + strings.Join(parts, "/")
	if version != "" {
		source += "?versionId=" + url.QueryEscape(version)
	}
	return source
}

// Move copies and then removes what was copied: a bucket knows no renaming. What fails in
// between leaves both. A folder does not move; its objects do.
func (s *Store) Move(ctx context.Context, from, to string) error {
	if err := errors.Join(s.check("move", from), s.check("move to", to)); err != nil {
		return err
	}
	source, _, err := s.head(ctx, from)
	if isMissing(err) {
		if folder, ferr := s.isFolder(ctx, from); ferr == nil && folder {
			err = fmt.Errorf("it %w", storage.ErrIsDir)
		}
	}
	if err != nil {
		return s.fault("move", from, err)
	}
	if _, err := s.copy(ctx, from, "", to); err != nil {
		return err
	}
	return s.fault("move", from, s.remove(ctx, from, source.Revision))
}
