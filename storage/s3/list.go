package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"nbterm/storage"
)

// List returns a page of up to 1,000 names by one request, however many there are. A
// folder is what keys have before a slash; an object of that name and no bytes, as other
// programs make to show an empty folder, is the folder itself.
func (s *Store) List(ctx context.Context, dir, page string) (storage.Page, error) {
	const action = "list"
	prefix, err := s.prefix(action, dir)
	if err != nil {
		return storage.Page{}, err
	}
	got, err := s.list(ctx, prefix, page, 0)
	if err != nil {
		return storage.Page{}, s.fault(action, dir, err)
	}
	var out storage.Page
	for _, p := range got.CommonPrefixes {
		if key := strings.TrimSuffix(aws.ToString(p.Prefix), "/"); key != "" {
			out.Entries = append(out.Entries, storage.Info{Path: key, Dir: true})
		}
	}
	for _, o := range got.Contents {
		key := aws.ToString(o.Key)
		if key == prefix || strings.HasSuffix(key, "/") {
			continue
		}
		out.Entries = append(out.Entries, storage.Info{
			Path: key, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified), Revision: storage.Revision(aws.ToString(o.ETag)),
		})
	}
	if aws.ToBool(got.IsTruncated) {
		out.Next = aws.ToString(got.NextContinuationToken)
	}
	if dir != "" && page == "" && len(got.Contents) == 0 && len(got.CommonPrefixes) == 0 {
		return storage.Page{}, s.fault(action, dir, storage.ErrNotExist)
	}
	return out, nil
}

// list is one request; most 0 is as many as the server gives.
func (s *Store) list(ctx context.Context, prefix, page string, most int32) (*s3.ListObjectsV2Output, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Delimiter: aws.String("/"), ContinuationToken: opt(page), Prefix: opt(prefix)}
	if most > 0 {
		in.MaxKeys = &most
	}
	return ask(ctx, s, func(c *s3.Client) (*s3.ListObjectsV2Output, error) { return c.ListObjectsV2(ctx, in) })
}

// isFolder reports whether keys begin with dir and a slash.
func (s *Store) isFolder(ctx context.Context, dir string) (bool, error) {
	got, err := s.list(ctx, dir+"/", "", 1)
	if err != nil {
		return false, err
	}
	return len(got.Contents)+len(got.CommonPrefixes) > 0, nil
}
