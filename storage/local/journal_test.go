package local

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nbterm/storage"
)

// crashed is a file with a journal whose writer has died.
type crashed struct {
	store    *Local
	path     string
	old, new []byte
}

func crash(t *testing.T, old, new string) crashed {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	store, name, err := Open(path, Journals(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Write(t.Context(), name, []byte(old), storage.None); err != nil {
		t.Fatal(err)
	}
	at, err := store.locate(name)
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	file, err := store.hold(t.Context(), at, os.O_RDWR, unix.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	j, err := store.newJournal(t.Context(), at, file, []byte(old), []byte(new))
	if err != nil {
		t.Fatal(err)
	}
	j.leave()
	return crashed{store, path, []byte(old), []byte(new)}
}

// reads lets the file hold now, and checks what a read makes of it.
func (c crashed) reads(t *testing.T, now, want []byte) {
	t.Helper()
	if err := os.WriteFile(c.path, now, 0o644); err != nil {
		t.Fatal(err)
	}
	got, info, err := c.store.Read(t.Context(), "a")
	if err != nil || !bytes.Equal(got, want) || info.Revision != revision(want) {
		t.Errorf("Read = %.40q (%d bytes), %s, %v; want %.40q (%d bytes)", got, len(got), info.Revision, err, want, len(want))
	}
	if disk, err := os.ReadFile(c.path); err != nil || !bytes.Equal(disk, want) {
		t.Errorf("the file holds %.40q, %v", disk, err)
	}
	for _, dir := range []string{c.store.journals, filepath.Dir(c.path)} {
		left, err := filepath.Glob(filepath.Join(dir, ours+"*"))
		if err != nil || len(left) != 0 {
			t.Errorf("left: %q, %v", left, err)
		}
	}
}

func TestJournalIsJudgedByTheFile(t *testing.T) {
	t.Parallel()
	old, longer, shorter := strings.Repeat("old content ", 300), strings.Repeat("NEW CONTENT! ", 400), strings.Repeat("N E W ", 100)
	for _, test := range []struct {
		name           string
		new, now, want string
	}{
		{"nothing was written", longer, old, old},
		{"all was written", longer, longer, longer},
		{"one byte was written", longer, longer[:1] + old[1:], old},
		{"a part was written", longer, longer[:1700] + old[1700:], old},
		{"it had grown", longer, longer[:5000], old},
		{"it had grown and lost its last page", longer, longer[:4096] + strings.Repeat("\x00", 900), old},
		{"sectors were written out of order", longer, old[:512] + longer[512:1024] + old[1024:], old},
		{"it was to become shorter", shorter, shorter + old[len(shorter):], old},
		{"someone else has written since", longer, "something else", "something else"},
		{"someone else has written as much", longer, strings.Repeat("x", 4000), strings.Repeat("x", 4000)},
		{"someone else has emptied it", longer, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			crash(t, old, test.new).reads(t, []byte(test.now), []byte(test.want))
		})
	}
}

func TestIncompleteJournalMeansAnUntouchedFile(t *testing.T) {
	t.Parallel()
	for _, keep := range []int64{0, 10, 200, -1} {
		c := crash(t, "old old old", "new new")
		found, err := filepath.Glob(filepath.Join(c.store.journals, ours+"*"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		info, err := os.Stat(found[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(found[0], min(info.Size()-1, (keep+info.Size())%info.Size())); err != nil {
			t.Fatal(err)
		}
		c.reads(t, []byte("new old old"), []byte("new old old"))
	}
}

// An inode number is unique on its disk only.
func TestJournalOfAnotherFileIsLeftAlone(t *testing.T) {
	t.Parallel()
	c := crash(t, "old old", "new new")
	at, err := c.store.locate("a")
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	file, err := openFile(at, os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	dev, ino, err := identity(info)
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.OpenRoot(c.store.journals)
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	j, err := openJournal(home, ino, info)
	if err != nil || j == nil {
		t.Fatal(j, err)
	}
	defer j.leave()
	now := []byte("new old")
	for path, want := range map[string]verdict{c.path: undoIt, "/elsewhere/a": leaveIt} {
		if got := j.judge(path, dev+1, now); got != want {
			t.Errorf("%s on another disk: %v, want %v", path, got, want)
		}
	}
	if got := j.judge("/a/hard/link", dev, now); got != undoIt {
		t.Errorf("under another name: %v", got)
	}
}

func TestJournalOfAStrangerIsIgnored(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a file of another user")
	}
	c := crash(t, "old old", "new new")
	found, err := filepath.Glob(filepath.Join(c.store.journals, ours+"*"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := os.Chown(found[0], 1234, 1234); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path, []byte("new old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if data, _, err := c.store.Read(t.Context(), "a"); string(data) != "new old" || err != nil {
		t.Errorf("Read = %q, %v", data, err)
	}
}

// Whatever is cut short is seen, wherever it is cut.
func FuzzTorn(f *testing.F) {
	f.Add([]byte("old"), []byte("new content"), 5)
	f.Add(bytes.Repeat([]byte("o"), 2000), []byte("new"), 1)
	f.Fuzz(func(t *testing.T, old, new []byte, cut int) {
		cut = min(max(cut, 0), len(new))
		now := append([]byte(nil), new[:cut]...)
		if cut < len(old) {
			now = append(now, old[cut:]...)
		}
		if len(now) >= min(len(old), len(new)) && !torn(now, old, new) {
			t.Errorf("%q over %q cut at %d is not seen", new, old, cut)
		}
	})
}
