package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/s3"
	"nbterm/storage/s3/s3test"
)

// Whatever is wrong with the place is one sentence that says so, and a sentinel.
func TestWhatIsWrongWithAPlaceIsOneSentence(t *testing.T) {
	t.Parallel()
	backend := memory(t, "bucket").URL
	xml := func(status int, code string) s3test.Action { return s3test.Action{Status: status, Code: code} }
	for name, test := range map[string]struct {
		action s3test.Action
		is     error
		says   string
	}{
		"expired":     {xml(400, "ExpiredToken"), storage.ErrCredentials, "they have expired"},
		"unknown key": {xml(403, "InvalidAccessKeyId"), storage.ErrCredentials, "does not accept the credentials"},
		"forbidden":   {xml(403, "AccessDenied"), storage.ErrPermission, "permission denied to these credentials"},
		"no bucket":   {xml(404, "NoSuchBucket"), storage.ErrNotExist, "the bucket bucket does not exist"},
		"no key":      {xml(404, "NoSuchKey"), storage.ErrNotExist, "open s3://bucket/a: does not exist"},
		"busy":        {xml(503, "ServiceUnavailable"), storage.ErrUnavailable, "503 Service Unavailable; try again"},
		"slow down":   {xml(503, "SlowDown"), storage.ErrUnavailable, "asks to slow down"},
		"silent":      {s3test.Action{Hang: true}, storage.ErrUnavailable, "no answer within 150ms"},
		"broken":      {s3test.Action{Break: true}, storage.ErrUnavailable, "the connection broke off"},
		"clock":       {xml(403, "RequestTimeTooSkewed"), storage.ErrCredentials, "the clock of this machine is wrong"},
		"archived":    {xml(403, "InvalidObjectState"), storage.ErrPermission, "must be restored first"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := s3test.Before(t, backend, func(int, *http.Request) s3test.Action { return test.action })
			s := open(t, proxy.URL, "bucket", quick)
			_, _, err := s.Read(t.Context(), "a")
			sentence(t, err, test.is, test.says)
			_, err = s.List(t.Context(), "", "")
			sentence(t, err, test.is, strings.TrimPrefix(test.says, "open s3://bucket/a: "))
			if _, err = s.Write(t.Context(), "a", []byte("x"), storage.None); err == nil {
				t.Error("a write succeeded")
			}
			proxy.Set(nil) // work goes on
			if _, err := s.Write(t.Context(), name, []byte("x"), storage.None); err != nil {
				t.Errorf("after it passed: %v", err)
			}
		})
	}
}

func quick(o *s3.Options) {
	o.Patience, o.Tries, o.Backoff = 150*time.Millisecond, 2, time.Millisecond
}

func sentence(t *testing.T, err, is error, says string) {
	t.Helper()
	switch {
	case !errors.Is(err, is) || !strings.Contains(err.Error(), says):
		t.Errorf("the error is %v, want %v and %q", err, is, says)
	case strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "RequestID") || strings.Contains(err.Error(), "operation error") || len(err.Error()) > 220:
		t.Errorf("that is no sentence for a person: %v", err)
	}
}

func TestAHostThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	s := open(t, "http://no-such-host.invalid", "bucket", quick)
	_, _, err := s.Read(t.Context(), "a")
	sentence(t, err, storage.ErrUnavailable, "there is no host no-such-host.invalid")
	closed := httptest.NewServer(nil)
	closed.Close()
	_, _, err = open(t, closed.URL, "bucket", quick).Read(t.Context(), "a")
	sentence(t, err, storage.ErrUnavailable, "it refuses connections")
}

// A body that breaks off is gone on with, not begun anew, and never told half.
func TestHalfAnAnswerIsGoneOnWith(t *testing.T) {
	t.Parallel()
	proxy := s3test.Before(t, memory(t, "bucket").URL, nil)
	s := open(t, proxy.URL, "bucket", func(o *s3.Options) { o.Backoff = time.Millisecond })
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	if _, err := s.Write(t.Context(), "a", want, storage.None); err != nil {
		t.Fatal(err)
	}
	proxy.Set(func(n int, r *http.Request) s3test.Action {
		if r.Method == http.MethodGet && n < 4 {
			return s3test.Action{Cut: 60_000}
		}
		return s3test.Action{}
	})
	got, _, err := s.Read(t.Context(), "a")
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("read %d of %d bytes: %v", len(got), len(want), err)
	}
	var ranges []string
	for _, r := range proxy.Seen() {
		ranges = append(ranges, r.Header.Get("Range"))
		if r.Header.Get("Range") != "" && r.Header.Get("If-Match") == "" {
			t.Error("a rest was asked for of no certain object")
		}
	}
	if fmt.Sprint(ranges) != "[ bytes=60000- bytes=120000- bytes=180000-]" {
		t.Errorf("asked for %q", ranges)
	}
	proxy.Set(func(int, *http.Request) s3test.Action { return s3test.Action{Cut: 1000} })
	got, _, err = s.Read(t.Context(), "a")
	sentence(t, err, storage.ErrUnavailable, "then the connection broke off")
	if len(got) != 0 {
		t.Errorf("%d bytes were told of it", len(got))
	}
}

