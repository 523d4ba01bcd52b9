// Package s3test gives tests real S3 servers: versitygw, pinned in .tools/s3 and run as a
// process of its own with its signatures, versions and conditions; and a proxy that makes
// any server misbehave on purpose.
package s3test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The one account of a Gateway.
const (
	Access = "nbterm-test"
	Secret = "not a secret"
	Region = "us-east-1"
)

// Keys are the account's.
func Keys() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(Access, Secret, "")
}

// Gateway starts versitygw for a test, with these buckets, all of which keep versions,
// and returns its URL. Where the program was not built the test is skipped, unless
// NBTERM_REQUIRE_KERNELS is set.
func Gateway(t testing.TB, buckets ...string) string {
	t.Helper()
	program := find()
	if program == "" {
		if os.Getenv("NBTERM_REQUIRE_KERNELS") != "" {
			t.Fatal("versitygw is not built; make test does that")
		}
		t.Skip("versitygw is not built; make test does that")
	}
	dir := t.TempDir()
	for _, sub := range []string{"root", "versions"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 { // between finding a free port and taking it another may
		port := freePort(t)
		url := "http://127.0.0.1:" + strconv.Itoa(port)
		if start(t, program, dir, port, url) {
			MakeBuckets(t, url, buckets...)
			return url
		}
	}
	t.Fatal("versitygw found no port")
	return ""
}

// find looks where make builds it, then in PATH.
func find() string {
	_, here, _, _ := runtime.Caller(0)
	for dir := filepath.Dir(here); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if file := filepath.Join(dir, ".cache", "bin", "versitygw"); isFile(file) {
			return file
		}
	}
	if wd, err := os.Getwd(); err == nil { // built with -trimpath the line above knows no folder
		for dir := wd; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if file := filepath.Join(dir, ".cache", "bin", "versitygw"); isFile(file) {
				return file
			}
		}
	}
	file, err := exec.LookPath("versitygw")
	if err != nil {
		return ""
	}
	return file
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // only to learn a port
	return l.Addr().(*net.TCPAddr).Port
}

// start runs the server until the end of the test. false means that it ended by itself.
func start(t testing.TB, program, dir string, port int, url string) bool {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(program, "--access", Access, "--secret", Secret, "--region", Region, "--port", "127.0.0.1:"+strconv.Itoa(port), "--quiet",
		"posix", "--versioning-dir", filepath.Join(dir, "versions"), filepath.Join(dir, "root"))
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	client := &http.Client{Timeout: time.Second}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for {
		select {
		case <-ended:
			t.Logf("versitygw: %s", said.String())
			return false
		case <-late:
			t.Fatal("versitygw does not answer")
		case <-tick.C:
			if resp, err := client.Get(url); err == nil {
				_ = resp.Body.Close() // only to see it answer
				return true
			}
		}
	}
}

// MakeBuckets makes buckets that keep versions.
func MakeBuckets(t testing.TB, url string, buckets ...string) {
	t.Helper()
	c := Client(url)
	ctx := context.Background()
	for _, b := range buckets {
		if _, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
			Bucket: &b, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// Client is the SDK's own, to look at what a store did.
func Client(url string) *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: &url, Region: Region, Credentials: Keys(), UsePathStyle: true})
}

// PutObject makes an object as another program does.
func PutObject(t testing.TB, c *s3.Client, bucket, key, body, kind string, meta map[string]string) {
	t.Helper()
	if _, err := c.PutObject(context.Background(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader([]byte(body)), ContentType: &kind, Metadata: meta,
	}); err != nil {
		t.Fatal(err)
	}
}

// HeadObject tells an object's type and metadata.
func HeadObject(t testing.TB, c *s3.Client, bucket, key string) (kind string, meta map[string]string) {
	t.Helper()
	got, err := c.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(got.ContentType), got.Metadata
}
