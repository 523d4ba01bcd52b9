package s3_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"nbterm/storage/s3"
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
		return storagetest.Place{Store: open(t, memory(t, "bucket").URL, "bucket"), PageSize: 1000}
	})
}
