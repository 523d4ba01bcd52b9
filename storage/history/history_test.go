package history_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nbterm/storage"
	"nbterm/storage/history"
	"nbterm/storage/local"
)

var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// keeper has a clock that the test moves.
func keeper(t *testing.T, b history.Bounds) (*history.Keeper, *time.Time) {
	t.Helper()
	now := start
	return &history.Keeper{Dir: filepath.Join(t.TempDir(), "history"), Bounds: b, Now: func() time.Time { return now }}, &now
}

func plenty() history.Bounds {
	return history.Bounds{Count: 100, Age: 90 * 24 * time.Hour, Bytes: 1 << 30}
}

func TestASaveCanBeTakenBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk, err := local.New(dir, local.Journals(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	k, now := keeper(t, plenty())
	url := func(name string) string { return filepath.Join(dir, name) }
	s := &history.Store{Store: disk, Keeper: k, URL: url, Failed: func(err error) { t.Error(err) }}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("of another program"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, info, err := s.Read(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		*now = start.Add(time.Duration(i+1) * time.Minute)
		if info, err = s.Write(t.Context(), "a", fmt.Appendf(nil, "save %d", i), info.Revision); err != nil {
			t.Fatal(err)
		}
	}
	past := history.Of{Keeper: k, URL: url}
	versions, err := past.Versions(t.Context(), "a", 10)
	if err != nil || len(versions) != 4 {
		t.Fatalf("versions are %+v, %v", versions, err)
	}
	for i, want := range []string{"save 2", "save 1", "save 0", "of another program"} {
		var found bool
		for _, v := range versions {
			data, err := past.ReadVersion(t.Context(), "a", v.ID)
			found = found || err == nil && string(data) == want && v.Size == int64(len(want))
		}
		if !found {
			t.Errorf("version %d, %q, is not among %+v", i, want, versions)
		}
	}
	if _, err := past.ReadVersion(t.Context(), "a", "save:ffffffffffffffff"); !errors.Is(err, storage.ErrNotExist) {
		t.Errorf("a version that never was: %v", err)
	}
	if v, err := past.Versions(t.Context(), "b", 10); err != nil || len(v) != 0 {
		t.Errorf("another file has the past %+v, %v", v, err)
	}
}

func TestEachContentIsKeptOnce(t *testing.T) {
	t.Parallel()
	k, now := keeper(t, plenty())
	for i := range 10 {
		*now = start.Add(time.Duration(i) * time.Second)
		for _, url := range []string{"/a", "/b"} {
			if err := k.Keep(url, []byte(strings.Repeat("x", 1+i%2*1000)), *now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(contents(t, k)); n != 2 {
		t.Errorf("two contents are kept in %d files", n)
	}
	if err := k.Keep("/a", []byte(strings.Repeat("x", 1001)), *now); err != nil {
		t.Fatal(err)
	}
	if v, _ := k.Versions(t.Context(), "/a", 100); len(v) != 10 {
		t.Errorf("saving the same again made it %d versions", len(v))
	}
}

func contents(t *testing.T, k *history.Keeper) (files []string) {
	t.Helper()
	_ = filepath.WalkDir(filepath.Join(k.Dir, "content"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return nil
	})
	return files
}

func TestOldVersionsGrowSparse(t *testing.T) {
	t.Parallel()
	k, now := keeper(t, history.Bounds{Count: 1000, Age: 4 * 24 * time.Hour, Bytes: 1 << 30})
	n := 0
	for at := start; at.Before(start.Add(6 * 24 * time.Hour)); at = at.Add(10 * time.Minute) {
		*now = at
		n++
		if err := k.Keep("/a", fmt.Append(nil, n), at); err != nil {
			t.Fatal(err)
		}
	}
	v, err := k.Versions(t.Context(), "/a", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var hour, day, older int
	for i, version := range v {
		switch age := now.Sub(version.Modified); {
		case age <= time.Hour:
			hour++
		case age <= 24*time.Hour:
			day++
		default:
			older++
		}
		if now.Sub(version.Modified) > 4*24*time.Hour {
			t.Errorf("a version of %v is kept", version.Modified)
		}
		if i > 0 && version.Modified.After(v[i-1].Modified) {
			t.Error("the newest is not first")
		}
	}
	if hour < 6 || day < 60 || day > 100 || older < 3 || older > 5 {
		t.Errorf("of %d saves %d of the last hour are kept, %d of the day, %d of the month", n, hour, day, older)
	}
}

func TestTheBoundsHold(t *testing.T) {
	t.Parallel()
	k, now := keeper(t, history.Bounds{Count: 5, Age: time.Hour, Bytes: 1 << 30})
	for i := range 20 {
		*now = start.Add(time.Duration(i) * time.Second)
		if err := k.Keep("/a", fmt.Append(nil, i), *now); err != nil {
			t.Fatal(err)
		}
	}
	if v, _ := k.Versions(t.Context(), "/a", 100); len(v) != 5 || now.Sub(v[0].Modified) != 0 {
		t.Errorf("%d versions are kept, the newest %v", len(v), v[0].Modified)
	}
	// A day later another file is saved: what nobody names is gone, and what is too old.
	*now = start.Add(25 * time.Hour)
	if err := k.Keep("/b", []byte("b"), *now); err != nil {
		t.Fatal(err)
	}
	if v, _ := k.Versions(t.Context(), "/a", 100); len(v) != 0 {
		t.Errorf("after a day %d versions of an hour are kept", len(v))
	}
	if n := len(contents(t, k)); n != 1 {
		t.Errorf("%d contents are kept for one version", n)
	}
}

func TestTheOldestGoWhereAllIsTooMuch(t *testing.T) {
	t.Parallel()
	k, now := keeper(t, history.Bounds{Count: 100, Bytes: 20_000})
	random := make([]byte, 5_000)
	for i := range 10 {
		*now = start.Add(time.Duration(i) * 25 * time.Hour)
		for j := range random {
			random[j] = byte((j*7919 + i*104729) >> (j % 8))
		}
		if err := k.Keep(fmt.Sprintf("/%d", i), random, *now); err != nil {
			t.Fatal(err)
		}
	}
	var total int64
	for _, f := range contents(t, k) {
		if info, err := os.Stat(f); err == nil {
			total += info.Size()
		}
	}
	if v, _ := k.Versions(t.Context(), "/9", 1); len(v) != 1 || total > 20_000 {
		t.Errorf("%d bytes are kept, of the newest file %d versions", total, len(v))
	}
}

func TestSeveralProgramsKeepAtOnce(t *testing.T) {
	t.Parallel()
	k, _ := keeper(t, plenty())
	var group sync.WaitGroup
	for i := range 8 {
		mine := &history.Keeper{Dir: k.Dir, Bounds: k.Bounds, Now: k.Now}
		group.Go(func() {
			for j := range 10 {
				if err := mine.Keep("/a", fmt.Append(nil, i, j), start); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	v, err := k.Versions(t.Context(), "/a", 1000)
	if err != nil || len(v) != 80 {
		t.Errorf("%d of 80 versions are kept: %v", len(v), err)
	}
}

func TestADamagedContentIsTold(t *testing.T) {
	t.Parallel()
	k, _ := keeper(t, plenty())
	if err := k.Keep("/a", []byte("precious"), start); err != nil {
		t.Fatal(err)
	}
	v, _ := k.Versions(t.Context(), "/a", 1)
	if err := os.WriteFile(contents(t, k)[0], []byte("not gzip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := k.ReadVersion(t.Context(), "/a", v[0].ID); err == nil {
		t.Errorf("a damaged content is read as %q", data)
	}
}
