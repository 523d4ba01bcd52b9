package s3

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"nbterm/storage"
)

// Account is what a user's credentials see of S3: buckets, as the folders of its root. What
// is in them has stores of its own, see New.
type Account struct{ s *Store }

var (
	_ storage.Store  = (*Account)(nil)
	_ storage.Lister = (*Account)(nil)
)

// NewAccount returns the store of buckets. Nothing is asked of it yet.
func NewAccount(o Options) (*Account, error) {
	s, err := New("buckets", o) // a name for its errors; nothing is asked of a bucket
	if err != nil {
		return nil, err
	}
	return &Account{s}, nil
}

func (a *Account) fault(action string, err error) error {
	return fmt.Errorf("%s s3://: %w", action, a.s.why(err))
}

// List returns a page of buckets.
func (a *Account) List(ctx context.Context, dir, page string) (storage.Page, error) {
	if err := ctx.Err(); err != nil {
		return storage.Page{}, err
	}
	if dir != "" {
		return storage.Page{}, fmt.Errorf("list s3://%s: %w as a bucket of this listing", dir, storage.ErrNotExist)
	}
	got, err := ask(ctx, a.s, func(c *s3.Client) (*s3.ListBucketsOutput, error) {
		return c.ListBuckets(ctx, &s3.ListBucketsInput{ContinuationToken: opt(page), MaxBuckets: aws.Int32(1000)})
	})
	if err != nil {
		return storage.Page{}, a.fault("list", err)
	}
	out := storage.Page{Next: aws.ToString(got.ContinuationToken)}
	for _, b := range got.Buckets {
		out.Entries = append(out.Entries, storage.Info{Path: aws.ToString(b.Name), Modified: aws.ToTime(b.CreationDate), Dir: true})
	}
	return out, nil
}

// Stat implements storage.Store.
func (a *Account) Stat(_ context.Context, name string) (storage.Info, error) {
	return storage.Info{}, fmt.Errorf("open s3://%s: %w", name, storage.ErrIsDir)
}

// Read implements storage.Store: a bucket is no file.
func (a *Account) Read(_ context.Context, name string) ([]byte, storage.Info, error) {
	return nil, storage.Info{}, fmt.Errorf("open s3://%s: %w", name, storage.ErrIsDir)
}

// Write implements storage.Store: a bucket is no file.
func (a *Account) Write(_ context.Context, name string, _ []byte, _ storage.Revision) (storage.Info, error) {
	return storage.Info{}, fmt.Errorf("save s3://%s: %w; name a bucket", name, storage.ErrIsDir)
}