// Amazon tells in which region a bucket is when it was asked in another.
func TestTheRegionOfABucketIsFoundOut(t *testing.T) {
	t.Parallel()
	proxy := s3test.Before(t, memory(t, "bucket").URL, func(_ int, r *http.Request) s3test.Action {
		if strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/") {
			return s3test.Action{}
		}
		return s3test.Action{Status: http.StatusMovedPermanently, Code: "PermanentRedirect", Header: http.Header{"X-Amz-Bucket-Region": {"eu-central-1"}}}
	})
	s := open(t, proxy.URL, "bucket")
	if _, err := s.Write(t.Context(), "a", []byte("x"), storage.None); err != nil {
		t.Fatal(err)
	}
	before := len(proxy.Seen())
	if _, _, err := s.Read(t.Context(), "a"); err != nil || len(proxy.Seen()) != before+1 {
		t.Errorf("the region was asked for again: %v", err)
	}
}

func TestWhatABucketWantsOfWritersIsSent(t *testing.T) {
	t.Parallel()
	proxy := s3test.Before(t, memory(t, "bucket").URL, nil)
	s := open(t, proxy.URL, "bucket", func(o *s3.Options) {
		o.ACL, o.SSE, o.KMSKey = "bucket-owner-full-control", "aws:kms", "key-1"
	})
	info, err := s.Write(t.Context(), "a.ipynb", []byte("{}"), storage.None)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), "a.ipynb", []byte("{ }"), info.Revision); err != nil {
		t.Fatal(err)
	}
	puts := 0
	for _, r := range proxy.Seen() {
		if r.Method != http.MethodPut {
			continue
		}
		puts++
		for name, want := range map[string]string{
			"X-Amz-Acl": "bucket-owner-full-control", "X-Amz-Server-Side-Encryption": "aws:kms",
			"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "key-1", "Content-Type": "application/x-ipynb+json",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
	if puts < 2 {
		t.Errorf("%d writes were seen", puts)
	}
}

// What a colleague gave an object it keeps when it is saved.
func TestASaveKeepsWhatElseAnObjectIs(t *testing.T) {
	t.Parallel()
	url := s3test.Gateway(t, "bucket")
	client := s3test.Client(url)
	s3test.PutObject(t, client, "bucket", "a.ipynb", "{}", "text/x-mine", map[string]string{"team": "blue"})
	s := onGateway(t, url, "bucket")
	_, info, err := s.Read(t.Context(), "a.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), "a.ipynb", []byte("{ }"), info.Revision); err != nil {
		t.Fatal(err)
	}
	kind, meta := s3test.HeadObject(t, client, "bucket", "a.ipynb")
	if kind != "text/x-mine" || meta["team"] != "blue" {
		t.Errorf("it is now %q %v", kind, meta)
	}
}

// The first page of a folder takes one request, however many names there are.
func TestTheFirstPageTakesOneRequest(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, manyNames(r.URL.Query().Get("continuation-token")))
	}))
	t.Cleanup(server.Close)
	s := open(t, server.URL, "bucket")
	page, err := s.List(t.Context(), "many", "")
	if err != nil || len(page.Entries) != 1000 || page.Next == "" || asked.Load() != 1 {
		t.Fatalf("%d names after %d requests: %v", len(page.Entries), asked.Load(), err)
	}
	total := 0
	began := time.Now()
	for next := ""; ; next = page.Next {
		if page, err = s.List(t.Context(), "many", next); err != nil {
			t.Fatal(err)
		}
		if total += len(page.Entries); page.Next == "" {
			break
		}
	}
	if total != manyKeys {
		t.Errorf("%d of %d names were listed", total, manyKeys)
	}
	t.Logf("%d names in %v", total, time.Since(began).Round(time.Millisecond))
}

// manyNames is a page of an endless server's listing.
func manyNames(token string) string {
	from, _ := strconv.Atoi(token)
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>many/</Prefix>`)
	for i := from; i < min(from+1000, manyKeys); i++ {
		fmt.Fprintf(&b, `<Contents><Key>many/%06d.ipynb</Key><LastModified>2026-11-19T10:00:00.000Z</LastModified><ETag>"%032x"</ETag><Size>%d</Size></Contents>`, i, i, i)
	}
	if from+1000 < manyKeys {
		fmt.Fprintf(&b, `<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>`, from+1000)
	}
	b.WriteString(`</ListBucketResult>`)
	return b.String()
}
