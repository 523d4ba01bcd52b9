package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nbterm/storage"
)

// testApp is an app with nothing of this machine but dir, which is its home.
func testApp(t *testing.T, dir string, environ ...string) *app {
	t.Helper()
	return &app{
		in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now,
		environ: append([]string{"HOME=" + dir}, environ...),
	}
}

func TestAPathIsAPlaceOfTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := testApp(t, dir)
	for address, want := range map[string]string{
		filepath.Join(dir, "a.ipynb"):      filepath.Join(dir, "a.ipynb"),
		"~/a.ipynb":                        filepath.Join(dir, "a.ipynb"),
		"file://" + dir + "/a%20b.ipynb":   filepath.Join(dir, "a b.ipynb"),
		filepath.Join(dir, "s3:", "a", ""): "", // its folder is not there
	} {
		p, err := a.place(t.Context(), address)
		if want == "" {
			if !errors.Is(err, storage.ErrNotExist) || exitCode(t.Context(), err) != exitStorage {
				t.Errorf("place(%q): %v", address, err)
			}
			continue
		}
		if err != nil || p.url != want || p.kind != kindLocal || p.name != filepath.Base(want) || p.folder() != dir {
			t.Errorf("place(%q) = %+v, %v", address, p, err)
		}
		if got := p.beside("b.ipynb"); got != filepath.Join(dir, "b.ipynb") {
			t.Errorf("beside it is %s", got)
		}
	}
}

func TestAnAddressOfNoStoreIsAMistakeOfItsUser(t *testing.T) {
	t.Parallel()
	_, err := testApp(t, t.TempDir()).place(t.Context(), "gopher://host/a.ipynb")
	if !errors.Is(err, errNoPlace) || exitCode(t.Context(), err) != exitUsage {
		t.Errorf("place = %v", err)
	}
}
