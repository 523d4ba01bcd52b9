package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"nbterm/storage"
)

// Versions lists what an object was, where the bucket keeps that; elsewhere its one
// version is what it is.
func (s *Store) Versions(ctx context.Context, key string, limit int) ([]storage.Version, error) {
	const action = "list the versions of"
	if err := s.check(action, key); err != nil {
		return nil, err
	}
	var out []storage.Version
	latest := ""
	in := &s3.ListObjectVersionsInput{Bucket: &s.bucket, Prefix: &key}
	for {
		got, err := ask(ctx, s, func(c *s3.Client) (*s3.ListObjectVersionsOutput, error) { return c.ListObjectVersions(ctx, in) })
		if err != nil {
			return nil, s.fault(action, key, err)
		}
		out = appendVersions(out, key, got)
		if latest == "" {
			latest = latestOf(key, got)
		}
		in.KeyMarker, in.VersionIdMarker = got.NextKeyMarker, got.NextVersionIdMarker
		past := len(got.Versions)+len(got.DeleteMarkers) > 0 && aws.ToString(got.NextKeyMarker) > key
		if !aws.ToBool(got.IsTruncated) || past || len(out) >= limit {
			break
		}
	}
	if len(out) == 0 {
		return nil, s.fault(action, key, storage.ErrNotExist)
	}
	// Versions and removals come in two lists; each is newest first. Times are of a second on
	// some servers, so the one that is now has the first place by being told as that.
	slices.SortStableFunc(out, func(a, b storage.Version) int {
		if first := cmp.Compare(isNow(b, latest), isNow(a, latest)); first != 0 {
			return first
		}
		return b.Modified.Compare(a.Modified)
	})
	return out[:min(len(out), limit)], nil
}

func isNow(v storage.Version, latest string) int {
	if v.ID == latest {
		return 1
	}
	return 0
}

// latestOf is the id of what the object is now, "" where a page does not tell.
func latestOf(key string, got *s3.ListObjectVersionsOutput) string {
	for _, m := range got.DeleteMarkers {
		if aws.ToString(m.Key) == key && aws.ToBool(m.IsLatest) {
			return aws.ToString(m.VersionId)
		}
	}
	for _, v := range got.Versions {
		if aws.ToString(v.Key) == key && aws.ToBool(v.IsLatest) {
			return aws.ToString(v.VersionId)
		}
	}
	return ""
}

// appendVersions keeps of a page what is of this very key, not of longer ones.
func appendVersions(out []storage.Version, key string, got *s3.ListObjectVersionsOutput) []storage.Version {
	for _, m := range got.DeleteMarkers {
		if aws.ToString(m.Key) == key {
			out = append(out, storage.Version{ID: aws.ToString(m.VersionId), Modified: aws.ToTime(m.LastModified), Author: author(m.Owner), Removed: true})
		}
	}
	for _, v := range got.Versions {
		if aws.ToString(v.Key) == key {
			out = append(out, storage.Version{
				ID: aws.ToString(v.VersionId), Size: aws.ToInt64(v.Size), Modified: aws.ToTime(v.LastModified), Author: author(v.Owner),
			})
		}
	}
	return out
}

func author(o *types.Owner) string {
	if o == nil {
		return ""
	}
	return aws.ToString(o.DisplayName)
}

// ReadVersion returns the bytes of a version.
func (s *Store) ReadVersion(ctx context.Context, key, id string) ([]byte, error) {
	const action = "open a version of"
	if err := s.check(action, key); err != nil {
		return nil, err
	}
	data, _, err := s.fetch(ctx, part{key: key, version: id, length: -1})
	switch {
	case err == nil:
		return data, nil
	case status(err) == http.StatusMethodNotAllowed:
		err = errors.New("the object was removed in this version")
	case isMissing(err), isCode(err, "InvalidArgument"), isCode(err, "InvalidVersionId"):
		err = fmt.Errorf("version %s %w", id, storage.ErrNotExist)
	}
	return nil, s.fault(action, key, err)
}
