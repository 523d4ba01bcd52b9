package recovery

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

type text string

func (t text) Bytes() []byte { return []byte(t) }

func place(t *testing.T) Place {
	t.Helper()
	return Place{Dir: filepath.Join(t.TempDir(), "[odd] *", "recovery"), Path: "/home/me/nb.ipynb"}
}

func keep(t *testing.T, k *Keeper, n uint64, doc string) {
	t.Helper()
	if err := k.Write(n, "r1", text("base"), text(doc)); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, p Place) []*Found {
	t.Helper()
	all, faults := p.Find()
	for _, err := range faults {
		t.Error(err)
	}
	t.Cleanup(func() {
		for _, f := range all {
			_ = f.Close()
		}
	})
	return all
}

func files(t *testing.T, p Place) []string {
	t.Helper()
	entries, err := os.ReadDir(p.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
		names = append(names, e.Name())
	}
	return names
}

func TestEditsAreFoundWhenTheirOwnerHasEnded(t *testing.T) {
	t.Parallel()
	p := place(t)
	k := p.Keep("one", noon)
	keep(t, k, 1, "first")
	keep(t, k, 2, "second")
	if all := find(t, p); len(all) != 0 {
		t.Fatalf("the edits of a living program are found: %+v", all)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	all := find(t, p)
	if len(all) != 1 || all[0].Path != p.Path || all[0].Revision != "r1" || !all[0].Time.Equal(noon()) {
		t.Fatalf("found %+v", all)
	}
	e, err := all[0].Read()
	if err != nil || string(e.Doc) != "second" || string(e.Base) != "base" || e.Revision != "r1" {
		t.Errorf("the edits are %+v, %v", e, err)
	}
	if again := find(t, p); len(again) != 0 {
		t.Error("two have taken the same edits")
	}
	if err := all[0].Close(); err != nil {
		t.Fatal(err)
	}
	last := find(t, p)
	if len(last) != 1 {
		t.Fatalf("what was left for another time is gone: %+v", last)
	}
	if err := last[0].Remove(); err != nil {
		t.Fatal(err)
	}
	if left := files(t, p); len(left) != 0 {
		t.Errorf("there remain %q", left)
	}
}

func TestRemoveLeavesNothing(t *testing.T) {
	t.Parallel()
	p := place(t)
	k := p.Keep("one", noon)
	if err := k.Remove(1); err != nil {
		t.Fatal(err)
	}
	keep(t, k, 2, "text")
	if n := len(files(t, p)); n != 3 {
		t.Errorf("there are %d files", n)
	}
	if err := k.Remove(3); err != nil {
		t.Fatal(err)
	}
	keep(t, k, 2, "late") // a write that was meant before the removal
	if left := files(t, p); len(left) != 0 {
		t.Errorf("there remain %q", left)
	}
	keep(t, k, 4, "again")
	if n := len(files(t, p)); n != 3 {
		t.Errorf("there are %d files", n)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	keep(t, k, 5, "after the end")
	if e, err := find(t, p)[0].Read(); err != nil || string(e.Doc) != "again" {
		t.Errorf("kept %q, %v", e.Doc, err)
	}
}

func TestTwoProgramsKeepTheirOwn(t *testing.T) {
	t.Parallel()
	p := place(t)
	a, b := p.Keep("a", noon), p.Keep("b", func() time.Time { return noon().Add(time.Second) })
	other := Place{Dir: p.Dir, Path: "/other.ipynb"}.Keep("c", noon)
	keep(t, a, 1, "of a")
	keep(t, b, 1, "of b")
	keep(t, other, 1, "of another notebook")
	for _, k := range []*Keeper{a, b, other} {
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	all := find(t, p)
	if len(all) != 2 {
		t.Fatalf("found %d", len(all))
	}
	if e, err := all[0].Read(); err != nil || string(e.Doc) != "of b" {
		t.Errorf("the latest is %q, %v", e.Doc, err)
	}
}

func TestTheBaseIsThatOfTheLastRevision(t *testing.T) {
	t.Parallel()
	p := place(t)
	k := p.Keep("one", noon)
	for n, r := range []string{"1", "2"} {
		if err := k.Write(uint64(n+1), "r"+r, text("b"+r), text("edits")); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if e, err := find(t, p)[0].Read(); err != nil || string(e.Base) != "b2" || e.Revision != "r2" {
		t.Errorf("the edits are %+v, %v", e, err)
	}
}

func TestDamageIsToldAndLeftAlone(t *testing.T) {
	t.Parallel()
	p := place(t)
	k := p.Keep("one", noon)
	keep(t, k, 1, "text")
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	path := k.file(".edits")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{nil, whole[:10], whole[:len(whole)-1], bytes.Replace(whole, []byte(`recovery":1`), []byte(`recovery":2`), 1)} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		all, faults := p.Find()
		if len(all) != 0 || len(faults) != 1 {
			t.Errorf("%q: found %d, %v", data, len(all), faults)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, data) {
			t.Errorf("the damaged file is gone: %v", err)
		}
	}
}

func TestWriteSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	p := place(t)
	if err := os.WriteFile(filepath.Dir(filepath.Dir(p.Dir))+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.Dir = filepath.Join(filepath.Dir(filepath.Dir(p.Dir)), "file", "recovery")
	err := p.Keep("one", noon).Write(1, "r1", text("base"), text("x"))
	if err == nil || !strings.Contains(err.Error(), "keep unsaved edits") {
		t.Errorf("the error is %v", err)
	}
}

// FuzzDecode: what is written is read, and anything else is refused or read the same.
func FuzzDecode(f *testing.F) {
	good, err := Encode(Header{Path: "/x", Revision: "r", Time: noon()}, []byte("doc\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, doc, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(h, doc)
		if err != nil {
			return // a time beyond year 9999
		}
		if h2, doc2, err := Decode(again); err != nil || h2.Path != h.Path || !bytes.Equal(doc, doc2) {
			t.Fatalf("%q becomes %q: %v", data, again, err)
		}
	})
}
