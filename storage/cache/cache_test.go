package cache_test

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"nbterm/storage"
	"nbterm/storage/cache"
	"nbterm/storage/s3"
	"nbterm/storage/s3/s3test"
	"nbterm/storage/storagetest"
)

func bucket(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return server.URL
}

func wrapped(t *testing.T, c *cache.Cache, endpoint string) storage.Store {
	t.Helper()
	s, err := s3.New("bucket", s3.Options{Endpoint: endpoint, Region: "us-east-1", Credentials: s3test.Keys(), Patience: time.Second, Tries: 1, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c.Wrap(s, "s3://bucket", func(name string) string { return "s3://bucket/" + name })
}

func folder(t *testing.T) *cache.Cache {
	t.Helper()
	return &cache.Cache{Dir: filepath.Join(t.TempDir(), "cache"), Most: 100 << 20, Now: time.Now}
}

// What a cache stands before keeps its promises.
func TestStoreBehindACache(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storagetest.Place {
		return storagetest.Place{Store: wrapped(t, folder(t), bucket(t)), PageSize: 1000, Unversioned: true}
	})
}

func TestWhatHasNotChangedIsNotFetchedAgain(t *testing.T) {
	t.Parallel()
	proxy := s3test.Before(t, bucket(t), nil)
	c := folder(t)
	s := wrapped(t, c, proxy.URL)
	info, err := s.Write(t.Context(), "a", []byte("one"), storage.None)
	if err != nil {
		t.Fatal(err)
	}
	other := wrapped(t, c, proxy.URL) // another program
	proxy.Set(nil)
	for range 3 {
		if data, at, err := other.Read(t.Context(), "a"); err != nil || string(data) != "one" || at.Revision != info.Revision {
			t.Fatalf("Read = %q, %+v, %v", data, at, err)
		}
	}
	for _, r := range proxy.Seen() {
		if r.Method != http.MethodHead {
			t.Errorf("it was fetched: %s", r.Method)
		}
	}
	if _, err := s.Write(t.Context(), "a", []byte("two"), info.Revision); err != nil {
		t.Fatal(err)
	}
	if data, _, err := other.Read(t.Context(), "a"); err != nil || string(data) != "two" {
		t.Errorf("after a change it is read as %q, %v", data, err)
	}
}

func TestWhatWasReadIsReadWithoutItsPlace(t *testing.T) {
	t.Parallel()
	proxy := s3test.Before(t, bucket(t), nil)
	s := wrapped(t, folder(t), proxy.URL)
	info, err := s.Write(t.Context(), "d/a", []byte("0123456789"), storage.None)
	if err != nil {
		t.Fatal(err)
	}
	lister, ranger := s.(storage.Lister), s.(storage.Ranger)
	if _, err := lister.List(t.Context(), "d", ""); err != nil {
		t.Fatal(err)
	}
	proxy.Set(func(int, *http.Request) s3test.Action { return s3test.Action{Break: true} })
	data, at, err := s.Read(t.Context(), "d/a")
	if err != nil || string(data) != "0123456789" || at.Revision != info.Revision {
		t.Errorf("Read = %q, %+v, %v", data, at, err)
	}
	if part, _, err := ranger.ReadRange(t.Context(), "d/a", -4, 2, storage.None); err != nil || string(part) != "67" {
		t.Errorf("ReadRange = %q, %v", part, err)
	}
	if page, err := lister.List(t.Context(), "d", ""); err != nil || len(page.Entries) != 1 || page.Entries[0].Path != "d/a" {
		t.Errorf("List = %+v, %v", page, err)
	}
	if w := s.(storage.Warner).Warning(); !strings.Contains(w, "cannot be reached: this is what was read at ") {
		t.Errorf("the warning is %q", w)
	}
	if _, err := s.Write(t.Context(), "d/a", []byte("new"), info.Revision); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("a write to nowhere: %v", err)
	}
	if _, _, err := s.Read(t.Context(), "never"); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("what was never read: %v", err)
	}
	proxy.Set(nil)
	if data, _, err := s.Read(t.Context(), "d/a"); err != nil || string(data) != "0123456789" || s.(storage.Warner).Warning() != "" {
		t.Errorf("when its place is back: %q, %v, %q", data, err, s.(storage.Warner).Warning())
	}
}

func TestTheLongestUnusedGoesFirst(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c := folder(t)
	c.Most, c.Now = 64_000, func() time.Time { return now }
	endpoint := bucket(t)
	s := wrapped(t, c, endpoint)
	name := func(i int) string { return string(rune('a' + i)) }
	for i := range 12 {
		now = now.Add(time.Minute)
		if _, err := s.Write(t.Context(), name(i), []byte(strings.Repeat(name(i), 10_000)), storage.None); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Write(t.Context(), "large", make([]byte, 20_000), storage.None); err != nil {
		t.Fatal(err)
	}
	var total int64
	_ = filepath.WalkDir(c.Dir, func(_ string, d fs.DirEntry, err error) error {
		if info, ierr := d.Info(); err == nil && ierr == nil && !d.IsDir() {
			total += info.Size()
		}
		return nil
	})
	if total > 64_000+11_000 {
		t.Errorf("%d bytes are kept of at most 64,000 and one more", total)
	}
	proxy := s3test.Before(t, endpoint, func(int, *http.Request) s3test.Action { return s3test.Action{Break: true} })
	off := wrapped(t, c, proxy.URL)
	if _, _, err := off.Read(t.Context(), name(11)); err != nil {
		t.Errorf("the newest is gone: %v", err)
	}
	for _, gone := range []string{name(0), "large"} {
		if _, _, err := off.Read(t.Context(), gone); err == nil {
			t.Errorf("%s is kept", gone)
		}
	}
}

func TestADamagedFileIsNoObject(t *testing.T) {
	t.Parallel()
	c := folder(t)
	s := wrapped(t, c, bucket(t))
	if _, err := s.Write(t.Context(), "a", []byte("precious"), storage.None); err != nil {
		t.Fatal(err)
	}
	_ = filepath.WalkDir(c.Dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if raw, err := os.ReadFile(name); err == nil {
				raw[len(raw)-1]++
				_ = os.WriteFile(name, raw, 0o600)
			}
		}
		return nil
	})
	if data, _, err := s.Read(t.Context(), "a"); err != nil || string(data) != "precious" {
		t.Errorf("Read = %q, %v", data, err)
	}
}
