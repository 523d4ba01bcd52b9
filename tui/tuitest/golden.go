package tuitest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Golden compares the idle screen with testdata/NAME.golden of the package under test.
// NBTERM_UPDATE_GOLDEN=1 writes the file instead; read the difference before
// committing it.
func (t *Terminal) Golden(name string) {
	t.t.Helper()
	t.Idle()
	path := filepath.Join("testdata", name+".golden")
	got := t.Screen() + "\n"
	if os.Getenv("NBTERM_UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.t.Fatalf("there is no %s; `make golden` writes it. The screen:\n%s", path, got)
	}
	if err != nil {
		t.t.Fatal(err)
	}
	if got != string(want) {
		t.t.Errorf("%s differs from the screen; `make golden` writes it anew. The screen:\n%s\nwant:\n%s", path, got, want)
	}
}
