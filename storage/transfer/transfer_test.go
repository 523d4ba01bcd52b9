package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"nbterm/storage"
	"nbterm/storage/local"
	"nbterm/storage/s3"
	"nbterm/storage/s3/s3test"
	"nbterm/storage/transfer"
)

func disk(t *testing.T) (storage.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := local.New(dir, local.Journals(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func bucket(t *testing.T) storage.Store {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	s, err := s3.New("bucket", s3.Options{Endpoint: server.URL, Region: "us-east-1", Credentials: s3test.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bytesOf(n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{3}).Read(data)
	return data
}

func TestAnyStoreCopiesToAny(t *testing.T) {
	t.Parallel()
	from, _ := disk(t)
	to := bucket(t)
	back, _ := disk(t)
	for name, size := range map[string]int{"empty": 0, "small": 1000, "large": 20<<20 + 1} {
		data := bytesOf(size)
		if _, err := from.Write(t.Context(), name, data, storage.None); err != nil {
			t.Fatal(err)
		}
		path := []transfer.Place{{from, name, "/" + name}, {to, "up/" + name, "s3://bucket/up/" + name}, {to, "again/" + name, "s3://bucket/again/" + name}, {back, name, "/back/" + name}}
		for i := range path[1:] {
			var told atomic.Int64
			info, err := transfer.Copy(t.Context(), path[i], path[i+1], transfer.Options{Progress: func(done, total int64) {
				if total != int64(size) || done > total {
					t.Errorf("told of %d of %d bytes", done, total)
				}
				told.Store(max(done, told.Load()))
			}})
			if err != nil || info.Size != int64(size) || told.Load() != int64(size) {
				t.Fatalf("copy to %s: %+v, %v; told of %d", path[i+1].URL, info, err, told.Load())
			}
			if _, err := transfer.Copy(t.Context(), path[i], path[i+1], transfer.Options{}); !errors.Is(err, storage.ErrExist) {
				t.Errorf("a second copy to %s: %v", path[i+1].URL, err)
			}
			if _, err := transfer.Copy(t.Context(), path[i], path[i+1], transfer.Options{Force: true}); err != nil {
				t.Errorf("a copy over %s: %v", path[i+1].URL, err)
			}
		}
		if got, _, err := back.Read(t.Context(), name); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s came back as %d bytes, %v", name, len(got), err)
		}
	}
}

func TestACopyThatWasCutShortGoesOn(t *testing.T) {
	t.Parallel()
	from, _ := disk(t)
	to := bucket(t)
	data := bytesOf(48 << 20)
	if _, err := from.Write(t.Context(), "a", data, storage.None); err != nil {
		t.Fatal(err)
	}
	j := &transfer.Journal{Dir: filepath.Join(t.TempDir(), "transfers"), Now: time.Now}
	a, b := transfer.Place{Store: from, Name: "a", URL: "/a"}, transfer.Place{Store: to, Name: "b", URL: "s3://bucket/b"}
	ctx, cancel := context.WithCancel(t.Context())
	var before, first atomic.Int64
	_, err := transfer.Copy(ctx, a, b, transfer.Options{Journal: j, Progress: func(done, _ int64) { before.Store(done); cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted copy: %v", err)
	}
	left, _ := os.ReadDir(j.Dir)
	if len(left) != 1 {
		t.Fatalf("the journal has %d entries", len(left))
	}
	again := &transfer.Journal{Dir: j.Dir, Now: time.Now} // another program
	if _, err := transfer.Copy(t.Context(), a, b, transfer.Options{Journal: again, Progress: func(done, _ int64) { first.CompareAndSwap(0, done) }}); err != nil {
		t.Fatal(err)
	}
	if first.Load() <= before.Load() {
		t.Errorf("it began anew: %d bytes after %d", first.Load(), before.Load())
	}
	if got, _, err := to.Read(t.Context(), "b"); err != nil || !bytes.Equal(got, data) {
		t.Errorf("it came as %d bytes, %v", len(got), err)
	}
	if left, _ := os.ReadDir(j.Dir); len(left) != 0 {
		t.Errorf("the journal keeps %d entries", len(left))
	}
}

// changing is a source that is written while it is copied.
type changing struct {
	*local.Local
	file  string
	reads *atomic.Int64
}

func (c changing) ReadRange(ctx context.Context, name string, offset, length int64, was storage.Revision) ([]byte, storage.Info, error) {
	if c.reads.Add(1) == 3 {
		later := time.Now().Add(time.Hour)
		_ = os.WriteFile(c.file, bytesOf(30<<20), 0o600)
		_ = os.Chtimes(c.file, later, later)
	}
	return c.Local.ReadRange(ctx, name, offset, length, was)
}

func TestASourceThatChangesIsNotCopiedHalfAndHalf(t *testing.T) {
	t.Parallel()
	store, dir := disk(t)
	if _, err := store.Write(t.Context(), "a", bytes.Repeat([]byte("x"), 30<<20), storage.None); err != nil {
		t.Fatal(err)
	}
	from := changing{store.(*local.Local), filepath.Join(dir, "a"), new(atomic.Int64)}
	to, toDir := disk(t)
	_, err := transfer.Copy(t.Context(), transfer.Place{Store: from, Name: "a", URL: "/a"}, transfer.Place{Store: to, Name: "b", URL: "/b"}, transfer.Options{})
	if !errors.Is(err, storage.ErrConflict) || !strings.Contains(err.Error(), "while it was copied") {
		t.Errorf("a source that changed: %v", err)
	}
	if left, _ := os.ReadDir(toDir); len(left) != 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}
