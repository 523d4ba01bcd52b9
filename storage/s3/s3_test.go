package s3_test

import (
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"nbterm/storage/s3"
	"nbterm/storage/s3/s3test"
	"nbterm/storage/storagetest"
)

// memory is gofakes3, a server of one process that compares and swaps under one lock.
func memory(t *testing.T, buckets ...string) *httptest.Server {
	t.Helper()
	backend := s3mem.New()
	for _, b := range buckets {
		if err := backend.CreateBucket(b); err != nil {
			t.Fatal(err)
		}
		if err := backend.SetVersioningConfiguration(b, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return server
}

// keys are of nobody.
func keys() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")
}

func open(t *testing.T, endpoint, bucket string, change ...func(*s3.Options)) *s3.Store {
	t.Helper()
	o := s3.Options{Endpoint: endpoint, Region: "us-east-1", Credentials: keys(), Patience: 10 * time.Second}
	for _, c := range change {
		c(&o)
	}
	store, err := s3.New(bucket, o)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStoreInMemory(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		return storagetest.Place{Store: open(t, memory(t, "bucket").URL, "bucket"), PageSize: 1000, Unversioned: true}
	})
}

func TestStoreOnGateway(t *testing.T) {
	t.Parallel()
	url := s3test.Gateway(t)
	var n atomic.Int64
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		bucket := fmt.Sprintf("bucket-%d", n.Add(1))
		s3test.MakeBuckets(t, url, bucket)
		return storagetest.Place{Store: onGateway(t, url, bucket), PageSize: 1000, Racy: true}
	})
}

func onGateway(t *testing.T, url, bucket string, change ...func(*s3.Options)) *s3.Store {
	t.Helper()
	return open(t, url, bucket, append([]func(*s3.Options){func(o *s3.Options) { o.Credentials = s3test.Keys() }}, change...)...)
}
